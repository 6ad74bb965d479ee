"""People a client knows: changed whole, undone, recognised, forgotten with every trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.audit import SYSTEM
from copilot.store.knowncallers import KEPT
from copilot.store.records.knowncallers import KnownCaller, KnownChange
from copilot.store.records.versions import Author
from copilot.store.store import ClientScope
from copilot.store.tables.knowncallers import known_caller_changes
from copilot.store.tombstones import Tombstone, erase_again
from tests.store.examples import MAIN, NOON, OTHER

ZOE = KnownCaller(
    id="zoe",
    name="Zoé Martin",
    company="Hôtel du Lac",
    numbers=("+33199001122", "+33639981122"),
    emails=("zoe@example.fr",),
    note="Parle bas.",
    standing="vip",
    expected_from=NOON,
    expected_until=NOON + timedelta(hours=2),
    consigne="Passer Karim.",
)
PAUL = KnownCaller(id="paul", name="Paul Durand", numbers=("+33199001122",), standing="blocked")


async def change(scope: ClientScope, *changes: KnownChange) -> int | None:
    return await scope.change_known_callers(
        lambda _: changes, action="edit", label="x", author=Author(user_id="o", name="O"), at=NOON
    )


async def add(scope: ClientScope, *people: KnownCaller) -> int | None:
    return await change(scope, *(KnownChange(before=None, after=one) for one in people))


async def test_several_people_answer_to_one_number_and_only_to_their_client(store: Store) -> None:
    scope = store.for_client(MAIN)
    await add(scope, ZOE, PAUL)
    assert await scope.recognised("+33199001122") == (PAUL, ZOE)
    assert await scope.recognised("+33639981122") == (ZOE,)
    assert await scope.recognised("+33199009999") == ()
    assert await store.for_client(OTHER).recognised("+33199001122") == ()


@pytest.mark.parametrize("sought", ["zoe", "MARTIN lac", "0199001122", "+3319900", "zoe@exa"])
async def test_somebody_is_found_by_any_of_their_words(store: Store, sought: str) -> None:
    scope = store.for_client(MAIN)
    await add(scope, ZOE, replace(PAUL, numbers=("+33465710001",)))
    assert await scope.known_callers(sought=sought) == (ZOE,)
    assert await scope.known_callers(sought="100%") == ()


async def test_pages_follow_one_another(store: Store) -> None:
    scope = store.for_client(MAIN)
    many = [KnownCaller(id=f"p{n}", name=f"Nom {n % 3}") for n in range(7)]
    await add(scope, *many)
    seen: list[str] = []
    while page := await scope.known_callers(after=seen[-1] if seen else None, limit=3):
        seen += [one.id for one in page]
    assert sorted(seen) == sorted(one.id for one in many)
    assert len(seen) == len(many)


async def test_a_change_is_undone_unless_somebody_changed_since(store: Store) -> None:
    scope = store.for_client(MAIN)
    assert await add(scope, ZOE) == 1
    renamed = replace(ZOE, name="Zoé Martin-Duval", numbers=())
    assert await change(scope, KnownChange(before=ZOE, after=renamed)) == 2
    with pytest.raises(ConflictError):
        await scope.undo_known_callers(1, author=Author(), at=NOON)
    assert await scope.undo_known_callers(2, author=Author(), at=NOON) == 3
    assert await scope.known_caller("zoe") == ZOE
    assert await scope.undo_known_callers(1, author=Author(), at=NOON) == 4
    assert await scope.known_callers() == ()
    told = await scope.known_caller_versions()
    assert [(one.number, one.action, one.people) for one in told[:2]] == [
        (4, "undo", 1), (3, "undo", 1),
    ]  # fmt: skip


async def test_a_plan_made_for_another_state_changes_nothing(store: Store) -> None:
    scope = store.for_client(MAIN)
    await add(scope, ZOE)
    with pytest.raises(ConflictError):
        await scope.change_known_callers(
            lambda _: [KnownChange(before=ZOE, after=None)],
            action="import", label="x", author=Author(), at=NOON, base_version=0,
        )  # fmt: skip
    assert await scope.known_caller("zoe") == ZOE


async def test_only_the_last_versions_keep_what_people_were(store: Store) -> None:
    scope = store.for_client(MAIN)
    await add(scope, ZOE)
    one = ZOE
    for at in range(KEPT + 5):
        changed = replace(one, note=f"{at}")
        await change(scope, KnownChange(before=one, after=changed))
        one = changed
    assert len(await scope.known_caller_versions()) == KEPT


async def test_erasing_leaves_nothing_and_a_restored_backup_forgets_again(store: Store) -> None:
    scope = store.for_client(MAIN)
    await add(scope, ZOE, PAUL)
    await change(scope, KnownChange(before=ZOE, after=None))
    with pytest.raises(NotFoundError):
        await store.for_client(OTHER).erase_known_callers(
            ["zoe"], actor=SYSTEM, reason="asked", at=NOON
        )
    assert await scope.erase_known_callers(["zoe"], actor=SYSTEM, reason="asked", at=NOON) == 1
    async with store.database.reading() as connection:
        rows = (await connection.execute(known_caller_changes.select())).all()
    assert {row.caller_id for row in rows} == {"paul"}
    entry = (await store.audit.entries(action="person.erased"))[0]
    assert entry.act.detail == {"known_callers": ["zoe"]}
    stone = Tombstone(
        digest="d", action="person.erased", at=(NOON + timedelta(days=1)).isoformat(),
        client_id=MAIN, calls=(), known_callers=("paul", "zoe"),
    )  # fmt: skip
    assert await erase_again(store, [stone], at=NOON) == 1
    assert await scope.known_callers() == ()


def test_whoever_is_a_little_early_is_expected_all_the_same() -> None:
    assert ZOE.is_expected(NOON - timedelta(minutes=59))
    assert ZOE.is_expected(NOON + timedelta(hours=3))
    assert not ZOE.is_expected(NOON - timedelta(minutes=61))
    assert not PAUL.is_expected(NOON)
