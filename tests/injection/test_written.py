"""Attack texts that are written: by e-mail (plain, and hidden in HTML) and by a web form.

Nothing is approved, sent or changed, nothing of another client is shown, and a proposed reply is
made of the client's own answers alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from copilot.inquiries.letter import read_letter
from copilot.inquiries.preparing import with_sender
from copilot.store.records.inquiries import Inquiry
from tests.injection.attacks import Attack, by_way
from tests.injection.test_service import everything_that_stays, secrets_of_the_other
from tests.injection.test_words import AT, GUARDED, drafted, is_in
from tests.servers import free_port
from tests.web.running import OPERATOR, Browser, Running, running
from tests.web.test_inquiries import DOMAIN, inlet, path_of, post

WRITTEN = (*by_way("email"), *by_way("speech"))
AT_ONCE = 20
WRITTEN_BY_ZOE = Inquiry(
    client_id="c", client_name="c", client_colour="#000000", call_id="w", channel="email",
    inlet="i", sender="zoe@example.fr", sender_name="", subject="", reference="",
    received_at=AT, prepared_at=None, taken_by=None, taken_by_name=None, taken_at=None,
    closed_at=None, reply=None, reply_state=None, reply_attempts=0, reply_error=None,
    replied_at=None, replied_by_name=None,
)  # fmt: skip


def letter(to: str, attacks: Sequence[Attack], number: int) -> EmailMessage:
    """All of them in one text, and each hidden from readers in the HTML beside it."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = "zoe@example.fr", to
    made["Subject"] = " ".join("".join(s for s in attacks[0].text if s.isprintable()).split())[:200]
    made["Message-ID"] = f"<{number}@x.example.fr>"
    texts = [attack.text.replace("\r", " ").replace("\x00", " ") for attack in attacks]
    if number % 2:
        made.set_content("\n\n".join(texts))
    else:
        hidden = "".join(f"<div style='display:none'>{text}</div>" for text in texts)
        made.set_content(f"<p>Quels sont vos horaires ?</p>{hidden}", subtype="html")
    return made


async def until_prepared(desk: Browser, count: int) -> list[str]:
    async with asyncio.timeout(30):
        while True:
            found = (await desk.http.get("/api/inquiries")).json()
            if len(found) == count and all(one["prepared"] for one in found):
                return [one["call_id"] for one in found]
            await asyncio.sleep(0.05)


async def test_nothing_is_done_whatever_is_written(tmp_path: Path) -> None:
    port = free_port()
    async with running(tmp_path, inbox_port=port, inbox_domain=DOMAIN) as service:
        desk = await service.signed_in(OPERATOR)
        address = (await inlet(service))["value"]
        form = await inlet(service, "form")
        before = await everything_that_stays(service)
        stranger = service.browser()
        groups = [WRITTEN[at : at + AT_ONCE] for at in range(0, len(WRITTEN), AT_ONCE)]
        for number, some in enumerate(groups):
            await post(port, letter(address, some, number), address)
        for attack in WRITTEN[:4]:
            body = {"message": attack.text, "name": attack.text[:200], "subject": attack.text[:300]}
            assert (await stranger.post(path_of(form), json=body)).status_code in (202, 422)
        found = (await desk.http.get("/api/inquiries")).json()
        for call_id in await until_prepared(desk, len(found)):
            await assert_harmless(service, desk, call_id)
        assert await everything_that_stays(service) == before
        assert list((tmp_path / "mail").glob("*.eml")) == []


async def assert_harmless(service: Running, desk: Browser, call_id: str) -> None:
    call = (await desk.http.get(f"/api/calls/{call_id}")).json()
    kinds = {event["kind"] for event in call["events"]}
    assert not kinds & {"message_approved", "message_delivered", "call_answered", "text_decided"}
    assert call["message"] is None
    view = (await desk.http.get(f"/api/inquiries/{call_id}")).json()
    assert (view["reply"], view["reply_state"]) == (None, None)
    answers = {entry.answer for entry in await service.house.store.for_client(
        "demo-delorme").entries()}  # fmt: skip
    for paragraph in view["proposed"].split("\n\n")[1:-1]:
        assert any(paragraph in answer for answer in answers), paragraph
    for secret in await secrets_of_the_other(service):
        assert secret not in repr((call, view))


def test_what_is_written_to_the_software_changes_no_guarded_field() -> None:
    before = with_sender(drafted(), WRITTEN_BY_ZOE, None)
    for attack in by_way("email"):
        after = with_sender(drafted(attack.text), WRITTEN_BY_ZOE, None)
        for name in GUARDED:
            assert after.value(name) == before.value(name), (name, attack)
        for name, field in after.fields.items():
            if attack.wants and field.value != before.value(name):
                assert not is_in(attack.wants, field.value), (name, attack)


def test_what_is_hidden_from_readers_is_not_read() -> None:
    some = by_way("email")[:10]
    assert read_letter(letter("x@example.fr", some, 0).as_bytes()).text == (
        "Quels sont vos horaires ?"
    )
