"""A recorded call as two legs."""

from __future__ import annotations

import asyncio
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.errors import RecordingUnreadable
from telephony.leg import Frame
from telephony.recording import RecordedLeg, WavLegs
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, read_prompt, write_wav


@pytest.fixture
def call(tmp_path: Path) -> Path:
    caller = read_prompt(CALLER_SAYS, seconds=1.99)
    operator = read_prompt(OPERATOR_SAYS, seconds=1.99)
    return write_wav(tmp_path / "call.wav", caller, operator)


async def read(leg: RecordedLeg) -> list[Frame]:
    return [frame async for frame in leg.frames()]


async def test_the_caller_is_left_and_the_operator_right(call: Path) -> None:
    legs = await WavLegs.open(call, paced=False)
    caller, operator = await asyncio.gather(read(legs.caller), read(legs.operator))
    assert (legs.caller.role, legs.operator.role) == ("caller", "operator")
    assert legs.duration_s == pytest.approx(2.0)
    for frames, prompt in ((caller, CALLER_SAYS), (operator, OPERATOR_SAYS)):
        said = read_prompt(prompt, seconds=1.99)
        heard = np.concatenate([frame.pcm for frame in frames])
        assert np.array_equal(heard[: len(said)], said)
        assert len(heard) == 16000 and not heard[len(said) :].any()
        assert [round(frame.start_s * 50) for frame in frames] == list(range(100))
        assert {frame.sample_rate_hz for frame in frames} == {8000}


async def test_paced_it_takes_as_long_as_the_call(call: Path) -> None:
    legs = await WavLegs.open(call)
    started_s = time.monotonic()
    await asyncio.gather(read(legs.caller), read(legs.operator))
    assert 1.9 < time.monotonic() - started_s < 2.6


async def test_unpaced_a_slow_reader_holds_the_other_leg_back(call: Path) -> None:
    legs = await WavLegs.open(call, paced=False)
    apart = []

    async def slow() -> None:
        async for _ in legs.operator.frames():
            apart.append(abs(legs.caller.read_frames - legs.operator.read_frames))
            await asyncio.sleep(0.002)

    await asyncio.gather(read(legs.caller), slow())
    assert max(apart) <= 27
    assert (legs.caller.read_frames, legs.operator.read_frames) == (100, 100)


async def test_a_reader_that_leaves_does_not_hold_the_other(call: Path) -> None:
    legs = await WavLegs.open(call, paced=False)
    leaving = legs.operator.frames()
    await anext(leaving)
    reader = asyncio.create_task(read(legs.caller))
    await asyncio.sleep(0.05)
    assert not reader.done()
    await leaving.aclose()  # type: ignore[attr-defined]
    assert len(await asyncio.wait_for(reader, 2)) == 100


@pytest.mark.parametrize(("rate", "expected"), [(44100, 16000), (16000, 16000), (8000, 8000)])
async def test_other_rates_are_brought_to_ours(tmp_path: Path, rate: int, expected: int) -> None:
    tone = (8000 * np.sin(2 * np.pi * 500 * np.arange(rate) / rate)).astype(np.int16)
    legs = await WavLegs.open(write_wav(tmp_path / "c.wav", tone, tone, rate=rate), paced=False)
    frames = await read(legs.caller)
    assert {frame.sample_rate_hz for frame in frames} == {expected}
    assert len(frames) == pytest.approx(50, abs=1)
    heard = np.concatenate([frame.pcm for frame in frames])[:expected]
    spectrum = np.abs(np.fft.rfft(heard.astype(np.float64)))
    assert int(np.argmax(spectrum)) == pytest.approx(500, abs=2)


def _text(path: Path) -> None:
    path.write_text("ceci n'est pas un enregistrement")


def _mono(path: Path) -> None:
    write_wav(path, np.zeros(800, dtype=np.int16))


def _empty(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)


def _nothing(path: Path) -> None:
    path.touch()


def _absent(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("make", [_text, _mono, _empty, _nothing, _absent])
async def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, make: object) -> None:
    path = tmp_path / "appel.wav"
    make(path)  # type: ignore[operator]
    with pytest.raises(RecordingUnreadable, match=r"appel\.wav: ") as error:
        await WavLegs.open(path)
    assert "\n" not in str(error.value)
    assert error.value.code == "recording"
