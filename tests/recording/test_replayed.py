"""Recordings of calls that no telephone brings: replayed, and copied by a PBX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from copilot.recording.policy import RecordingPolicy
from copilot.store.records.recordings import Recording
from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.recording.sounds import decoded, files_under
from tests.recording.test_judge import NUMBER
from tests.sounds import french_prompt, silence
from tests.web.running import Running, running
from tests.web.test_recordings import content_of, wants
from web.replay import prepare

ALL = RecordingPolicy(mode="all", told="announcement")
SAYS = np.concatenate([silence(1.0), french_prompt("demo-congrats").pcm()])[: 8000 * 20]
ANSWERS = np.concatenate([silence(4.0), french_prompt("vm-intro").pcm()])


def two_channels(path: Path) -> Path:
    """A call of half a minute, caller left and operator right, as `souffleur replay` takes it."""
    import wave

    length = 8000 * 30
    voices = [np.pad(pcm, (0, length - len(pcm)))[:length] for pcm in (SAYS, ANSWERS)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.stack(voices, axis=1).astype("<i2").tobytes())
    return path


def in_step(said: Pcm, kept: Pcm) -> float:
    """How like what was said the recording is, at the same place to 40 ms; 8 kHz, up to 12 s."""
    wanted = said[: 12 * 8000].astype(np.float64)
    found = []
    for late in range(0, 320, 4):
        there = kept[late : late + len(wanted)].astype(np.float64)
        scale = np.linalg.norm(wanted) * np.linalg.norm(there) + 1
        found.append(float(wanted @ there / scale))
    return max(found)


async def replayed(service: Running, path: Path) -> Recording:
    """Play it as fast as it goes; nobody is on the line who must be told."""
    ready = await prepare(service.house, path, paced=False)
    told = [event async for event in ready.events()]
    assert told
    recording = await service.house.store.for_client("demo-delorme").recording(ready.call_id)
    assert recording.state == "whole", "the replay ends once its recording is closed"
    return recording


async def test_a_replay_is_recorded_whole_and_in_step(tmp_path: Path) -> None:
    path = two_channels(tmp_path / "call.wav")
    async with running(tmp_path / "data", recogniser=ScriptedRecogniser(["bonjour"])) as service:
        await wants(service, ALL)
        kept = await replayed(service, path)
        assert kept.duration_s == 30.0 and kept.begins_s == 0.0 and kept.gaps_s == 0
        caller, operator = decoded(await content_of(service, kept))
        assert in_step(SAYS, caller[::2]) > 0.8 and in_step(ANSWERS, operator[::2]) > 0.8
        assert in_step(SAYS, operator[::2]) < 0.3


async def test_a_card_number_is_never_in_the_file_of_a_replay(tmp_path: Path) -> None:
    path = two_channels(tmp_path / "call.wav")
    said = ScriptedRecogniser([f"ma carte est {NUMBER}", "merci"])
    async with running(tmp_path / "data", recogniser=said) as service:
        await wants(service, replace(ALL, told="elsewhere"))
        kept = await replayed(service, path)
        assert kept.silenced, "the first utterance is the number"
        begin_s, end_s = kept.silenced[0]
        caller, operator = decoded(await content_of(service, kept))
        inside = slice(round((begin_s + 0.1) * 16000), round((end_s - 0.1) * 16000))
        assert max(np.abs(caller[inside]).max(), np.abs(operator[inside]).max()) < 60
        assert len(files_under(tmp_path / "data" / "recordings")) == 1
