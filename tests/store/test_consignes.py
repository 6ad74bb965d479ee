"""Consignes changed one version at a time, undone, and what an operator has not seen."""

from __future__ import annotations

import asyncio

import pytest

from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.records.consignes import Consigne
from copilot.store.records.versions import Author
from tests.store.examples import MAIN, NOON, OTHER, after

MAUD = Author(user_id="u1", name="Maud Delorme")


def consigne(name: str, body: str = "b") -> Consigne:
    return Consigne(id=name, title=name, body=body, weekdays=(1, 3))


async def test_each_change_is_a_version_that_can_be_undone(store: Store) -> None:
    scope = store.for_client(MAIN)
    made = await scope.create_consigne(consigne("a"), author=MAUD, at=NOON)
    assert made.version == 1
    edited = await scope.edit_consigne("a", {"body": "c"}, version=1, author=MAUD, at=NOON)
    with pytest.raises(ConflictError):
        await scope.edit_consigne("a", {"body": "d"}, version=1, author=MAUD, at=NOON)
    await scope.delete_consigne("a", version=edited.version, author=MAUD, at=NOON)
    with pytest.raises(NotFoundError):
        await scope.delete_consigne("a", version=2, author=MAUD, at=NOON)
    assert [(item.action, item.label) for item in await scope.consigne_versions()] == [
        ("delete", "a"), ("edit", "a"), ("create", "a"),
    ]  # fmt: skip
    with pytest.raises(ConflictError):
        await scope.undo_consignes(3, latest=2, author=MAUD, at=NOON)
    undone = await scope.undo_consignes(3, latest=3, author=MAUD, at=NOON)
    assert (undone.number, undone.action, undone.outcome.added) == (4, "undo", 1)
    assert await scope.consignes() == (edited,)
    offered = {item.number: item.reversible for item in await scope.consigne_versions()}
    assert offered == {1: True, 2: True, 3: False, 4: True}
    await scope.undo_consignes(1, latest=4, author=MAUD, at=NOON)
    assert await scope.consignes() == ()


async def test_the_same_again_is_no_version(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.replace_consignes([consigne("a")], at=NOON)
    await scope.replace_consignes([consigne("a")], at=NOON)
    assert await scope.consignes_version() == 1


async def test_changes_at_the_same_time_take_turns(store: Store) -> None:
    scope = store.for_client(MAIN)
    await asyncio.gather(
        *(scope.create_consigne(consigne(name), author=MAUD, at=NOON) for name in "abcd")
    )
    assert {item.id for item in await scope.consignes()} == set("abcd")
    assert [item.number for item in await scope.consigne_versions()] == [4, 3, 2, 1]


async def test_an_operator_is_told_what_changed_since_last_time(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.replace_consignes([consigne("a"), consigne("b")], at=NOON)
    assert await scope.consignes_changed_for("o") == ()
    await scope.consignes_seen_by("o", 1, at=NOON)
    assert await scope.consignes_changed_for("o") == ()
    await scope.edit_consigne("a", {"body": "c"}, version=0, author=MAUD, at=after(1))
    await scope.edit_consigne("a", {"body": "d"}, version=2, author=MAUD, at=after(2))
    await scope.delete_consigne("b", version=0, author=MAUD, at=after(3))
    gone, changed = await scope.consignes_changed_for("o")
    assert (gone.at, gone.before and gone.before.id, gone.after) == (after(3), "b", None)
    assert (changed.before and changed.before.body, changed.after and changed.after.body) == (
        "b", "d",
    )  # fmt: skip
    assert await scope.consignes_changed_for("somebody else") == ()
    await scope.consignes_seen_by("o", 99, at=after(4))
    assert await scope.consignes_changed_for("o") == ()
    await scope.consignes_seen_by("o", 1, at=after(5))
    assert await scope.consignes_changed_for("o") == ()
    assert await store.for_client(OTHER).consignes_changed_for("o") == ()
