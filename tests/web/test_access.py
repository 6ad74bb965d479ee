"""Who may see and do what, tried on every route that the service publishes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from copilot.store.records import NewCall
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Running, running

OPEN_ROUTES = {
    ("POST", "/api/session"),
    ("GET", "/healthz"),
    ("GET", "/api/demo/lines"),
    ("POST", "/api/demo/calls"),
    ("GET", "/api/demo/calls/{call_id}"),
    ("DELETE", "/api/demo/calls/{call_id}"),
}
BODIES: dict[str, dict[str, Any]] = {
    "answer": {"type": "offer", "sdp": "v=0"},
    "draft": {"fields": {}},
    "message": {"fields": {}},
    "feedback": {"action": "used", "entry_id": "x"},
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def routes(service: Running) -> list[tuple[str, str]]:
    async with httpx.AsyncClient(base_url=service.url) as http:
        paths = (await http.get("/api/openapi.json")).json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def request_of(method: str, path: str, identifier: str) -> dict[str, Any]:
    """A well-formed request for a route, about one identifier."""
    address = re.sub(r"{[^}]+}", identifier, path)
    request: dict[str, Any] = {"method": method, "url": address}
    if path.endswith("/ask"):
        request["params"] = {"q": "horaires"}
    if path.endswith("/import"):
        request["files"] = {"file": ("faq.csv", b"question,answer\nA ?,B\n")}
    elif method in ("POST", "PATCH"):
        request["json"] = BODIES.get(path.rsplit("/", 1)[-1], {})
    return request


async def another_client_s_call(service: Running) -> str:
    await service.house.store.for_client("demo-vasseur").create_call(
        NewCall(id="theirs", dialled="+33199005678", source="sip", ringing_at=datetime.now(UTC))
    )
    return "theirs"


async def test_nothing_is_told_to_strangers(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        for method, path in await routes(service):
            if (method, path) in OPEN_ROUTES:
                continue
            answer = await http.request(**request_of(method, path, "x"))
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.json()["code"] == "not_signed_in"


async def test_changes_need_the_page_s_proof(service: Running) -> None:
    desk = await service.signed_in(OPERATOR)
    del desk.http.headers["X-CSRF"]
    for method, path in await routes(service):
        if method == "GET" or (method, path) in OPEN_ROUTES:
            continue
        answer = await desk.http.request(**request_of(method, path, "x"))
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json()["code"] == "forged_request"
    await desk.close()


async def test_another_client_s_call_does_not_exist(service: Running) -> None:
    call_id = await another_client_s_call(service)
    portal = await service.signed_in(CLIENT)
    for method, path in await routes(service):
        if "{" not in path or (method, path) in OPEN_ROUTES:
            continue
        answer = await portal.http.request(**request_of(method, path, call_id))
        assert answer.status_code == 404, (method, path, answer.text)
        assert "Vasseur" not in answer.text
    for path in ("/api/calls", "/api/messages"):
        refused = await portal.http.get(path, params={"client_id": "demo-vasseur"})
        assert refused.status_code == 404
        assert (await portal.http.get(path)).json() == []
    async with portal.socket(f"/api/calls/{call_id}/socket") as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4404
    await portal.close()


@pytest.mark.parametrize(
    ("email", "closed"),
    [
        (CLIENT, ["/api/board", "/api/calls/x/ask?q=a"]),
        (OPERATOR, ["/api/portal/client", "/api/portal/entries"]),
        (SUPERVISOR, ["/api/portal/client", "/api/calls/x/ask?q=a"]),
    ],
)
async def test_other_roles_pages_do_not_exist(
    service: Running, email: str, closed: list[str]
) -> None:
    person = await service.signed_in(email)
    for path in closed:
        assert (await person.http.get(path)).status_code == 404, path
    await person.close()


async def test_sockets_refuse_strangers_and_other_sites(service: Running) -> None:
    address = service.url.replace("http", "ws") + "/api/board/socket"
    async with websockets.connect(address, proxy=None) as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401
    desk = await service.signed_in(OPERATOR)
    cookie = "; ".join(f"{name}={value}" for name, value in desk.http.cookies.items())
    async with websockets.connect(
        address, additional_headers={"Cookie": cookie, "Origin": "http://evil.invalid"}, proxy=None
    ) as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4404
    await desk.close()


async def test_signing_in_and_out(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        wrong = await http.post(
            "/api/session",
            json={"email": OPERATOR, "password": "pas le bon"},
            headers={"Accept-Language": "fr"},
        )
        assert (wrong.status_code, wrong.json()["code"]) == (401, "sign_in_refused")
        assert "incorrect" in wrong.json()["message"]
        english = await http.post(
            "/api/session",
            json={"email": OPERATOR, "password": "wrong"},
            headers={"Accept-Language": "en"},
        )
        assert "Wrong" in english.json()["message"]
    desk = await service.signed_in(OPERATOR)
    assert (await desk.http.get("/api/session")).json()["role"] == "operator"
    kept = dict(desk.http.cookies)
    assert (await desk.http.delete("/api/session")).status_code == 204
    async with httpx.AsyncClient(base_url=service.url, cookies=kept) as http:
        assert (await http.get("/api/session")).status_code == 401
    async with httpx.AsyncClient(base_url=service.url) as http:
        http.cookies.set("souffleur_session", "forged")
        assert (await http.get("/api/session")).status_code == 401
    await desk.close()


async def test_pages_carry_the_security_headers(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        for path in ("/", "/desk", "/gallery", "/portal", "/demo/caller", "/api/session"):
            answer = await http.get(path)
            assert "script-src 'self'" in answer.headers["content-security-policy"], path
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await http.get("/nowhere")).status_code == 404
