"""Bytes on a socket: no request within another, nothing endless, nobody who holds the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import served
from tests.web.running import Running, running
from web.admission import Admission

HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def said_to(service: Running, *pieces: bytes) -> bytes:
    """All that comes back until the service closes, or has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.url.rpartition(":")[2]))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


def request(*headers: str, body: str = "", first: str = "POST /api/session HTTP/1.1") -> bytes:
    lines = [first, "Host: x", "Connection: close", *headers, "", body]
    return "\r\n".join(lines).encode("latin-1")


CHUNKS = f"0\r\n\r\n{HIDDEN}"
SMUGGLED = {
    "two ways of saying the length": request(
        f"Content-Length: {len(CHUNKS)}", "Transfer-Encoding: chunked", body=CHUNKS
    ),
    "two lengths": request("Content-Length: 2", f"Content-Length: {2 + len(HIDDEN)}", body="{}"),
    "a list of lengths": request("Content-Length: 2, 2", body="{}" + HIDDEN),
    "a length with a sign": request("Content-Length: +2", body="{}" + HIDDEN),
    "a length in base 16": request("Content-Length: 0x2", body="{}" + HIDDEN),
    "an encoding behind another": request("Transfer-Encoding: chunked, identity", body=CHUNKS),
    "an encoding that is none": request("Transfer-Encoding: xchunked", body=CHUNKS),
    "a space before the colon": request("Transfer-Encoding : chunked", body=CHUNKS),
    "a folded header": request("X: a", " Transfer-Encoding: chunked", body=CHUNKS),
    "a chunk's size with a sign": request("Transfer-Encoding: chunked", body=f"+0\r\n\r\n{HIDDEN}"),
    "a chunk's size too large": request(
        "Transfer-Encoding: chunked", body=f"ffffffffffffffff0\r\n\r\n{HIDDEN}"
    ),
    "a line feed alone": b"POST /api/session HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}"
    + HIDDEN.encode(),
    "a zero in a header": request("X: a\x00b", body=HIDDEN),
    "a header without a name": request(": x", body=HIDDEN),
    "another protocol": request(first="POST /api/session HTTP/2.9", body=HIDDEN),
    "a method that is none": request(first="GE\x01T / HTTP/1.1", body=HIDDEN),
}
"""Requests that two servers in a row may read in two ways (CWE-444)."""


@pytest.mark.parametrize("kind", SMUGGLED)
async def test_no_request_hides_in_another(service: Running, kind: str) -> None:
    answer = await said_to(service, SMUGGLED[kind])
    statuses = [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert len(statuses) <= 1, answer
    assert all(line.startswith(b"HTTP/1.1 4") for line in statuses), answer
    assert b"not_found" not in answer and b"Not Found" not in answer


async def test_a_head_without_end_is_refused_before_it_fills_the_memory(service: Running) -> None:
    pieces = {
        "an address": [b"GET /", *[b"a" * 8192] * 64],
        "a header": [b"GET / HTTP/1.1\r\nX: ", *[b"a" * 8192] * 64],
        "many headers": [b"GET / HTTP/1.1\r\n", *[b"X: a\r\n" * 1000] * 64],
        "a chunk's extension": [
            request("Transfer-Encoding: chunked", first="POST /api/session HTTP/1.1"),
            b"1;a=", *[b"a" * 8192] * 64,
        ],
        "trailers": [
            request("Transfer-Encoding: chunked", first="POST /api/session HTTP/1.1"),
            b"2\r\n{}\r\n0\r\nX: ", *[b"a" * 8192] * 64,
        ],
    }  # fmt: skip
    for kind, parts in pieces.items():
        try:
            answer = await said_to(service, *parts)
        except ConnectionError:
            continue  # closed while we were still speaking
        assert answer.startswith((b"HTTP/1.1 4", b"")) and b"HTTP/1.1 2" not in answer, kind
    assert await said_to(service, request(first="GET /healthz HTTP/1.1"))


async def test_a_trailer_is_no_header() -> None:
    told: list[list[str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        told.append([name.decode() for name, _ in scope["headers"]])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(app, http=Admission, lifespan="off") as port:
        body = "2\r\n{}\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("Transfer-Encoding: chunked", body=body))
        assert (await reader.read()).startswith(b"HTTP/1.1 204")
        writer.close()
    assert told == [["host", "connection", "transfer-encoding"]]


async def test_usual_requests_are_within_the_bounds(service: Running) -> None:
    http = service.browser(**{"X-Large": "a" * 16_000})
    assert (await http.get("/healthz")).status_code == 200
    large = await http.post("/api/session", json={"email": "a@example.fr", "password": "x" * 900})
    assert large.status_code == 401


async def test_nobody_holds_a_connection_without_asking(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.admission.HEAD_S", 0.3)
    monkeypatch.setattr("web.admission.BODY_S", 0.3)
    half = [
        [],
        [b"GET / HTTP/1.1\r\nHost: x\r\n"],
        [request("Content-Length: 10", body="{")],
        [request("Transfer-Encoding: chunked", body="1\r\n{\r\n")],
    ]
    for pieces in half:
        answer = await said_to(service, *pieces)
        assert answer.startswith(b"HTTP/1.1 408 "), (pieces, answer)
    # Somebody who reads an answer slowly, or waits between two requests, is not late.
    assert (await service.browser().get("/healthz")).status_code == 200
