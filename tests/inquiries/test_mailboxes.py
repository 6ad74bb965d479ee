"""Clients' mailboxes, read from a real IMAP server: once each, nothing changed there."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.inquiries.imap import ImapSession, MailboxAccess, MailboxAwayError
from copilot.inquiries.intake import Intake
from copilot.inquiries.letter import Letter
from copilot.inquiries.mailboxes import (
    LEASE_S,
    LONGEST_PAUSE_S,
    MOST_LETTERS,
    POLL_S,
    BadMailboxError,
    MailboxDoor,
    MailboxReader,
    access_of,
)
from copilot.store import ConflictError, NotFoundError, Store, UnavailableError, migrate
from copilot.store.audit import SYSTEM, Act
from copilot.store.personsearch import Sought
from copilot.store.records.inquiries import Inquiry
from copilot.store.records.mailboxes import Mailbox
from copilot.store.tables.inquiries import mailboxes
from copilot.store.tombstones import Tombstone, erase_again
from tests.delivery.examples import CLIENT
from tests.inquiries.mailserver import PASSWORD, USER, MailServer, letter, mail_server
from tests.inquiries.reader import DOOR
from tests.keys import KEYS
from tests.servers import free_port
from tests.telephony.authority import Authority

ADDRESS = "contact@delorme.example.fr"


@dataclass
class Reading:
    """A client's mailbox and its reader, with a clock of its own."""

    store: Store
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    door: MailboxDoor = DOOR
    broken: bool = False
    """The database does not take what comes in."""

    @property
    def scope(self) -> Any:
        return self.store.for_client(CLIENT.id)

    def reader(self, now: Callable[[], datetime] | None = None) -> MailboxReader:
        intake = Intake(self.store, now=lambda: self.at, kept=lambda: None)

        async def take(client_id: str, address: str, letter: Letter) -> None:
            if self.broken:
                raise UnavailableError("the disk is full")
            await intake.take_letter(client_id, address, letter)

        return MailboxReader(self.store, self.door, take, now=now or (lambda: self.at))

    async def opened(self, port: int, /, **given: str) -> str:
        """The mailbox, added."""
        access = {
            "host": "127.0.0.1", "port": str(port), "security": "none", "user": USER,
            "password": PASSWORD, "folder": "INBOX", **given,
        }  # fmt: skip
        act = Act(actor=SYSTEM, action="mailbox.added", at=self.at, client_id=CLIENT.id)
        made: str = await self.scope.add_mailbox(ADDRESS, access, at=self.at, act=act)
        return made

    async def read(self, *, after_s: float = POLL_S + 1) -> Mailbox:
        """Read when it is due; the mailbox as it is then."""
        self.at += timedelta(seconds=after_s)
        assert await self.reader().read_due()
        (left,) = await self.scope.mailboxes()
        mailbox: Mailbox = left
        return mailbox

    async def came_in(self) -> list[Inquiry]:
        return list(await self.store.inquiries.open_ones())


@pytest.fixture
async def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'souffleur.db'}"
    await migrate(address, keyring=KEYS)
    async with Store(address, keyring=KEYS) as store:
        await store.provider.save_client(CLIENT, at=datetime.now(UTC))
    return address


