"""The desk's hold, microphone and keypad in a real Chromium, with a real SIP telephone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import OPERATOR, browser, heard, new_page, sign_in
from tests.end_to_end.test_one_call import until
from tests.sounds import french_prompt
from tests.telephony.sipcaller import level, sip_caller
from tests.telephony.speech import write_wav
from tests.web.running import DELORME_LINE, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SPEECH = np.concatenate([french_prompt("demo-congrats").pcm()] * 5)
SPOKEN, QUIET = 100.0, 20.0


async def test_the_keys_of_a_telephone(tmp_path: Path) -> None:
    microphone = write_wav(tmp_path / "operator.wav", SPEECH)
    recogniser = ScriptedRecogniser(["bonjour"])
    async with running(tmp_path, recogniser=recogniser) as service, browser(microphone) as chromium:
        assert service.house.accounts_shown is not None and service.house.sip is not None
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH) as caller:

            async def loud_for_caller() -> bool:
                return level(caller.heard[-4000:]) > SPOKEN

            async def silent_for_caller() -> bool:
                return level(caller.heard[-4000:]) < QUIET

            async def silent_for_operator() -> bool:
                return level((await heard(desk))[-4000:]) < QUIET

            async def asked_to_wait_no_more() -> bool:
                return caller.asked == ["sendonly", "sendrecv"]

            await desk.get_by_test_id("answer").first.click()
            await desk.get_by_test_id("audio-connected").wait_for(state="attached")
            await until(loud_for_caller, limit_s=20)

            mute = desk.get_by_test_id("mute")
            await desk.keyboard.press("m")
            await desk.locator('[data-testid="mute"][aria-pressed="true"]').wait_for()
            await until(silent_for_caller, limit_s=10)
            await desk.reload()  # muted still, in the page as on the line
            await desk.get_by_test_id("audio-connected").wait_for(state="attached")
            await desk.locator('[data-testid="mute"][aria-pressed="true"]').wait_for()
            assert await silent_for_caller()
            await mute.click()
            await desk.locator('[data-testid="mute"][aria-pressed="false"]').wait_for()
            await until(loud_for_caller, limit_s=10)

            await desk.keyboard.press("g")
            await desk.locator('[data-testid="hold"][aria-pressed="true"]:enabled').wait_for()
            assert caller.asked == ["sendonly"]
            await until(silent_for_caller, limit_s=10)
            await until(silent_for_operator, limit_s=10)
            await desk.get_by_test_id("hold").click()
            await until(asked_to_wait_no_more, limit_s=10)
            await desk.locator('[data-testid="hold"][aria-pressed="false"]:enabled').wait_for()
            await until(loud_for_caller, limit_s=10)

            await desk.keyboard.press("b")
            await desk.get_by_test_id("key-1").click()
            await desk.keyboard.type("0#")
            sent = desk.get_by_test_id("keys-pressed").filter(has_text="10#")
            await sent.wait_for()
            assert caller.digits == ["1", "0", "#"]
            await desk.keyboard.press("Escape")
            await desk.get_by_test_id("keypad").wait_for(state="hidden")
            await desk.get_by_test_id("hangup").click()
            await desk.get_by_test_id("finish").wait_for()
            assert desk.failures == []
