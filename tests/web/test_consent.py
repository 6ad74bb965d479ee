"""Calendars connected by consent, over HTTP, against the providers' published contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from copilot.agenda.consent import LIFE_S
from copilot.agenda.rules import AgendaRules, Practitioner, VisitType
from copilot.store.records.calls import NewCall
from copilot.store.tables.agenda import calendar_accounts
from copilot.waiting.hours import OpeningHours
from tests.agenda.published import Google, Microsoft, serving
from tests.servers import free_port
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, running

ID = "demo-delorme"
CONSENT = f"/api/clients/{ID}/calendar-consent"
ACCOUNTS = f"/api/clients/{ID}/calendars"
NETWORKS = "127.0.0.0/8"


@pytest.fixture(params=["google", "microsoft"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Google | Microsoft]:
    if request.param == "google":
        async with serving(Google) as google:
            yield google
    else:
        async with serving(Microsoft) as microsoft:
            yield microsoft


@pytest.fixture
async def service(
    tmp_path: Path, provider: Google | Microsoft, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    monkeypatch.setattr("web.appointments.Providers", provider.providers)
    name = name_of(provider)
    settings: dict[str, Any] = {f"{name}_client_id": "house", f"{name}_client_secret": "secret"}
    async with running(tmp_path, agenda_networks=NETWORKS, **settings) as one:
        yield one


@pytest.fixture
async def portal(service: Running) -> Browser:
    return await service.signed_in(CLIENT)


def name_of(provider: Google | Microsoft) -> str:
    return type(provider).__name__.lower()


async def asked(portal: Browser, provider: Google | Microsoft, **given: Any) -> str:
    """The address of the provider's page."""
    answer = await portal.http.post(CONSENT, json={"provider": name_of(provider), **given})
    assert answer.status_code == 200, answer.text
    address: str = answer.json()["address"]
    return address


