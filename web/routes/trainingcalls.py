"""Exercises made from reviewed calls, and the voices of those that were recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict

from fastapi import APIRouter, Response

from copilot.events import UtteranceHeard
from copilot.keyfile import KeyFileError
from copilot.languagemodel.secretary import told
from copilot.recording.folder import RecordingFolder
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.recordings import Recording
from copilot.store.records.training import Line
from copilot.store.sealing import DataKey
from copilot.training.anonymous import anonymous
from copilot.training.exercises import LONGEST_SOUND_S, MOST_LINES
from copilot.training.runs import kept_recording
from copilot.training.voices import cut
from web import trainingschemas as shapes
from web.access import Operator, Supervisor
from web.house import InHouse
from web.routes.recordings import RecordingLostError
from web.routes.training import in_sight

router = APIRouter(prefix="/api/training", tags=["training"])

LONGEST_PAUSE_S = 4.0
"""Of an exercise made from a call: nobody learns from waiting."""
SHORTEST_SOUND_S = 0.2


@router.post("/exercises/from-call")
async def from_call(
    wanted: shapes.ExerciseFromCall, person: Supervisor, house: InHouse
) -> shapes.NewExercise:
    """A reviewed call as an exercise to be read over, with everybody in it replaced. Nothing is
    kept: what the supervisor then saves is. With its recording, where there is one: the lines in
    which nothing was replaced are heard. Audited."""
    call = await house.store.provider.call(wanted.call_id)
    if call.state != "ended":
        raise ConflictError("the call is still in progress")
    scope = house.store.for_client(call.client_id)
    events = told(await scope.events_since(call.id))
    heard = [event for event in events if isinstance(event, UtteranceHeard) and event.text]
    if not heard:
        raise NotFoundError("what was said in this call is not kept any more")
    message = await scope.message_of_call(call.id)
    fields = {name: value for name, value in (message.fields if message else {}).items() if value}
    recording = await kept_recording(scope, call.id)
    said = _lines(heard, recording)
    lines, expected = anonymous(said, fields)
    reason = expected.pop("reason", None)
    expected.pop("summary", None)
    act = Act(
        actor=person.actor, action="training.taken_from_call", at=house.journal.now(),
        client_id=call.client_id, subject=call.id, reason=wanted.reason,
    )  # fmt: skip
    await house.store.audit.record(act)
    return shapes.NewExercise(
        client_id=call.client_id,
        title=(reason or call.client_name)[:200],
        lines=[
            # A voice that says who somebody is stays unheard.
            shapes.LineView(**{**asdict(line), "sound": line.sound if line == before else None})
            for line, before in zip(lines, said, strict=True)
        ],
        recorded_call_id=call.id if recording else None,
        expected={name: value[:1000] for name, value in expected.items() if value},
        points=[reason[:200]] if reason else [],
    )


def _lines(heard: list[UtteranceHeard], recording: Recording | None) -> list[Line]:
    """What was said, in order, with the silences between, within reason."""
    latest = {event.utterance_id: event for event in heard}
    said = sorted(latest.values(), key=lambda event: event.start_s)[:MOST_LINES]
    ends = [0.0, *(event.end_s for event in said)]
    return [
        Line(
            speaker=event.leg,
            text=event.text[:600],
            pause_s=round(min(max(event.start_s - end, 0.2), LONGEST_PAUSE_S), 1),
            sound=_sound(event, recording) if recording else None,
        )
        for event, end in zip(said, ends, strict=False)
    ]


def _sound(event: UtteranceHeard, recording: Recording) -> tuple[float, float] | None:
    """Where it was said in the file; null where nothing of it was recorded."""
    begin = max(event.start_s - recording.begins_s, 0.0)
    end = min(
        event.end_s - recording.begins_s, recording.duration_s or 0.0, begin + LONGEST_SOUND_S
    )
    return (round(begin, 2), round(end, 2)) if end - begin > SHORTEST_SOUND_S else None


@router.get(
    "/runs/{run_id}/voices/{utterance_id}",
    response_class=Response,
    responses={200: {"content": {"audio/wav": {}}, "description": "What was said"}},
)
async def voice(run_id: str, utterance_id: str, person: Operator, house: InHouse) -> Response:
    """One thing said in an exercise being played, as it was said in the recorded call."""
    await in_sight(house, person, run_id)
    live = house.training.find(run_id)
    if live is None or live.recording is None or utterance_id not in live.voices:
        raise NotFoundError("nothing is heard here")
    keys = await house.store.for_client(live.run.client_id).opening_keys()
    stretch = live.voices[utterance_id]
    folder = house.recordings.folder
    content = await asyncio.to_thread(_heard, folder, live.recording, keys, stretch)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="audio/wav", headers=headers)


def _heard(
    folder: RecordingFolder,
    recording: Recording,
    keys: Mapping[str, DataKey],
    stretch: tuple[float, float],
) -> bytes:
    """Raises RecordingLostError."""
    try:
        with folder.opened(recording, keys) as reader:
            return cut(reader, *stretch)
    except (OSError, KeyFileError, ValueError) as error:  # FFmpeg's errors are these
        raise RecordingLostError(str(error)) from error
