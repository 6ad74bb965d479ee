"""Ways in and out as a client sets them up: notifications, a mailbox, a calendar by consent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.agenda.published import Google, serving
from tests.delivery.pushes import Subscribed
from tests.delivery.test_webhook import receiver
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.inquiries.mailserver import PASSWORD, USER, letter, mail_server
from tests.servers import wait_until
from tests.web.running import OPERATOR, Running, running
from tests.web.test_delivery import ON_CALL, settings, taken
from tests.web.test_on_call_push import links

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ON_CALL_EMAILS = ("tom@example.fr", "lea@example.fr")

# No push service can be reached from here: the browser is given its keys and address instead.
SUBSCRIBES = """
const given = GIVEN;
let made = null;
PushManager.prototype.subscribe = async options => {
  if (!options.userVisibleOnly || !options.applicationServerKey) throw new TypeError('options');
  made = {endpoint: given.endpoint, options, toJSON: () => given,
    unsubscribe: async () => { made = null; return true; }};
  return made;
};
PushManager.prototype.getSubscription = async () => made;
"""
SHOWN = """async () => {
  const ready = await navigator.serviceWorker.ready;
  const shown = await ready.getNotifications();
  return shown.map(one => [one.title, one.body, one.tag, one.data.link]);
}"""
CLICKED = """async link => {
  const opened = [];
  self.clients.openWindow = async page => { opened.push(page); };
  await self.registration.showNotification('x', {tag: 'x', data: {link}});
  const [notification] = await self.registration.getNotifications({tag: 'x'});
  self.dispatchEvent(new NotificationEvent('notificationclick', {notification}));
  return opened;
}"""


async def portal(chromium: Any, service: Running, path: str) -> Any:
    assert service.house.accounts_shown is not None
    page = await new_page(chromium)
    password = service.house.accounts_shown.client.password
    await sign_in(page, service.url, CLIENT, password)
    await page.goto(service.url + path)
    return page


async def worker_of(page: Any, origin: str) -> tuple[Any, str]:
    """The page's own worker for notifications, as its debugger sees it."""
    session = await page.context.new_cdp_session(page)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def told(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if one["scopeURL"].startswith(origin) and not found.done():
                found.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", told)
    await session.send("ServiceWorker.enable")
    return session, await asyncio.wait_for(found, 20)


async def test_a_browser_is_added_notified_and_removed(tmp_path: Path) -> None:
    subscribed = Subscribed()
    with receiver(201) as push:
        async with running(tmp_path, webhook_private=True) as service, browser() as chromium:
            page = await portal(chromium, service, "/portal?tab=delivery&view=channels")
            await page.get_by_test_id("route-add").click()
            await page.get_by_test_id("route-kind").select_option("push")
            await page.get_by_test_id("sending-save").click()
            await page.get_by_text("Enregistré.").wait_for()
            await assert_accessible(page, "channels with notifications")

            given = json.dumps(subscribed.given(push.url))
            await page.add_init_script(SUBSCRIBES.replace("GIVEN", given))
            await page.goto(f"{service.url}/account")
            await page.get_by_test_id("push").wait_for()
            await page.context.grant_permissions(["notifications"], origin=service.url)
            await page.get_by_test_id("push-add").click()
            await page.get_by_test_id("push-added").wait_for()
            await page.get_by_test_id("push-browser").filter(has_text="ce navigateur").wait_for()
            assert await page.get_by_test_id("push-add").count() == 0
            await assert_accessible(page, "account with notifications")

            await taken(service, urgency="urgent")
            await asyncio.to_thread(wait_until, lambda: bool(push.posts), "the notification")
            brought = subscribed.reads(push.posts[0][1])
            session, registration = await worker_of(page, service.url)
            for data in (json.dumps(brought), "pas du JSON"):
                await session.send(
                    "ServiceWorker.deliverPushMessage",
                    {"origin": service.url, "registrationId": registration, "data": data},
                )
            async with asyncio.timeout(20):
                while len(shown := await page.evaluate(SHOWN)) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert [brought["title"], brought["body"], brought["tag"], brought["link"]] in shown
            assert ["Nouveau message", "", "", ""] in shown

            (worker,) = page.context.service_workers
            home = f"{service.url}/portal?tab=messages"
            for link, opens in {
                brought["link"]: brought["link"],
                "https://ailleurs.example.com/": home,
                "javascript:alert(1)": home,
                "": home,
            }.items():
                assert await worker.evaluate(CLICKED, link) == [opens]

            await page.get_by_test_id("push-remove").click()
            await page.get_by_text("Aucun navigateur n’est prévenu.").wait_for()
            assert [line for line in page.failures if "push" in line] == []


async def test_somebody_on_call_adds_their_telephone_from_the_link(tmp_path: Path) -> None:
    subscribed = Subscribed()
    with receiver(*[201] * 3) as push:
        async with running(tmp_path, webhook_private=True) as service, browser() as chromium:
            await settings(service, on_call=ON_CALL)
            tokens = await links(service, await taken(service, urgency="critique"))
            phone = await new_page(chromium)
            given = json.dumps(subscribed.given(push.url))
            await phone.add_init_script(SUBSCRIBES.replace("GIVEN", given))
            await phone.context.grant_permissions(["notifications"], origin=service.url)
            await phone.goto(f"{service.url}/m#{tokens['tom@example.fr']}")
            await phone.get_by_text("Astreinte de Tom").wait_for()
            await assert_accessible(phone, "a link of somebody on call")
            await phone.get_by_test_id("on-call-push-add").click()
            await phone.get_by_test_id("on-call-push-here").wait_for()

            await taken(service, urgency="critique")
            await asyncio.to_thread(wait_until, lambda: bool(push.posts), "the notification")
            page = await portal(chromium, service, "/portal?tab=delivery&view=onCall")
            await page.get_by_test_id("on-call-phone").filter(has_text="Tom").wait_for()
            await assert_accessible(page, "on-call list with telephones")

            await phone.get_by_test_id("on-call-push-stop").click()
            await phone.get_by_test_id("on-call-push-add").click()
            await phone.get_by_test_id("on-call-push-here").wait_for()
            await page.reload()
            await page.get_by_test_id("on-call-phone-remove").click()
            await page.get_by_test_id("on-call-phones").wait_for(state="detached")
            (usual,) = [token for to, token in tokens.items() if to not in ON_CALL_EMAILS]
            letter = await new_page(chromium)
            await letter.goto(f"{service.url}/m#{usual}")
            await letter.get_by_test_id("receipt-acknowledge").wait_for()
            await letter.get_by_test_id("receipt-acknowledge").click()
            await letter.get_by_test_id("receipt-acknowledged").wait_for()
            assert await letter.get_by_test_id("on-call-push").count() == 0
            assert phone.failures == [] and page.failures == []


async def test_a_browser_that_says_no_is_told_how_to_mend_it(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        page = await portal(chromium, service, "/account")
        await page.add_init_script("Notification.requestPermission = async () => 'denied'")
        await page.reload()
        await page.get_by_test_id("push-add").click()
        await page.get_by_test_id("push-problem").filter(has_text="cadenas").wait_for()
        await assert_accessible(page, "notifications refused")


async def test_a_mailbox_is_read_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with mail_server(tmp_path / "mail") as server:
        async with (
            running(tmp_path / "data", mailbox_networks="127.0.0.0/8") as service,
            browser() as chromium,
        ):
            page = await portal(chromium, service, "/portal?tab=contacts&view=inlets")
            await page.get_by_test_id("mailbox-add").click()
            await page.get_by_test_id("mailbox-address").fill("contact@delorme.example.fr")
            await page.get_by_test_id("mailbox-host").fill("127.0.0.1")
            await page.get_by_test_id("mailbox-security").select_option("none")
            await page.get_by_test_id("mailbox-port").fill(str(server.port))
            await page.get_by_test_id("mailbox-user").fill(USER)
            await page.get_by_test_id("mailbox-password").fill("autre")
            await assert_accessible(page, "a mailbox's form")
            await page.get_by_test_id("mailbox-save").click()
            said = page.get_by_test_id("mailbox-said")
            await said.filter(has_text="refusé").wait_for()
            await page.get_by_test_id("mailbox-edit").click()
            assert await page.get_by_test_id("mailbox-password").input_value() == ""
            await page.get_by_test_id("mailbox-password").fill(PASSWORD)
            await page.get_by_test_id("mailbox-save").click()
            await said.filter(has_text="s’ouvre").wait_for()
            assert PASSWORD not in await page.content()
            scope = service.house.store.for_client("demo-delorme")
            async with asyncio.timeout(20):
                while (await scope.mailboxes())[0].read_at is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            server.deliver(letter(1, Auto_Submitted="auto-replied"))
            server.deliver(letter(2))
            await due_now(service)
            desk = await service.signed_in(OPERATOR)
            async with asyncio.timeout(20):
                while not (came := (await desk.http.get("/api/inquiries")).json()):
                    await due_now(service)
            (came,) = came
            assert came["subject"] == "Question 2"
            await page.reload()
            await page.get_by_test_id("mailbox-aside").click()
            await page.get_by_text("réponse automatique").wait_for()
            await assert_accessible(page, "a mailbox with letters left aside")


async def test_a_mailbox_is_connected_on_the_provider_s_page_and_again_when_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    async with serving(Google) as google:
        with mail_server(tmp_path / "mail", token="unknown") as server:
            monkeypatch.setattr("web.appointments.Providers", google.providers)
            there = {"google": ("127.0.0.1", server.port, "none")}
            monkeypatch.setattr("copilot.inquiries.mailboxconsent.PLACES", there)
            async with (
                running(
                    tmp_path / "data", agenda_networks="127.0.0.0/8",
                    mailbox_networks="127.0.0.0/8", google_client_id="house",
                    google_client_secret="secret",
                ) as service,
                browser() as chromium,
            ):  # fmt: skip
                where = "/portal?tab=contacts&view=inlets"
                page = await portal(chromium, service, where)
                google.declines = True
                await page.get_by_test_id("mailbox-consent-address").fill("contact@x.example.fr")
                await assert_accessible(page, "mailboxes by consent")
                await page.get_by_test_id("mailbox-consent-google").click()
                refused = page.get_by_test_id("mailbox-consent-refused")
                await refused.filter(has_text="n’a pas été").wait_for()
                google.declines = False
                await page.get_by_test_id("mailbox-consent-address").fill("contact@x.example.fr")
                await page.get_by_test_id("mailbox-consent-google").click()
                await page.get_by_test_id("mailbox-connected").wait_for()
                google.refresh_tokens.clear()
                await due_now(service)
                await page.reload()
                fault = page.get_by_test_id("mailbox-fault")
                await fault.filter(has_text="reconnectez-la").wait_for()
                await assert_accessible(page, "a mailbox whose consent is over")
                await page.get_by_test_id("mailbox-reconnect").click()
                await page.get_by_test_id("mailbox-connected").wait_for()


async def due_now(service: Running) -> None:
    """Read the mailbox before its minute is over."""
    from copilot.store.tables.inquiries import mailboxes

    house = service.house
    async with house.store.database.writing() as connection:
        await connection.execute(mailboxes.update().values(next_at=house.journal.now()))
    await house.inquiries.mailboxes.read_due()


async def test_a_calendar_is_connected_on_the_provider_s_page_and_again_when_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Google) as google:
        monkeypatch.setattr("web.appointments.Providers", google.providers)
        async with (
            running(
                tmp_path, agenda_networks="127.0.0.0/8", google_client_id="house",
                google_client_secret="secret",
            ) as service,
            browser() as chromium,
        ):  # fmt: skip
            where = "/portal?tab=agenda&view=calendars"
            page = await portal(chromium, service, where)
            google.declines = True
            await page.get_by_test_id("consent-google").click()
            await page.get_by_test_id("consent-refused").filter(has_text="n’a pas été").wait_for()
            await assert_accessible(page, "consent declined")
            google.declines = False
            await page.get_by_test_id("consent-google").click()
            await page.get_by_test_id("account-said").filter(has_text="2 calendriers").wait_for()
            await assert_accessible(page, "connected by consent")
            google.refresh_tokens.clear()
            google.tokens.clear()
            await page.get_by_test_id("account-test").click()
            await page.get_by_test_id("account-said").filter(has_text="expiré").wait_for()
            await page.goto(service.url + where)
            fault = page.get_by_test_id("account-fault")
            await fault.filter(has_text="reconnectez ce compte").wait_for()
            again = page.get_by_test_id("calendar-account").get_by_test_id("consent-google")
            await again.click()
            await page.get_by_test_id("account-said").filter(has_text="2 calendriers").wait_for()
            await page.get_by_test_id("account-remove").click()
            await page.get_by_test_id("account-removed").filter(has_text="fournisseur").wait_for()
            assert len(google.revoked) == 1
