"""Gaps and use of entries, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.store import Store
from tests.store.examples import MAIN, NOON, OTHER, ringing


async def ask(store: Store, text: str, *, call: str, utterance: str, gap: str | None = None) -> str:
    return await store.for_client(MAIN).record_gap_question(
        gap_id=gap, call_id=call, utterance_id=utterance, text=text, at=NOON
    )


async def test_a_gap_keeps_its_wordings_once_each_utterance(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    gap_id = await ask(store, "vous livrez le dimanche ?", call="c1", utterance="u1")
    assert await ask(store, "again", call="c1", utterance="u1") == gap_id
    await ask(store, "livraison dimanche", call="c1", utterance="u2", gap=gap_id)
    (gap,) = await scope.gaps("open")
    assert [question.text for question in gap.questions] == [
        "vous livrez le dimanche ?",
        "livraison dimanche",
    ]
    assert await store.for_client(OTHER).gaps() == ()


async def test_a_gap_is_settled_once(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    gap_id = await ask(store, "q", call="c1", utterance="u1")
    assert (await scope.settle_gap(gap_id, "dismissed")).state == "dismissed"
    assert (await scope.settle_gap(gap_id, "open")).state == "open"
    answered = await scope.settle_gap(gap_id, "answered", entry_id="e")
    assert (answered.state, answered.entry_id) == ("answered", "e")
    with pytest.raises(ConflictError):
        await scope.settle_gap(gap_id, "dismissed")


async def test_another_client_s_gap_does_not_exist(store: Store) -> None:
    scope, other = store.for_client(MAIN), store.for_client(OTHER)
    await scope.create_call(ringing("c1"))
    gap_id = await ask(store, "q", call="c1", utterance="u1")
    with pytest.raises(NotFoundError):
        await other.gap(gap_id)
    with pytest.raises(NotFoundError):
        await other.settle_gap(gap_id, "dismissed")


async def test_uses_are_counted_since_a_moment(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    for action in ("used", "used", "dismissed"):
        await scope.record_feedback(
            "c1", suggestion_id="s", entry_id="e", action=action, user_id="o", at=NOON
        )
    use = (await scope.uses(NOON - timedelta(days=1)))["e"]
    assert (use.used, use.dismissed, use.shown) == (2, 1, 0)
    assert await scope.uses(NOON + timedelta(days=1)) == {}
    assert await store.for_client(OTHER).uses(NOON - timedelta(days=1)) == {}
