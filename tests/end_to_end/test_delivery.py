"""How messages leave, set up in the portal; followed up; acknowledged from the letter."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.servers import smtp_sink, wait_until
from tests.web.running import SUPERVISOR, running
from tests.web.test_delivery import LINK, mail, taken

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_an_on_call_list_is_written_and_an_urgency_taken_up_from_the_letter(
    tmp_path: Path,
) -> None:
    with smtp_sink() as sink:
        async with (
            running(
                tmp_path, smtp_host="127.0.0.1", smtp_port=sink.port, smtp_tls="none"
            ) as service,
            browser() as chromium,
        ):
            assert service.house.accounts_shown is not None
            password = service.house.accounts_shown.client.password
            page = await new_page(chromium)
            await sign_in(page, service.url, CLIENT, password)

            await page.goto(f"{service.url}/portal?tab=delivery")
            await page.get_by_test_id("sending-recipients").fill("")
            await page.get_by_test_id("pace-normal").select_option("daily")
            await page.get_by_test_id("digest-at").fill("17:30")
            await page.get_by_test_id("quiet-from").fill("20:00")
            await page.get_by_test_id("quiet-until").fill("08:00")
            await page.get_by_test_id("content").select_option("link")
            await page.get_by_test_id("sending-save").click()
            await page.get_by_text("Enregistré.").wait_for()
            await assert_accessible(page, "delivery rules")

            await page.goto(f"{service.url}/portal?tab=delivery&view=channels")
            await page.get_by_test_id("route-add").click()
            await page.get_by_test_id("route-kind").select_option("notify")
            await page.get_by_test_id("route-to").fill("Garde")
            await page.get_by_test_id("route-address").fill("file:///etc/passwd")
            await page.get_by_test_id("sending-save").click()
            await page.get_by_role("alert").filter(has_text="Garde").wait_for()
            slack = "slack://TOKENAAAAAA/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC/#garde"
            await page.get_by_test_id("route-address").fill(slack)
            await page.get_by_label("Pour l’astreinte seulement").check()
            await page.get_by_test_id("sending-save").click()
            await page.get_by_text("Slack · Enregistrée").wait_for()
            assert "TOKEN" not in await page.content()
            await assert_accessible(page, "channels")

            await page.goto(f"{service.url}/portal?tab=delivery&view=onCall")
            await page.get_by_test_id("contact-add").click()
            await page.get_by_test_id("contact-name").fill("Léa")
            await page.get_by_test_id("contact-email").fill("lea@example.fr")
            await page.get_by_test_id("contact-push").check()
            said = await page.get_by_test_id("contact-push-state").inner_text()
            assert "Aucun navigateur" in said
            await page.get_by_test_id("shift-add").click()
            await page.get_by_test_id("people-add").select_option("Léa")
            await page.get_by_test_id("sending-save").click()
            await page.get_by_text("En ce moment : Léa").wait_for()
            await assert_accessible(page, "on-call list")

            await taken(service, urgency="critique")
            await asyncio.to_thread(wait_until, lambda: bool(sink.envelopes), "the letter")
            token = LINK.findall(mail(sink))[0]

            gallery = await new_page(chromium)
            await sign_in(gallery, service.url, SUPERVISOR, password)
            await gallery.goto(f"{service.url}/gallery")
            item = gallery.get_by_test_id("attention-item")
            await item.wait_for()
            assert await item.get_attribute("data-why") == "unacknowledged"
            await item.click()
            await gallery.get_by_test_id("follow-up-toggle").click()
            await gallery.locator('[data-testid="rung"][data-state="current"]').wait_for()
            await assert_accessible(gallery, "gallery with an escalation")

            letter = await new_page(chromium)
            await letter.goto(f"{service.url}/m#{token}")
            await letter.get_by_test_id("receipt-acknowledge").wait_for()
            assert "Lefèvre" not in await letter.content()
            await assert_accessible(letter, "receipt")
            await letter.get_by_test_id("receipt-acknowledge").click()
            await letter.get_by_test_id("receipt-acknowledged").wait_for()
            await gallery.locator('[data-testid="ladder"][data-state="acknowledged"]').wait_for()
            for seen in (page, gallery, letter):
                assert [line for line in seen.failures if "422" not in line] == []
