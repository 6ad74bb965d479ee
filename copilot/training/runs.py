"""Trainees at work: exercises played, what they type kept, what they send scored.

A training is no call: it is in no list, report or log of calls, its events go over a bus of its
own, and what is "sent" goes nowhere. One process plays an exercise from its beginning to its end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from copilot.bus import Bus, InProcessBus
from copilot.events import (
    CallAnswered,
    CallEnded,
    CallRinging,
    ChecklistItem,
    Event,
    GuidanceChanged,
    Trouble,
    UtteranceHeard,
)
from copilot.guide import guide_for
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from copilot.reception.assistance import Assistance
from copilot.reception.ongoing import OngoingCall
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.accounts import User
from copilot.store.records.identifiers import new_id
from copilot.store.records.recordings import Recording
from copilot.store.records.training import Exercise, Score, TrainingRun
from copilot.store.store import ClientScope, Store
from copilot.training.scoring import Likeness, score
from copilot.training.voices import heard_lines
from copilot.training.written import WrittenCall

logger = logging.getLogger(__name__)

AT_ONCE = 30
"""Exercises played at once in this process; one more is refused."""
IDLE_S = 3600.0
"""An exercise that nobody sends is put away after so long."""


class EventsInMemory:
    """The log of exercises being played (`copilot.journal.EventLog`): gone with them."""

    def __init__(self) -> None:
        self.of: dict[str, list[Event]] = {}

    async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:  # noqa: ARG002
        if call_id in self.of:
            self.of[call_id] += events

    async def next_seq(self, client_id: str, call_id: str) -> int:  # noqa: ARG002
        known = self.of.get(call_id)
        return known[-1].seq + 1 if known else 1


async def kept_recording(scope: ClientScope, call_id: str) -> Recording | None:
    """The recording of a call, where it may be listened to by the provider's people."""
    if (await scope.client()).settings.supervision == "forbidden":
        return None
    try:
        found = await scope.recording(call_id)
    except NotFoundError:
        return None
    return found if found.playable else None


@dataclass(kw_only=True)
class LiveRun:
    """An exercise being played, until it is sent."""

    run: TrainingRun
    exercise: Exercise
    call: OngoingCall
    events: list[Event] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    recording: Recording | None = None
    """Whose voices are played; null: nothing is heard."""

    @property
    def voices(self) -> dict[str, tuple[float, float]]:
        """What is heard, by utterance: seconds of the recording."""
        return heard_lines(self.exercise.lines) if self.recording else {}

    @property
    def checklist(self) -> tuple[ChecklistItem, ...]:
        """As last told."""
        told = (event for event in reversed(self.events) if isinstance(event, GuidanceChanged))
        return next((event.checklist for event in told), ())

    def since_last_word_s(self, now: datetime) -> float:
        """Since the caller's last word; zero while they speak."""
        if not any(isinstance(event, CallEnded) for event in self.events):
            return 0.0
        said = [
            event.at
            for event in self.events
            if isinstance(event, UtteranceHeard) and event.leg == "caller"
        ]
        return (now - said[-1]).total_seconds() if said else 0.0


