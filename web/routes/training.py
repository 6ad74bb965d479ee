"""Training: exercises, prepared by supervisors; turns at them, by operators. No call anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket

from copilot.accounts import SignedIn
from copilot.events import PartialHeard
from copilot.guide import form_of
from copilot.messagedraft import check_names
from copilot.store.audit import Act
from copilot.store.errors import NotFoundError
from copilot.store.records.clients import Client
from copilot.store.records.identifiers import new_id
from copilot.store.records.training import Exercise, Line, TrainingRun
from copilot.training.exercises import checked
from copilot.training.written import WORDS_A_S
from web import schemas, views
from web import trainingschemas as shapes
from web.access import Floor, Operator, Supervisor, note
from web.house import House, InHouse
from web.sockets import COME_BACK, admitted

router = APIRouter(prefix="/api/training", tags=["training"])

# Exercises


@router.get("/offered")
async def offered(_: Floor, house: InHouse) -> list[shapes.ExerciseOffered]:
    """Every exercise, without what is expected."""
    return [
        shapes.ExerciseOffered(
            id=one.id,
            title=one.title,
            client_id=client.id,
            client_name=client.name,
            client_colour=client.colour,
            lasts_s=_lasts_s(one),
            target_s=one.target_s,
        )
        for client, one in await _every_exercise(house)
    ]


@router.get("/exercises")
async def exercises(_: Supervisor, house: InHouse) -> list[shapes.ExerciseView]:
    """Every exercise, whole."""
    return [_view(client, one) for client, one in await _every_exercise(house)]


@router.get("/clients")
async def clients(_: Supervisor, house: InHouse) -> list[shapes.TrainingClient]:
    """Companies that exercises can be about, by name."""
    return [
        shapes.TrainingClient(id=client.id, name=client.name)
        for client in await house.store.provider.clients()
        if not client.disabled
    ]


@router.post("/exercises", status_code=201)
async def add(
    wanted: shapes.NewExercise, person: Supervisor, house: InHouse
) -> shapes.ExerciseView:
    """A written call, and the message that should come of it."""
    client = await house.store.for_client(wanted.client_id).client()
    exercise = Exercise(
        id=new_id(),
        origin="written",
        created_at=house.journal.now(),
        created_by_name=person.user.name,
        **_values(wanted),
    )
    return await _keep(house, person, client, exercise, "training.added")


@router.put("/exercises/{exercise_id}")
async def edit(
    exercise_id: str, wanted: shapes.ExerciseEdit, person: Supervisor, house: InHouse
) -> shapes.ExerciseView:
    """Change an exercise; turns already made keep the score they had."""
    scope = house.store.for_client(await house.store.trainings.client_of(exercise_id))
    before = await scope.exercise(exercise_id)
    exercise = Exercise(
        id=before.id,
        origin=before.origin,
        created_at=before.created_at,
        created_by_name=before.created_by_name,
        **_values(wanted),
    )
    return await _keep(house, person, await scope.client(), exercise, "training.changed")


@router.delete("/exercises/{exercise_id}", status_code=204)
async def remove(exercise_id: str, person: Supervisor, house: InHouse) -> None:
    """Remove an exercise, and the turns at it."""
    client_id = await house.store.trainings.client_of(exercise_id)
    act = Act(
        actor=person.actor, action="training.removed", at=house.journal.now(),
        client_id=client_id, subject=exercise_id,
    )  # fmt: skip
    await house.store.for_client(client_id).remove_exercise(exercise_id, act=act)


async def _every_exercise(house: House) -> list[tuple[Client, Exercise]]:
    return [
        (client, one)
        for client in await house.store.provider.clients()
        if not client.disabled
        for one in await house.store.for_client(client.id).exercises()
    ]


async def _keep(
    house: House, person: SignedIn, client: Client, exercise: Exercise, action: str
) -> shapes.ExerciseView:
    exercise = checked(exercise, own_fields=form_of(client).names)
    if exercise.recorded_call_id is not None:  # another client's: not found
        await house.store.for_client(client.id).call(exercise.recorded_call_id)
    act = Act(
        actor=person.actor, action=action, at=house.journal.now(), client_id=client.id,
        subject=exercise.id, detail={"origin": exercise.origin},
    )  # fmt: skip
    await house.store.for_client(client.id).save_exercise(exercise, act=act)
    return _view(client, exercise)


def _values(wanted: shapes.ExerciseEdit) -> dict[str, Any]:
    return {
        "title": wanted.title,
        "lines": tuple(Line(**line.model_dump()) for line in wanted.lines),
        "expected": dict(wanted.expected),
        "points": tuple(wanted.points),
        "target_s": wanted.target_s,
        "recorded_call_id": wanted.recorded_call_id,
    }


def _lasts_s(exercise: Exercise) -> int:
    words = sum(len(line.text.split()) for line in exercise.lines)
    return round(words / WORDS_A_S + sum(line.pause_s for line in exercise.lines))


def _view(client: Client, exercise: Exercise) -> shapes.ExerciseView:
    return shapes.ExerciseView(
        id=exercise.id,
        client_id=client.id,
        client_name=client.name,
        origin=exercise.origin,
        created_at=exercise.created_at,
        created_by_name=exercise.created_by_name,
        title=exercise.title,
        lines=[shapes.LineView(**asdict(line)) for line in exercise.lines],
        expected=exercise.expected,
        points=list(exercise.points),
        target_s=exercise.target_s,
        recorded_call_id=exercise.recorded_call_id,
    )


# Turns


@router.get("/runs")
async def runs(person: Floor, house: InHouse) -> list[shapes.RunView]:
    """Newest first: one's own; a supervisor sees everybody's."""
    own = person.user.id if person.user.role == "operator" else None
    return [_run_view(run) for run in await house.store.trainings.runs(operator_id=own)]


@router.post("/runs", status_code=201)
async def begin(wanted: shapes.RunWish, person: Operator, house: InHouse) -> shapes.RunView:
    """The exercise's caller rings and is answered; another turn of one's own is put away."""
    client_id = await house.store.trainings.client_of(wanted.exercise_id)
    live = await house.training.begin(client_id, wanted.exercise_id, person.user)
    if live.recording is not None:
        await note(
            house, person, "training.voices_played", client_id=client_id,
            subject=live.recording.call_id, reason=live.run.title,
        )  # fmt: skip
    return _run_view(live.run, voices=sorted(live.voices))


@router.get("/runs/{run_id}/result")
async def result(run_id: str, person: Floor, house: InHouse) -> shapes.RunView:
    """A turn, with its score once it is sent: to its trainee and to supervisors."""
    return _run_view(await in_sight(house, person, run_id))


@router.get("/runs/{run_id}")
async def run(run_id: str, person: Operator, house: InHouse) -> schemas.CallDetail:
    """An exercise being played, as a call is seen on the desk."""
    record = await in_sight(house, person, run_id)
    await house.training.journal.kept(timeout_s=1.0)
    live = house.training.find(run_id)
    if live is None:
        raise NotFoundError("the exercise is played no longer")
    client = live.call.sheet.client
    return schemas.CallDetail(
        call=schemas.CallSummary(
            id=record.id,
            state="live",
            client_id=client.id,
            client_name=client.name,
            client_colour=client.colour,
            caller_number=None,
            caller_name=None,
            source="replay",
            ringing_at=record.started_at,
            answered_at=record.started_at,
            ended_at=None,
            duration_s=None,
            operator_id=record.operator_id,
            operator_name=record.operator_name,
            message_state="draft",
        ),
        client=views.client_card(live.call.sheet),
        draft=views.draft_fields(live.call.draft.fields()),
        message=None,
        events=[views.event(event) for event in live.events],
    )


@router.websocket("/runs/{run_id}/socket")
async def run_socket(socket: WebSocket, run_id: str, since: int = 0) -> None:
    """What happens in an exercise after `since`, partials included."""
    async with admitted(socket, "operator") as (house, person):
        await in_sight(house, person, run_id)
        async with house.training.bus.subscribe(run_id) as live:
            await house.training.journal.kept(timeout_s=1.0)
            here = house.training.find(run_id)
            if here is None:
                raise NotFoundError("the exercise is played no longer")
            last = since
            for event in tuple(here.events):
                if event.seq > last:
                    last = event.seq
                    await socket.send_text(views.event(event).model_dump_json())
            async for event in live:
                if isinstance(event, PartialHeard) or event.seq > last:
                    last = max(last, event.seq)
                    await socket.send_text(views.event(event).model_dump_json())
        await socket.close(COME_BACK, reason=live.close_reason or "closed")


@router.patch("/runs/{run_id}/draft")
async def edit_draft(
    run_id: str, edit: schemas.DraftEdit, person: Operator, house: InHouse
) -> schemas.DraftView:
    """Keep what the trainee typed; durable before the answer."""
    record = await in_sight(house, person, run_id)
    own = form_of(await house.store.for_client(record.client_id).client()).names
    check_names(edit.fields, own)
    draft = await house.training.keep_typed(record, edit.fields)
    return views.draft_as_it_stands(draft) if draft else schemas.DraftView(fields=[], seq=0)


@router.post("/runs/{run_id}/message")
async def send(
    run_id: str, sent: shapes.RunSent, person: Operator, house: InHouse
) -> shapes.RunView:
    """The message is compared with the one expected. It goes nowhere."""
    record = await in_sight(house, person, run_id)
    own = form_of(await house.store.for_client(record.client_id).client()).names
    check_names(sent.fields, own)
    return _run_view(await house.training.send(record, sent.fields, ticked=sent.ticked))


@router.get("/runs/{run_id}/ask")
async def ask(
    run_id: str,
    person: Operator,
    house: InHouse,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[schemas.CardView]:
    """Search the client's knowledge, as in a call."""
    record = await in_sight(house, person, run_id)
    hits = await house.shelf.ask(record.client_id, q, limit=limit)
    return [views.card(hit, record.client_id) for hit in hits]


async def in_sight(house: House, person: SignedIn, run_id: str) -> TrainingRun:
    """A turn of one's own; a supervisor sees everybody's. Raises `NotFoundError`."""
    record = await house.store.trainings.run(run_id)
    if person.user.role == "operator" and record.operator_id != person.user.id:
        raise NotFoundError(f"no training {run_id!r}")
    return record


def _run_view(run: TrainingRun, *, voices: Sequence[str] = ()) -> shapes.RunView:
    return shapes.RunView(
        id=run.id,
        exercise_id=run.exercise_id,
        client_id=run.client_id,
        title=run.title,
        operator_id=run.operator_id,
        operator_name=run.operator_name,
        started_at=run.started_at,
        sent_at=run.sent_at,
        score=None if run.score is None else shapes.ScoreView(**asdict(run.score)),
        voices=list(voices),
    )
