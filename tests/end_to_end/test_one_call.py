"""One call, all the way: a softphone, a browser, real speech, the message in a mailbox.

Nothing is replaced: `souffleur serve --demo` in its own process, baresip as the caller, Chromium as
the operator, aiosmtpd as the client's mail server, the packaged models.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from copilot.demo.call import SUGGESTED_ENTRY
from copilot.demo.seed import demo_lines
from copilot.evaluation.wer import compare, pooled
from telephony.g711 import Pcm
from tests.end_to_end.people import CLIENT, OPERATOR, browser, heard, new_page, sign_in, texts
from tests.end_to_end.service import Service, running_service
from tests.servers import SmtpSink, smtp_sink
from tests.sounds import compose, french_prompt, read, require, silence
from tests.telephony.softphone import baresip
from tests.telephony.speech import likeness, write_wav

pytestmark = [pytest.mark.peer, pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]

LINE = demo_lines()[0]
CALLER_NUMBER = "+33199001122"
FULL_MAILBOX = "vm-mailboxfull"
OPERATOR_SAYS = ("one-moment-please", "privacy-prompt")
DIGITS = ("0", "1", "90", "9", "0", "0", "12", "16")
SPOKEN_PHONE = "+33199001216"


def caller_voice() -> Pcm:
    """A problem the client's FAQ answers, then a number to call back."""
    prompts = require() / "usr/share/asterisk/sounds/fr_CA_f_June"
    digits = [read(prompts / "digits" / f"{name}.wav") for name in DIGITS]
    number = compose([french_prompt("vm-num-i-have").pcm(), *digits], pause_s=0.05)
    return compose([silence(4.0), french_prompt(FULL_MAILBOX).pcm(), number], pause_s=2.5)


def operator_voice() -> Pcm:
    return compose([silence(9.5), *(french_prompt(name).pcm() for name in OPERATOR_SAYS)])


@pytest.fixture(scope="module")
def mailbox() -> Iterator[SmtpSink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, mailbox: SmtpSink) -> Iterator[Service]:
    with running_service(
        tmp_path_factory.mktemp("service"),
        SOUFFLEUR_SMTP_HOST="127.0.0.1",
        SOUFFLEUR_SMTP_PORT=str(mailbox.port),
        SOUFFLEUR_SMTP_TLS="none",
    ) as running:
        running.wait_until_ready()
        yield running


def word_errors(said: str, lines: list[str]) -> float:
    return pooled([compare(said, " ".join(lines))]).wer


async def until(condition: Callable[[], Awaitable[bool]], *, limit_s: float) -> None:
    """Look until it is so."""
    async with asyncio.timeout(limit_s):
        while not await condition():  # noqa: ASYNC110 - a page is looked at
            await asyncio.sleep(0.2)


async def transcript(page: Any, leg: str) -> list[str]:
    found: list[str] = await page.locator(
        f'[data-testid="turn"][data-leg="{leg}"] [data-testid="utterance"]'
    ).all_inner_texts()
    return found