@pytest.fixture
async def reading(url: str) -> AsyncIterator[Reading]:
    async with Store(url, keyring=KEYS) as store:
        yield Reading(store)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path / "mail") as server:
        yield server


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


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"password": "autre"}, "mailbox_refused"),
        ({"folder": "Absent"}, "mailbox_missing"),
        ({"port": ""}, "mailbox_unreachable"),
        ({"host": "nulle-part.invalid"}, "mailbox_unreachable"),
        ({"security": "tls"}, "mailbox_unreachable"),
    ],
)
async def test_what_is_wrong_is_said_and_tried_again_ever_later(
    reading: Reading, server: MailServer, given: dict[str, str], fault: str
) -> None:
    if "port" in given:
        given = {"port": str(free_port())}
    mailbox_id = await reading.opened(server.port, **given)
    left = await reading.read()
    assert (left.fault, left.failures, left.read_at) == (fault, 1, None)
    assert await reading.reader().trial(left) == fault
    assert not await reading.reader().read_due()
    await reading.read()
    reading.at += timedelta(seconds=POLL_S + 1)
    assert not await reading.reader().read_due(), "twice as late each time"
    await reading.read(after_s=LONGEST_PAUSE_S)
    access = {**left.access, "password": PASSWORD, "folder": "INBOX", "security": "none",
              "port": str(server.port), "host": "127.0.0.1"}  # fmt: skip
    act = Act(actor=SYSTEM, action="mailbox.changed", at=reading.at, client_id=CLIENT.id)
    await reading.scope.change_mailbox(mailbox_id, access, afresh=True, at=reading.at, act=act)
    mended = await reading.read(after_s=0)
    assert (mended.fault, mended.failures) == (None, 0)
    assert await reading.reader().trial(mended) is None


async def test_certificates_are_the_server_s_own_name_s(reading: Reading, tmp_path: Path) -> None:
    authority = Authority.open(tmp_path / "authority")
    identity = authority.identity("localhost")
    options = ("--cert", str(identity.certificate), "--key", str(identity.key))
    with mail_server(tmp_path / "mail", *options) as server:
        await reading.opened(server.port, security="starttls")
        assert (await reading.read()).fault == "mailbox_certificate"
        trusted = ssl.create_default_context(cafile=str(authority.path))
        reading.door = replace(DOOR, tls=trusted)
        assert (await reading.read(after_s=LONGEST_PAUSE_S)).fault is None


async def test_the_house_s_own_network_and_clear_text_are_refused(reading: Reading) -> None:
    reading.door = replace(DOOR, permits=lambda address: not address.startswith("127."))
    await reading.opened(free_port())
    assert (await reading.read()).fault == "mailbox_private"


async def test_a_mailbox_is_one_client_s(reading: Reading) -> None:
    other = replace(CLIENT, id="vasseur", name="Cabinet Vasseur")
    await reading.store.provider.save_client(other, at=reading.at)
    mailbox_id = await reading.opened(143)
    theirs = reading.store.for_client("vasseur")
    act = Act(actor=SYSTEM, action="mailbox.removed", at=reading.at, client_id="vasseur")
    assert await theirs.mailboxes() == ()
    for doing in (
        theirs.mailbox(mailbox_id),
        theirs.drop_mailbox(mailbox_id, act=act),
        theirs.change_mailbox(mailbox_id, {}, afresh=True, at=reading.at, act=act),
    ):
        with pytest.raises(NotFoundError):
            await doing
    with pytest.raises(ConflictError):
        await reading.opened(143)
    await reading.store.provider.save_client(replace(CLIENT, disabled=True), at=reading.at)
    reading.at += timedelta(seconds=1)
    assert not await reading.reader().read_due(), "of a client that is disabled nothing is read"