async def consented(portal: Browser, address: str) -> str:
    """Where the provider's page sends the browser back to."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(address)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def brought(browser: Browser, back: str) -> dict[str, str]:
    """What the portal is told in its address."""
    answer = await browser.http.get(back)
    assert answer.status_code == 303, answer.text
    where = urlsplit(answer.headers["location"])
    assert where.path == "/portal"
    told = {name: value[0] for name, value in parse_qs(where.query).items()}
    assert (told.pop("tab"), told.pop("view")) == ("agenda", "calendars")
    return told


async def connected(portal: Browser, provider: Google | Microsoft, **given: Any) -> str:
    told = await brought(portal, await consented(portal, await asked(portal, provider, **given)))
    return told["connected"]


async def tried(portal: Browser, account: str) -> Any:
    return (await portal.http.post(f"{ACCOUNTS}/{account}/trial")).json()


async def test_connected_used_expired_connected_again_and_given_back(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    offer = (await portal.http.get(CONSENT)).json()
    assert offer == {"providers": [name_of(provider)]}
    page = await asked(portal, provider)
    query = parse_qs(urlsplit(page).query)
    assert query["code_challenge_method"] == ["S256"] and query["client_id"] == ["house"]
    assert "secret" not in page.replace("client_secret", "")
    account = (await brought(portal, await consented(portal, page)))["connected"]
    assert (await tried(portal, account))["fault"] is None
    shown = (await portal.http.get(f"/api/clients/{ID}/agenda")).json()["accounts"]
    assert shown[0]["shown"] == {"by": "consent"} and shown[0]["kept"] == ["refresh_token"]
    assert "refresh-" not in str(shown)
    async with service.house.store.database.reading() as connection:
        (row,) = (await connection.execute(calendar_accounts.select())).all()
    assert "refresh-" not in str(tuple(row)), "sealed"

    provider.refresh_tokens.clear()  # the person withdrew it there
    provider.tokens.clear()
    assert (await tried(portal, account))["fault"] == "calendar_expired"
    assert await connected(portal, provider, account_id=account) == account
    assert (await tried(portal, account))["fault"] is None

    gone = await portal.http.delete(f"{ACCOUNTS}/{account}")
    if isinstance(provider, Google):
        assert gone.json() == {"revoked": True} and len(provider.revoked) == 1
    else:
        assert gone.json() == {"revoked": None}
    assert (await portal.http.get(f"/api/clients/{ID}/agenda")).json()["accounts"] == []


async def test_an_answer_counts_once_and_for_who_asked_alone(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    back = await consented(portal, await asked(portal, provider))
    stranger = await service.signed_in(SUPERVISOR)
    assert (await brought(stranger, back)) == {"refused": "consent_answer"}
    for name, value in portal.http.cookies.items():
        if "consent" in name:  # with another's browser altogether
            stranger.http.cookies.set(name, value)
    assert (await brought(stranger, back)) == {"refused": "consent_answer"}
    nobody = service.browser()
    assert (await nobody.get(back)).status_code == 401
    forged = back.replace("state=", "state=x")
    other = await service.signed_in(CLIENT)
    other.http.cookies.update(portal.http.cookies)
    assert (await brought(other, forged)) == {"refused": "consent_answer"}
    kept = dict(portal.http.cookies)
    assert "connected" in await brought(portal, back)
    portal.http.cookies.update(kept)
    assert (await brought(portal, back)) == {"refused": "consent_answer"}, "twice"


async def test_what_goes_wrong_is_told_and_connects_nothing(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    provider.declines = True
    back = await consented(portal, await asked(portal, provider))
    assert (await brought(portal, back)) == {"refused": "consent_declined"}
    provider.declines, provider.ticks = False, False
    back = await consented(portal, await asked(portal, provider))
    assert (await brought(portal, back)) == {"refused": "consent_incomplete"}
    provider.ticks = True
    back = await consented(portal, await asked(portal, provider))
    provider.codes.clear()
    assert (await brought(portal, back)) == {"refused": "consent_answer"}
    assert (await portal.http.get(f"/api/clients/{ID}/agenda")).json()["accounts"] == []


async def test_an_answer_that_comes_too_late_connects_nothing(
    service: Running, portal: Browser, provider: Google | Microsoft,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    consents = service.house.appointments.consents
    began = service.house.journal.now()
    back = await consented(portal, await asked(portal, provider))
    monkeypatch.setattr(consents, "_now", lambda: began + timedelta(seconds=LIFE_S + 5))
    assert (await brought(portal, back)) == {"refused": "consent_answer"}


async def test_another_company_s_account_is_not_connected_again(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    account = await connected(portal, provider)
    body = {"provider": name_of(provider), "account_id": account}
    other = "/api/clients/demo-vasseur/calendar-consent"
    assert (await portal.http.post(other, json=body)).status_code == 404
    assert (await portal.http.get(other)).status_code == 404
    supervisor = await service.signed_in(SUPERVISOR)
    assert (await supervisor.http.post(other, json=body)).status_code == 404
    body["provider"] = "microsoft" if isinstance(provider, Google) else "google"
    assert (await portal.http.post(CONSENT, json=body)).status_code == 404


async def test_a_house_without_an_application_or_with_a_wrong_one_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Google) as provider:
        monkeypatch.setattr("web.appointments.Providers", provider.providers)
        settings: dict[str, Any] = {"google_client_id": "house", "google_client_secret": "another"}
        async with running(tmp_path, agenda_networks=NETWORKS, **settings) as service:
            portal = await service.signed_in(CLIENT)
            off = await portal.http.post(CONSENT, json={"provider": "microsoft"})
            assert (off.status_code, off.json()["code"]) == (409, "consent_off")
            back = await consented(portal, await asked(portal, provider))
            assert (await brought(portal, back)) == {"refused": "consent_refused"}


async def test_a_provider_that_does_not_answer_is_said_and_an_access_still_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"google_client_id": "house", "google_client_secret": "secret"}
    async with serving(Google) as provider:
        nowhere = f"http://127.0.0.1:{free_port()}"
        places = provider.providers()
        monkeypatch.setattr("web.appointments.Providers", lambda: places)
        async with running(tmp_path, agenda_networks=NETWORKS, **settings) as service:
            portal = await service.signed_in(CLIENT)
            account = await connected(portal, provider)
            object.__setattr__(places, "google_tokens", f"{nowhere}/token")
            object.__setattr__(places, "google_revocation", f"{nowhere}/revoke")
            back = await consented(portal, await asked(portal, provider))
            assert (await brought(portal, back)) == {"refused": "consent_unreachable"}
            gone = await portal.http.delete(f"{ACCOUNTS}/{account}")
            assert gone.json() == {"revoked": False}
            assert (await portal.http.get(f"/api/clients/{ID}/agenda")).json()["accounts"] == []


async def test_a_consent_withdrawn_is_said_at_the_desk_and_nothing_is_half_booked(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    account = await connected(portal, provider)
    calendar = (await tried(portal, account))["calendars"][0]["id"]
    scope = service.house.store.for_client(ID)
    rules = AgendaRules(
        hours=OpeningHours(week=(((540, 720),),) * 7, holidays="open"),
        practitioners=(
            Practitioner(id="vasseur", name="Dr Vasseur", account=account, calendar=calendar),
        ),
        visits=(VisitType(id="bilan", name="Bilan", duration_min=30),),
    )
    await scope.save_agenda(rules, latest=0, at=service.house.journal.now())
    desk = await service.signed_in(OPERATOR)
    await scope.create_call(
        NewCall(id="c1", dialled="", source="sip", ringing_at=service.house.journal.now())
    )
    slots = f"/api/clients/{ID}/slots?visit_id=bilan"
    (slot, *_) = (await desk.http.get(slots)).json()["slots"]
    wanted = {"call_id": "c1", "visit_id": "bilan", "practitioner_id": "vasseur",
              "begins": slot["begins"]}  # fmt: skip

    provider.refresh_tokens.clear()
    provider.tokens.clear()
    found = (await desk.http.get(slots)).json()
    assert found["slots"] == [] and found["faults"][0]["code"] == "calendar_expired"
    refused = await desk.http.post(f"/api/clients/{ID}/appointments", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "calendar_closed")
    in_english = {"Accept-Language": "en"}
    again = await desk.http.post(f"/api/clients/{ID}/appointments", json=wanted, headers=in_english)
    assert "nothing is booked" in again.json()["message"]
    first = datetime.fromisoformat(slot["begins"]) - timedelta(days=1)
    assert await scope.appointments_between(first, first + timedelta(days=2)) == ()

    await connected(portal, provider, account_id=account)
    held = await desk.http.post(f"/api/clients/{ID}/appointments", json=wanted)
    assert held.status_code == 201, held.text