async def test_a_call_from_the_first_ring_to_the_client_s_mailbox(
    service: Service, mailbox: SmtpSink, tmp_path: Path
) -> None:
    says, answers = caller_voice(), operator_voice()
    microphone = write_wav(tmp_path / "operator.wav", answers)
    phone_folder = tmp_path / "phone"
    phone_folder.mkdir()
    voice = write_wav(tmp_path / "caller.wav", says)
    async with (
        browser(microphone) as chromium,
        baresip(phone_folder, voice, "PCMA/8000/1", user=CALLER_NUMBER) as phone,
    ):
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, service.password)
        await phone.command("dial", f"sip:{LINE.number}@127.0.0.1:{service.sip_port}")

        # Before the first word: whose call it is, and how to answer.
        ringing = desk.get_by_test_id("ringing-call")
        await ringing.wait_for()
        assert LINE.client_name in await ringing.inner_text()
        assert "Plomberie Delorme, bonjour" in await desk.get_by_test_id("greeting").inner_text()
        assert "Toujours demander l'adresse" in await desk.get_by_test_id("consignes").inner_text()

        await desk.get_by_test_id("answer").first.click()
        await desk.get_by_test_id("call-header").wait_for()
        seen_partials: list[str] = []
        asked = " ".join(french_prompt(name).text for name in OPERATOR_SAYS)

        async def all_is_heard() -> bool:
            seen_partials.extend(await texts(desk, "partial"))
            operator_errors = word_errors(asked, await transcript(desk, "operator"))
            return len(await transcript(desk, "caller")) >= 2 and operator_errors <= 0.3

        await until(all_is_heard, limit_s=90)
        assert seen_partials, "nothing was shown while people were speaking"

        # The words, the answer, the fields.
        first = (await transcript(desk, "caller"))[0]
        assert word_errors(french_prompt(FULL_MAILBOX).text, [first]) <= 0.3
        card = desk.get_by_test_id("suggestion").first
        await card.wait_for()
        assert "La boîte vocale de l'atelier est saturée" in (await card.inner_text()).replace(
            "’", "'"
        ).replace("S'excuser : la", "La")
        assert "FAQ" in await desk.get_by_test_id("card-source").first.inner_text()
        assert await desk.get_by_test_id("suggestion").count() == 1
        phone_field = desk.locator('[data-field="phone"]').first

        # The operator corrects, the caller hangs up, the operator approves.
        await desk.locator('[data-field="caller_name"]').first.fill("Victor Lenoir")
        await desk.locator('[data-field="reason"]').first.fill("Messagerie pleine, à rappeler")
        await desk.locator('[data-field="address"]').first.fill("3 rue des Tanneurs, Valmont")
        await phone.command("hangup")
        await desk.get_by_test_id("finish").wait_for()
        await phone_field.fill("01 99 00 12 16")
        operator_heard = await heard(desk)
        await desk.get_by_test_id("approve").click()
        await desk.locator('[data-testid="message-state"][data-state="delivered"]').wait_for()
        assert desk.failures == []

    # Both people heard each other.
    assert likeness(says, operator_heard) > 0.8
    assert likeness(answers, phone.heard()) > 0.8

    # The client got it, once.
    (letter,) = [
        email.message_from_bytes(envelope.content, policy=email.policy.default)
        for envelope in mailbox.envelopes
    ]
    assert letter["To"] == "messages@plomberie-delorme.example.fr"
    plain = letter.get_body(("plain",))
    assert plain is not None
    content = plain.get_content()
    assert "Victor Lenoir" in content
    assert "Messagerie pleine, à rappeler" in content
    assert "01 99 00 12 16" in content
    assert "3 rue des Tanneurs" in content


async def test_the_client_finds_the_message_and_the_call(service: Service) -> None:
    async with browser() as chromium:
        portal = await new_page(chromium)
        await sign_in(portal, service.url, CLIENT, service.password)
        row = portal.get_by_test_id("message-row").first
        await row.wait_for()
        assert "Victor Lenoir" in await row.inner_text()
        await row.click()
        await portal.get_by_test_id("turn").first.wait_for()
        assert "nouveaux messages" in " ".join(await texts(portal, "utterance"))
        await portal.get_by_test_id("acknowledge").click()
        await portal.get_by_test_id("message-acknowledged").wait_for()
        assert portal.failures == []


async def test_the_call_is_kept_for_review(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        answer = await http.post(
            "/api/session",
            json={
                "email": "superviseur@souffleur.example.fr",
                "password": service.password,
            },
        )
        assert answer.status_code == 200, answer.text
        (call,) = (await http.get("/api/calls")).json()
        assert call["caller_number"] == CALLER_NUMBER
        assert call["state"] == "ended"
        assert call["message_state"] == "acknowledged"
        detail = (await http.get(f"/api/calls/{call['id']}")).json()
    kinds = [event["kind"] for event in detail["events"]]
    assert kinds[:3] == ["call_ringing", "call_waiting", "call_answered"]
    assert {"utterance_heard", "suggestion_offered", "draft_changed"} <= set(kinds)
    assert {"call_ended", "message_approved", "message_delivered"} <= set(kinds)
    assert "partial_heard" not in kinds
    (offer,) = [e["data"] for e in detail["events"] if e["kind"] == "suggestion_offered"]
    assert offer["cards"][0]["entry_id"] == SUGGESTED_ENTRY
    seqs = [event["seq"] for event in detail["events"]]
    assert seqs == sorted(set(seqs))


def test_the_phone_number_that_was_spoken_is_in_the_log(service: Service) -> None:
    with httpx.Client(base_url=service.url) as http:
        credentials = {"email": "superviseur@souffleur.example.fr", "password": service.password}
        assert http.post("/api/session", json=credentials).status_code == 200
        (call,) = http.get("/api/calls").json()
        events = http.get(f"/api/calls/{call['id']}").json()["events"]
    spoken = " ".join(e["data"]["heard"] for e in events if e["kind"] == "utterance_heard")
    digits = re.sub(r"\D", "", spoken)
    assert "0012" in digits or "1216" in digits, spoken
