"""Mailboxes waited at where their server tells of what comes (IDLE), else polled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.inquiries.imap import ImapSession, MailboxAwayError
from copilot.inquiries.mailboxes import (
    POLL_S,
    MailboxReader,
)
from tests.inquiries.mailboxreading import CAPABLE, Reading, hostile, in_clear
from tests.inquiries.mailserver import MailServer, letter, mail_server


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
        session = ImapSession(in_clear(port), ["127.0.0.1"], most_bytes=1000)
        try:
            if news is None:
                with pytest.raises(MailboxAwayError):
                    session.wait_for_news(10)
            else:
                assert session.wait_for_news(10) is news
        finally:
            session.drop()
