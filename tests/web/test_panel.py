"""The panel in other software: who gets in, from which pages, to which calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st

from copilot.panelsessions import LIFE, PanelSessions
from copilot.settings import Settings
from copilot.store.audit import SYSTEM
from copilot.store.records.calls import NewCall
from tests.store.examples import utterance
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Running, running
from tests.web.test_tokens import issued
from web.app import create_app
from web.panel import PanelSettingError, panel_origins
from web.panelaccess import CARRYING, PROTOCOL

HOST = "https://crm.example.com"
EVIL = "https://evil.invalid"
NAME = "a84b4c76e66710@pbx.example.com"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, panel_origins=HOST) as service:
        yield service


async def opened(service: Running, operator: str = OPERATOR) -> dict[str, Any]:
    """What the other software's server gets."""
    new = await service.house.trust.tokens.issue(
        name="CRM", client_id=None, scopes=["panel:open"], days=30, actor=SYSTEM
    )
    program = service.browser(Authorization=f"Bearer {new.secret}")
    wanted = {"operator": operator, "origin": HOST}
    answer = await program.post("/api/panel/sessions", json=wanted)
    assert answer.status_code == 201, answer.text
    session: dict[str, Any] = answer.json()
    return session


async def panel(service: Running, **headers: str) -> httpx.AsyncClient:
    """A panel in a page of the other software."""
    secret = (await opened(service))["session"]
    return service.browser(Authorization=f"Bearer {secret}", **{"Origin": HOST, **headers})


async def a_call(service: Running, call_id: str, *, operator: str | None) -> str:
    """A call in progress that this operator has."""
    scope = service.house.store.for_client("demo-delorme")
    await scope.create_call(
        NewCall(
            id=call_id, dialled="+33199001234", source="sip", ringing_at=datetime.now(UTC),
            names=(NAME if operator else "another",),
        )
    )  # fmt: skip
    if operator is not None:
        await scope.mark_answered(
            call_id, operator_id=operator, operator_name="Camille", at=datetime.now(UTC)
        )
    await scope.append_events(call_id, [utterance(call_id, 1, "La chaudière fuit")])
    return call_id


async def operator_id(service: Running) -> str:
    found = await service.house.store.people.by_email(OPERATOR)
    assert found is not None
    return found.user.id


async def test_an_operator_works_on_their_calls_and_sees_no_other(service: Running) -> None:
    mine = await a_call(service, "mine", operator=await operator_id(service))
    for another in ("somebody", None):
        await a_call(service, f"of-{another}", operator=another)
    http = await panel(service)
    assert (await http.get("/api/panel/session")).json()["operator_id"] == await operator_id(
        service
    )
    assert [one["id"] for one in (await http.get("/api/panel/calls")).json()] == [mine]
    named = await http.get("/api/panel/calls", params={"name": NAME})
    assert [one["id"] for one in named.json()] == [mine]
    assert (await http.get("/api/panel/calls", params={"name": "another"})).json() == []
    detail = (await http.get(f"/api/panel/calls/{mine}")).json()
    assert detail["events"][0]["data"]["text"] == "La chaudière fuit"
    edit = {"fields": {"reason": "Fuite"}}
    assert (await http.patch(f"/api/panel/calls/{mine}/draft", json=edit)).status_code == 200
    assert (await http.get(f"/api/panel/calls/{mine}/ask", params={"q": "week-end"})).is_success
    assert (await http.get(f"/api/panel/calls/{mine}/wrapup")).is_success
    sent = await http.post(f"/api/panel/calls/{mine}/message", json=edit)
    assert (sent.status_code, sent.json()["approved_by"]) == (202, "Inès Carpentier")
    for other in ("of-somebody", "of-None", "nothing"):
        for path in ("", "/ask?q=x", "/wrapup"):
            answer = await http.get(f"/api/panel/calls/{other}{path}")
            assert answer.status_code == 404, (other, path)
        assert (await http.patch(f"/api/panel/calls/{other}/draft", json=edit)).status_code == 404
        assert (await http.post(f"/api/panel/calls/{other}/message", json=edit)).status_code == 404


async def test_a_panel_opens_nothing_else(service: Running) -> None:
    mine = await a_call(service, "mine", operator=await operator_id(service))
    http = await panel(service)
    for path in (f"/api/calls/{mine}", "/api/calls", "/api/board", "/api/session", "/api/messages"):
        assert (await http.get(path)).status_code == 401, path


