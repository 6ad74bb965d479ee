"""What a caller's turns are answered with, and what is not said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from copilot.answering import REPEATED_S, Answering
from copilot.drafting.draft import Turn
from copilot.events import Event, SuggestionOffered
from copilot.journal import CallLog, Stamp
from copilot.troubles import Troubles
from copilot.turns import Said
from knowledge.passages import Decision, Hit, Prompter
from tests.store.examples import MAIN, NOON, entry


class Pen(CallLog):
    """Keeps what is told."""

    def __init__(self) -> None:
        super().__init__(cast(Any, None), MAIN, "c1")
        self.told: list[Event] = []

    def stamp(self) -> Stamp:
        return Stamp(call_id=self.call_id, seq=len(self.told), at=NOON)

    def tell(self, event: Event) -> None:
        self.told.append(event)


class Same:
    """Always answers the same."""

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        hits = (Hit(entry=entry("e"), confidence=0.9),)
        return Decision(ranked=hits, shown=hits)

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return ()


async def test_a_card_is_offered_again_once_it_left_the_screen_however_often_it_was_asked() -> None:
    pen = Pen()

    async def prompter() -> Prompter:
        return Same()

    with ThreadPoolExecutor(1) as executor:
        answering = Answering(
            log=pen, prompter=prompter, executor=executor, unanswered=lambda *_: None,
            troubles=Troubles(pen), live=False,
        )  # fmt: skip
        running = asyncio.create_task(answering.run())
        for times in range(4):  # at 0, 30, 60 and 90 s
            end_s = times * REPEATED_S * 2 / 3
            turn = Turn(speaker="caller", text="Vos horaires ?", utterance_id=f"u{times}")
            answering.take(Said(turn=turn, start_s=end_s - 1, end_s=end_s))
            await answering.finish()
        running.cancel()
    offered = [event.utterance_id for event in pen.told if isinstance(event, SuggestionOffered)]
    assert offered == ["u0", "u2"]
