"""G.711 by table, against ffmpeg's codecs."""

from __future__ import annotations

import av
import numpy as np
import pytest

from telephony import g711
from telephony.g711 import LawName

FFMPEG: dict[LawName, str] = {"PCMA": "pcm_alaw", "PCMU": "pcm_mulaw"}
BOTH = pytest.mark.parametrize("codec", ["PCMA", "PCMU"])


@BOTH
def test_every_code_decodes_as_ffmpeg_does(codec: LawName) -> None:
    context = av.CodecContext.create(FFMPEG[codec], "r")
    assert isinstance(context, av.AudioCodecContext)
    context.format = av.AudioFormat("s16")
    context.layout = av.AudioLayout("mono")
    context.sample_rate = 8000
    codes = bytes(range(256))
    reference = context.decode(av.Packet(codes))[0].to_ndarray().ravel()
    assert np.array_equal(g711.decode(codes, codec), reference)


@BOTH
def test_every_sample_encodes_to_its_nearest_value(codec: LawName) -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    values = np.sort(g711.decode(bytes(range(256)), codec).astype(np.int64))
    decoded = g711.decode(g711.encode(samples, codec), codec).astype(np.int64)
    at = np.clip(np.searchsorted(values, samples.astype(np.int64)), 1, 255)
    nearest = np.minimum(abs(values[at] - samples), abs(values[at - 1] - samples))
    assert np.array_equal(abs(decoded - samples), nearest)


@BOTH
def test_silence_is_the_code_telephony_uses_for_it(codec: LawName) -> None:
    zeros = np.zeros(160, dtype=np.int16)
    assert g711.encode(zeros, codec) == g711.SILENCE_FRAME[codec]
    assert abs(g711.decode(g711.SILENCE_FRAME[codec], codec)).max() <= 8


def test_transcoding_is_decoding_and_encoding() -> None:
    codes = bytes(range(256))
    pairs: list[tuple[LawName, LawName]] = [("PCMA", "PCMU"), ("PCMU", "PCMA")]
    for source, target in pairs:
        expected = g711.encode(g711.decode(codes, source), target)
        assert g711.transcode(codes, source, target) == expected
    assert g711.transcode(codes, "PCMA", "PCMA") is codes
