"""What is written to clients, by a real SMTP conversation and over HTTP, to its answer."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx
import pytest

from copilot.store.audit import Actor
from copilot.store.errors import UnavailableError
from copilot.store.inquiries import TAKEN_FOR
from copilot.store.store import ClientScope
from tests.servers import free_port
from tests.web.running import CLIENT, OPERATOR, Browser, Running, running

INLETS = "/api/clients/demo-delorme/inlets"
DOMAIN = "demandes.example.fr"
ZOE = "zoe@example.fr"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def service(tmp_path: Path, port: int) -> AsyncIterator[Running]:
    async with running(tmp_path, inbox_port=port, inbox_domain=DOMAIN) as service:
        yield service


@pytest.fixture
async def desk(service: Running) -> Browser:
    return await service.signed_in(OPERATOR)


async def inlet(service: Running, kind: str = "email", **given: Any) -> dict[str, Any]:
    portal = await service.signed_in(CLIENT)
    answer = await portal.http.post(INLETS, json={"kind": kind, **given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def letter(to: str, text: str = "Bonjour, quels sont vos horaires ?", **headers: str) -> Any:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = f"Zoé Martin <{ZOE}>", to
    made["Subject"], made["Message-ID"] = "Horaires", "<1@x.example.fr>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


async def post(port: int, made: EmailMessage, to: str, *, sender: str = ZOE) -> None:
    await aiosmtplib.send(
        made.as_bytes(), sender=sender, recipients=[to], hostname="127.0.0.1", port=port,
        start_tls=False,
    )  # fmt: skip


async def until(what: Any) -> Any:
    async with asyncio.timeout(20):
        while not (found := await what()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def listed(desk: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.http.get("/api/inquiries")).json()
    return found


async def prepared(desk: Browser) -> dict[str, Any]:
    """The first one, once it is drafted."""

    async def first() -> dict[str, Any] | None:
        return next((one for one in await listed(desk) if one["prepared"]), None)

    found: dict[str, Any] = await until(first)
    return found


def sent(data: Path, to: str) -> list[Message]:
    letters = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((data / "mail").glob("*.eml"))
    ]
    return [one for one in letters if to in str(one["To"])]


async def test_an_e_mail_is_drafted_like_a_call_and_answered_on_approval_alone(
    service: Running, desk: Browser, port: int, tmp_path: Path
) -> None:
    address = (await inlet(service))["value"]
    made = letter(address)
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="dégât.pdf")
    await post(port, made, address.upper())
    found = await prepared(desk)
    assert (found["sender"], found["subject"], found["channel"]) == (ZOE, "Horaires", "email")
    call_id = found["call_id"]
    call = (await desk.http.get(f"/api/calls/{call_id}")).json()
    kinds = [event["kind"] for event in call["events"]]
    assert {"utterance_heard", "draft_changed", "call_ended", "suggestion_offered"} <= set(kinds)
    fields = {one["name"]: one["value"] for one in call["draft"]}
    assert (fields["email"], fields["caller_name"]) == (ZOE, "Zoé Martin")
    mine = await desk.http.post(f"/api/inquiries/{call_id}/take")
    assert mine.json()["taken_by_name"]
    view = (await desk.http.get(f"/api/inquiries/{call_id}")).json()
    assert view["proposed"].startswith("Bonjour Zoé Martin,") and view["may_reply"]
    (file,) = view["files"]
    got = await desk.http.get(f"/api/inquiries/{call_id}/files/{file['id']}")
    assert got.content == b"%PDF"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''d%C3%A9g%C3%A2t.pdf"
    assert sent(tmp_path, ZOE) == []
    for text in ("Nous ouvrons à 8 h.", "Autre chose"):  # the first stays
        answer = await desk.http.post(f"/api/inquiries/{call_id}/reply", json={"text": text})
        assert answer.status_code == 202
    reply: Message = (await until(lambda: asyncio.to_thread(sent, tmp_path, ZOE)))[0]
    assert str(reply.get_payload()).strip() == "Nous ouvrons à 8 h." or "8 h" in reply.as_string()
    assert (reply["In-Reply-To"], reply["Reply-To"]) == ("<1@x.example.fr>", address)
    assert await listed(desk) == []


async def test_the_same_letter_is_one_inquiry_and_an_unknown_address_is_refused(
    service: Running, desk: Browser, port: int
) -> None:
    address = (await inlet(service))["value"]
    for _ in range(2):
        await post(port, letter(address), address)
    assert len(await listed(desk)) == 1
    for nobody in (f"personne@{DOMAIN}", f"reply+aaaa@{DOMAIN}", "x@example.com"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await post(port, letter(nobody), nobody)


async def test_what_machines_send_is_no_inquiry(service: Running, desk: Browser, port: int) -> None:
    address = (await inlet(service))["value"]
    await post(port, letter(address, Auto_Submitted="auto-replied"), address)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as bouncing:
        await bouncing.mail("")
        await bouncing.rcpt(address)
        await bouncing.data(letter(address, Message_ID="<2@x.fr>").as_bytes())
    assert await listed(desk) == []
    huge = letter(address, "x" * 16_000_000)
    with pytest.raises(aiosmtplib.SMTPException):
        await post(port, huge, address)


async def test_a_letter_comes_again_while_the_database_is_away(
    service: Running, desk: Browser, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = (await inlet(service))["value"]

    async def away(*_: object, **__: object) -> bool:
        raise UnavailableError("away")

    with monkeypatch.context() as patched:
        patched.setattr("copilot.store.store.ClientScope.receive_inquiry", away)
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await post(port, letter(address), address)
        assert refused.value.code == 451
    await post(port, letter(address), address)
    assert len(await listed(desk)) == 1


async def test_one_operator_has_it_at_a_time(service: Running, desk: Browser, port: int) -> None:
    address = (await inlet(service))["value"]
    await post(port, letter(address), address)
    call_id = (await listed(desk))[0]["call_id"]
    await service.house.accounts.create_user(
        email="autre@example.fr", name="Autre", role="operator", password="quatre chevaux verts"
    )
    other = await service.signed_in("autre@example.fr", password="quatre chevaux verts")
    assert (await desk.http.post(f"/api/inquiries/{call_id}/take")).status_code == 200
    assert (await other.http.post(f"/api/inquiries/{call_id}/take")).status_code == 409
    await desk.http.post(f"/api/inquiries/{call_id}/put-back")
    assert (await other.http.post(f"/api/inquiries/{call_id}/take")).status_code == 200
    assert (await other.http.post(f"/api/inquiries/{call_id}/close")).json()["closed_at"]
    assert await listed(desk) == []


async def test_what_somebody_has_is_answered_by_nobody_else_until_they_leave_it(
    service: Running, desk: Browser, port: int
) -> None:
    address = (await inlet(service))["value"]
    await post(port, letter(address), address)
    call_id = (await listed(desk))[0]["call_id"]
    scope, now = service.house.store.for_client("demo-delorme"), service.house.journal.now()
    await scope.take_inquiry(call_id, user_id="u-9", user_name="Partie", at=now)
    for path, given in (("reply", {"text": "Bonjour"}), ("close", {}), ("take", {})):
        refused = await desk.http.post(f"/api/inquiries/{call_id}/{path}", json=given)
        assert refused.status_code == 409, path
    assert (await listed(desk))[0]["taken_by_name"] == "Partie"
    await scope.take_inquiry(call_id, user_id="u-9", user_name="Partie", at=now - TAKEN_FOR * 2)
    assert (await listed(desk))[0]["taken_by_name"] is None
    assert (await desk.http.post(f"/api/inquiries/{call_id}/take")).status_code == 200


async def test_a_reply_that_cannot_be_sent_is_in_the_list_again(
    service: Running, desk: Browser, port: int
) -> None:
    address = (await inlet(service))["value"]
    await post(port, letter(address), address)
    call_id = (await listed(desk))[0]["call_id"]
    await desk.http.post(f"/api/inquiries/{call_id}/take")
    scope = service.house.store.for_client("demo-delorme")
    given, at = {"text": "Nous ouvrons à 8 h."}, service.house.journal.now()
    await scope.approve_reply(
        call_id, given["text"], actor=(await taker(scope, call_id)), at=at + timedelta(hours=1)
    )
    assert await listed(desk) == []
    tried = await service.house.store.inquiries.claim_reply(at=at + timedelta(hours=2), lease_s=60)
    assert tried is not None
    await service.house.store.inquiries.settle_reply(tried, "dead", at=at, error="550 inconnu")
    (again,) = await listed(desk)
    assert again["reply_failed"] and again["taken_by"] is None
    answer = await desk.http.post(f"/api/inquiries/{call_id}/reply", json=given)
    assert answer.json()["reply_state"] in ("pending", "sent")
    assert await listed(desk) == []


async def test_a_reply_that_nothing_could_carry_is_not_approved(
    service: Running, desk: Browser, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = (await inlet(service))["value"]
    await post(port, letter(address), address)
    call_id = (await listed(desk))[0]["call_id"]
    await desk.http.post(f"/api/inquiries/{call_id}/take")
    monkeypatch.setattr(service.house.inquiries.replies, "_channel", None)  # as without a server
    refused = await desk.http.post(f"/api/inquiries/{call_id}/reply", json={"text": "À 8 h."})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_mail_server")
    (still,) = await listed(desk)
    assert still["closed_at"] is None and still["taken_by_name"]


async def taker(scope: ClientScope, call_id: str) -> Actor:
    found = await scope.inquiry(call_id)
    return Actor(id=found.taken_by or "", name=found.taken_by_name or "", role="operator")


async def test_a_form_s_letter_is_answered_to_whoever_filled_it_in(
    service: Running, desk: Browser, port: int
) -> None:
    address = (await inlet(service))["value"]
    site = {"From": "wordpress@site.example.fr", "Reply_To": f"Zoé <{ZOE}>"}
    await post(port, letter(address, **site), address)
    await post(
        port, letter(address, **{**site, "Reply_To": address, "Message_ID": "<2@x.fr>"}), address
    )
    assert [one["sender"] for one in await listed(desk)] == [ZOE, "wordpress@site.example.fr"]


def path_of(form: dict[str, Any]) -> str:
    return httpx.URL(form["post_to"]).path


async def test_a_web_form_posts_from_its_own_sites_alone(service: Running, desk: Browser) -> None:
    site = "https://www.delorme.example.fr"
    form = await inlet(service, "form", origins=[site])
    body = {"message": "Rappelez-moi", "name": "Zoé", "phone": "06 39 98 11 22", "email": ZOE}
    stranger = service.browser()
    path = path_of(form)
    asked = await stranger.options(path, headers={"Origin": site})
    assert asked.headers["access-control-allow-origin"] == site
    for origin in ({"Origin": "https://evil.example.com"}, {}):
        assert (await stranger.post(path, json=body, headers=origin)).status_code == 404
    for _ in range(2):
        taken = await stranger.post(path, json=body, headers={"Origin": site})
        assert (taken.status_code, taken.json()) == (202, {"taken": True})
    (found,) = await listed(desk)
    call = await service.house.store.provider.call(found["call_id"])
    assert (call.source, call.caller_number, call.state) == ("form", "+33639981122", "ended")


async def test_programs_that_fill_forms_in_are_not_heard(service: Running, desk: Browser) -> None:
    form = await inlet(service, "form")
    stranger = service.browser()
    trap = {"message": "achetez", "website": "http://spam.invalid"}
    assert (await stranger.post(path_of(form), json=trap)).status_code == 202
    assert await listed(desk) == []
    codes = [
        (await stranger.post(path_of(form), json={"message": f"m{n}"})).status_code
        for n in range(7)
    ]
    assert codes[:5] == [202] * 5 and codes[-1] == 429
    assert (await stranger.post("/api/web-forms/form-x", json={"message": "m"})).status_code == 404


async def test_a_client_sees_its_own_inlets_and_removes_them(service: Running) -> None:
    form = await inlet(service, "form", name="Site")
    portal = await service.signed_in(CLIENT)
    assert [one["name"] for one in (await portal.http.get(INLETS)).json()] == ["Site"]
    theirs = INLETS.replace("delorme", "vasseur")
    assert (await portal.http.get(theirs)).status_code == 404
    gone = await portal.http.post(f"{INLETS}/remove", json={"value": form["value"]})
    assert gone.status_code == 204
    answer = await service.browser().post(path_of(form), json={"message": "m"})
    assert answer.status_code == 404


async def approved(service: Running, desk: Browser, port: int, to: str) -> str:
    """A message sent to somebody; its id."""
    scope = service.house.store.for_client("demo-delorme")
    client = await scope.client()
    await scope.save_settings(dataclasses.replace(client.settings, recipients=(to,)))
    address = (await inlet(service))["value"]
    await post(port, letter(address), address)
    call_id = (await prepared(desk))["call_id"]
    fields = {"reason": "Horaires", "urgency": "normal"}
    answer = await desk.http.post(
        f"/api/calls/{call_id}/message", json={"fields": fields, "note": ""}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def test_answering_the_letter_acknowledges_it_and_a_forged_answer_does_not(
    service: Running, desk: Browser, port: int, tmp_path: Path
) -> None:
    boss = "karim@example.fr"
    message_id = await approved(service, desk, port, boss)
    delivered = (await until(lambda: asyncio.to_thread(sent, tmp_path, boss)))[0]
    back = str(delivered["Reply-To"])
    assert back.startswith("reply+") and len(back.partition("@")[0]) <= 64
    scope = service.house.store.for_client("demo-delorme")

    def answer(sender: str, **headers: str) -> Any:
        return letter(back, "Vu, je rappelle.", From=sender, Message_ID="<a@x.fr>", **headers)

    async def acknowledged() -> bool:
        return (await scope.message(message_id)).acknowledged_at is not None

    with pytest.raises(aiosmtplib.SMTPException):  # somebody else's address
        await post(port, answer("voleur@example.com"), back, sender="voleur@example.com")
    forged = back.replace("reply+", "reply+a", 1)[: len(back)]
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await post(port, answer(boss), forged, sender=boss)
    await post(port, answer(boss, Auto_Submitted="auto-replied"), back, sender=boss)
    assert not await acknowledged()
    for _ in range(2):
        await post(port, answer(f"Karim <{boss.upper()}>"), back.upper(), sender=boss)
    assert await acknowledged()
    (reply,) = await scope.message_replies(message_id)
    assert (reply.sender, reply.text) == (boss, "Vu, je rappelle.")
    view = (await desk.http.get(f"/api/messages/{message_id}/delivery")).json()
    assert [one["text"] for one in view["replies"]] == ["Vu, je rappelle."]


async def test_every_desk_is_told_when_the_inbox_changes(
    service: Running, port: int, desk: Browser
) -> None:
    """Without asking: the board's socket says that there is something to ask for."""
    address = (await inlet(service))["value"]
    colleague = await service.signed_in(OPERATOR)
    async with colleague.socket("/api/board/socket") as board:
        known = json.loads(await board.recv())["inbox"]

        async def told() -> None:
            nonlocal known
            async with asyncio.timeout(20):
                while (now := json.loads(await board.recv())["inbox"]) == known:
                    continue
            known = now

        await post(port, letter(address), address)
        await told()
        found = await prepared(desk)
        call = f"/api/inquiries/{found['call_id']}"
        for what, given in (
            ("take", None), ("put-back", None), ("take", None), ("reply", {"text": "À 8 h."})
        ):  # fmt: skip
            assert (await desk.http.post(f"{call}/{what}", json=given)).status_code < 300
            await told()
