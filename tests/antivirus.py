"""A clamd on loopback, as far as INSTREAM goes: it finds one word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

BAD = b"X5O!-fictional-test-signature"
"""What it finds: nobody else takes it for anything."""


@dataclass
class Clamd:
    """What it was shown, and what it says instead of the truth."""

    address: str = ""
    seen: list[bytes] = field(default_factory=list)
    says: bytes | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            content = b""
            while length := int.from_bytes(await reader.readexactly(4), "big"):
                content += await reader.readexactly(length)
            self.seen.append(content)
            finding = b"Fictional.Test FOUND" if BAD in content else b"OK"
            writer.write(b"stream: " + finding + b"\0" if self.says is None else self.says)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def clamd() -> AsyncIterator[Clamd]:
    there = Clamd()
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield there
