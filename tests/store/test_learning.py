"""Gaps and use of entries, on both databases."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.learning import AT_ONCE
from copilot.store.records.learning import ASKED, FeedbackAction, SuggestionFeedback
from copilot.store.store import Store
from copilot.store.tables.calls import call_events
from copilot.store.tables.learning import suggestion_feedback
from tests.store.examples import MAIN, NOON, OTHER, ringing, suggestion


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


def given(
    action: FeedbackAction, *, suggestion_id: str = "s", user: str = "o"
) -> SuggestionFeedback:
    return SuggestionFeedback(
        call_id="c1", suggestion_id=suggestion_id, entry_id="e", action=action, user_id=user,
        at=NOON,
    )  # fmt: skip


async def test_uses_are_counted_since_a_moment(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    for told in (given("used"), given("used", suggestion_id="t"), given("dismissed")):
        await scope.record_feedback(told)
    use = (await scope.uses(NOON - timedelta(days=1)))["e"]
    assert (use.used, use.dismissed, use.shown) == (2, 1, 0)
    assert await scope.uses(NOON + timedelta(days=1)) == {}
    assert await store.for_client(OTHER).uses(NOON - timedelta(days=1)) == {}


async def test_what_is_taken_back_counts_no_more_and_is_kept(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    since = NOON - timedelta(days=1)
    for told in (given("used"), given("not_this"), given("not_this", user="another")):
        assert await scope.record_feedback(told)
    assert not await scope.record_feedback(given("not_this")), "it stands already"
    assert await scope.withdraw_feedback(given("not_this"))
    assert not await scope.withdraw_feedback(given("not_this"))
    use = (await scope.uses(since))["e"]
    assert (use.used, use.not_this) == (1, 1), "the colleague's stands"
    assert {one.user_id for one in await scope.feedback("c1") if one.action == "not_this"} == {
        "another"
    }
    async with store.database.reading() as connection:
        rows = (await connection.execute(select(suggestion_feedback))).all()
    assert [row.withdrawn_at for row in rows].count(NOON) == 1
    assert await scope.record_feedback(given("not_this")), "said anew"
    assert (await scope.uses(since))["e"].not_this == 2
    with pytest.raises(NotFoundError):
        await store.for_client(OTHER).withdraw_feedback(given("used"))


async def test_what_is_found_by_asking_is_shown_once_a_call(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    actions: tuple[FeedbackAction, ...] = ("shown", "shown", "copied", "copied", "used")
    for action in actions:
        await scope.record_feedback(given(action, suggestion_id=ASKED))
    use = (await scope.uses(NOON - timedelta(days=1)))["e"]
    assert (use.shown, use.copied, use.used) == (1, 2, 1)


async def test_an_index_reads_no_offer_and_counting_them_lets_calls_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, since = store.for_client(MAIN), NOON - timedelta(days=1)
    await scope.create_call(ringing("c1"))
    offers = [suggestion("c1", seq) for seq in range(1, 4 * AT_ONCE)]
    await scope.append_events("c1", offers)
    await scope.record_feedback(dataclasses.replace(given("used"), entry_id="1"))
    opened: list[int] = []
    vault = store.database.vault
    opening = vault.open

    async def counted(connection: Any, table: Any, rows: Any) -> Any:
        if table is call_events:
            opened.append(len(rows))
        return await opening(connection, table, rows)

    monkeypatch.setattr(vault, "open", counted)
    assert (await scope.acts(since))["1"].used == 1 and opened == []
    use = (await scope.uses(since))["1"]
    assert (use.shown, use.used) == (len(offers), 1)
    assert max(opened) == AT_ONCE and len(opened) == 4
