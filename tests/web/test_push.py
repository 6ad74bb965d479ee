"""Notifications in browsers, over HTTP: added, chosen, brought by a real push service, removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.pushes import Subscribed, vapid_claims
from tests.delivery.test_webhook import receiver
from tests.servers import wait_until
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, running
from tests.web.test_delivery import LINK, OURS, settings, taken

ROUTES = f"/api/clients/{OURS}/routes"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, webhook_private=True) as one:
        yield one


@pytest.fixture
async def portal(service: Running) -> Browser:
    return await service.signed_in(CLIENT)


async def added(portal: Browser, url: str) -> tuple[Subscribed, dict[str, Any]]:
    browser = Subscribed()
    answer = await portal.http.post("/api/push", json=browser.given(url))
    assert answer.status_code == 201, answer.text
    return browser, answer.json()


async def routed(portal: Browser, *urgencies: str) -> None:
    route = {"channel": "push", "to": "portal", "urgencies": list(urgencies)}
    answer = await portal.http.put(ROUTES, json={"routes": [route]})
    assert answer.status_code == 200, answer.text


async def test_a_message_is_brought_and_its_link_opens_it(
    service: Running, portal: Browser
) -> None:
    await routed(portal)
    with receiver(201) as push:
        key = (await portal.http.get("/api/push")).json()["public_key"]
        browser, view = await added(portal, push.url)
        assert push.url not in str(view)
        await taken(service, urgency="urgent")
        await asyncio.to_thread(wait_until, lambda: bool(push.posts), "the notification")
    ((headers, body),) = push.posts
    assert vapid_claims(headers["authorization"], key)["sub"].startswith("mailto:")
    shown = browser.reads(body)
    token = LINK.findall(shown["link"])[0]
    opened = await portal.http.post("/api/receipts/open", json={"token": token})
    assert opened.status_code == 200 and "Lefèvre" in opened.text
    done = await portal.http.post("/api/receipts/acknowledge", json={"token": token})
    assert done.json()["acknowledged_at"] is not None


async def test_the_channel_is_chosen_by_urgency_and_tried_out(
    service: Running, portal: Browser
) -> None:
    await routed(portal, "critique")
    trial = {"channel": "push", "to": "portal"}
    address = f"/api/clients/{OURS}/delivery/trial"
    said = (await portal.http.post(address, json=trial)).json()
    assert not said["delivered"] and "aucun navigateur" in said["detail"]
    with receiver(*[201] * 3) as push:
        browser, _ = await added(portal, push.url)
        await taken(service, urgency="normal")
        assert (await portal.http.post(address, json=trial)).json()["delivered"]
        await taken(service, urgency="critique")
        await asyncio.to_thread(wait_until, lambda: len(push.posts) == 2, "the notifications")
        titles = [browser.reads(body)["title"] for _, body in push.posts]
    assert "Urgence critique" in titles[1] and "Urgence" not in titles[0]


async def test_somebody_on_call_is_notified_by_their_account_s_browsers(
    service: Running, portal: Browser
) -> None:
    on_call = {"contacts": [{"name": "Léa", "email": CLIENT, "push": True}], "rounds": 1}
    kept = await settings(service, recipients=[], on_call=on_call)
    assert kept["on_call"]["contacts"][0]["push"] is True
    assert kept["notified"] == [], "nobody's browser: the page says so"
    with receiver(201) as push:
        browser, _ = await added(portal, push.url)
        known = (await portal.http.get(f"/api/clients/{OURS}/delivery")).json()["notified"]
        assert known == [CLIENT]
        await taken(service, urgency="critique")
        await asyncio.to_thread(wait_until, lambda: bool(push.posts), "the notification")
    assert browser.reads(push.posts[0][1])["title"].startswith("Astreinte")


async def test_browsers_are_their_person_s_alone(service: Running, portal: Browser) -> None:
    _, mine = await added(portal, "https://push.example.com/a")
    for email in (OPERATOR, SUPERVISOR):
        other = await service.signed_in(email)
        assert (await other.http.get("/api/push")).status_code == 404
        assert (await other.http.delete(f"/api/push/{mine['id']}")).status_code == 404
    assert (await portal.http.delete(f"/api/push/{mine['id']}")).status_code == 204
    assert (await portal.http.get("/api/push")).json()["browsers"] == []
    assert (await portal.http.delete(f"/api/push/{mine['id']}")).status_code == 404


async def test_what_is_no_subscription_is_refused_in_words(portal: Browser) -> None:
    given = Subscribed().given("https://push.example.com/a")
    given["keys"]["p256dh"] = "AAAA"
    answer = await portal.http.post("/api/push", json=given)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_push")
    assert "autre navigateur" in answer.json()["message"]


async def test_the_worker_is_ours_and_asked_for_again_each_time(service: Running) -> None:
    answer = await service.browser().get("/push-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
