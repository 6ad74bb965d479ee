"""The service inside the test's own event loop: real HTTP, WebSockets and media on loopback."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import websockets
from fastapi import FastAPI

from copilot.drafting.draft import Draft, FieldValue, Turn
from copilot.settings import Settings
from knowledge.marking import Marking
from knowledge.passages import UNTUNED, Decision, Entry, Hit, Tuning
from models.recogniser import Recogniser
from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.databases import migrated
from tests.servers import free_port, served
from tests.telephony.browser import AiortcPeer
from web.admission import Admission
from web.app import create_app
from web.composition.backends import Backends
from web.cookies import COOKIE
from web.house import House

OPERATOR = "operatrice@souffleur.example.fr"
SUPERVISOR = "superviseur@souffleur.example.fr"
CLIENT = "client@plomberie-delorme.example.fr"
DELORME_LINE = "+33199001234"
VASSEUR_LINE = "+33199005678"


class WordPrompter:
    """Shows the entries that have a word of the utterance in their question."""

    def __init__(self, entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> None:
        self._entries = entries
        self.tuning = tuning

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        shown = self.ask(utterance)
        return Decision(ranked=shown, shown=shown)

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        words = {word for word in query.lower().split() if len(word) > 6}
        return tuple(
            Hit(entry=entry, confidence=0.9, marking=Marking(words=tuple(words)))
            for entry in self._entries
            if words & set(entry.question.lower().split())
        )[:limit]


class LastWordsDrafter:
    """Takes the caller's last words for the reason."""

    def __init__(self) -> None:
        self._draft = Draft()

    def hear(self, turn: Turn) -> Draft:
        if turn.speaker == "caller":
            value = FieldValue(value=turn.text, confidence=0.5, utterance_id=turn.utterance_id)
            self._draft = Draft(fields={"reason": value})
        return self._draft


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates, read once: a browser of each test would read them anew."""
    return httpx.create_ssl_context()


@dataclass
class Running:
    """A service that answers."""

    url: str
    house: House
    app: FastAPI
    opened: list[httpx.AsyncClient] = field(default_factory=list)
    """Browsers, closed with the service."""

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody's browser, before they sign in."""
        http = httpx.AsyncClient(base_url=self.url, timeout=20, headers=headers, verify=_trusted())
        self.opened.append(http)
        return http

    async def signed_in(self, email: str, *, password: str | None = None) -> Browser:
        """Somebody at a browser, without the browser; with the printed password."""
        http = self.browser()
        if password is None:
            assert self.house.accounts_shown is not None
            password = self.house.accounts_shown.operator.password
        answer = await http.post("/api/session", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        http.headers["X-CSRF"] = answer.json()["csrf"]
        return Browser(http=http, url=self.url)

    async def demo_caller(self, says: Pcm, number: str = DELORME_LINE) -> tuple[AiortcPeer, str]:
        """Call a line from a browser page; the peer, and the call's id."""
        peer = AiortcPeer(says)
        async with httpx.AsyncClient(base_url=self.url, timeout=20, verify=_trusted()) as http:
            offer = {"type": "offer", "sdp": await peer.offer()}
            answer = await http.post(
                "/api/demo/calls",
                json={"number": number, "caller_number": "0199001122", "offer": offer},
            )
        assert answer.status_code == 200, answer.text
        await peer.take(answer.json()["answer"]["sdp"])
        call_id: str = answer.json()["call_id"]
        await self.rings(call_id)
        return peer, call_id

    async def rings(self, call_id: str) -> None:
        """Wait until the call is on the board."""
        version = -1
        async with asyncio.timeout(20):
            while call_id not in {call.id for call in self.house.board.calls()}:
                version = await self.house.board.changed_since(version, timeout_s=1.0)


@dataclass
class Browser:
    """A signed-in person's cookies and sockets."""

    http: httpx.AsyncClient
    url: str

    async def answer(self, call_id: str, says: Pcm) -> AiortcPeer:
        """Take a call."""
        peer = AiortcPeer(says)
        offer = {"type": "offer", "sdp": await peer.offer()}
        answer = await self.http.post(f"/api/calls/{call_id}/answer", json=offer)
        assert answer.status_code == 200, answer.text
        await peer.take(answer.json()["sdp"])
        return peer

    @asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[websockets.ClientConnection]:
        """Follow a socket."""
        cookie = f"{COOKIE}={self.http.cookies[COOKIE]}"
        address = self.url.replace("http", "ws") + path
        async with websockets.connect(
            address, additional_headers={"Cookie": cookie}, proxy=None
        ) as socket:
            yield socket

    async def close(self) -> None:
        await self.http.aclose()


async def next_event(socket: websockets.ClientConnection, kind: str, **data: Any) -> dict[str, Any]:
    """The next event of this kind that has these data."""
    async with asyncio.timeout(20):
        while True:
            event: dict[str, Any] = json.loads(await socket.recv())
            if event["kind"] == kind and data.items() <= event["data"].items():
                return event


async def next_board(socket: websockets.ClientConnection, **call: Any) -> dict[str, Any]:
    """The next board with a call that has these values."""
    async with asyncio.timeout(20):
        while True:
            board: dict[str, Any] = json.loads(await socket.recv())
            for found in board["calls"]:
                if call.items() <= found.items():
                    return board


@asynccontextmanager
async def running(
    data: Path,
    *,
    recogniser: Recogniser | None = None,
    backends: Backends | None = None,
    demonstration: bool = True,
    **settings: Any,
) -> AsyncIterator[Running]:
    """A demonstration service with scripted models."""
    scripted = recogniser or ScriptedRecogniser()
    houses: list[House] = []
    port = free_port()
    if "database_url" not in settings and not (data / "souffleur.db").exists():
        migrated(data)
    app = create_app(
        Settings(data_dir=data, sip_host="127.0.0.1", sip_port=0, http_port=port, **settings),
        demonstration=demonstration,
        backends=backends
        or Backends(
            recogniser=lambda: scripted,
            build_prompter=WordPrompter,
            open_drafter=lambda **_: LastWordsDrafter(),
        ),
        on_ready=houses.append,
    )
    async with served(app, port=port, http=Admission, ws="websockets-sansio"):
        service = Running(url=f"http://127.0.0.1:{port}", house=houses[0], app=app)
        try:
            yield service
        finally:
            for http in service.opened:
                await http.aclose()
