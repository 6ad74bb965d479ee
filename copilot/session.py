"""One call, from its first frame to its last event.

Frames go from each leg to its ear; what the ear hears becomes events; finished utterances go on to
the prompter and the drafter, off the event loop, one turn at a time. A stage that fails tells
`Trouble` and the call goes on: nothing here can touch the two people's audio, which the bridge
carries without us.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from copilot.drafting.draft import Draft, Drafter, Turn
from copilot.events import (
    Card,
    HeardWord,
    LegRole,
    Part,
    PartialHeard,
    SuggestionOffered,
    Trouble,
    UtteranceHeard,
)
from copilot.journal import CallLog
from copilot.messagedraft import MessageDraft
from knowledge.passages import Hit, Prompter
from models.hearing import Final, Heard, Hearing, HearingContext, HearingTrouble, LegEar, Partial
from telephony.leg import Leg

logger = logging.getLogger(__name__)

BACKLOG_S = 30.0
"""A leg whose sound is further ahead of the ear than this is a recording played fast."""

CONTEXT_TURNS = 4
"""Turns given to the prompter for follow-up questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copilot:
    """What a call is helped with."""

    hearing: Hearing
    prompter: Callable[[], Awaitable[Prompter]]
    """The client's knowledge as it is now (it may be rebuilt during the call)."""
    drafter: Drafter
    executor: Executor
    """Where suggestions and drafts are computed."""


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
    ) -> None:
        """`live` is false for a recording played fast: no partials, and nothing is stale."""
        self._log = log
        self._copilot = copilot
        self._draft = draft
        self._context = context
        self._live = live
        # Unbounded on purpose: a person speaks a turn in seconds, and none may be lost.
        self._turns: asyncio.Queue[Turn] = asyncio.Queue()
        self._said: deque[Turn] = deque(maxlen=CONTEXT_TURNS)
        self._latest_caller: str | None = None
        self._failing: set[Part] = set()

    async def run(self, legs: Sequence[Leg]) -> None:
        """Listen until every leg has ended and everything said is transcribed and thought over.

        A call whose operator leg comes later (or comes back) is listened to with `listen`.
        """
        thinking = asyncio.create_task(self._think(), name="think")
        try:
            async with asyncio.TaskGroup() as group:
                for leg in legs:
                    group.create_task(self._listen(leg), name=f"listen-{leg.role}")
            await self._turns.join()
        finally:
            thinking.cancel()
            await asyncio.gather(thinking, return_exceptions=True)

    # Hearing

    async def _listen(self, leg: Leg) -> None:
        """Feed one leg to its ear until the leg ends."""
        role = leg.role
        ear: LegEar = self._copilot.hearing.open(
            leg_id=f"{self._log.call_id}/{role}",
            context=self._context,
            on_heard=lambda heard: self._on_heard(role, heard),
            partials=self._live,
        )
        try:
            async for frame in leg.frames():
                ear.feed(frame.pcm, start_s=frame.start_s, sample_rate_hz=frame.sample_rate_hz)
                while ear.backlog_s > BACKLOG_S:  # noqa: ASYNC110 - only a recording gets here
                    await asyncio.sleep(0.05)
        except Exception as error:
            logger.exception("listening to the %s stopped (call %s)", role, self._log.call_id)
            self._tell_trouble("audio", "listening_stopped", str(error))
        finally:
            await ear.close()

    def _on_heard(self, role: LegRole, heard: Heard) -> None:
        match heard:
            case Partial():
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
            case HearingTrouble():
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
        self._log.tell(
            UtteranceHeard(
                **self._log.stamp(),
                leg=role,
                utterance_id=utterance_id,
                text=final.text,
                heard=final.heard,
                start_s=final.start_s,
                end_s=final.end_s,
                language=final.language,
                confidence=final.confidence,
                endpoint_s=final.endpoint_s,
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
        if final.text:
            if role == "caller":
                self._latest_caller = utterance_id
            self._turns.put_nowait(Turn(speaker=role, text=final.text, utterance_id=utterance_id))

    # Thinking

    async def _think(self) -> None:
        while True:
            turn = await self._turns.get()
            # The answer is awaited by a person on the phone; the draft can follow it.
            if turn.speaker == "caller":
                await self._suggest(turn)
            self._said.append(turn)
            await self._fill(turn)
            self._turns.task_done()

    async def _suggest(self, turn: Turn) -> None:
        if self._is_stale(turn):
            return
        previous = tuple(said.text for said in self._said)
        loop = asyncio.get_running_loop()
        try:
            prompter = await self._copilot.prompter()
            decision = await loop.run_in_executor(
                self._copilot.executor, lambda: prompter.decide(turn.text, previous=previous)
            )
        except Exception as error:
            logger.exception("no suggestion for %s (call %s)", turn.utterance_id, self._log.call_id)
            self._tell_trouble("knowledge", "search_failed", str(error))
            return
        self._tell_recovered("knowledge")
        if decision.shown and not self._is_stale(turn):
            self._log.tell(
                SuggestionOffered(
                    **self._log.stamp(),
                    suggestion_id=f"s-{turn.utterance_id}",
                    utterance_id=turn.utterance_id,
                    cards=tuple(card(hit) for hit in decision.shown),
                )
            )

    def _is_stale(self, turn: Turn) -> bool:
        """Something newer was said: an answer to this would come too late."""
        return self._live and turn.utterance_id != self._latest_caller

    async def _fill(self, turn: Turn) -> None:
        loop = asyncio.get_running_loop()
        try:
            draft: Draft = await loop.run_in_executor(
                self._copilot.executor, self._copilot.drafter.hear, turn
            )
        except Exception as error:
            logger.exception("no draft for %s (call %s)", turn.utterance_id, self._log.call_id)
            self._tell_trouble("drafting", "draft_failed", str(error))
            return
        self._tell_recovered("drafting")
        self._draft.heard(draft)

    # Trouble

    def _tell_trouble(self, part: Part, code: str, detail: str) -> None:
        """Say once that a part failed; said again only after it worked."""
        if part not in self._failing:
            self._failing.add(part)
            self._log.tell(Trouble(**self._log.stamp(), part=part, code=code, detail=detail))

    def _tell_recovered(self, part: Part) -> None:
        if part in self._failing:
            self._failing.discard(part)
            self._log.tell(
                Trouble(**self._log.stamp(), part=part, code="recovered", detail="", recovered=True)
            )


def card(hit: Hit) -> Card:
    """A ranked entry as the operator sees it."""
    return Card(
        entry_id=hit.entry.entry_id,
        question=hit.entry.question,
        answer=hit.entry.answer,
        source=hit.entry.source,
        confidence=hit.confidence,
        matched=hit.matched,
    )
