"""Who may see and do what, tried on every route that the service publishes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import httpx
import pytest
import websockets
from fastapi.routing import APIWebSocketRoute

from copilot.settings import Settings
from copilot.store.records.accounts import Role
from copilot.store.records.calls import NewCall
from tests.web.published import Published, published
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, running
from web.access import OPEN, OPEN_SOCKETS
from web.app import create_app
from web.pages import PAGES
from web.policies import every_route, markdown, policies, told

OWN_ACCOUNT = ("/api/session", "/api/account/")
"""What every signed-in person has, about themselves alone."""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


def protected(service_routes: list[Published]) -> list[Published]:
    return [route for route in service_routes if route.name not in OPEN]


def own(route: Published) -> bool:
    """About the signed-in person alone."""
    return route.path.startswith(OWN_ACCOUNT)


async def another_client_s_call(service: Running) -> str:
    await service.house.store.for_client("demo-vasseur").create_call(
        NewCall(id="theirs", dialled="+33199005678", source="sip", ringing_at=datetime.now(UTC))
    )
    return "theirs"


async def person_of(service: Running, role: Role) -> Browser:
    """Somebody of a role; client people are of the other client than the call's."""
    email = {"operator": OPERATOR, "supervisor": SUPERVISOR, "client": CLIENT}.get(role)
    if email is not None:
        return await service.signed_in(email)
    email = f"{role}@example.fr"
    await service.house.accounts.create_user(
        email=email,
        name=role,
        role=role,
        password="quatre chevaux verts",
        client_id="demo-delorme" if role == "reader" else None,
    )
    return await service.signed_in(email, password="quatre chevaux verts")


def test_every_route_has_a_policy(tmp_path: Path) -> None:
    found = policies(create_app(Settings(data_dir=tmp_path)))
    without = {name for name, policy in found.items() if policy.roles is None}
    assert without == set(OPEN), "take a person of web.access, or say in OPEN why nobody is asked"


def test_the_service_tells_each_route_s_people_and_fields(tmp_path: Path) -> None:
    routes = {route.name: route for route in told(create_app(Settings(data_dir=tmp_path)))}
    signing_in = routes["POST /api/session"]
    assert signing_in.policy.roles is None
    assert (
        "`password`: string, maxLength 1024" in signing_in.asks and "`csrf`" in signing_in.answers
    )
    calls = routes["GET /api/calls"]
    assert calls.policy.scope == "calls:read" and "`[].caller_number`" in calls.answers
    assert any(field.startswith("limit (query): integer, ") for field in calls.asks)
    assert len(routes) > 150
    # A text that comes in has a greatest length, a list a greatest number.
    text = markdown(list(routes.values()))
    assert "- who: administrator\n" in text and "open: signing in" in text


async def test_nothing_is_told_to_strangers(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        for route in protected(await published(service.url)):
            answer = await http.request(**route.request("x"))
            assert answer.status_code == 401, (route.name, answer.text)
            assert answer.json()["code"] == "not_signed_in"


async def test_changes_need_the_page_s_proof(service: Running) -> None:
    desk = await service.signed_in(OPERATOR)
    del desk.http.headers["X-CSRF"]
    for route in protected(await published(service.url)):
        if route.method != "GET":
            answer = await desk.http.request(**route.request("x"))
            assert answer.status_code == 403, (route.name, answer.text)
            assert answer.json()["code"] == "forged_request"
    await desk.close()


@pytest.mark.parametrize("role", ["client", "reader"])
async def test_another_client_s_things_do_not_exist_and_asking_is_audited(
    service: Running, role: Role
) -> None:
    """Every route, every socket, with another client's identifiers."""
    call_id = await another_client_s_call(service)
    portal = await person_of(service, role)
    tried: list[str] = []
    for route in protected(await published(service.url)):
        request = route.request(call_id)
        if route.about_something:
            answer = await portal.http.request(**request)
            assert answer.status_code == 404, (route.name, answer.text)
            assert "Vasseur" not in answer.text
            tried.append(f"{route.method} {request['url']}")
        elif route.method == "GET" and not own(route):
            answer = await portal.http.request(**request)
            assert "Vasseur" not in answer.text and "theirs" not in answer.text, route.name
    for path in ("/api/calls", "/api/messages"):
        refused = await portal.http.get(path, params={"client_id": "demo-vasseur"})
        assert refused.status_code == 404
        assert (await portal.http.get(path)).json() == []
    for path in sockets(service):
        address = re.sub(r"{[^}]+}", call_id, path)
        async with portal.socket(address) as socket:
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4404, path
        tried.append(f"WS {address}")
    audited = await service.house.store.audit.entries(action="refused", limit=500)
    assert set(tried) <= {entry.act.subject for entry in audited}
    assert {entry.act.actor.role for entry in audited} == {role}
    assert (await service.house.store.audit.verify()).broken_at is None
    await portal.close()


@pytest.mark.parametrize("role", get_args(Role))
async def test_other_roles_routes_do_not_exist(service: Running, role: Role) -> None:
    person = await person_of(service, role)
    policy = policies(service.app)
    closed = [
        route
        for route in protected(await published(service.url))
        if role not in (policy[route.name].roles or ())
    ]
    assert len(closed) > 10
    for route in closed:
        answer = await person.http.request(**route.request("x"))
        assert answer.status_code == 404, (route.name, answer.text)
        assert answer.json()["code"] == "not_found"
    await person.close()


def sockets(service: Running) -> list[str]:
    every = every_route(service.app.routes)
    found = [route.path for route in every if isinstance(route, APIWebSocketRoute)]
    assert set(OPEN_SOCKETS) < set(found)
    return [path for path in found if path not in OPEN_SOCKETS]


async def test_no_socket_opens_for_strangers(service: Running) -> None:
    for path in sockets(service):
        address = service.url.replace("http", "ws") + re.sub(r"{[^}]+}", "x", path)
        async with websockets.connect(address, proxy=None) as socket:
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4401, path


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
        for path in (*PAGES, "/api/session"):
            answer = await http.get(path)
            assert "script-src 'self'" in answer.headers["content-security-policy"], path
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await http.get("/nowhere")).status_code == 404
