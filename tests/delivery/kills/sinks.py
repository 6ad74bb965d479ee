"""Servers that take messages, and fail in scripted ways."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import HTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from copilot.delivery.letter import KEY_HEADER
from tests.servers import free_port
from tests.webserver import Handler, served

HANG_S = 1.5
"""Longer than the victim waits."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Something a server took."""

    channel: str
    recipient: str
    key: str
    message_id: str
    """The header, or the webhook's identifier."""
    content: bytes
    at: float


@dataclass
class Arrivals:
    """What both servers took, and how often they failed."""

    rate: float = 0.45
    """Share of conversations that fail."""
    taken: list[Arrival] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, *kinds: str) -> str | None:
        """How this conversation fails; null when it does not."""
        with self.lock:
            if self.chance.random() >= self.rate:
                return None
            kind = self.chance.choice(kinds)
            self.faults[kind] = self.faults.get(kind, 0) + 1
            return kind

    def take(self, arrival: Arrival) -> None:
        with self.lock:
            self.taken.append(arrival)


class MailHandler:
    """aiosmtpd's handler."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self._arrivals.fault("smtp drop", *["smtp fine"] * 4) == "smtp drop":
            server.transport.abort()
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._arrivals.fault("smtp 450 rcpt", *["smtp fine"] * 4) == "smtp 450 rcpt":
            return "450 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        kind = self._arrivals.fault(
            "smtp 451", "smtp 421", "smtp 554", "smtp hang", "smtp cut after DATA"
        )
        if kind == "smtp hang":
            import asyncio

            await asyncio.sleep(HANG_S)
            return "451 at last"
        if kind in ("smtp 451", "smtp 421", "smtp 554"):
            return f"{kind.removeprefix('smtp ')} scripted"
        letter = message_from_bytes(envelope.content, policy=default)
        self._arrivals.take(
            Arrival(
                channel="email",
                recipient=envelope.rcpt_tos[0],
                key=letter[KEY_HEADER],
                message_id=letter["Message-ID"],
                content=envelope.content,
                at=time.time(),
            )
        )
        if kind == "smtp cut after DATA":  # taken, but nobody is told
            server.transport.abort()
        return "250 OK"


def http_handler(arrivals: Arrivals) -> type[Handler]:
    class Messages(Handler):
        server: HTTPServer

        def do_POST(self) -> None:
            kind = arrivals.fault(
                "http 429", "http 500", "http 503", "http 400", "http hang", "http cut",
                "http cut after taking",
            )  # fmt: skip
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # killed while it posted: nothing came
                self.close_connection = True
                return
            if kind == "http hang":
                time.sleep(HANG_S)
            if kind in ("http hang", "http cut"):
                self.close_connection = True
                return
            if kind and kind[-3:].isdigit():
                self._answer(int(kind[-3:]))
                return
            arrivals.take(
                Arrival(
                    channel="webhook",
                    recipient=f"http://127.0.0.1:{self.server.server_port}{self.path}",
                    key=self.headers["idempotency-key"],
                    message_id=self.headers["webhook-id"],
                    content=json.dumps(json.loads(body), sort_keys=True).encode(),
                    at=time.time(),
                )
            )
            if kind:
                self.close_connection = True
                return
            self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

    return Messages


@contextmanager
def sinks(arrivals: Arrivals) -> Iterator[tuple[int, int]]:
    """Run both; their ports."""
    mail = Controller(MailHandler(arrivals), hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        with served(http_handler(arrivals)) as port:
            yield mail.port, port
    finally:
        mail.stop()
