"""Files that come from outside, shown to an antivirus (clamd, by its INSTREAM command).

InfectedError       it found something: the file is not taken
ScannerAwayError    it cannot be asked: the file is to come again, nothing passes unseen
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from copilot.store.errors import UnavailableError

logger = logging.getLogger(__name__)

ANSWER_S = 30.0
PIECE_BYTES = 64 * 1024
MOST_ANSWER = 4096


class InfectedError(Exception):
    """`finding` is the antivirus' own word. `status` is HTTP's."""

    code = "infected"
    status = 422

    def __init__(self, finding: str) -> None:
        super().__init__(f"the antivirus found {finding}")
        self.finding = finding


class ScannerAwayError(UnavailableError):
    """Like a database that does not answer: whoever sends comes again."""

    code = "scanner_away"


class Scanner:
    """Asks a clamd: one connection a file."""

    def __init__(self, address: str) -> None:
        """`address`: the path of its socket, or `host:port`."""
        self._address = address

    async def check(self, pieces: AsyncIterator[bytes]) -> None:
        """Show it a file. Raises InfectedError, ScannerAwayError."""
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await self._asked(pieces)
        except (
            OSError,
            TimeoutError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            raise ScannerAwayError(f"the antivirus does not answer: {error!r}") from error
        said = answer.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
        if said == "OK":
            return
        if said.endswith(" FOUND"):
            finding = said.removesuffix(" FOUND")
            logger.warning("the antivirus found %s", finding)
            raise InfectedError(finding)
        # Too large for it, or broken: not seen is not clean.
        raise ScannerAwayError(f"the antivirus cannot say: {said[:200]}")

    async def _asked(self, pieces: AsyncIterator[bytes]) -> bytes:
        reader, writer = await self._opened()
        try:
            writer.write(b"zINSTREAM\0")
            async for piece in pieces:
                if piece:
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return await reader.readuntil(b"\0")
        finally:
            writer.close()

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self._address.rpartition(":")
        if port.isdecimal():
            return await asyncio.open_connection(host, int(port), limit=MOST_ANSWER)
        return await asyncio.open_unix_connection(self._address, limit=MOST_ANSWER)


async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
    """What is in memory already, as the scanner wants it."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]
