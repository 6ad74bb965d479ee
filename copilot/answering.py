"""What a caller says, answered from the client's knowledge: one call's suggestions, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from copilot.cards import card
from copilot.drafting.draft import Turn
from copilot.events import Card, SuggestionOffered
from copilot.journal import CallLog
from copilot.troubles import Troubles
from copilot.turns import WAITING_TURNS, Said
from knowledge.passages import Decision, Hit, Prompter

logger = logging.getLogger(__name__)

STALE_S = 10.0
"""An answer to words this much older than the caller's last would be read as one to those."""

REPEATED_S = 45.0
"""Cards offered again within this time are still before the operator's eyes."""

CONTEXT_TURNS = 4
"""Turns given to the prompter for follow-up questions."""


class Answering:
    """Has each turn of the caller's searched, with the turns before it."""

    def __init__(
        self,
        *,
        log: CallLog,
        prompter: Callable[[], Awaitable[Prompter]],
        executor: Executor,
        unanswered: Callable[[str, Turn], None],
        troubles: Troubles,
        live: bool,
    ) -> None:
        """As `copilot.session.Copilot` and `CallSession` say."""
        self._log = log
        self._prompter = prompter
        self._executor = executor
        self._unanswered = unanswered
        self._troubles = troubles
        self._live = live
        self._waiting: asyncio.Queue[Said] = asyncio.Queue(WAITING_TURNS)
        self._caller_spoke_until_s = 0.0
        self._offered: tuple[str, ...] = ()
        self._offered_at_s = 0.0

    @property
    def waiting(self) -> int:
        """Turns that are still to be searched."""
        return self._waiting.qsize()

    def take(self, said: Said) -> None:
        """A turn of either, once it is finished."""
        if said.turn.speaker == "caller":
            self._caller_spoke_until_s = said.end_s
        if self._waiting.full():
            late = self._waiting.get_nowait()
            self._waiting.task_done()
            logger.warning("no answer to %s: too late", late.turn.utterance_id)
        self._waiting.put_nowait(said)

    async def finish(self) -> None:
        """Wait until nothing waits."""
        await self._waiting.join()

    async def run(self) -> None:
        """Answer, until cancelled."""
        previous: deque[Said] = deque(maxlen=CONTEXT_TURNS)
        last: Said | None = None
        while True:
            said = (await self._waiting.get()).after(last)
            if said.before and last is not None and last in previous:
                previous.remove(last)
            if said.turn.speaker == "caller":
                last = said
                if not self._is_stale(said):
                    await self._suggest(said, [each.query for each in previous])
            previous.append(said)
            self._waiting.task_done()

    async def _suggest(self, said: Said, previous: Sequence[str]) -> None:
        turn, query = said.turn, said.query
        loop = asyncio.get_running_loop()
        try:
            prompter = await self._prompter()
            decision = await loop.run_in_executor(
                self._executor, lambda: prompter.decide(query, previous=previous)
            )
        except Exception as error:
            logger.exception("no suggestion for %s (call %s)", turn.utterance_id, self._log.call_id)
            self._troubles.tell("knowledge", "search_failed", str(error))
            return
        self._troubles.recovered("knowledge")
        if decision.unanswered:
            self._unanswered(self._log.call_id, replace(turn, text=query))
        if decision.shown and not self._is_stale(said) and not self._is_repeated(decision, said):
            self._log.tell(
                SuggestionOffered(
                    **self._log.stamp(),
                    suggestion_id=f"s-{turn.utterance_id}",
                    utterance_id=turn.utterance_id,
                    cards=self._cards(decision.shown, said),
                    alternatives=self._cards(decision.alternatives, said),
                )
            )

    def _cards(self, hits: Sequence[Hit], said: Said) -> tuple[Card, ...]:
        unseen = len(said.query) - len(said.turn.text)
        return tuple(card(hit, self._log.client_id, unseen=unseen) for hit in hits)

    def _is_repeated(self, decision: Decision, said: Said) -> bool:
        """The same cards are the last ones offered, moments ago: nothing new to look at."""
        offered = tuple(hit.entry.entry_id for hit in decision.shown)
        again = offered == self._offered and said.end_s - self._offered_at_s < REPEATED_S
        if not again:
            self._offered, self._offered_at_s = offered, said.end_s
        return again

    def _is_stale(self, said: Said) -> bool:
        """The caller has long gone on to something else."""
        return self._live and self._caller_spoke_until_s - said.end_s > STALE_S
