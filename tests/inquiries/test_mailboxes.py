"""Clients' mailboxes, read from a real IMAP server: once each, nothing changed there."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from copilot.inquiries.mailboxes import (
    LEASE_S,
    MOST_LETTERS,
    POLL_S,
)
from copilot.store import NotFoundError, UnavailableError
from copilot.store.audit import SYSTEM
from copilot.store.personsearch import Sought
from copilot.store.tables.inquiries import mailboxes
from copilot.store.tombstones import Tombstone, erase_again
from tests.delivery.examples import CLIENT
from tests.inquiries.mailboxreading import ADDRESS, Reading
from tests.inquiries.mailserver import PASSWORD, MailServer, letter


async def test_what_comes_from_now_on_is_taken_once_and_nothing_is_changed(
    reading: Reading, server: MailServer
) -> None:
    server.deliver(letter(1))
    await reading.opened(server.port)
    first = await reading.read()
    assert await reading.came_in() == [] and first.read_at == reading.at
    server.deliver(letter(2))
    server.deliver(letter(3))
    server.deliver(letter(2))  # by two ways to the same mailbox
    await reading.read()
    await reading.read()
    came = await reading.came_in()
    assert sorted(one.subject for one in came) == ["Question 2", "Question 3"]
    assert {(one.sender, one.inlet, one.channel) for one in came} == {
        ("zoe@example.fr", ADDRESS, "email")
    }
    said = [event.data for event in await reading.scope.events_since(came[0].call_id)]
    assert "ouverts samedi" in str(said)
    kept = list(server.maildir.itervalues())
    assert len(kept) == 4
    assert all("S" not in one.get_flags() for one in kept), "none is marked as seen"


async def test_a_reader_that_dies_between_taking_and_remembering_takes_it_once(
    reading: Reading, server: MailServer, url: str
) -> None:
    await reading.opened(server.port)
    await reading.read()
    server.deliver(letter(1))
    server.deliver(letter(2))
    (known,) = await reading.scope.mailboxes()
    async with reading.store.database.writing() as connection:
        due = datetime.now(UTC) - timedelta(seconds=1)
        await connection.execute(mailboxes.update().values(next_at=due))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.inquiries.reader", url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"kept\n"
    finally:
        process.kill()
        await process.communicate()
    assert len(await reading.came_in()) == 1
    (left,) = await reading.scope.mailboxes()
    assert left.last_uid == known.last_uid, "its place was not kept"
    assert not await reading.reader().read_due(), "the dead reader's claim holds"
    await reading.read(after_s=LEASE_S + 1)
    came = await reading.came_in()
    assert sorted(one.subject for one in came) == ["Question 1", "Question 2"]


async def test_a_database_that_is_away_loses_nothing(reading: Reading, server: MailServer) -> None:
    await reading.opened(server.port)
    await reading.read()
    server.deliver(letter(1))
    reading.broken = True
    reading.at += timedelta(seconds=POLL_S + 1)
    with pytest.raises(UnavailableError):
        await reading.reader().read_due()
    reading.broken = False
    await reading.read(after_s=LEASE_S + 1)
    assert len(await reading.came_in()) == 1


async def test_identifiers_that_start_afresh_take_nothing_twice_and_miss_nothing(
    reading: Reading, server: MailServer
) -> None:
    await reading.opened(server.port)
    await reading.read()
    server.deliver(letter(1))
    before = await reading.read()
    server.deliver(letter(2))
    server.rebuild()
    after = await reading.read()
    assert after.validity != before.validity
    came = await reading.came_in()
    assert sorted(one.subject for one in came) == ["Question 1", "Question 2"]


async def test_many_letters_are_read_in_several_readings(
    reading: Reading, server: MailServer
) -> None:
    await reading.opened(server.port)
    await reading.read()
    for number in range(MOST_LETTERS + 2):
        server.deliver(letter(number))
    await reading.read()
    assert len(await reading.store.inquiries.open_ones(limit=200)) == MOST_LETTERS
    await reading.read()
    assert len(await reading.store.inquiries.open_ones(limit=200)) == MOST_LETTERS + 2


async def test_what_is_nobody_s_question_stays_there_and_is_told(
    reading: Reading, server: MailServer
) -> None:
    await reading.opened(server.port)
    await reading.read()
    server.deliver(letter(1, Auto_Submitted="auto-replied"))
    server.deliver(letter(2, List_Id="<nouvelles.example.fr>"))
    server.deliver(letter(3, text="x" * 30_000))
    server.deliver(letter(4, text=" "))
    server.deliver(letter(5, Return_Path="<>"))
    server.deliver(letter(6, X_Souffleur_Idempotency_Key="k"))
    server.deliver(letter(7))
    left = await reading.read()
    assert [one.subject for one in await reading.came_in()] == ["Question 7"]
    told = {(one.why, one.subject) for one in left.aside}  # a maildir has an order of its own
    assert told == {
        ("auto-reply", "Question 1"), ("bulk", "Question 2"), ("too_large", ""),
        ("empty", "Question 4"), ("bounce", "Question 5"), ("loop", "Question 6"),
    }  # fmt: skip
    async with reading.store.database.reading() as connection:
        (row,) = (await connection.execute(mailboxes.select())).all()
    assert "zoe@" not in str(tuple(row)) and PASSWORD not in str(tuple(row)), "sealed"


async def test_a_letter_left_aside_is_found_and_forgotten_even_while_it_is_read(
    reading: Reading, server: MailServer
) -> None:
    await reading.opened(server.port)
    await reading.read()
    for number in (1, 2):
        server.deliver(letter(number, Auto_Submitted="auto-replied"))
    await reading.read()
    found = await reading.scope.find_person(Sought(email="zoe@example.fr"))
    assert {one.kind for one in found.things} == {"aside"} and len(found.things) == 2
    gone, kept = (one.id for one in found.things)
    reading.at += timedelta(seconds=POLL_S + 1)
    claimed = await reading.store.mailboxes.claim(at=reading.at, lease_s=LEASE_S)
    assert claimed is not None
    chosen = {"actor": SYSTEM, "reason": "demande", "at": reading.at}
    with pytest.raises(NotFoundError):
        await reading.scope.erase_calls([], asides=[gone, "0" * 32], **chosen)
    erased = await reading.scope.erase_calls([], asides=[gone], **chosen)
    assert erased.rows["mailboxes.aside"] == 1
    assert not await reading.scope.settle_mailbox(claimed, next_at=reading.at), "its claim is gone"
    (left,) = await reading.scope.mailboxes()
    assert [one.id for one in left.aside] == [kept]
    await reading.scope.settle_mailbox(
        replace(left, claim=None, aside=claimed.aside), next_at=reading.at
    )  # as a restored backup brings it back
    (entry, *_) = await reading.store.audit.entries(action="person.erased")
    stone = Tombstone(
        digest="d", action="person.erased", at=datetime.now(UTC).isoformat(),
        client_id=CLIENT.id, calls=(), asides=tuple(entry.act.detail["asides"]),
    )  # fmt: skip
    assert await erase_again(reading.store, [stone], at=reading.at) == 1
    purged = {"calls_before": reading.at, "recordings_before": reading.at, "at": reading.at}
    soon = reading.at + timedelta(seconds=1)
    await reading.scope.purge(transcripts_before=reading.at - timedelta(days=1), **purged)
    assert (await reading.scope.mailboxes())[0].aside
    await reading.scope.purge(transcripts_before=soon, **purged)
    assert (await reading.scope.mailboxes())[0].aside == ()
