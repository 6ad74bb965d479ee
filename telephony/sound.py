"""Sound that somebody uploads, made fit to be played on the telephone.

A WAV file is read here by its chunks (RIFF; Microsoft's "Multimedia Programming Interface", 1991):
the standard library knows neither the laws of G.711 nor floats, and a media library would open
any container and any codec that a stranger cares to send.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telephony import g711
from telephony.errors import SoundUnusable
from telephony.g711 import Pcm

RATE_HZ = 16_000
"""Of everything kept: wideband callers hear it whole, the others every second sample."""
SLOWEST_HZ, FASTEST_HZ = 8_000, 48_000
SHORTEST_S = 0.2
MOST_CHANNELS = 2
PEAK = 10 ** (-3 / 20)
LOUDNESS = 10 ** (-20 / 20)
"""Root mean square of what sounds at all: about as loud as an operator beside a good telephone."""
MOST_GAIN = 10 ** (12 / 20)
"""A whisper is not blown up into its room's noise."""
SILENT = 10 ** (-45 / 20)

HEADER_BYTES = 44
"""Of a file of ours."""

_PCM, _FLOAT, _ALAW, _ULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    tag: int
    channels: int
    rate_hz: int
    bits: int


def read_wav(data: bytes, *, longest_s: float) -> Pcm:
    """Mono samples at 16 kHz, their loudness bounded, of shape (n,).

    Takes PCM of 8 to 32 bits, floats, A-law and µ-law, 8 to 48 kHz, one channel or two. Raises
    SoundUnusable, saying what is wrong and what would be right.
    """
    form, body = _chunks(data)
    if not SLOWEST_HZ <= form.rate_hz <= FASTEST_HZ:
        raise SoundUnusable(
            "rate", f"{form.rate_hz} samples a second: 8,000 to 48,000 can be played"
        )
    if not 1 <= form.channels <= MOST_CHANNELS:
        raise SoundUnusable("channels", f"{form.channels} channels: mono or stereo can be played")
    samples = _samples(form, body)
    seconds = len(samples) / form.rate_hz
    if seconds < SHORTEST_S:
        raise SoundUnusable("empty", "there is nothing to hear in this file")
    if seconds > longest_s:
        raise SoundUnusable("too_long", f"{seconds:.0f} s long: {longest_s:.0f} s at most")
    return bounded(_at_our_rate(samples, form.rate_hz))


def write_wav(pcm: Pcm) -> bytes:
    """What `read_wav` gave, as a file that any player takes."""
    body = pcm.astype("<i2").tobytes()
    form = struct.pack("<HHLLHH", _PCM, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    chunks = b"WAVEfmt " + struct.pack("<L", len(form)) + form
    chunks += b"data" + struct.pack("<L", len(body)) + body
    return b"RIFF" + struct.pack("<L", len(chunks)) + chunks


def kept_pcm(data: bytes) -> Pcm:
    """The samples of a file that `write_wav` made."""
    return np.frombuffer(data, dtype="<i2", offset=HEADER_BYTES).astype(np.int16)


def bounded(samples: Samples) -> Pcm:
    """Samples of -1 to 1 brought to one loudness, never clipped."""
    samples = samples - samples.mean()
    size = RATE_HZ // 50
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.square(frames).mean(axis=1) if len(frames) else np.square(samples)
    heard = power[power > SILENT**2]
    peak = float(np.abs(samples).max(initial=0.0))
    if not len(heard) or peak == 0.0:
        raise SoundUnusable("silent", "the file is silent from its beginning to its end")
    gain = min(LOUDNESS / float(np.sqrt(heard.mean())), MOST_GAIN, PEAK / peak)
    pcm: Pcm = np.rint(samples * gain * 32767).astype(np.int16)
    return pcm


def _chunks(data: bytes) -> tuple[_Format, bytes]:
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SoundUnusable("not_wav", "this is not a WAV file: export the sound as WAV")
    form: _Format | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _format(body)
        elif name == b"data" and form is not None:
            return form, body  # cut short by who wrote it: what is there is played
        at += 8 + size + size % 2
    raise SoundUnusable("not_wav", "the WAV file holds no sound: export it again")


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise SoundUnusable("not_wav", "the WAV file does not say how it is written")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHLLHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        tag = int.from_bytes(body[24:26], "little")
    known = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64), _ALAW: (8,), _ULAW: (8,)}
    if bits not in known.get(tag, ()):
        raise SoundUnusable(
            "coding", f"coding {tag} of {bits} bits: export the WAV as PCM, 16 bits"
        )
    return _Format(tag=tag, channels=channels, rate_hz=rate_hz, bits=bits)


def _samples(form: _Format, body: bytes) -> Samples:
    """One channel of -1 to 1."""
    width = form.bits // 8
    body = body[: len(body) // (width * form.channels) * width * form.channels]
    whole: npt.NDArray[np.floating]
    if form.tag == _FLOAT:
        whole = np.frombuffer(body, dtype=f"<f{width}").astype(np.float32)
        whole = np.clip(np.nan_to_num(whole, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    elif form.tag in (_ALAW, _ULAW):
        whole = g711.decode(body, "PCMA" if form.tag == _ALAW else "PCMU") / np.float32(32768)
    elif width == 1:  # the one unsigned width
        whole = np.frombuffer(body, dtype=np.uint8).astype(np.float32) / 128 - 1
    elif width == 3:
        low = np.frombuffer(body, dtype=np.uint8).reshape(-1, 3)
        wide = np.zeros((len(low), 4), dtype=np.uint8)
        wide[:, 1:] = low
        whole = wide.reshape(-1).view("<i4").astype(np.float32) / 2**31
    else:
        whole = np.frombuffer(body, dtype=f"<i{width}").astype(np.float32) / 2 ** (form.bits - 1)
    mono: Samples = whole.reshape(-1, form.channels).mean(axis=1, dtype=np.float32)
    return mono


def _at_our_rate(samples: Samples, rate_hz: int) -> Samples:
    if rate_hz == RATE_HZ:
        return samples
    from av import AudioFrame, AudioResampler

    resampler = AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    frame = AudioFrame.from_ndarray(samples[np.newaxis, :], format="flt", layout="mono")
    frame.sample_rate = rate_hz
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    whole: Samples = np.concatenate([piece.to_ndarray().reshape(-1) for piece in frames])
    return whole
