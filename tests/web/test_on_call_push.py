"""Somebody on call without an account: notified by the link of a message, as far as a link goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from copilot.store.oncallbrowsers import MOST_OF_A_CONTACT
from copilot.store.tables.push import on_call_browsers
from tests.delivery.pushes import Subscribed, vapid_claims
from tests.delivery.test_webhook import receiver
from tests.servers import wait_until
from tests.web.running import CLIENT, OPERATOR, Browser, Running, running
from tests.web.test_delivery import LINK, ON_CALL, OURS, THEIRS, settings, taken

PHONES = f"/api/clients/{OURS}/on-call/browsers"
ADDRESS = "https://push.example.com/a"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, webhook_private=True) as one:
        yield one


@pytest.fixture
async def portal(service: Running) -> Browser:
    return await service.signed_in(CLIENT)


@pytest.fixture
async def stranger(service: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with service.browser() as browser:
        yield browser


async def links(service: Running, message_id: str, *, client_id: str = OURS) -> dict[str, str]:
    """The token of each try of a message, by its recipient, once somebody on call is tried."""
    scope = service.house.store.for_client(client_id)
    async with asyncio.timeout(20):
        while True:
            rows = await scope.outbox_rows(message_id)
            if any(row.step for row in rows):
                break
            await asyncio.sleep(0.05)
    return {row.recipient: service.house.outgoing.links.token(row.id) for row in rows}


async def toms_link(service: Running) -> str:
    await settings(service, recipients=["atelier@example.fr"], on_call=ON_CALL)
    tokens = await links(service, await taken(service, urgency="critique"))
    return tokens["tom@example.fr"]


async def add(
    stranger: httpx.AsyncClient, token: str, url: str = ADDRESS
) -> tuple[Subscribed, httpx.Response]:
    browser = Subscribed()
    body = {"token": token, "subscription": browser.given(url)}
    return browser, await stranger.post("/api/receipts/notify", json=body)


async def kept(portal: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await portal.http.get(PHONES)).json()
    return found


async def reached(portal: Browser) -> dict[str, Any]:
    """The only telephone, once it is written down that it was reached: after the push service's
    answer, so after what the test sees of it."""
    async with asyncio.timeout(10):
        while not (phone := (await kept(portal))[0])["reached_at"]:  # noqa: ASYNC110 - the portal is asked
            await asyncio.sleep(0.05)
    return phone


async def test_the_next_message_comes_to_the_telephone_and_says_no_more_than_a_link(
    service: Running, portal: Browser, stranger: httpx.AsyncClient
) -> None:
    token = await toms_link(service)
    offer = (await stranger.post("/api/receipts/notified", json={"token": token})).json()
    assert (offer["contact"], offer["digests"]) == ("Tom", [])
    with receiver(201) as push:
        browser, answer = await add(stranger, token, push.url)
        assert answer.status_code == 201 and len(answer.json()["digests"]) == 1
        assert push.url not in answer.text
        message_id = await taken(service, urgency="critique")
        await asyncio.to_thread(wait_until, lambda: bool(push.posts), "the notification")
    ((headers, body),) = push.posts
    assert vapid_claims(headers["authorization"], offer["public_key"])
    shown = browser.reads(body)
    assert "Astreinte" in shown["title"] and "Urgence critique" in shown["title"]
    assert shown["body"] == "" and "Lefèvre" not in str(shown) and "Fuite" not in str(shown)
    own = {"token": LINK.findall(shown["link"])[0]}
    assert (await stranger.post("/api/receipts/open", json=own)).status_code == 401
    done = (await stranger.post("/api/receipts/acknowledge", json=own)).json()
    assert done["acknowledged_by"] == "Tom"
    phone = await reached(portal)
    assert (phone["contact"], phone["browser"]) == ("Tom", "Firefox, Linux")
    desk = await service.signed_in(OPERATOR)
    follow = (await desk.http.get(f"/api/messages/{message_id}/delivery")).json()
    assert ("on_call", "Tom", 1) in {
        (one["channel"], one["recipient"], one["step"]) for one in follow["tries"]
    }
    async with service.house.store.database.reading() as connection:
        (row,) = (await connection.execute(on_call_browsers.select())).all()
    assert push.url not in str(tuple(row)), "the address is sealed"
    asked = {"token": token, "endpoint": push.url}
    for _ in range(2):
        silent = await stranger.post("/api/receipts/silence", json=asked)
        assert (silent.status_code, silent.json()["digests"]) == (200, [])
    assert await kept(portal) == []


async def test_links_of_nobody_on_call_offer_nothing(
    service: Running, stranger: httpx.AsyncClient
) -> None:
    await settings(service, recipients=["atelier@example.fr"], on_call=ON_CALL)
    message_id = await taken(service, urgency="critique")
    tokens = await links(service, message_id)
    subscription = Subscribed().given(ADDRESS)
    bodies: dict[str, dict[str, Any]] = {
        "notified": {},
        "notify": {"subscription": subscription},
        "silence": {"endpoint": ADDRESS},
    }
    for path, rest in bodies.items():
        at = f"/api/receipts/{path}"
        usual = await stranger.post(at, json={"token": tokens["atelier@example.fr"], **rest})
        assert usual.status_code == 404, path
        forged = await stranger.post(at, json={"token": "x" * 64, **rest})
        assert (forged.status_code, forged.json()["code"]) == (410, "link_over"), path
        foreign = {"Origin": "https://evil.invalid", "Sec-Fetch-Site": "cross-site"}
        theirs = {"token": tokens["tom@example.fr"], **rest}
        other = await stranger.post(at, json=theirs, headers=foreign)
        assert (other.status_code, other.json()["code"]) == (403, "forged_request"), path
    wrong = {"token": tokens["tom@example.fr"], "subscription": Subscribed().given("ftp://a")}
    refused = await stranger.post("/api/receipts/notify", json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_push")
    desk = await service.signed_in(OPERATOR)
    await desk.http.post(f"/api/messages/{message_id}/links/revoke")
    _, over = await add(stranger, tokens["tom@example.fr"])
    assert over.status_code == 410
    await desk.close()


@pytest.mark.parametrize(
    "changed", [{"name": "Thomas"}, {"email": "garde@example.fr"}, {"phone": "+33639980107"}, None]
)
async def test_a_telephone_goes_with_its_entry_on_the_list(
    service: Running, portal: Browser, stranger: httpx.AsyncClient, changed: dict[str, str] | None
) -> None:
    token = await toms_link(service)
    _, answer = await add(stranger, token)
    assert answer.status_code == 201
    waits = [one | {"wait_minutes": 7} for one in ON_CALL["contacts"]]  # type: ignore[attr-defined]
    await settings(service, on_call=ON_CALL | {"contacts": waits})
    assert len(await kept(portal)) == 1, "how long they have to answer says nothing of who it is"
    lea, tom = waits
    left = [lea] if changed is None else [lea, tom | changed]
    await settings(service, on_call=ON_CALL | {"contacts": left, "shifts": []})
    assert await kept(portal) == []
    gone = await stranger.post("/api/receipts/notified", json={"token": token})
    if changed is None or not changed.keys() & {"phone"}:
        assert gone.status_code == 404, "nor does an old link add one for somebody else"


async def test_a_person_s_telephones_are_few_and_the_client_removes_them(
    service: Running, portal: Browser, stranger: httpx.AsyncClient
) -> None:
    token = await toms_link(service)
    statuses = [
        (await add(stranger, token, f"{ADDRESS}{number}"))[1].status_code
        for number in range(MOST_OF_A_CONTACT + 1)
    ]
    assert statuses == [201] * MOST_OF_A_CONTACT + [429], "a link adds no hundreds"
    (first, *others) = await kept(portal)
    gone = await portal.http.delete(f"{PHONES}/{first['id']}")
    assert gone.status_code == 204
    assert await kept(portal) == others
    assert (await portal.http.delete(f"{PHONES}/{first['id']}")).status_code == 404
    elsewhere = f"/api/clients/{THEIRS}/on-call/browsers"
    assert (await portal.http.get(elsewhere)).status_code == 404
    audited = await service.house.store.audit.entries(action="push.on_call_added")
    assert {(one.act.actor.role, one.act.actor.name) for one in audited} == {("link", "Tom")}
