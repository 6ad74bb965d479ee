"""Exercises of recorded calls: who may be recognised is not heard, and what goes is silent."""

from __future__ import annotations

import asyncio
import io
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from copilot.recording.holdback import Stretch
from copilot.store.records.recordings import Recording
from telephony.g711 import Pcm
from tests.end_to_end.scenes import Scene, answered
from tests.recording.sounds import CALLER_HZ, OPERATOR_HZ, frames_of, strength, tone
from tests.web.running import OPERATOR, SUPERVISOR, Browser, Running, running

SAID = (
    ("operator", "Plomberie Delorme, bonjour."),
    ("caller", "Bonjour, Jean Martin à l'appareil."),
    ("caller", "J'ai une fuite sous l'évier."),
)
BEGINS_S = 1.0
"""Of the recording, on the call's clock."""
SILENCED_S = (9.0, 9.5)


async def recorded_call(service: Running) -> Scene:
    """Over, reviewed, its message sent, its two voices two tones, some of it masked."""
    operator = await service.signed_in(OPERATOR)
    me = (await operator.http.get("/api/session")).json()["id"]
    scene = await answered(service, me)
    for leg, text in SAID:
        scene.say(leg, text)
    fields = {"caller_name": "Jean Martin", "reason": "Fuite sous l'évier"}
    sent = await operator.http.post(
        f"/api/calls/{scene.call_id}/message", json={"fields": fields, "note": ""}
    )
    assert sent.status_code == 202, sent.text
    await scene.end()
    house, scope = service.house, service.house.store.for_client(scene.client_id)
    ended = await scope.mark_ended(
        scene.call_id, ended_by="caller", reason="bye", at=house.journal.now()
    )
    assert ended.state == "ended"
    kept = Recording(
        client_id=scene.client_id, call_id=scene.call_id, file=house.recordings.folder.new_name(),
        state="open", began_at=house.journal.now(), begins_s=BEGINS_S,
    )  # fmt: skip
    await scope.open_recording(kept)
    file = house.recordings.folder.create(kept, await scope.sealing_key())
    file.write(
        Stretch(
            begin=0, end=600,
            frames={
                "caller": tuple(frames_of(tone(CALLER_HZ, 12.0))),
                "operator": tuple(frames_of(tone(OPERATOR_HZ, 12.0))),
            },
            silenced=((round(SILENCED_S[0] * 50), round(SILENCED_S[1] * 50)),),
        )
    )  # fmt: skip
    size = await asyncio.to_thread(file.close)
    await scope.close_recording(
        replace(
            kept, state="whole", ended_at=house.journal.now(), duration_s=12.0, size_bytes=size,
            silenced=(SILENCED_S,),
        )
    )  # fmt: skip
    return scene


async def exercise_of(supervisor: Browser, scene: Scene) -> dict[str, Any]:
    """The call as an exercise, kept as it is proposed."""
    asked = {"call_id": scene.call_id, "reason": "formation"}
    proposed = await supervisor.http.post("/api/training/exercises/from-call", json=asked)
    assert proposed.status_code == 200, proposed.text
    kept = await supervisor.http.post("/api/training/exercises", json=proposed.json())
    assert kept.status_code == 201, kept.text
    exercise: dict[str, Any] = kept.json()
    return exercise


def samples(content: bytes) -> Pcm:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 16000)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


async def test_voices_are_heard_but_where_somebody_is_named_or_something_masked(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service:
        scene = await recorded_call(service)
        supervisor, trainee = await service.signed_in(SUPERVISOR), await service.signed_in(OPERATOR)
        exercise = await exercise_of(supervisor, scene)
        assert exercise["recorded_call_id"] == scene.call_id
        heard = [line["sound"] for line in exercise["lines"]]
        assert heard[1] is None, "the caller says their name there"
        assert heard[0] == [0.0, 2.0] and heard[2] == [6.2, 9.2]
        begun = await trainee.http.post("/api/training/runs", json={"exercise_id": exercise["id"]})
        run = begun.json()
        assert run["voices"] == ["caller-2", "operator-1"]
        voices = f"/api/training/runs/{run['id']}/voices"
        said = await trainee.http.get(f"{voices}/caller-2")
        assert said.headers["cache-control"] == "private, no-store"
        pcm = samples(said.content)
        assert abs(len(pcm) / 16000 - 3.0) < 0.1
        for hertz in (CALLER_HZ, OPERATOR_HZ):
            assert strength(pcm[8000:24000], hertz) > 1000
        assert np.abs(pcm[round((9.1 - 6.2) * 16000) :]).max() < 100, "masked, it stays masked"
        assert (await trainee.http.get(f"{voices}/caller-1")).status_code == 404
        assert (await supervisor.http.get(f"{voices}/caller-2")).status_code == 404
        acts = [entry.act for entry in await service.house.store.audit.entries()]
        assert scene.call_id in [
            act.subject for act in acts if act.action == "training.voices_played"
        ]


async def test_without_its_recording_an_exercise_is_played_in_writing(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        scene = await recorded_call(service)
        supervisor, trainee = await service.signed_in(SUPERVISOR), await service.signed_in(OPERATOR)
        exercise = await exercise_of(supervisor, scene)
        provider = service.house.store.provider
        client = await service.house.store.for_client(scene.client_id).client()
        settings = replace(client.settings, supervision="forbidden")
        now = service.house.journal.now()
        await provider.save_client(replace(client, settings=settings), at=now)
        wish = {"exercise_id": exercise["id"]}
        run = (await trainee.http.post("/api/training/runs", json=wish)).json()
        assert run["voices"] == []
        missing = await trainee.http.get(f"/api/training/runs/{run['id']}/voices/caller-2")
        assert missing.status_code == 404
        asked = {"call_id": scene.call_id, "reason": "formation"}
        again = await supervisor.http.post("/api/training/exercises/from-call", json=asked)
        assert again.json()["recorded_call_id"] is None
        stranger = {**exercise, "recorded_call_id": "nowhere"}
        for field in ("id", "client_name", "origin", "created_at", "created_by_name"):
            del stranger[field]
        refused = await supervisor.http.post("/api/training/exercises", json=stranger)
        assert refused.status_code == 404
