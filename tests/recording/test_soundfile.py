"""Real encoders, real files: both voices in their channels, in step, sealed, cut anywhere."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import numpy as np
import pytest

from copilot.recording.holdback import ROLES, Stretch
from copilot.recording.soundfile import CHUNK_BYTES, RATE_HZ, OggOpus, SoundFile, duration_s
from copilot.store.sealedfiles import SealedReader
from copilot.store.sealing import new_data_key
from telephony.leg import Frame, LegRole
from telephony.recording import read_channels
from tests.recording.sounds import (
    CALLER_HZ,
    OPERATOR_HZ,
    decoded,
    frames_of,
    strength,
    tone,
)

KEY = new_data_key("delorme")
NAME = "recordings/c1"


def stretch(seconds: float, **cut: tuple[tuple[int, int], ...]) -> Stretch:
    """A caller at 8 kHz and an operator at 16 kHz, each with a tone of their own."""
    frames: dict[LegRole, tuple[Frame, ...]] = {
        "caller": tuple(frames_of(tone(CALLER_HZ, seconds))),
        "operator": tuple(frames_of(tone(OPERATOR_HZ, seconds, rate_hz=16000), rate_hz=16000)),
    }
    return Stretch(begin=0, end=round(seconds * 50), frames=frames, **cut)


def opened(path: Path) -> SealedReader:
    return SealedReader(io.BytesIO(path.read_bytes()), {KEY.name: KEY}, name=NAME)


def test_each_voice_is_in_its_channel_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "of-client" / "one.sealed"
    file = SoundFile(path, KEY, name=NAME)
    file.write(stretch(6.0, silenced=((150, 200),)))
    size = file.close()
    assert size == path.stat().st_size and path.stat().st_mode & 0o077 == 0
    assert b"Ogg" not in path.read_bytes()
    reader = opened(path)
    assert reader.complete and duration_s(reader) == pytest.approx(6.0, abs=0.1)
    caller, operator = decoded(b"".join(reader.read()))
    for second in (1, 4):
        part = slice(second * RATE_HZ, (second + 1) * RATE_HZ)
        assert strength(caller[part], CALLER_HZ) > 3000 > 30 * strength(caller[part], OPERATOR_HZ)
        assert strength(operator[part], OPERATOR_HZ) > 3000
        assert strength(operator[part], CALLER_HZ) < 100
    silent = slice(round(3.1 * RATE_HZ), round(3.9 * RATE_HZ))
    assert np.abs(caller[silent]).max() < 60 and np.abs(operator[silent]).max() < 60


def test_frames_that_never_came_are_silence_and_nothing_slips(tmp_path: Path) -> None:
    file = SoundFile(tmp_path / "one", KEY, name=NAME)
    caller = [one for one in frames_of(tone(CALLER_HZ, 4.0)) if not 1.0 <= one.start_s < 2.0]
    file.write(Stretch(begin=0, end=200, frames={"caller": tuple(caller), "operator": ()}))
    file.close()
    samples = decoded(b"".join(opened(tmp_path / "one").read()))[0]
    assert len(samples) == pytest.approx(4.0 * RATE_HZ, abs=RATE_HZ // 10)
    assert np.abs(samples[round(1.1 * RATE_HZ) : round(1.9 * RATE_HZ)]).max() < 60
    assert strength(samples[2 * RATE_HZ : 3 * RATE_HZ], CALLER_HZ) > 3000


@pytest.mark.parametrize("cut", [0, 1, 3000, CHUNK_BYTES * 3 + 17])
def test_a_file_that_was_not_closed_plays_as_far_as_it_was_written(
    tmp_path: Path, cut: int
) -> None:
    path = tmp_path / "one"
    file = SoundFile(path, KEY, name=NAME)
    for _ in range(6):
        file.write(stretch(5.0))
    file.give_up()
    path.write_bytes(path.read_bytes()[: path.stat().st_size - cut])
    reader = opened(path)
    assert not reader.complete
    plays_s = duration_s(reader)
    assert plays_s > 20.0
    caller, _ = decoded(b"".join(reader.read()))
    assert len(caller) / RATE_HZ == pytest.approx(plays_s, abs=0.2)


def test_what_was_exported_can_be_replayed(tmp_path: Path) -> None:
    file = SoundFile(tmp_path / "one", KEY, name=NAME)
    file.write(stretch(2.0))
    file.close()
    plain = tmp_path / "one.opus"
    plain.write_bytes(b"".join(opened(tmp_path / "one").read()))
    channels, rate_hz = read_channels(plain)
    assert rate_hz == RATE_HZ and channels.shape[0] == len(ROLES)
    assert strength(channels[0][RATE_HZ // 2 : RATE_HZ], CALLER_HZ) > 3000


class FullDisk(io.RawIOBase):
    """A file on a disk that fills up."""

    def __init__(self, room: int) -> None:
        self._room = room

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        self._room -= len(bytes(content))  # type: ignore[call-overload]
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return len(bytes(content))  # type: ignore[call-overload]


def test_a_full_disk_is_said_where_it_is_met() -> None:
    ogg = OggOpus(FullDisk(5000))  # type: ignore[arg-type]
    noise = np.random.default_rng(1).integers(-9000, 9000, (2, RATE_HZ * 10)).astype(np.int16)
    with pytest.raises(OSError, match="No space left"):
        ogg.encode(noise)
