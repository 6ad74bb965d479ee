"""The audit trail cannot be changed without it showing, on either database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from copilot.store import Store
from copilot.store.audit import SYSTEM, Act, Actor
from copilot.store.tables.audit import audit_entries
from tests.store.examples import MAIN, NOON, after

INES = Actor(id="u1", name="Inès", role="operator", address="192.0.2.1")


def act(action: str = "call.read", seconds: float = 0.0) -> Act:
    return Act(
        actor=INES, action=action, at=after(seconds), client_id=MAIN, subject="c1",
        reason="réclamation", detail={"fields": ["a", "b"], "n": 1},
    )  # fmt: skip


async def unguard(store: Store) -> None:
    """What an attacker who owns the database does first."""
    async with store.database.writing() as connection:
        if store.database.dialect == "postgresql":
            await connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        else:
            await connection.execute(text("DROP TRIGGER audit_entries_unchanged"))
            await connection.execute(text("DROP TRIGGER audit_entries_kept"))


async def guard(store: Store) -> None:
    if store.database.dialect == "postgresql":
        async with store.database.writing() as connection:
            await connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER ALL"))


async def test_entries_come_back_as_they_went_in_and_the_chain_holds(store: Store) -> None:
    for second in range(5):
        await store.audit.record(act(seconds=second))
    first = (await store.audit.entries(limit=2))[-1]
    assert (first.seq, first.act) == (4, act(seconds=3))
    assert [entry.seq for entry in await store.audit.entries(before=3)] == [2, 1]
    assert await store.audit.entries(client_id="other") == ()
    found = await store.audit.verify()
    assert (found.entries, found.last_seq, found.broken_at) == (5, 5, None)


async def test_an_entry_is_kept_with_the_act_or_not_at_all(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await record_and_fail(store)
    assert await store.audit.entries() == ()


async def record_and_fail(store: Store) -> None:
    async with store.database.writing(act()):
        raise ZeroDivisionError


async def test_entries_written_at_the_same_time_make_one_chain(store: Store) -> None:
    await asyncio.gather(*(store.audit.record(act(seconds=second)) for second in range(20)))
    found = await store.audit.verify()
    assert (found.entries, found.broken_at) == (20, None)


async def test_the_database_itself_refuses_changes(store: Store) -> None:
    await store.audit.record(act())
    for statement in (update(audit_entries).values(reason="rien"), delete(audit_entries)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with store.database.writing() as connection:
                await connection.execute(statement)
    assert len(await store.audit.entries()) == 1


@pytest.mark.parametrize("how", ["changed", "removed", "inserted", "cut", "made anew"])
async def test_tampering_shows_where(store: Store, how: str) -> None:
    for second in range(6):
        await store.audit.record(act(seconds=second))
    noted = await store.audit.verify()
    await unguard(store)
    try:
        await tamper(store, how)
        found = await store.audit.verify(expect=(noted.last_seq, noted.last_digest))
    finally:
        await guard(store)
    expected = {"changed": 3, "removed": 4, "inserted": 7, "cut": 6, "made anew": 1}
    assert found.broken_at == expected[how]


async def tamper(store: Store, how: str) -> None:
    async with store.database.writing() as connection:
        rows = (await connection.execute(select(audit_entries))).all()
        match how:
            case "changed":
                third = update(audit_entries).where(audit_entries.c.seq == 3)
                await connection.execute(third.values(reason="autre chose"))
            case "removed":
                await connection.execute(delete(audit_entries).where(audit_entries.c.seq == 3))
            case "inserted":
                copied = {**rows[-1]._mapping, "seq": 7}
                await connection.execute(audit_entries.insert().values(copied))
            case "cut":
                await connection.execute(delete(audit_entries).where(audit_entries.c.seq == 6))
            case _:
                await connection.execute(delete(audit_entries))
    if how == "made anew":  # by somebody who does not have the key
        store.database.audit_key, kept = b"another", store.database.audit_key
        await store.audit.record(act())
        store.database.audit_key = kept


async def test_retention_shortens_the_trail_and_the_rest_still_holds(store: Store) -> None:
    for second in range(6):
        await store.audit.record(act(seconds=second))
    removed = await store.audit.shorten(older_than=after(3), at=NOON + timedelta(days=1))
    assert removed == 3
    kept = await store.audit.entries()
    assert [entry.seq for entry in kept] == [7, 6, 5, 4]
    assert (kept[0].act.actor, kept[0].act.action) == (SYSTEM, "audit.shortened")
    assert (await store.audit.verify()).broken_at is None
    assert await store.audit.shorten(older_than=after(3), at=NOON) == 0
