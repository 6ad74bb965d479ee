"""The demonstration's mailbox: a real SMTP server on loopback that keeps each letter as a file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot.store.records.identifiers import new_id

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope

logger = logging.getLogger(__name__)


class Mailbox:
    """Takes every letter (an `aiosmtpd` handler) and writes it to a folder as `.eml`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter before saying so."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        path = self._folder / f"{stamp}-{new_id()[:6]}.eml"
        content = envelope.content or b""
        await asyncio.to_thread(
            path.write_bytes, content if isinstance(content, bytes) else content.encode()
        )
        logger.info("a letter for %s is in %s", ", ".join(envelope.rcpt_tos), path)
        return "250 kept"


@asynccontextmanager
async def open_mailbox(folder: Path) -> AsyncIterator[int]:
    """Serve the mailbox while inside; gives the port."""
    from aiosmtpd.smtp import SMTP

    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, enable_SMTPUTF8=True, loop=loop), host="127.0.0.1", port=0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
