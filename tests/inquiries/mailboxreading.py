"""A client's mailbox and its reader, with a clock of its own; servers that mean harm."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.inquiries.imap import MailboxAccess
from copilot.inquiries.intake import Intake
from copilot.inquiries.letter import Letter
from copilot.inquiries.mailboxconsent import MailboxTokens
from copilot.inquiries.mailboxes import (
    POLL_S,
    MailboxDoor,
    MailboxReader,
    access_of,
)
from copilot.store import Store, UnavailableError
from copilot.store.audit import SYSTEM, Act
from copilot.store.records.inquiries import Inquiry
from copilot.store.records.mailboxes import Mailbox
from tests.delivery.examples import CLIENT
from tests.inquiries.mailserver import PASSWORD, USER
from tests.inquiries.reader import DOOR

ADDRESS = "contact@delorme.example.fr"
CAPABLE = b"* CAPABILITY IMAP4rev1\r\nTAG OK fait\r\n"


@dataclass
class Reading:
    """A client's mailbox and its reader, with a clock of its own."""

    store: Store
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    door: MailboxDoor = DOOR
    tokens: MailboxTokens | None = None
    broken: bool = False
    """The database does not take what comes in."""
    told: int = 0
    """How often it was said that what cannot be read changed."""

    @property
    def scope(self) -> Any:
        return self.store.for_client(CLIENT.id)

    def reader(self, now: Callable[[], datetime] | None = None) -> MailboxReader:
        intake = Intake(self.store, now=lambda: self.at, kept=lambda: None)

        async def take(client_id: str, address: str, letter: Letter) -> None:
            if self.broken:
                raise UnavailableError("the disk is full")
            await intake.take_letter(client_id, address, letter)

        def changed() -> None:
            self.told += 1

        at = now or (lambda: self.at)
        return MailboxReader(
            self.store, self.door, take, now=at, tokens=self.tokens, changed=changed
        )

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


@contextmanager
def hostile(*sent: bytes) -> Iterator[int]:
    """A server that greets, then says each of these to whatever it is asked, then the last for
    ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        tag = b""
        with peer:
            try:
                peer.sendall(b"* OK bonjour\r\n")
                for answer in sent:
                    said = peer.recv(4096).split(b" ")
                    tag = said[0] if len(said) > 1 else tag  # a challenge is answered without one
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


def in_clear(port: int) -> MailboxAccess:
    """An access to a server on this machine."""
    return access_of(
        {"host": "127.0.0.1", "port": str(port), "security": "none", "user": "u", "password": "p"}
    )
