"""Transfers and calls back from the desk, in a real Chromium, with real SIP telephones; and how
long the voice takes to come back after a page reload or a lost connection."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.test_one_call import until
from tests.telephony.callee import SipCallee, holds_tone, sip_callee, tone
from tests.telephony.sipcaller import SipCaller, level, sip_caller
from tests.telephony.speech import write_wav
from tests.web.running import DELORME_LINE, Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(170)]

CALLER_HZ, CALLEE_HZ = 500.0, 1700.0
SPOKEN = 100.0
PICTURES = os.environ.get("SOUFFLEUR_TEST_PICTURES")
"""A folder for screenshots, to be looked at."""


@asynccontextmanager
async def desk_with_lines(
    tmp_path: Path,
) -> AsyncIterator[tuple[Running, Any, Any, SipCaller, SipCallee]]:
    """The desk in conversation with a caller, and a telephone that can be called."""
    # Speech, not a tone: the browser would take a tone for noise.
    from tests.end_to_end.test_line_controls import SPEECH

    microphone = write_wav(tmp_path / "operator.wav", SPEECH)
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        async with (
            running(
                tmp_path,
                recogniser=ScriptedRecogniser(["bonjour"]),
                sip_accounts=str(accounts),
            ) as service,
            browser(microphone) as chromium,
        ):
            assert service.house.accounts_shown is not None and service.house.sip is not None
            callee.phone.server = service.house.sip.address
            password = service.house.accounts_shown.operator.password
            desk = await new_page(chromium)
            await sign_in(desk, service.url, OPERATOR, password)
            async with sip_caller(
                service.house.sip.address, DELORME_LINE, tone(CALLER_HZ)
            ) as caller:
                await desk.get_by_test_id("answer").first.click()
                await desk.get_by_test_id("audio-connected").wait_for(state="attached")
                await until(lambda: speaks(caller), limit_s=20)
                yield service, chromium, desk, caller, callee


async def speaks(caller: SipCaller) -> bool:
    """The caller hears the operator now."""
    return level(caller.heard[-4000:]) > SPOKEN and not holds_tone(caller.heard, CALLEE_HZ)


async def picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def test_a_transfer_is_consulted_refused_and_then_made(tmp_path: Path) -> None:
    async with desk_with_lines(tmp_path) as (service, chromium, desk, caller, callee):

        async def hears_callee() -> bool:
            return holds_tone(caller.heard, CALLEE_HZ)

        await desk.keyboard.press("r")
        await desk.get_by_test_id("transfer-panel").wait_for()
        await picture(desk, "transfer-panel")
        await desk.get_by_test_id("transfer-contact").first.wait_for()
        callee.refusal = "486 Busy Here"
        await desk.keyboard.press("1")
        back = desk.get_by_test_id("transfer-returned")
        await back.wait_for()
        assert "occupé" in await back.inner_text()
        await picture(desk, "transfer-returned")
        await until(lambda: speaks(caller), limit_s=10)

        callee.refusal, callee.manner = "", "ring"
        await desk.get_by_test_id("transfer-open").click()
        await desk.get_by_test_id("transfer-number").fill("01 99 00 55 44")
        await desk.get_by_test_id("transfer-call").click()
        await desk.locator('[data-testid="transfer-bar"][data-state="ringing"]').wait_for()
        assert await desk.get_by_test_id("hold").is_disabled()
        callee.answer()
        await desk.locator('[data-testid="transfer-bar"][data-state="consulting"]').wait_for()
        await picture(desk, "transfer-consulting")
        await desk.reload()  # in mid-consult: the callee is still there
        await desk.get_by_test_id("audio-connected").wait_for(state="attached")
        await desk.locator('[data-testid="transfer-bar"][data-state="consulting"]').wait_for()
        assert service.house.accounts_shown is not None
        board = await new_page(chromium)
        await sign_in(
            board, service.url, SUPERVISOR, service.house.accounts_shown.operator.password
        )
        await board.get_by_test_id("board-transfer").wait_for()
        await picture(board, "transfer-board")
        await desk.keyboard.press("Shift+T")
        await desk.get_by_test_id("transfer-completed").wait_for()
        await until(hears_callee, limit_s=10)
        await desk.get_by_test_id("finish").wait_for()
        await picture(desk, "transfer-completed")
        await board.get_by_text("Transféré").first.wait_for()
        assert desk.failures == []


async def test_the_voice_is_back_within_five_seconds(tmp_path: Path) -> None:
    async with desk_with_lines(tmp_path) as (service, _, desk, caller, _callee):
        (call,) = service.house.reception.calls
        took_s = {}
        for way in ("reload", "lost"):
            before = len(caller.heard)
            started_s = time.monotonic()
            if way == "reload":
                await desk.reload()
            else:  # the connection is cut under the page
                assert call.bridge is not None
                await call.bridge.operator_endpoint.close()  # type: ignore[attr-defined]

            async def again(since: int = before) -> bool:
                fresh = caller.heard[since + 4000 :]  # what was in buffers is not counted
                return len(fresh) > 1600 and level(fresh[-1600:]) > SPOKEN

            await until(again, limit_s=15)
            took_s[way] = time.monotonic() - started_s
        print("voice back after", took_s)
        assert not call.line.ended.is_set()  # type: ignore[union-attr]
        assert max(took_s.values()) < 5, took_s


async def test_a_caller_is_called_back_from_a_finished_call(tmp_path: Path) -> None:
    async with desk_with_lines(tmp_path) as (_, _chromium, desk, _caller, callee):
        await desk.get_by_test_id("hangup").click()
        await desk.get_by_test_id("call-back").click()
        await desk.get_by_test_id("audio-connected").wait_for(state="attached")

        async def reached() -> bool:
            return level(callee.heard[-4000:]) > SPOKEN

        await until(reached, limit_s=20)
        await desk.get_by_test_id("transfer-open").wait_for()
        assert callee.invites[0].text.startswith("INVITE sip:+33199001122@")
        await picture(desk, "called-back")
        await desk.get_by_test_id("hangup").click()
        await desk.get_by_test_id("finish").wait_for()
        assert desk.failures == []
