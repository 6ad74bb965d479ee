"""Programs' tokens: what they open, for how long, how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.apitokens import OF_A_CLIENT, SCOPES, ApiTokens, RequestShare, Scope
from copilot.settings import Settings
from copilot.store.audit import SYSTEM
from copilot.store.records.calls import NewCall
from tests.store.examples import utterance
from tests.web.published import published
from tests.web.running import Running, running
from tests.web.test_access import person_of
from web.app import create_app
from web.policies import policies

DELORME, VASSEUR = "demo-delorme", "demo-vasseur"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def issued(service: Running, client_id: str | None, *scopes: str) -> httpx.AsyncClient:
    """A program with a fresh token."""
    admin = await person_of(service, "administrator")
    wanted = {"name": "CRM", "client_id": client_id, "scopes": scopes, "days": 30}
    answer = await admin.http.post("/api/admin/tokens", json=wanted)
    assert answer.status_code == 201, answer.text
    return service.browser(Authorization=f"Bearer {answer.json()['secret']}")


async def a_call(service: Running, client_id: str) -> str:
    call_id = f"call-{client_id}"
    scope = service.house.store.for_client(client_id)
    await scope.create_call(
        NewCall(id=call_id, dialled="+33199001234", source="sip", ringing_at=datetime.now(UTC))
    )
    await scope.append_events(call_id, [utterance(call_id, 1, "La chaudière fuit")])
    await scope.approve_message(
        call_id, fields={"reason": "fuite"}, note="", urgency="normal", approved_by="o",
        approved_by_name="n", at=datetime.now(UTC),
    )  # fmt: skip
    return call_id


def scoped_routes() -> dict[str, str]:
    """Every route that a token can open, with its scope."""
    known = policies(create_app(Settings()))
    return {name: policy.scope for name, policy in known.items() if policy.scope}


def test_every_scope_opens_something() -> None:
    assert set(scoped_routes().values()) == set(get_args(Scope)) == set(SCOPES)


async def test_a_token_opens_the_routes_of_its_scopes_and_no_other(service: Running) -> None:
    program = await issued(service, DELORME, "messages:read")
    scopes = scoped_routes()
    for route in await published(service.url):
        answer = await program.request(**route.request("x"))
        if scopes.get(route.name) == "messages:read":
            assert answer.status_code == (404 if "{" in route.name else 200), route.name
        elif route.name in scopes:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_needed"), route.name
        elif "admin" in route.path or "account" in route.path or "portal" in route.path:
            assert answer.status_code == 401, route.name


async def test_a_client_s_token_sees_that_client_alone(service: Running) -> None:
    own, theirs = await a_call(service, DELORME), await a_call(service, VASSEUR)
    program = await issued(service, DELORME, *OF_A_CLIENT)
    listed = (await program.get("/api/messages")).json()
    assert [message["call_id"] for message in listed] == [own]
    assert (await program.get(f"/api/calls/{own}")).status_code == 200
    for path in (f"/api/calls/{theirs}", f"/api/messages?client_id={VASSEUR}"):
        assert (await program.get(path)).status_code == 404, path
    seen = await program.post(f"/api/messages/{listed[0]['id']}/acknowledge")
    assert seen.json()["state"] == "acknowledged"
    made = await program.post(
        "/api/portal/entries", json={"question": "Ouvert ?", "answer": "Oui."}
    )
    assert made.status_code == 201, made.text
    trail = [entry.act for entry in await service.house.store.audit.entries(limit=20)]
    assert {"call.read", "message.acknowledged", "refused"} <= {
        act.action for act in trail if act.actor.role == "token" and act.actor.name == "CRM"
    }


async def test_the_provider_s_token_sees_every_client(service: Running) -> None:
    calls = {await a_call(service, DELORME), await a_call(service, VASSEUR)}
    program = await issued(service, None, "messages:read", "calls:read", "transcripts:search")
    assert {one["call_id"] for one in (await program.get("/api/messages")).json()} == calls
    found = (await program.get("/api/search", params={"q": "chaudiere"})).json()
    assert {line["call_id"] for line in found["lines"]} == calls


async def refused(program: httpx.AsyncClient) -> str:
    answer = await program.get("/api/messages")
    assert answer.status_code == 401, answer.text
    code: str = answer.json()["code"]
    return code


async def test_a_token_ends(service: Running) -> None:
    program = await issued(service, DELORME, "messages:read")
    admin = await service.signed_in("administrator@example.fr", password="quatre chevaux verts")
    (token,) = (await admin.http.get("/api/admin/tokens")).json()
    assert token["last_used_at"] is None and "secret" not in str(token)
    assert (await program.get("/api/messages")).status_code == 200
    (token,) = (await admin.http.get("/api/admin/tokens")).json()
    assert token["last_used_at"] is not None
    gone = await admin.http.delete(f"/api/admin/tokens/{token['id']}")
    assert gone.status_code == 204
    assert await refused(program) == "bad_token"
    assert (await admin.http.delete(f"/api/admin/tokens/{token['id']}")).status_code == 204
    assert (await admin.http.delete("/api/admin/tokens/none")).status_code == 404
    kept = await service.house.store.audit.entries(action="token.revoked")
    assert len(kept) == 1


async def test_a_closed_client_s_token_opens_nothing(service: Running) -> None:
    program = await issued(service, DELORME, "messages:read")
    admin = await service.signed_in("administrator@example.fr", password="quatre chevaux verts")
    await admin.http.patch(f"/api/admin/clients/{DELORME}", json={"disabled": True})
    assert await refused(program) == "bad_token"


async def test_an_expired_token_opens_nothing(service: Running) -> None:
    now = datetime.now(UTC)
    tokens = ApiTokens(service.house.store, now=lambda: now - timedelta(days=2))
    new = await tokens.issue(
        name="old", client_id=DELORME, scopes=["messages:read"], days=1, actor=SYSTEM
    )
    assert await refused(service.browser(Authorization=f"Bearer {new.secret}")) == "bad_token"


async def test_guessing_is_held_up(service: Running) -> None:
    guesser = service.browser(Authorization="Bearer sfl_guess")
    codes = [(await guesser.get("/api/messages")).status_code for _ in range(22)]
    assert codes[:20] == [401] * 20 and codes[-1] == 429


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"scopes": ["knowledge:write"]},
    {"client_id": DELORME, "scopes": ["panel:open"]},
    {"scopes": []},
    {"scopes": ["everything"]},
    {"client_id": "none", "scopes": ["messages:read"]},
    {"scopes": ["messages:read"], "days": 1000},
)


async def test_a_token_that_cannot_be_is_refused(service: Running) -> None:
    admin = await person_of(service, "administrator")
    for wanted in IMPOSSIBLE:
        answer = await admin.http.post("/api/admin/tokens", json={"name": "CRM", **wanted})
        assert answer.status_code in (404, 422), answer.text
    assert (await admin.http.get("/api/admin/tokens")).json() == []


@given(st.lists(st.floats(0, 30), min_size=1, max_size=300))
def test_nobody_gets_more_than_their_share(gaps: list[float]) -> None:
    share = RequestShare(per_minute=120, burst=10)
    start = now = datetime(2026, 3, 17, tzinfo=UTC)
    served = 0
    for gap in gaps:
        now += timedelta(seconds=gap)
        wait_s = share.take("a", at=now)
        if not wait_s:
            served += 1
        else:
            assert share.take("a", at=now) > 0  # asking again does not help
            assert share.take("b", at=now) == 0 or served  # nor does it hold up another
    assert served <= 10 + (now - start).total_seconds() * 2 + 1e-6
    assert share.take("a", at=now + timedelta(seconds=1)) == 0
