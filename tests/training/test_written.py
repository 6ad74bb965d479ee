"""A written call is said in order, at a pace, and ends."""

from __future__ import annotations

import asyncio

from copilot.store.records.training import Line
from copilot.training.written import WORDS_A_S, WrittenCall
from models.hearing import Final, Heard, HearingContext, Partial

LINES = (
    Line(speaker="operator", text="Plomberie Delorme, bonjour."),
    Line(speaker="caller", text="Bonjour, il y a une fuite d'eau dans ma cuisine.", pause_s=1.5),
)


async def test_both_voices_are_heard_with_their_times() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    call = WrittenCall(LINES, speed=2.0, sleep=sleep)
    heard: list[tuple[str, Heard]] = []
    for leg in call.legs:
        role = leg.role
        call.open(
            leg_id=f"c/{role}",
            context=HearingContext(),
            on_heard=lambda one, role=role: heard.append((role, one)),  # type: ignore[misc]
        )
    async with asyncio.timeout(5):
        await call.speak()
        for leg in call.legs:
            assert [frame async for frame in leg.frames()] == []
    finals = [(role, one) for role, one in heard if isinstance(one, Final)]
    assert [(role, one.text) for role, one in finals] == [(x.speaker, x.text) for x in LINES]
    words = sum(len(line.text.split()) for line in LINES)
    assert abs(sum(slept) * 2 - (words / WORDS_A_S + 0.8 + 1.5)) < 1e-6
    assert finals[1][1].start_s > finals[0][1].end_s + 1.4
    partials = [one for role, one in heard if isinstance(one, Partial) and role == "caller"]
    assert partials and all(
        LINES[1].text.startswith(f"{one.settled} {one.provisional}".strip()) for one in partials
    )
