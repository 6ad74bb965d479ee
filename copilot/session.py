"""One call, from its first frame to its last event.

Frames go from each leg to its ear; what the ear hears becomes events; finished utterances go on to
the prompter and to the drafter, off the event loop, in order, neither waiting for the other. A
stage that fails tells `Trouble` and the call goes on: nothing here can touch the two people's
audio, which the bridge carries without us.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from copilot.answering import Answering
from copilot.drafting.draft import Draft, Drafter, Turn
from copilot.events import (
    HeardWord,
    LanguageChanged,
    LegRole,
    PartialHeard,
    Trouble,
    UtteranceHeard,
)
from copilot.journal import CallLog
from copilot.messagedraft import MessageDraft
from copilot.privacy.heard import redacted_partial
from copilot.privacy.spread import Masked, SpreadNumbers
from copilot.troubles import Troubles
from copilot.turns import WAITING_TURNS, Said, folded
from knowledge.passages import Prompter
from models.hearing import (
    Final,
    Heard,
    Hearing,
    HearingContext,
    HearingTrouble,
    LanguageHeard,
    LegEar,
    Partial,
)
from telephony.leg import Frame, Leg

logger = logging.getLogger(__name__)

BACKLOG_S = 30.0
"""A leg whose sound is further ahead of the ear than this is a recording played fast."""

HELD_S = 60.0
"""Sound of a recording played fast that may wait to be kept: its reader goes no further ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copilot:
    """What a call is helped with."""

    hearing: Hearing
    prompter: Callable[[], Awaitable[Prompter]]
    """The client's knowledge as it is now (it may be rebuilt during the call)."""
    open_drafter: Callable[[], Drafter]
    """Opens the call's drafter; called once, in `executor`, at the first words."""
    executor: Executor
    """Where suggestions and drafts are computed."""
    unanswered: Callable[[str, Turn], None] = lambda *_: None
    """Told the call and the turn that asked what no entry answers; must not block."""


class Recorder(Protocol):
    """What keeps a call's sound (`copilot.recording.recorder.CallRecorder`). It never waits."""

    @property
    def held_s(self) -> float: ...

    def take(self, role: LegRole, frame: Frame, *, settled_s: float) -> None: ...

    def hear(self, role: LegRole, final: Final) -> None: ...

    def recognition(self, *, troubled: bool) -> None: ...

    def leg_over(self, role: LegRole, settled_s: float) -> None: ...


