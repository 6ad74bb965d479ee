"""A short run of `python -m tests.delivery.kills`; the long one is in docs/benchmarks."""

from __future__ import annotations

from tests.delivery.kills.__main__ import run


async def test_nothing_is_lost_and_copies_are_the_same_when_the_process_is_killed() -> None:
    found = await run(8, seed=3)
    assert found["kills"] == 8
    assert isinstance(found["messages"], int) and found["messages"] >= 2, found