@contextmanager
def hostile(*sent: bytes) -> Iterator[int]:
    """A server that greets, then says each of these to whatever it is asked, then the last for
    ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                peer.sendall(b"* OK bonjour\r\n")
                for answer in sent:
                    tag = peer.recv(4096).split(b" ")[0]
                    peer.sendall(answer.replace(b"TAG", tag))
                while True:
                    peer.sendall(sent[-1])
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(10)


@asynccontextmanager
async def at_work(reading: Reading) -> AsyncIterator[MailboxReader]:
    """A reader that runs, by the real clock."""
    async with reading.reader(now=lambda: datetime.now(UTC)) as reader:
        yield reader


async def becomes(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await what():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_server_that_tells_is_waited_at(reading: Reading, server: MailServer) -> None:
    mailbox_id = await reading.opened(server.port)

    async def next_in_s() -> float:
        due = await reading.store.mailboxes.next_due()
        assert due is not None
        return (due - datetime.now(UTC)).total_seconds()

    async def waits() -> bool:
        return await next_in_s() > POLL_S and waiting() == 1

    async with at_work(reading) as reader:
        for number in (1, 2):
            await becomes(waits)
            server.deliver(letter(number))

            async def came(number: int = number) -> bool:
                return len(await reading.came_in()) == number

            await becomes(came)
        await becomes(waits)
        server.stop()  # nobody is waited at: polled, as before

        async def polled() -> bool:
            return await next_in_s() <= POLL_S

        await becomes(polled)
        server.start()
        server.deliver(letter(3))
        await reading.scope.hasten_mailbox(mailbox_id, at=datetime.now(UTC))
        reader.wake()

        async def third() -> bool:
            return len(await reading.came_in()) == 3

        await becomes(third)
        await becomes(waits)
        reader.forget(mailbox_id)
        server.deliver(letter(4))
        assert await next_in_s() > POLL_S, "by the safety poll: nobody waits there any more"
    assert waiting() == 0


def waiting() -> int:
    """Mailboxes that are waited at."""
    return sum(one.get_name() == "mailbox-watch" for one in asyncio.all_tasks())


async def test_a_server_that_does_not_tell_is_polled(reading: Reading, tmp_path: Path) -> None:
    with mail_server(tmp_path / "mail", tells=False) as server:
        await reading.opened(server.port)
        async with at_work(reading):

            async def read() -> bool:
                return (await reading.scope.mailboxes())[0].read_at is not None

            await becomes(read)
            due = await reading.store.mailboxes.next_due()
            assert due is not None and due <= datetime.now(UTC) + timedelta(seconds=POLL_S)
            assert waiting() == 0


CAPABLE = b"* CAPABILITY IMAP4rev1\r\nTAG OK fait\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        (b"* OK encore\r\n",),
        (b"x" * 4096,),
        (CAPABLE, b"* 1 FETCH (BODY[] {999999999}\r\n"),
        (CAPABLE, b"TAG OK fait\r\n", b"TAG OK sans identifiants\r\n"),
        (CAPABLE, b"TAG OK fait\r\n", b"* OK [UIDVALIDITY rien] x\r\nTAG OK fait\r\n"),
        (b"\0\r\n",),
    ],
)  # fmt: skip
def test_a_server_that_means_harm_is_left(sent: tuple[bytes, ...]) -> None:
    with hostile(*sent) as port, pytest.raises(MailboxAwayError):
        ImapSession(_access(port), ["127.0.0.1"], most_bytes=1000)


EXAMINED = (
    CAPABLE, b"TAG OK fait\r\n",
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\nTAG OK fait\r\n",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "news"),
    [
        (b"+ idling\r\n* 4 EXISTS\r\n", True),
        (b"* 4 EXISTS\r\n+ idling\r\n", True),
        (b"+ idling\r\n* OK still here\r\n* 2 EXPUNGE\r\n* 2 RECENT\r\n", True),
        (b"TAG NO not now\r\n", None),
        (b"+ idling\r\n* BYE\r\n", None),
        (b"+ idling\r\n* OK encore\r\n", None),
        (b"x" * 4096, None),
    ],
)
def test_what_a_server_says_while_it_is_waited_at(said: bytes, news: bool | None) -> None:
    with hostile(*EXAMINED, said) as port:
        session = ImapSession(_access(port), ["127.0.0.1"], most_bytes=1000)
        try:
            if news is None:
                with pytest.raises(MailboxAwayError):
                    session.wait_for_news(10)
            else:
                assert session.wait_for_news(10) is news
        finally:
            session.drop()


def _access(port: int) -> MailboxAccess:
    return access_of(
        {"host": "127.0.0.1", "port": str(port), "security": "none", "user": "u", "password": "p"}
    )


@given(st.dictionaries(st.sampled_from(["host", "port", "security", "user", "password", "folder"]),
                       st.text(max_size=12)))  # fmt: skip
def test_whatever_is_typed_is_an_access_or_refused(typed: dict[str, str]) -> None:
    try:
        access = access_of(typed)
    except BadMailboxError:
        return
    assert 0 < access.port < 65536 and access.host and access.user and access.password
    assert not {"\r", "\n", "\0"} & set(access.user + access.password + access.folder)