class CallSession:
    """Owns everything the copilot does for one call."""

    def __init__(
        self,
        *,
        log: CallLog,
        copilot: Copilot,
        draft: MessageDraft,
        context: HearingContext,
        live: bool = True,
        redact: Sequence[str] = (),
        recorder: Recorder | None = None,
    ) -> None:
        """`live` is false for a recording played fast: no partials, and nothing is stale.
        `recorder`: keeps the sound of what is listened to.

        `redact`: kinds of numbers that are taken out of what is heard (`copilot.privacy`).
        """
        self._log = log
        self._copilot = copilot
        self._draft = draft
        self._context = context
        self._live = live
        self._redact = tuple(redact)
        self._numbers = SpreadNumbers(redact)
        self._recorder = recorder
        self.paused = False
        """Nobody listens: the ears hear silence, so that their clocks stay exact."""
        self._troubles = Troubles(log)
        self._answering = Answering(
            log=log,
            prompter=copilot.prompter,
            executor=copilot.executor,
            unanswered=copilot.unanswered,
            troubles=self._troubles,
            live=live,
        )
        self._to_draft: asyncio.Queue[Said] = asyncio.Queue(WAITING_TURNS)
        self._drafted: list[Said] = []
        """What the drafter heard, in the order it was begun, to be said to another when some of it
        must be forgotten, or something was begun before what has been heard."""
        self._masked: dict[str, Turn] = {}
        """Turns that held a part of a number, as they may be drafted from."""
        self._must_forget = False
        """The drafter heard one of them as it was."""

    async def run(self, legs: Sequence[Leg]) -> None:
        """Listen until every leg has ended and everything said is transcribed and thought over.

        A call whose operator leg comes later (or comes back) is listened to with `listen`.
        """
        thinking = [
            asyncio.create_task(self._answering.run(), name="suggest"),
            asyncio.create_task(self._draft_turns(), name="draft"),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for leg in legs:
                    group.create_task(self._listen(leg), name=f"listen-{leg.role}")
            await self._answering.finish()
            await self._to_draft.join()
        finally:
            for task in thinking:
                task.cancel()
            await asyncio.gather(*thinking, return_exceptions=True)

    # Hearing

    async def _listen(self, leg: Leg) -> None:
        """Feed one leg to its ear until the leg ends."""
        role = leg.role
        other: LegRole = "operator" if role == "caller" else "caller"
        ear: LegEar = self._copilot.hearing.open(
            leg_id=self._leg_id(role),
            context=replace(self._context, across=self._leg_id(other)),
            on_heard=lambda heard: self._on_heard(role, heard),
            partials=self._live,
        )
        try:
            async for frame in leg.frames():
                pcm = np.zeros_like(frame.pcm) if self.paused else frame.pcm
                ear.feed(pcm, start_s=frame.start_s, sample_rate_hz=frame.sample_rate_hz)
                if self._recorder is not None:
                    self._recorder.take(role, frame, settled_s=ear.settled_s)
                while self._is_ahead(ear):  # noqa: ASYNC110 - only a recording gets here
                    await asyncio.sleep(0.05)
        except Exception as error:
            logger.exception("listening to the %s stopped (call %s)", role, self._log.call_id)
            self._troubles.tell("audio", "listening_stopped", str(error))
        finally:
            await ear.close()
            if self._recorder is not None:
                self._recorder.leg_over(role, ear.settled_s)

    def _leg_id(self, role: LegRole) -> str:
        return f"{self._log.call_id}/{role}"

    def _on_heard(self, role: LegRole, heard: Heard) -> None:
        match heard:
            case Partial() if self.paused:
                pass  # decoded from what was said before: its final says it
            case Partial():
                heard = redacted_partial(heard, self._redact)
                self._log.tell(
                    PartialHeard(
                        **self._log.stamp(),
                        leg=role,
                        utterance_id=f"{role}-{heard.utterance_id}",
                        settled=heard.settled,
                        provisional=heard.provisional,
                        start_s=heard.start_s,
                        end_s=heard.end_s,
                    )
                )
            case Final():
                self._on_final(role, heard)
            case LanguageHeard():
                self._log.tell(
                    LanguageChanged(
                        **self._log.stamp(),
                        leg=role,
                        language=heard.language,
                        utterance_id=f"{role}-{heard.utterance_id}",
                    )
                )
            case HearingTrouble():
                if self._recorder is not None:
                    self._recorder.recognition(troubled=not heard.recovered)
                self._log.tell(
                    Trouble(
                        **self._log.stamp(),
                        part="recognition",
                        code=heard.code,
                        detail=heard.detail,
                        recovered=heard.recovered,
                    )
                )

    def _on_final(self, role: LegRole, final: Final) -> None:
        """Log what was said and pass it on. An empty final only ends its partial."""
        utterance_id = f"{role}-{final.utterance_id}"
        if self._recorder is not None:
            self._recorder.hear(role, final)
        *earlier, now = self._numbers.hear(role, utterance_id, final)
        for masked in earlier:
            self._tell_said(role, masked)
            self._masked[masked.utterance_id] = _turn_of(role, masked)
            self._must_forget = True
        self._tell_said(role, now)
        final = now.final
        if final.text:
            said = Said(turn=_turn_of(role, now), start_s=final.start_s, end_s=final.end_s)
            self._think_over(said)

    def _tell_said(self, role: LegRole, masked: Masked) -> None:
        """An utterance, or one told before that must not stand as it does."""
        final = masked.final
        self._log.tell(
            UtteranceHeard(
                **self._log.stamp(),
                leg=role,
                utterance_id=masked.utterance_id,
                text=final.text,
                heard=final.heard,
                start_s=final.start_s,
                end_s=final.end_s,
                language=final.language,
                confidence=final.confidence,
                endpoint_s=final.endpoint_s,
                redacted=masked.kinds,
                words=tuple(
                    HeardWord(
                        text=word.text,
                        start_s=word.start_s,
                        end_s=word.end_s,
                        probability=word.probability,
                    )
                    for word in final.words
                ),
            )
        )

    def _think_over(self, said: Said) -> None:
        """Have a turn answered and drafted from, after those that wait."""
        self._answering.take(said)
        if self._to_draft.full():
            for waiting in folded(_drained(self._to_draft)):
                self._to_draft.put_nowait(waiting)
        self._to_draft.put_nowait(said)

    def _is_ahead(self, ear: LegEar) -> bool:
        """Whether a recording is played faster than it is heard or thought over."""
        waiting = max(self._answering.waiting, self._to_draft.qsize())
        held_s = 0.0 if self._recorder is None else self._recorder.held_s
        behind = not self._live and (waiting > WAITING_TURNS // 2 or held_s > HELD_S)
        return behind or ear.backlog_s > BACKLOG_S

    # Thinking

    async def _draft_turns(self) -> None:
        drafter: Drafter | None = None
        while True:
            said = self._as_may_be_kept(await self._to_draft.get())
            if self._must_forget:
                self._must_forget, drafter = False, None
                self._drafted = list(map(self._as_may_be_kept, self._drafted))
            # A dictated name is final long after the "je note" said over its end: answers are
            # to follow what they answer.
            in_order = sorted([*self._drafted, said], key=lambda one: one.start_s)
            if in_order[-1] is not said:
                drafter = None
            drafter = await self._fill(drafter, in_order, said.turn)
            self._to_draft.task_done()

    def _as_may_be_kept(self, said: Said) -> Said:
        return replace(said, turn=self._masked.get(said.turn.utterance_id, said.turn))

    async def _fill(
        self, drafter: Drafter | None, said: Sequence[Said], turn: Turn
    ) -> Drafter | None:
        """Give the last of what was said to the drafter, opening one first that heard the rest
        when there is none; the drafter. `turn` is the one that is new."""
        loop = asyncio.get_running_loop()
        executor = self._copilot.executor
        try:
            if drafter is None:
                drafter = await loop.run_in_executor(executor, self._opened, said[:-1])
            draft: Draft = await loop.run_in_executor(executor, drafter.hear, said[-1].turn)
        except Exception as error:
            logger.exception("no draft for %s (call %s)", turn.utterance_id, self._log.call_id)
            self._troubles.tell("drafting", "draft_failed", str(error))
            return None  # it may have heard a part: the next one hears what is drafted from
        self._drafted = list(said)
        self._troubles.recovered("drafting")
        self._draft.heard(draft, turn)
        return drafter

    def _opened(self, heard: Sequence[Said]) -> Drafter:
        """A drafter that heard these; in the executor."""
        drafter = self._copilot.open_drafter()
        for said in heard:
            drafter.hear(said.turn)
        return drafter


def _turn_of(role: LegRole, masked: Masked) -> Turn:
    return Turn(speaker=role, text=masked.final.text, utterance_id=masked.utterance_id)


def _drained(queue: asyncio.Queue[Said]) -> list[Said]:
    waiting = []
    while not queue.empty():
        waiting.append(queue.get_nowait())
        queue.task_done()
    return waiting
