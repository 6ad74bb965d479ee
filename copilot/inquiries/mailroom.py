"""The door for e-mail: an SMTP server (RFC 5321) behind the provider's own.

An address that is nobody's is refused at once (550), so that its sender knows. A letter is said to
be taken once it is durable; when the database is away it is to come again (451), and a letter that
comes again is kept once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copilot.inquiries.acknowledging import Acknowledgements
from copilot.inquiries.automatic import answered_by_a_machine
from copilot.inquiries.intake import Intake
from copilot.inquiries.letter import Letter, UnreadableLetterError, read_letter
from copilot.store.errors import StoreError
from copilot.store.records.inquiries import Inlet
from copilot.store.records.messages import OutboxRow
from copilot.store.store import Store

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

logger = logging.getLogger(__name__)

MOST_RECIPIENTS = 10
MOST_CONNECTIONS = 50
"""One more is closed at once: its sender comes again."""
IDLE_S = 60.0
UNKNOWN = "550 5.1.1 No such address here"
AGAIN = "451 4.3.0 Not now, come again"


class Mailroom:
    """Takes letters (an `aiosmtpd` handler)."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        acknowledgements: Acknowledgements,
    ) -> None:
        self._store = store
        self._intake = intake
        self._acknowledgements = acknowledgements

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether the address is somebody's."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            if await self._whose(address) is None:
                return UNKNOWN
        except StoreError:
            logger.exception("a letter is to come again")
            return AGAIN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it for everybody it is for, then say so."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        try:
            letter = await asyncio.to_thread(read_letter, raw)
        except UnreadableLetterError:
            return "554 5.6.0 This letter cannot be read"
        sender = envelope.mail_from or ""
        try:
            answers = [await self._deliver(to, letter, sender) for to in envelope.rcpt_tos]
        except StoreError:
            logger.exception("a letter is to come again")
            return AGAIN
        return next((one for one in answers if not one.startswith("250")), "250 OK")

    async def _whose(self, address: str) -> Inlet | OutboxRow | None:
        inlet = await self._store.inquiries.inlet(address.strip().lower())
        if inlet is not None:
            return inlet if inlet.kind == "email" else None
        return await self._acknowledgements.letter_of(address)

    async def _deliver(self, address: str, letter: Letter, envelope_sender: str) -> str:
        match await self._whose(address):
            case Inlet() as inlet:
                if why := answered_by_a_machine(letter, envelope_sender):
                    logger.info("a letter for %s is left out: %s", inlet.client_id, why)
                else:
                    await self._intake.take_letter(inlet.client_id, inlet.value, letter)
            case OutboxRow() as row:
                outcome = await self._acknowledgements.take(row, letter, envelope_sender)
                if outcome == "refused":
                    return "550 5.7.1 Answer from the address that the message went to"
            case None:
                return UNKNOWN
        return "250 OK"


@dataclass(slots=True)
class _Doors:
    open: int = 0


@asynccontextmanager
async def open_mailroom(
    mailroom: Mailroom, *, host: str, port: int, most_bytes: int
) -> AsyncIterator[int]:
    """Serve while inside; gives the port. Raises OSError when it is taken."""
    from aiosmtpd.smtp import SMTP

    doors = _Doors()
    loop = asyncio.get_running_loop()

    class Door(SMTP):
        """One connection, counted."""

        def connection_made(self, transport: Any) -> None:
            doors.open += 1
            if doors.open > MOST_CONNECTIONS:
                transport.close()
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            doors.open -= 1
            super().connection_lost(error)

    def door() -> SMTP:
        return Door(
            mailroom,
            data_size_limit=most_bytes,
            enable_SMTPUTF8=True,
            hostname="souffleur",
            ident="Souffleur",
            timeout=IDLE_S,
            loop=loop,
        )

    server = await loop.create_server(door, host=host, port=port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