async def test_only_the_pages_that_are_allowed(service: Running) -> None:
    http = await panel(service)
    asked = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    allowed = await http.options("/api/panel/session", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == HOST
    assert "access-control-allow-credentials" not in allowed.headers
    evil = await http.options("/api/panel/session", headers={**asked, "Origin": EVIL})
    assert evil.status_code == 400 and "access-control-allow-origin" not in evil.headers
    # A program that says it is such a page is refused too.
    answer = await http.get("/api/panel/session", headers={"Origin": EVIL})
    assert (answer.status_code, answer.json()["code"]) == (403, "forged_request")
    for path in ("/api/session", "/api/calls"):
        answer = await http.get(path)
        assert "access-control-allow-origin" not in answer.headers, path
    page = await http.get("/panel")
    assert f"frame-ancestors {HOST}" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_a_session_is_one_page_s(tmp_path: Path) -> None:
    async with running(tmp_path, panel_origins=f"{HOST}, {EVIL}") as service:
        http = await panel(service)
        assert (await http.get("/api/panel/session")).status_code == 200
        moved = await http.get("/api/panel/session", headers={"Origin": EVIL})
        assert (moved.status_code, moved.json()["code"]) == (401, "bad_panel_session")


async def test_without_origins_there_is_no_panel(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        http = service.browser()
        assert (await http.get("/panel")).status_code == 404
        assert (await http.get("/panel/souffleur-panel.js")).status_code == 404
        program = await issued(service, None, "panel:open")
        wanted = {"operator": OPERATOR, "origin": HOST}
        answer = await program.post("/api/panel/sessions", json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (422, "panel_origin")
        assert "SOUFFLEUR_PANEL_ORIGINS" in answer.json()["message"]


async def test_only_a_program_opens_panels_and_for_operators_alone(service: Running) -> None:
    program = await issued(service, None, "panel:open")
    for who in (SUPERVISOR, CLIENT, "nobody@example.fr"):
        wanted = {"operator": who, "origin": HOST}
        assert (await program.post("/api/panel/sessions", json=wanted)).status_code == 404, who
    supervisor = await service.signed_in(SUPERVISOR)
    wanted = {"operator": OPERATOR, "origin": HOST}
    assert (await supervisor.http.post("/api/panel/sessions", json=wanted)).status_code == 404
    reader = service.browser(Authorization="Bearer sfl_guess")
    assert (await reader.post("/api/panel/sessions", json=wanted)).status_code == 401


async def test_an_operator_is_known_by_their_extension(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(f'[operators]\n201 = "{OPERATOR}"\n')
    async with running(tmp_path, panel_origins=HOST, sip_accounts=str(accounts)) as service:
        assert (await opened(service, "201"))["operator_name"] == "Inès Carpentier"


async def test_a_session_ends(service: Running) -> None:
    http = await panel(service)
    assert (await http.delete("/api/panel/session")).status_code == 204
    over = await http.get("/api/panel/session")
    assert (over.status_code, over.json()["code"]) == (401, "bad_panel_session")
    again = await panel(service)
    for token in await service.house.store.tokens.all():
        await service.house.trust.tokens.revoke(token.id, actor=SYSTEM)
    assert (await again.get("/api/panel/session")).status_code == 401
    trail = {entry.act.action for entry in await service.house.store.audit.entries()}
    assert {"panel.opened", "panel.closed"} <= trail


async def test_a_session_is_over_after_its_time(service: Running) -> None:
    session = (await opened(service))["session"]
    late = PanelSessions(
        service.house.store,
        service.house.trust.tokens,
        now=lambda: datetime.now(UTC) + LIFE + timedelta(seconds=1),
    )
    with pytest.raises(Exception, match="over"):
        await late.visitor(session)


async def test_a_disabled_operator_is_out(service: Running) -> None:
    http = await panel(service)
    await service.house.store.people.set_disabled(await operator_id(service), True)
    assert (await http.get("/api/panel/session")).status_code == 401


async def test_the_sockets_of_a_panel(service: Running) -> None:
    mine = await a_call(service, "mine", operator=await operator_id(service))
    theirs = await a_call(service, "theirs", operator="somebody")
    secret = (await opened(service))["session"]
    base = service.url.replace("http", "ws")

    def connect(path: str, *, held: str = secret, origin: str = HOST) -> websockets.connect:
        return websockets.connect(
            f"{base}{path}",
            subprotocols=[websockets.Subprotocol(p) for p in (PROTOCOL, CARRYING + held)],
            additional_headers={"Origin": origin},
            proxy=None,
        )

    async with connect("/api/panel/socket") as board:
        assert board.subprotocol == PROTOCOL
        assert "transcription" in json.loads(await board.recv())
    async with connect(f"/api/panel/calls/{mine}/socket") as events:
        assert json.loads(await events.recv())["data"]["text"] == "La chaudière fuit"
    refusals = (
        (f"/api/panel/calls/{theirs}/socket", secret, HOST, 4404),
        ("/api/panel/socket", "sfp_guess", HOST, 4401),
        ("/api/panel/socket", secret, EVIL, 4404),
        ("/api/board/socket", secret, HOST, 4404),
    )
    for path, held, origin, code in refusals:
        async with connect(path, held=held, origin=origin) as socket:
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == code, (path, origin)


@pytest.mark.parametrize(
    "setting", ["crm.example.com", "https://crm.example.com/page", "*", "null", "https://a b"]
)
def test_what_is_no_origin_keeps_the_service_from_starting(setting: str) -> None:
    with pytest.raises(PanelSettingError, match="PANEL_ORIGINS"):
        create_app(Settings(panel_origins=setting))


@given(st.text(max_size=60))
def test_an_origin_never_widens_the_policy(text: str) -> None:
    """Whatever is written, what is taken has no space, quote, star or semicolon."""
    try:
        origins = panel_origins(text)
    except PanelSettingError:
        return
    for origin in origins:
        assert not set(origin) & set(" ;'\"*<>"), origin


async def test_guessing_is_held_up(service: Running) -> None:
    panels = PanelSessions(service.house.store, service.house.trust.tokens)
    refusals = []
    for _ in range(52):
        with pytest.raises(Exception) as refused:  # noqa: PT011 - two kinds, told apart below
            await panels.visitor("sfp_guess", address="192.0.2.1")
        refusals.append(refused.value.code)  # type: ignore[attr-defined]
    assert refusals[0] == "bad_panel_session" and refusals[-1] == "too_many_requests"
