"""Appointments in a real Chromium: by key at the desk, connected and seen in the portal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from copilot.agenda.rules import AgendaRules, Practitioner, VisitType
from copilot.waiting.hours import OpeningHours
from tests.agenda.servers import PASSWORD, USER, radicale
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PARIS = ZoneInfo("Europe/Paris")
RULES = AgendaRules(
    hours=OpeningHours(week=(((540, 720),),) * 7, holidays="open"),
    practitioners=(Practitioner(id="vasseur", name="Dr Vasseur"),),
    visits=(VisitType(id="bilan", name="Bilan", duration_min=30),),
    step_min=30,
)


async def test_an_operator_books_by_key_what_the_caller_said(tmp_path: Path) -> None:
    from playwright.async_api import expect

    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        scope = service.house.store.for_client("demo-delorme")
        await scope.save_agenda(RULES, latest=0, at=service.house.journal.now())
        desk = await new_page(chromium)
        password = service.house.accounts_shown.operator.password
        await sign_in(desk, service.url, OPERATOR, password)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        day = (datetime.now(PARIS) + timedelta(days=3)).date().isoformat()
        scene.draft(
            caller_name="Odette Girard", phone="+33639981234", email="odette@example.fr",
            reason="Entretien de la chaudière", appointment_action="prendre",
            appointment_when=f"{day}T10:00",
        )  # fmt: skip
        panel = desk.get_by_test_id("appointments")
        await desk.get_by_test_id("slot").first.wait_for()
        assert await desk.get_by_test_id("slot").filter(has_text="10:00").count() >= 1
        await desk.keyboard.press("y")
        await desk.locator('[data-testid="slot"]:focus').wait_for()
        await desk.keyboard.press("Enter")
        held = desk.get_by_test_id("held")
        await held.wait_for()
        assert await desk.get_by_test_id("person-name").input_value() == "Odette Girard"
        await desk.get_by_test_id("tell-email").check()
        await assert_accessible(desk, "held")
        await desk.get_by_test_id("call").click(position={"x": 5, "y": 5})
        await desk.keyboard.press("Shift+Y")
        booked = panel.locator('[data-testid="appointment"][data-state="booked"]')
        await booked.wait_for()
        await booked.locator('[data-testid="notice"][data-state="delivered"]').wait_for()
        await expect(desk.get_by_test_id("note")).to_have_value(re.compile("Rendez-vous noté"))
        (kept,) = await scope.appointments_of_call(scene.call_id)
        assert kept.person is not None and kept.person.phone == "+33639981234"
        await booked.get_by_test_id("cancel").click()
        await booked.get_by_test_id("really-cancel").click()
        await panel.locator('[data-state="cancelled"]').first.wait_for()
        assert (await scope.appointment(kept.id)).state == "cancelled"
        await assert_accessible(desk, "booked")
        assert desk.failures == []


async def test_a_client_connects_a_calendar_and_makes_its_agenda(tmp_path: Path) -> None:
    (tmp_path / "dav").mkdir()
    with radicale(tmp_path / "dav") as server:
        async with (
            running(tmp_path, agenda_networks="127.0.0.0/8") as service,
            browser() as chromium,
        ):
            assert service.house.accounts_shown is not None
            page = await new_page(chromium)
            password = service.house.accounts_shown.client.password
            await sign_in(page, service.url, CLIENT, password)
            await page.goto(f"{service.url}/portal?tab=agenda&view=calendars")
            await page.get_by_test_id("connect-caldav").click()
            await page.get_by_test_id("access-address").fill("dav.example.fr")
            await page.get_by_test_id("access-user").fill(USER)
            await page.get_by_test_id("access-password").fill("faux")
            await page.get_by_test_id("account-save").click()
            wrong = page.locator('[data-testid="access-address"][aria-invalid="true"]')
            await wrong.wait_for()
            await wrong.fill(server.url)
            await assert_accessible(page, "connect")
            await page.get_by_test_id("account-save").click()
            refused = page.get_by_test_id("account-said").filter(
                has_text="mot de passe n’est pas accepté"
            )
            await refused.wait_for()
            await page.get_by_test_id("account-edit").click()
            await page.get_by_test_id("access-password").fill(PASSWORD)
            await page.get_by_test_id("account-save").click()
            await page.get_by_test_id("account-said").filter(has_text="2 calendriers").wait_for()

            await page.goto(f"{service.url}/portal?tab=agenda&view=rules")
            await page.get_by_test_id("practitioner-add").click()
            await page.get_by_test_id("practitioner-name").fill("Dr Vasseur")
            await page.get_by_test_id("practitioner-account").select_option(label="CalDAV")
            await page.get_by_test_id("practitioner-calendar").select_option(server.calendar)
            await page.get_by_test_id("visit-add").click()
            await page.get_by_test_id("visit-name").fill("Bilan")
            await page.get_by_test_id("visit-duration").fill("7")
            await page.get_by_test_id("agenda-save").click()
            wrong = page.locator('[data-testid="visit-duration"][aria-invalid="true"]')
            await wrong.wait_for()
            await assert_accessible(page, "rules")
            await wrong.fill("30")
            await page.get_by_test_id("agenda-address").fill("12 rue des Tanneurs, 59000 Lille")
            await page.get_by_test_id("agenda-phone").fill("01 99 00 12 3")
            await page.get_by_test_id("agenda-save").click()
            wrong = page.locator('[data-testid="agenda-phone"][aria-invalid="true"]')
            await wrong.wait_for()
            said = page.get_by_test_id("agenda-said")
            assert await said.inner_text() == "Rien n’est enregistré : corrigez le champ signalé."
            await wrong.fill("01 99 00 12 34")
            await page.get_by_test_id("agenda-save").click()
            await page.get_by_test_id("agenda-said").filter(has_text="Enregistré").wait_for()
            rules = (await service.house.store.for_client("demo-delorme").agenda()).rules
            assert rules.practitioners[0].calendar == server.calendar
            assert rules.visits[0].id == "bilan"
            assert rules.address == "12 rue des Tanneurs, 59000 Lille"
            assert rules.phone == "01 99 00 12 34"

            await page.goto(f"{service.url}/portal?tab=agenda")
            await page.get_by_test_id("week").wait_for()
            await page.get_by_test_id("week-after").click()
            await assert_accessible(page, "week")
            assert page.failures == []


async def test_a_calendar_that_fails_at_the_desk_is_said_mended_and_tried_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "dav").mkdir()
    with radicale(tmp_path / "dav") as server:
        async with (
            running(tmp_path, agenda_networks="127.0.0.0/8") as service,
            browser() as chromium,
        ):
            works = {"address": server.url, "user": USER, "password": PASSWORD}
            changed = {**works, "password": "changé"}
            scope = service.house.store.for_client("demo-delorme")
            portal = await service.signed_in(CLIENT)
            made = await portal.http.post(
                "/api/clients/demo-delorme/calendars",
                json={"provider": "caldav", "name": "Cabinet", "access": works},
            )
            account = made.json()["id"]
            assert service.house.accounts_shown is not None
            practitioner = replace(
                RULES.practitioners[0], account=account, calendar=server.calendar
            )
            rules = replace(RULES, practitioners=(practitioner,))
            await scope.save_agenda(rules, latest=0, at=service.house.journal.now())
            desk = await new_page(chromium)
            password = service.house.accounts_shown.operator.password
            await sign_in(desk, service.url, OPERATOR, password)
            me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()
            scene = await answered(service, me["id"])
            scene.draft(
                caller_name="Odette Girard", email="odette@example.fr",
                appointment_action="prendre",
            )  # fmt: skip
            slot, failure = (
                desk.get_by_test_id("slot").first,
                desk.get_by_test_id("appointment-failure"),
            )
            await slot.wait_for()
            await desk.get_by_test_id("note").fill("Préfère le matin.")

            server.stop()
            await slot.click()
            await failure.filter(has_text="ne répond pas").wait_for()
            again = desk.get_by_test_id("calendar-again")
            await again.click()
            await desk.get_by_test_id("calendar-fault").filter(has_text="ne répond pas").wait_for()
            await assert_accessible(desk, "a calendar that does not answer")
            server.start()
            await scope.renew_access(account, changed)
            await again.click()
            await desk.get_by_test_id("calendar-fault").filter(has_text="a expiré").wait_for()
            assert await desk.get_by_test_id("slot").count() == 0
            assert await scope.appointments_of_call(scene.call_id) == ()

            await scope.renew_access(account, works)
            await again.click()
            await slot.click()
            await desk.get_by_test_id("held").wait_for()
            await desk.get_by_test_id("tell-email").check()
            await scope.renew_access(account, changed)
            await desk.get_by_test_id("book").click()
            card = desk.locator('[data-testid="appointment"][data-sync="failed"]')
            await card.get_by_test_id("appointment-fault").filter(has_text="a expiré").wait_for()
            told = desk.get_by_test_id("notice")
            assert await told.get_attribute("data-state") == "pending", "the caller is not told"
            await scope.renew_access(account, works)
            await card.get_by_test_id("insist").click()
            await desk.locator('[data-testid="appointment"][data-sync="written"]').wait_for()
            await desk.locator('[data-testid="notice"][data-state="delivered"]').wait_for()
            assert "Préfère le matin." in await desk.get_by_test_id("note").input_value()
            assert desk.failures == []
