"""A client imports its contacts; an operator sees who rings, opens an e-mail and answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from copilot.inquiries.mailboxconsent import consented_access
from copilot.store.audit import SYSTEM, Act
from copilot.store.tables.inquiries import mailboxes
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import ringing
from tests.servers import free_port
from tests.web.running import Running, running
from tests.web.test_inquiries import DOMAIN, ZOE, inlet, letter, post, sent, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

FILE = "nom;téléphone;statut;consigne\nZoé Martin;01 99 00 11 22;VIP;Passer Karim\nX;12;;\n"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def service(tmp_path: Path, port: int) -> AsyncIterator[Running]:
    async with running(tmp_path, inbox_port=port, inbox_domain=DOMAIN) as service:
        yield service


async def person(chromium: Any, service: Running, email: str, **options: Any) -> Any:
    assert service.house.accounts_shown is not None
    page = await new_page(chromium, **options)
    await sign_in(page, service.url, email, service.house.accounts_shown.operator.password)
    return page


async def test_contacts_are_imported_edited_undone_and_recognised(service: Running) -> None:
    async with browser() as chromium:
        page = await person(chromium, service, CLIENT, timezone_id="America/Martinique")
        await page.goto(f"{service.url}/portal?tab=contacts&view=import")
        await page.get_by_test_id("people-file").set_input_files(
            {"name": "contacts.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")}
        )
        await page.get_by_test_id("people-change").wait_for()
        assert await page.get_by_test_id("people-problem").count() == 2
        await assert_accessible(page, "contacts, a preview")
        await page.get_by_test_id("people-apply").click()
        await page.get_by_test_id("people-applied").wait_for()
        await page.goto(f"{service.url}/portal?tab=contacts")
        await page.get_by_test_id("known-search").fill("zoe")
        await page.get_by_test_id("known-edit").click()
        await assert_accessible(page, "contacts, somebody edited")
        await page.get_by_test_id("known-numbers").fill("12")
        await page.get_by_test_id("known-save").click()
        await page.get_by_test_id("known-fault").wait_for()
        await page.get_by_test_id("known-numbers").fill("+33639981234")
        await page.get_by_test_id("known-from").fill("2026-12-01T09:00")
        await page.get_by_test_id("known-until").fill("2026-12-01T18:30")
        await page.get_by_test_id("known-save").click()
        await page.get_by_test_id("known-form").wait_for(state="hidden")
        (zoe,) = await service.house.store.for_client("demo-delorme").known_callers()
        assert zoe.expected_from is not None
        assert zoe.expected_from.isoformat() == "2026-12-01T08:00:00+00:00", "Paris, nine o'clock"
        await page.get_by_test_id("known-edit").filter(has_text="09:00").wait_for()
        desk = await person(chromium, service, OPERATOR)
        await desk.get_by_test_id("idle").wait_for()
        await ringing(service, "rings")
        await desk.get_by_test_id("caller-consigne").wait_for()
        assert "Passer Karim" in await desk.get_by_test_id("caller-consigne").inner_text()
        assert "VIP" in await desk.get_by_test_id("caller-person").inner_text()
        await page.goto(f"{service.url}/portal?tab=contacts&view=history")
        await page.get_by_test_id("contact-version").first.wait_for()
        await assert_accessible(page, "contacts, history")
        assert await page.get_by_test_id("contact-undo").count() == 1, "the import's would conflict"
        for _ in ("asked", "sure"):
            await page.get_by_test_id("contact-undo").first.click()
        await page.get_by_test_id("contact-version").nth(2).wait_for()
        assert await page.get_by_test_id("contact-undo").count() == 2, "the undoing's, the import's"
        people = await service.house.store.for_client("demo-delorme").known_callers()
        assert [one.numbers for one in people] == [("+33199001122",)]
        assert page.failures == [] and desk.failures == []


async def test_an_e_mail_is_opened_from_the_desk_and_answered(
    service: Running, port: int, tmp_path: Path
) -> None:
    address = (await inlet(service))["value"]
    async with browser() as chromium:
        page = await person(chromium, service, OPERATOR)
        await page.get_by_test_id("inbox").wait_for()
        assert await page.get_by_test_id("inquiry").count() == 0
        await post(port, letter(address, "Quels sont vos horaires ?\n\n<b>Zoé</b>"), address)
        await page.get_by_test_id("inquiry").wait_for(timeout=10_000)  # without asking again
        await assert_accessible(page, "desk, inbox")
        await page.get_by_test_id("inquiry-open").click()
        text = page.get_by_test_id("reply-text")
        await text.wait_for()
        await page.get_by_test_id("turn").first.wait_for()
        assert await page.locator('[data-testid="turn"] b').count() == 0
        await assert_accessible(page, "desk, something written")
        await text.fill("Bonjour, nous ouvrons à 8 h.")
        assert sent(tmp_path, ZOE) == []
        await page.get_by_test_id("reply-send").click()
        await page.get_by_test_id("reply-sent").wait_for()
        await page.locator('[data-testid="reply-state"][data-state="sent"]').wait_for()
        await until(lambda: asyncio.to_thread(sent, tmp_path, ZOE))
        assert page.failures == []
        portal = await person(chromium, service, CLIENT, width=390, height=844)
        await portal.goto(f"{service.url}/portal?tab=contacts&view=inlets")
        await portal.get_by_test_id("inlet-form").click()
        await portal.get_by_test_id("inlet").nth(1).wait_for()
        await assert_accessible(portal, "addresses and forms, on a phone")
        assert portal.failures == []


async def test_a_mailbox_whose_consent_lapsed_is_said_in_the_inbox_and_on_the_board(
    service: Running,
) -> None:
    scope = service.house.store.for_client("demo-delorme")
    at = service.house.journal.now() + timedelta(days=1)  # not read meanwhile
    act = Act(actor=SYSTEM, action="mailbox.consented", at=at, client_id="demo-delorme")
    access = consented_access("google", "contact@delorme.example.fr", "refresh-1")
    mailbox_id = await scope.add_mailbox("contact@delorme.example.fr", access, at=at, act=act)

    async def becomes(fault: str | None) -> None:
        async with service.house.store.database.writing() as connection:
            await connection.execute(mailboxes.update().values(fault=fault, failures=1))
        service.house.inquiries.changed()

    async with browser() as chromium:
        desk = await person(chromium, service, OPERATOR)
        await desk.get_by_test_id("inbox").wait_for()
        notice = desk.get_by_test_id("mailbox-unread")
        assert await notice.count() == 0
        await becomes("mailbox_consent")
        await notice.wait_for()
        text = await notice.inner_text()
        assert "Plomberie Delorme" in text and "expiré" in text and "onglet Interlocuteurs" in text
        await assert_accessible(desk, "a mailbox that is not read")
        board = await new_page(chromium)
        await board.add_init_script("localStorage.setItem('souffleur.language', 'en')")
        assert service.house.accounts_shown is not None
        password = service.house.accounts_shown.supervisor.password
        await sign_in(board, service.url, SUPERVISOR, password)
        told = board.get_by_test_id("mailbox-unread")
        await told.wait_for()
        assert "expired or was withdrawn" in await told.inner_text()
        await scope.change_mailbox(mailbox_id, access, afresh=False, at=at, act=act)
        service.house.inquiries.changed()
        await notice.wait_for(state="detached")
        assert desk.failures == [] and board.failures == []
