"""Getting in: the first administrator, invitations, sessions, the second factor."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from tests.servers import smtp_sink
from tests.web.running import Browser, Running, running

EMAIL = "lea@example.fr"
PASSWORD = "quatre chevaux verts"
OTHER = "cinq lampes bleues"


def token_of(link: str) -> str:
    return link.partition("#")[2]


async def first_administrator(service: Running) -> Browser:
    assert service.house.trust.set_up_link is not None
    http = service.browser()
    made = await http.post(
        "/api/links/set-up",
        json={
            "token": token_of(service.house.trust.set_up_link),
            "email": EMAIL,
            "name": "Léa Montreuil",
            "password": PASSWORD,
        },
    )
    assert made.status_code == 200, made.text
    http.headers["X-CSRF"] = made.json()["csrf"]
    return Browser(http=http, url=service.url)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, demonstration=False) as service:
        yield service


async def test_a_first_start_leads_to_an_administrator_once(service: Running) -> None:
    link = service.house.trust.set_up_link
    assert link is not None and link.startswith(f"{service.url}/welcome#")
    async with service.browser() as http:
        look = await http.post("/api/links/look", json={"token": token_of(link)})
        assert look.json()["kind"] == "setup"
        weak = await http.post(
            "/api/links/set-up",
            json={"token": token_of(link), "email": EMAIL, "name": "x", "password": "motdepasse12"},
            headers={"Accept-Language": "fr"},
        )
        assert (weak.status_code, weak.json()["code"]) == (422, "weak_password")
    lea = await first_administrator(service)
    assert (await lea.http.get("/api/session")).json()["role"] == "administrator"
    async with service.browser() as http:
        again = await http.post("/api/links/look", json={"token": token_of(link)})
        assert (again.status_code, again.json()["code"]) == (410, "link_over")


async def test_no_demonstration_account_works_outside_it(tmp_path: Path) -> None:
    async with running(tmp_path) as shown:
        assert shown.house.accounts_shown is not None
        accounts = shown.house.accounts_shown.accounts
    async with running(tmp_path, demonstration=False) as service:
        http = service.browser()
        for account in accounts:
            refused = await http.post(
                "/api/session", json={"email": account.email, "password": account.password}
            )
            assert refused.status_code == 401, account.email
        assert service.house.trust.set_up_link is not None


async def invited(lea: Browser, **person: Any) -> tuple[dict[str, Any], str]:
    wanted = {"email": "ines@example.fr", "name": "Inès", "role": "operator", **person}
    answer = await lea.http.post("/api/admin/people", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()["person"], answer.json()["link"]["link"]


async def enter(service: Running, link: str, password: str = PASSWORD) -> httpx.Response:
    async with service.browser() as http:
        return await http.post(
            "/api/links/redeem", json={"token": token_of(link), "password": password}
        )


async def test_an_invitation_opens_once_and_a_newer_one_replaces_it(service: Running) -> None:
    lea = await first_administrator(service)
    person, first = await invited(lea)
    assert person["invited"] and not person["disabled"]
    newer = (await lea.http.post(f"/api/admin/people/{person['id']}/link")).json()
    assert newer["kind"] == "invitation"
    assert (await enter(service, first)).status_code == 410
    assert (await enter(service, newer["link"])).json()["email"] == "ines@example.fr"
    assert (await enter(service, newer["link"])).status_code == 410
    assert await service.signed_in("ines@example.fr", password=PASSWORD)
    reset = (await lea.http.post(f"/api/admin/people/{person['id']}/link")).json()
    assert reset["kind"] == "reset"
    assert (await enter(service, reset["link"], OTHER)).status_code == 200
    actions = [entry.act.action for entry in await service.house.store.audit.entries()]
    assert {"user.first_administrator", "user.invited", "link.reset", "user.password"} <= set(
        actions
    )


async def test_a_link_is_over_when_its_time_is(service: Running) -> None:
    late = datetime.now(UTC) + timedelta(days=8)
    lea = await first_administrator(service)
    _, link = await invited(lea)
    service.house.trust.invitations._now = lambda: late
    assert (await enter(service, link)).status_code == 410


async def test_invitations_are_e_mailed_when_they_can_be(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        settings: dict[str, Any] = {
            "smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_tls": "none",
        }  # fmt: skip
        async with running(tmp_path, demonstration=False, **settings) as service:
            lea = await first_administrator(service)
            _, link = await invited(lea)
            letter = sink.envelopes[-1]
            assert letter.rcpt_tos == ["ines@example.fr"] and link in letter.content.decode()
            assert (await enter(service, link)).status_code == 200
            async with service.browser() as http:
                for email in ("ines@example.fr", "nobody@example.fr"):
                    asked = await http.post("/api/links/forgotten", json={"email": email})
                    assert (asked.status_code, asked.text) == (202, "null")
            await service.house.trust.resets.written()
            assert [one.rcpt_tos for one in sink.envelopes[1:]] == [["ines@example.fr"]]
            sink.recipient_answers["max@example.fr"] = "550 no such user"
            answer = await lea.http.post(
                "/api/admin/people",
                json={"email": "max@example.fr", "name": "Max", "role": "operator"},
            )
            assert not answer.json()["link"]["emailed"]
            assert "no such user" in answer.json()["link"]["email_problem"]


async def test_administering_people(service: Running) -> None:
    lea = await first_administrator(service)
    client = await lea.http.post("/api/admin/clients", json={"name": "Atelier Vasseur"})
    client_id = client.json()["id"]
    person, link = await invited(lea, role="reader", client_id=client_id)
    assert person["client_name"] == "Atelier Vasseur"
    taken = await lea.http.post(
        "/api/admin/people", json={"email": "INES@example.fr", "name": "x", "role": "operator"}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "account_taken")
    assert (await enter(service, link)).status_code == 200
    ines = await service.signed_in("ines@example.fr", password=PASSWORD)
    assert (await ines.http.get("/api/portal/entries")).json() == []
    path = f"/api/admin/people/{person['id']}"
    assert (await lea.http.patch(path, json={"disabled": True})).json()["disabled"]
    assert (await ines.http.get("/api/session")).status_code == 401
    assert (await lea.http.patch(path, json={"disabled": False})).status_code == 200
    ines = await service.signed_in("ines@example.fr", password=PASSWORD)
    off = await lea.http.patch(f"/api/admin/clients/{client_id}", json={"disabled": True})
    assert off.json()["disabled"]
    assert (await ines.http.get("/api/session")).status_code == 401
    me = (await lea.http.get("/api/session")).json()["id"]
    for change in ({"disabled": True}, {"role": "operator"}):
        kept = await lea.http.patch(f"/api/admin/people/{me}", json=change)
        assert (kept.status_code, kept.json()["code"]) == (409, "last_administrator")


async def test_setting_up_a_client_company_is_all_or_nothing(service: Running) -> None:
    lea = await first_administrator(service)
    full = {
        "name": "Plomberie Delorme",
        "sector": "plomberie",
        "greeting": "Plomberie Delorme, bonjour !",
        "colour": "#1f6f8b",
        "numbers": ["01 99 00 12 34"],
        "forwarding": ["0639981234"],
        "recipients": ["messages@delorme.example.fr"],
        "languages": ["fr", "en"],
        "required_fields": ["phone"],
    }
    made = (await lea.http.post("/api/admin/clients", json=full)).json()
    assert (made["numbers"], made["forwarding"]) == (["+33199001234"], ["+33639981234"])
    route = await service.house.store.provider.route("0199001234")
    assert route is not None and route.client_id == made["id"]
    for bad, code in (
        ({"numbers": ["12"]}, "bad_number"),
        ({"required_fields": ["shoe"]}, "unknown_field"),
        ({"time_zone": "Europe/Nowhere"}, "unknown_time_zone"),
        ({"recipients": ["nobody"]}, "bad_request"),
        ({"numbers": ["0199001234"]}, "number_taken"),
    ):
        refused = await lea.http.post("/api/admin/clients", json={"name": "Autre", **bad})
        assert (refused.json()["code"]) == code, refused.text
    assert [one["name"] for one in (await lea.http.get("/api/admin/clients")).json()] == [
        "Plomberie Delorme"
    ]
    path = f"/api/admin/clients/{made['id']}"
    changed = (await lea.http.patch(path, json={"numbers": ["0199005678"]})).json()
    assert (changed["numbers"], changed["forwarding"]) == (["+33199005678"], ["+33639981234"])
    await lea.http.patch(path, json={"disabled": True})
    assert await service.house.store.provider.route("0199005678") is None


async def test_ones_own_sessions_are_listed_and_ended(service: Running) -> None:
    lea = await first_administrator(service)
    other = await service.signed_in(EMAIL, password=PASSWORD)
    listed = (await lea.http.get("/api/account/sessions")).json()
    assert [one["current"] for one in listed] == [False, True]
    assert listed[0]["address"] == "127.0.0.1" and "httpx" in listed[0]["agent"]
    where = f"/api/account/sessions/{listed[0]['id']}/end"
    unsure = await lea.http.post(where, json={"password": "x"})
    assert (unsure.status_code, unsure.json()["code"]) == (422, "wrong_password")
    assert (await lea.http.post(where, json={"password": PASSWORD})).status_code == 204
    assert (await other.http.get("/api/session")).status_code == 401
    other = await service.signed_in(EMAIL, password=PASSWORD)
    wrong = await lea.http.post("/api/account/password", json={"current": "x", "new": OTHER})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    changed = await lea.http.post("/api/account/password", json={"current": PASSWORD, "new": OTHER})
    assert changed.status_code == 200
    lea.http.headers["X-CSRF"] = changed.json()["csrf"]
    assert (await other.http.get("/api/session")).status_code == 401
    where = "/api/account/sessions/end"
    assert (await lea.http.post(where, json={"password": PASSWORD})).status_code == 422
    assert (await lea.http.post(where, json={"password": OTHER})).status_code == 204
    assert (await lea.http.get("/api/session")).status_code == 401


async def test_a_new_sign_in_ends_the_session_that_the_browser_had(service: Running) -> None:
    lea = await first_administrator(service)
    before = dict(lea.http.cookies)
    asked = {"email": EMAIL, "password": PASSWORD}
    assert (await lea.http.post("/api/session", json=asked)).status_code == 200
    async with httpx.AsyncClient(base_url=service.url, cookies=before) as kept:
        assert (await kept.get("/api/session")).status_code == 401
    # Another browser's is not touched, nor this one's by a sign-in that failed.
    other = await service.signed_in(EMAIL, password=PASSWORD)
    assert (await lea.http.get("/api/session")).status_code == 200
    await other.http.post("/api/session", json={**asked, "password": "x"})
    assert (await other.http.get("/api/session")).status_code == 200


async def enrolled(lea: Browser) -> tuple[pyotp.TOTP, str, list[str]]:
    """The authenticator, the code that turned it on, and the recovery codes."""
    begun = await lea.http.post("/api/account/second-factor", json={"password": PASSWORD})
    assert begun.json()["picture"].startswith("data:image/svg+xml")
    totp = pyotp.TOTP(begun.json()["secret"])
    code = totp.now()
    answer = await lea.http.post("/api/account/second-factor/confirm", json={"code": code})
    return totp, code, answer.json()["codes"]


async def test_a_second_factor_is_asked_for_and_a_code_counts_once(service: Running) -> None:
    lea = await first_administrator(service)
    totp, first, codes = await enrolled(lea)
    assert len(codes) == 10
    async with service.browser() as http:
        asked = {"email": EMAIL, "password": PASSWORD}
        without = await http.post("/api/session", json=asked)
        assert (without.status_code, without.json()["code"]) == (401, "code_required")
        # The code that turned it on is used up; the next one is not.
        used = await http.post("/api/session", json={**asked, "code": first})
        assert (used.status_code, used.json()["code"]) == (401, "sign_in_refused")
        soon = totp.at(datetime.now(UTC) + timedelta(seconds=30))
        assert (await http.post("/api/session", json={**asked, "code": soon})).status_code == 200
        recovery = {**asked, "code": codes[0].upper()}
        assert (await http.post("/api/session", json=recovery)).status_code == 200
        assert (await http.post("/api/session", json=recovery)).status_code == 401
        wrong = await http.post("/api/session", json={**asked, "password": "x", "code": codes[1]})
        assert wrong.status_code == 401
    async with service.house.store.database.reading() as connection:
        from sqlalchemy import text

        kept = str((await connection.execute(text("SELECT * FROM users"))).all())
        hashes = (await connection.execute(text("SELECT code_hash FROM recovery_codes"))).scalars()
        fast = {hashlib.sha256(code.replace("-", "").encode()).hexdigest() for code in codes}
        assert not fast & set(hashes)
    assert totp.secret not in kept
    assert {len(code.replace("-", "")) for code in codes} == {15}
    off = await lea.http.post("/api/account/second-factor/remove", json={"password": PASSWORD})
    assert off.status_code == 204
    assert await service.signed_in(EMAIL, password=PASSWORD)


async def test_a_role_may_be_asked_to_have_a_second_factor(tmp_path: Path) -> None:
    async with running(
        tmp_path, demonstration=False, second_factor_roles="administrator"
    ) as service:
        lea = await first_administrator(service)
        assert (await lea.http.get("/api/session")).json()["must_enrol"]
        closed = await lea.http.get("/api/admin/people")
        assert (closed.status_code, closed.json()["code"]) == (403, "second_factor_needed")
        await enrolled(lea)
        assert (await lea.http.get("/api/admin/people")).status_code == 200


async def test_nobody_can_keep_a_colleague_out(service: Running) -> None:
    """Failures from elsewhere make others wait, not the browser that signed in before."""
    lea = await first_administrator(service)
    assert (await lea.http.delete("/api/session")).status_code == 204
    async with service.browser() as http:
        for _ in range(6):
            refused = await http.post("/api/session", json={"email": EMAIL, "password": "x"})
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    back = await lea.http.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
    assert back.status_code == 200


async def test_an_open_page_closes_with_its_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.sockets.SEEN_EVERY", timedelta(milliseconds=20))
    async with running(tmp_path) as service:
        assert service.house.accounts_shown is not None
        desk = await service.signed_in(service.house.accounts_shown.operator.email)
        async with desk.socket("/api/board/socket") as socket:
            await socket.recv()
            assert (await desk.http.delete("/api/session")).headers["clear-site-data"] == '"cache"'
            async with asyncio.timeout(10):
                await socket.wait_closed()
            assert socket.close_code == 4401
