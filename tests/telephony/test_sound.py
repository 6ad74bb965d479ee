"""Sound files that somebody uploads: what is taken, what is refused, how loud it becomes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import g711
from telephony.errors import SoundUnusable
from telephony.sound import LOUDNESS, PEAK, RATE_HZ, read_wav, write_wav


def tone(rate_hz: int, *, seconds: float = 1.0, level: float = 0.3) -> np.ndarray:
    at = np.arange(round(rate_hz * seconds)) / rate_hz
    return level * np.sin(2 * np.pi * 440 * at)


def wav(
    body: bytes, *, tag: int = 1, channels: int = 1, rate_hz: int = 8000, bits: int = 16
) -> bytes:
    width = bits // 8 * channels
    form = struct.pack("<HHLLHH", tag, channels, rate_hz, rate_hz * width, width, bits)
    chunks = b"WAVEfmt \x10\0\0\0" + form + b"LIST\x03\0\0\0abc\0"
    chunks += b"data" + struct.pack("<L", len(body)) + body
    return b"RIFF" + struct.pack("<L", len(chunks)) + chunks


def pcm16(samples: np.ndarray) -> bytes:
    return bytes(np.rint(samples * 32767).astype("<i2").tobytes())


def pcm24(samples: np.ndarray) -> bytes:
    wide = np.rint(samples * (2**23 - 1)).astype("<i4")
    return bytes(wide.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


SOUND = tone(8000)
KINDS = {
    "16 bits": wav(pcm16(SOUND)),
    "8 bits": wav(np.rint(SOUND * 127 + 128).astype(np.uint8).tobytes(), bits=8),
    "24 bits": wav(pcm24(SOUND), bits=24),
    "32 bits": wav((SOUND * (2**31 - 1)).astype("<i4").tobytes(), bits=32),
    "floats": wav(SOUND.astype("<f4").tobytes(), tag=3, bits=32),
    "A-law": wav(g711.encode((SOUND * 32767).astype(np.int16), "PCMA"), tag=6, bits=8),
    "µ-law": wav(g711.encode((SOUND * 32767).astype(np.int16), "PCMU"), tag=7, bits=8),
    "stereo": wav(pcm16(np.repeat(SOUND, 2)), channels=2),
    "44.1 kHz": wav(pcm16(tone(44100)), rate_hz=44100),
    "48 kHz": wav(pcm16(tone(48000)), rate_hz=48000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_usual_kind_of_wav_is_the_same_sound(kind: str) -> None:
    heard = read_wav(KINDS[kind], longest_s=60).astype(np.float64)
    assert len(heard) == pytest.approx(RATE_HZ, abs=32)
    spectrum = np.abs(np.fft.rfft(heard[:RATE_HZ]))
    assert int(np.argmax(spectrum)) == 440
    assert spectrum[438:443].sum() > 0.5 * spectrum.sum()


@pytest.mark.parametrize("level", [0.02, 0.1, 0.3, 0.99])
def test_loud_and_soft_files_are_heard_alike(level: float) -> None:
    heard = read_wav(wav(pcm16(tone(8000, level=level))), longest_s=60) / 32767
    assert np.abs(heard).max() <= PEAK + 0.001
    rms = float(np.sqrt(np.square(heard).mean()))
    # The softest is not amplified more than 12 dB.
    assert rms == pytest.approx(min(LOUDNESS, level / 2**0.5 * 3.981), rel=0.05)


def test_what_was_read_can_be_kept_as_a_file() -> None:
    heard = read_wav(KINDS["16 bits"], longest_s=60)
    assert np.array_equal(read_wav(write_wav(heard), longest_s=60) // 64, heard // 64)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"ID3\x04 an MP3 file, whatever its name", "sound_not_wav"),
        (b"RIFF\x04\0\0\0WAVE", "sound_not_wav"),
        (wav(pcm16(SOUND), tag=0x55), "sound_coding"),
        (wav(pcm16(np.repeat(SOUND, 6)), channels=6), "sound_channels"),
        (wav(pcm16(SOUND), rate_hz=192_000), "sound_rate"),
        (wav(pcm16(SOUND), rate_hz=4_000), "sound_rate"),
        (wav(pcm16(tone(8000, seconds=61))), "sound_too_long"),
        (wav(b""), "sound_empty"),
        (wav(bytes(16000)), "sound_silent"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(SoundUnusable) as refused:
        read_wav(data, longest_s=60)
    assert refused.value.code == code
    assert str(refused.value)


@given(
    st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda at, byte: KINDS["8 bits"][:at] + byte + KINDS["8 bits"][at + 1 :],
            st.integers(0, 80),
            st.binary(min_size=1, max_size=4),
        ),
    )
)
def test_no_file_breaks_the_reader(data: bytes) -> None:
    try:
        heard = read_wav(data, longest_s=60)
    except SoundUnusable:
        return
    assert heard.dtype == np.int16
    assert len(heard) > 0