class TrainingRuns:
    """Every exercise being played in this process."""

    def __init__(
        self,
        *,
        store: Store,
        assistance: Assistance,
        likeness: Likeness,
        now: Callable[[], datetime],
        speed: float = 1.0,
    ) -> None:
        """`speed`: how much faster than people speak."""
        self._store = store
        self._assistance = assistance
        self._likeness = likeness
        self._now = now
        self.speed = speed
        self.bus: Bus = InProcessBus()
        self._log = EventsInMemory()
        self.journal = Journal(bus=self.bus, log=self._log, now=now)
        self._live: dict[str, LiveRun] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[TrainingRuns]:
        """Play while inside."""
        async with self.journal.running():
            try:
                yield self
            finally:
                for live in list(self._live.values()):
                    await self._put_away(live)

    def find(self, run_id: str) -> LiveRun | None:
        """An exercise being played here."""
        return self._live.get(run_id)

    async def begin(self, client_id: str, exercise_id: str, operator: User) -> LiveRun:
        """Ring and answer at once; whatever else this operator was playing is put away.

        Raises `NotFoundError`, `ConflictError` when too many are played.
        """
        scope = self._store.for_client(client_id)
        exercise = await scope.exercise(exercise_id)
        for other in list(self._live.values()):
            if other.run.operator_id == operator.id:
                await self._put_away(other)
        if len(self._live) >= AT_ONCE:
            raise ConflictError("too many exercises at once: try again in a while")
        now = self._now()
        run = TrainingRun(
            id=new_id(),
            client_id=client_id,
            exercise_id=exercise.id,
            title=exercise.title,
            operator_id=operator.id,
            operator_name=operator.name,
            started_at=now,
        )
        sheet = await scope.sheet(now)
        await scope.begin_run(run)
        log = self.journal.open(client_id, run.id)
        call = OngoingCall(
            call_id=run.id,
            sheet=sheet,
            log=log,
            draft=MessageDraft(log, guide=guide_for(sheet)),
            ringing_at=now,
            operator=operator,
            answered_at=now,
            state="live",
        )
        recording = None
        if exercise.recorded_call_id is not None:
            recording = await kept_recording(scope, exercise.recorded_call_id)
        if recording is None:  # all of it at a written call's pace
            lines = tuple(replace(line, sound=None) for line in exercise.lines)
            exercise = replace(exercise, lines=lines)
        live = LiveRun(run=run, exercise=exercise, call=call, recording=recording)
        self._live[run.id] = live
        self._log.of[run.id] = live.events
        self._answer(live, operator)
        live.task = asyncio.create_task(self._play(live), name=f"training-{run.id}")
        return live

    async def keep_typed(
        self, run: TrainingRun, fields: Mapping[str, str | None]
    ) -> MessageDraft | None:
        """Keep what was typed, then show it. The message as it stands, where it is played here.

        Raises UnknownFieldError, `ConflictError` once it is sent.
        """
        live = self.find(run.id)
        await self._store.for_client(run.client_id).keep_typed(run.id, fields)
        if live is None:
            return None
        live.call.draft.edit(fields)
        return live.call.draft

    async def send(
        self, run: TrainingRun, fields: Mapping[str, str | None], *, ticked: Sequence[str]
    ) -> TrainingRun:
        """Compare what was taken down with what was expected; the turn is over.

        `ticked`: what the trainee says they asked, beside what was seen to be. Raises
        `ConflictError` when it is sent already, or is not played here any more.
        """
        live = self.find(run.id)
        if live is None:
            raise ConflictError("the exercise was interrupted: begin it again")
        at = self._now()
        done = {item.text: item.done or item.item_id in ticked for item in live.checklist}
        outcome: Score = await asyncio.get_running_loop().run_in_executor(
            self._assistance.executor,
            lambda: score(
                live.exercise,
                fields,
                checklist=done,
                took_s=live.since_last_word_s(at),
                likeness=self._likeness,
            ),
        )
        scope = self._store.for_client(run.client_id)
        sent = await scope.finish_run(run.id, fields=fields, score=outcome, at=at)
        await self._put_away(live)
        return sent

    def _answer(self, live: LiveRun, operator: User) -> None:
        log, client = live.call.log, live.call.sheet.client
        log.tell(
            CallRinging(
                **log.stamp(), client_id=client.id, client_name=client.name, dialled="",
                caller_number=None, caller_name=None, forwarded_from=None, source="replay",
            )
        )  # fmt: skip
        log.tell(CallAnswered(**log.stamp(), operator_id=operator.id, operator_name=operator.name))

    async def _play(self, live: LiveRun) -> None:
        """From the first line to the last, then wait for the message."""
        call, language = live.call, live.call.sheet.client.settings.written_in
        written = WrittenCall(live.exercise.lines, language=language, speed=self.speed)
        # What a trainee is asked teaches nothing about the client's callers.
        helped = replace(self._assistance, hearing=written, missed=lambda *_: None)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(helped.session(call).run(written.legs), name="session")
                group.create_task(written.speak(), name="speak")
        except* Exception as failed:
            logger.exception("exercise %s failed", live.run.id, exc_info=failed)
            call.log.tell(
                Trouble(
                    **call.log.stamp(), part="recognition", code="session_failed",
                    detail=str(failed.exceptions[0]),
                )
            )  # fmt: skip
        lasted_s = (self._now() - call.ringing_at).total_seconds()
        call.log.tell(
            CallEnded(**call.log.stamp(), ended_by="caller", reason="hung_up", duration_s=lasted_s)
        )
        call.draft.wrap_up(language=language)
        await asyncio.sleep(IDLE_S)
        self._forget(live)

    async def _put_away(self, live: LiveRun) -> None:
        """It is played no longer. Idempotent."""
        self._forget(live)
        if live.task is not None:
            live.task.cancel()
            await asyncio.gather(live.task, return_exceptions=True)

    def _forget(self, live: LiveRun) -> None:
        self._live.pop(live.run.id, None)
        self._log.of.pop(live.run.id, None)
