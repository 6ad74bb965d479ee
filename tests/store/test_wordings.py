"""Wordings that the client did not write: proposed, decided, looked up; on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from copilot.store.audit import SYSTEM
from copilot.store.errors import NotFoundError
from copilot.store.records.versions import Author
from copilot.store.store import ClientScope, Store
from tests.store.examples import MAIN, NOON, OTHER, after, entry, ringing

SOMEBODY = Author(user_id="u", name="Camille")
DAY = date(2026, 3, 17)


async def with_entry(store: Store, client_id: str = MAIN) -> ClientScope:
    scope = store.for_client(client_id)
    await scope.create_entry(entry("e1"), author=SOMEBODY, at=NOON)
    return scope


async def test_only_what_is_approved_is_looked_up_and_answers_stay(store: Store) -> None:
    scope = await with_entry(store)
    new = await scope.propose_wordings(
        "e1", ["c'est ouvert ?", "vous êtes là ?"], origin="machine", writer="m", at=NOON
    )
    assert new == 2
    (before,) = await scope.entries_to_index(DAY)
    assert await scope.wordings_decided_at() is None
    first, second = await scope.wordings("proposed")
    await scope.decide_wordings([first.id], "approved", by="Camille", at=after(1))
    await scope.decide_wordings([second.id], "refused", by="Camille", at=after(2))
    (indexed,) = await scope.entries_to_index(DAY)
    assert indexed.alternatives == (*before.alternatives, first.text)
    assert (indexed.question, indexed.answer) == (before.question, before.answer)
    assert await scope.entries() == (before,)
    assert await scope.wordings_decided_at() == after(2)
    approved, refused = await scope.wordings()
    assert (approved.origin, approved.writer, approved.decided_by_name) == (
        "machine", "m", "Camille",
    )  # fmt: skip
    assert (approved.state, refused.state) == ("approved", "refused")


async def test_what_was_refused_is_not_proposed_again(store: Store) -> None:
    scope = await with_entry(store)
    await scope.propose_wordings("e1", ["C'est ouvert ?"], origin="machine", at=NOON)
    (one,) = await scope.wordings()
    await scope.decide_wordings([one.id], "refused", by="Camille", at=NOON)
    again = await scope.propose_wordings("e1", ["c'est ouvert ?"], origin="machine", at=NOON)
    assert again == 0
    assert await scope.wordings("proposed") == ()


async def test_a_forgotten_call_takes_what_was_proposed_and_leaves_what_was_approved(
    store: Store,
) -> None:
    scope = await with_entry(store)
    await scope.create_call(ringing("c1"))
    await scope.propose_wordings(
        "e1", ["dit et approuvé", "dit seulement"], origin="call", call_id="c1", at=NOON
    )
    kept = next(one for one in await scope.wordings() if one.text == "dit et approuvé")
    await scope.decide_wordings([kept.id], "approved", by="Camille", at=NOON)
    await scope.mark_ended("c1", at=after(60), ended_by="caller", reason="hangup")
    await scope.erase_calls(["c1"], actor=SYSTEM, reason="test", at=after(120))
    (left,) = await scope.wordings()
    assert left.text == "dit et approuvé"


async def test_wordings_go_with_their_entry_and_come_back_with_it(store: Store) -> None:
    scope = await with_entry(store)
    await scope.propose_wordings("e1", ["c'est ouvert ?"], origin="machine", at=NOON)
    stored = await scope.stored_entry("e1")
    await scope.delete_entry("e1", version=stored.version, author=SOMEBODY, at=NOON)
    assert await scope.wordings() == ()
    with pytest.raises(NotFoundError):
        await scope.propose_wordings("e1", ["autre chose"], origin="machine", at=NOON)
    latest = await scope.knowledge_version()
    await scope.undo(latest, latest=latest, author=SOMEBODY, at=NOON)
    assert [one.text for one in await scope.wordings()] == ["c'est ouvert ?"]


async def test_another_client_s_wording_does_not_exist(store: Store) -> None:
    scope, other = await with_entry(store), await with_entry(store, OTHER)
    await scope.propose_wordings("e1", ["c'est ouvert ?"], origin="machine", at=NOON)
    (one,) = await scope.wordings()
    assert await other.wordings() == ()
    with pytest.raises(NotFoundError):
        await other.decide_wordings([one.id], "approved", by="X", at=NOON)
    assert [item.state for item in await scope.wordings()] == ["proposed"]
