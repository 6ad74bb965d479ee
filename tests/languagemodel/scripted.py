"""An OpenAI-compatible server that answers what its test scripts: well, badly, late or never."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as it came."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def format(self) -> str:
        """How structured output was asked for."""
        return str(self.body.get("response_format", {}).get("type", "none"))

    @property
    def instructions(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def data(self) -> str:
        return str(self.body["messages"][1]["content"])


@dataclass
class ScriptedServer:
    """Behaves as told, request by request; the last behaviour goes on."""

    behaviours: list[Behaviour]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    _serving: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            asked = await _read(reader)
            self.asked.append(asked)
            behaviour = self.behaviours[0]
            if len(self.behaviours) > 1:
                self.behaviours.pop(0)
            await behaviour(asked, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            self.together -= 1
            writer.close()

    async def let_go(self) -> None:
        """Whoever still waits is hung up on."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(headers=headers, body=json.loads(body))


@asynccontextmanager
async def scripted_server(*behaviours: Behaviour) -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer(behaviours=list(behaviours))
    server = await asyncio.start_server(scripted.handle, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    try:
        yield scripted
    finally:
        server.close()
        await scripted.let_go()
        await server.wait_closed()


def answers(content: Any, *, finish: str = "stop") -> Behaviour:
    """A chat completion with this content: a text, or what becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return sends(
        json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish}]}).encode()
    )


def writes(write: Callable[[Asked], Any]) -> Behaviour:
    """A completion that depends on what was asked."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await answers(write(asked))(asked, writer)

    return behave


def sends(body: bytes, *, status: str = "200 OK", **headers: str) -> Behaviour:
    """These bytes."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{extra}"
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    return behave


def only_formats(*known: str, then: Behaviour) -> Behaviour:
    """Refuse the other ways to ask for structured output."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.format in known:
            await then(asked, writer)
        else:
            await sends(b'{"error": "unknown response_format"}', status="400 Bad Request")(
                asked, writer
            )

    return behave


def waits(released: asyncio.Event, then: Behaviour) -> Behaviour:
    """Answer once released."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        await then(asked, writer)

    return behave


def pours(chunk: bytes = b" " * 1024, *, pause_s: float = 0.0) -> Behaviour:
    """Bytes without end."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
            await asyncio.sleep(pause_s)

    return behave


async def hangs_up(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Close without a word."""


async def cut_off(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Announce more than is sent."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{"choices": [')
    await writer.drain()
