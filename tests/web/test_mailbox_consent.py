"""Mailboxes connected by consent, over HTTP, against the providers' published contracts."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

from copilot.inquiries.mailboxconsent import PLACES
from copilot.store.tables.inquiries import mailboxes
from tests.agenda.published import Google, Microsoft
from tests.web.running import SUPERVISOR, Browser, Running
from tests.web.test_consent import ID, consented, name_of, portal, provider, service

__all__ = ["portal", "provider", "service"]
CONSENT = f"/api/clients/{ID}/mailbox-consent"
MAILBOXES = f"/api/clients/{ID}/mailboxes"
HOSTS: dict[str, str] = {provider: place[0] for provider, place in PLACES.items()}
ADDRESS = "contact@delorme.example.fr"


async def asked(who: Browser, provider: Google | Microsoft, **given: Any) -> str:
    answer = await who.http.post(CONSENT, json={"provider": name_of(provider), **given})
    assert answer.status_code == 200, answer.text
    address: str = answer.json()["address"]
    return address


async def brought(who: Browser, back: str) -> dict[str, str]:
    """What the page of mailboxes is told in its address."""
    answer = await who.http.get(back)
    told = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert (told.pop("tab"), told.pop("view")) == ("contacts", "inlets")
    return told


async def test_connected_shown_without_its_token_connected_again_and_given_back(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    name = name_of(provider)
    assert (await portal.http.get(CONSENT)).json() == {"providers": [name]}
    page = await asked(portal, provider, address=ADDRESS)
    query = parse_qs(urlsplit(page).query)
    assert query["login_hint"] == [ADDRESS]
    assert "calendar" not in query["scope"][0].lower()
    assert "mail.google.com" in query["scope"][0] or "IMAP.Access" in query["scope"][0]
    told = await brought(portal, await consented(portal, page))
    (shown,) = (await portal.http.get(MAILBOXES)).json()
    assert told == {"connected": shown["id"]}
    assert (shown["provider"], shown["user"], shown["host"]) == (name, ADDRESS, HOSTS[name])
    assert "refresh-" not in str(shown)
    async with service.house.store.database.reading() as connection:
        (row,) = (await connection.execute(mailboxes.select())).all()
    assert "refresh-" not in str(tuple(row)), "sealed"

    again = await asked(portal, provider, mailbox_id=shown["id"])
    assert (await brought(portal, await consented(portal, again)))["connected"] == shown["id"]
    (mailbox,) = await service.house.store.for_client(ID).mailboxes()
    gone = await portal.http.delete(f"{MAILBOXES}/{shown['id']}")
    assert gone.json() == {"revoked": True if name == "google" else None}
    if name == "google":
        assert provider.revoked == [mailbox.access["refresh_token"]]


async def test_what_is_no_consent_connects_nothing_and_says_why_on_its_page(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    provider.declines = True
    declined = await consented(portal, await asked(portal, provider, address=ADDRESS))
    assert await brought(portal, declined) == {"refused": "consent_declined"}
    provider.declines, provider.ticks = False, False
    partly = await consented(portal, await asked(portal, provider, address=ADDRESS))
    assert await brought(portal, partly) == {"refused": "consent_incomplete"}
    provider.ticks = True
    page = await asked(portal, provider, address=ADDRESS)
    desk = await service.signed_in(SUPERVISOR)
    stolen = await desk.http.get(await consented(portal, page))
    assert "refused=consent_answer" in stolen.headers["location"]
    nameless = await portal.http.post(CONSENT, json={"provider": name_of(provider)})
    assert (nameless.status_code, nameless.json()["code"]) == (422, "bad_mailbox")
    assert (await portal.http.get(MAILBOXES)).json() == []
    await portal.http.post(MAILBOXES, json={
        "address": ADDRESS, "host": "imap.example.fr", "user": "u", "password": "p",
    })  # fmt: skip
    twice = await consented(portal, await asked(portal, provider, address=ADDRESS))
    assert await brought(portal, twice) == {"refused": "conflict"}


async def nobody_reads() -> None:
    """Mailboxes stay as the test writes them: a reader's try, ending late, would overwrite it."""
    readers = [task for task in asyncio.all_tasks() if task.get_name().startswith("mailboxes-")]
    assert readers
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)


async def test_a_consent_that_lapsed_is_said_to_who_reads_the_inbox(
    service: Running, portal: Browser, provider: Google | Microsoft
) -> None:
    await brought(portal, await consented(portal, await asked(portal, provider, address=ADDRESS)))
    await nobody_reads()
    scope = service.house.store.for_client(ID)
    (mailbox,) = await scope.mailboxes()

    async def unread() -> list[str]:
        desk = await service.signed_in(SUPERVISOR)
        answer = await desk.http.get("/api/inquiries/mailboxes")
        await desk.close()
        return [f"{one['client_name']} {one['address']} {one['fault']}" for one in answer.json()]

    async def becomes(fault: str | None, failures: int) -> None:
        values = {"fault": fault, "failures": failures}
        async with service.house.store.database.writing() as connection:
            await connection.execute(mailboxes.update().values(**values))

    await becomes("mailbox_unreachable", 1)
    assert await unread() == [], "it may pass"
    await becomes("mailbox_unreachable", 3)
    assert await unread() == [f"Plomberie Delorme {ADDRESS} mailbox_unreachable"]
    await becomes("mailbox_consent", 1)
    assert await unread() == [f"Plomberie Delorme {ADDRESS} mailbox_consent"]
    refused = await portal.http.get("/api/inquiries/mailboxes")
    assert refused.status_code == 404, "of every client"
    again = await asked(portal, provider, mailbox_id=mailbox.id)
    await brought(portal, await consented(portal, again))
    assert await unread() == []
