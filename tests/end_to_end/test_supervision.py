"""A supervisor's ear in a real Chromium: an operator in another, a SIP telephone, real sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import OPERATOR, SUPERVISOR, browser, heard, new_page, sign_in
from tests.end_to_end.test_one_call import until
from tests.telephony.sipcaller import sip_caller
from tests.telephony.speech import write_wav
from tests.web.running import DELORME_LINE, running
from tests.web.test_supervision import PITCH_HZ, amplitude, tone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

SPOKEN, QUIET = 400.0, 150.0


async def test_listening_whispering_and_leaving_by_keyboard(tmp_path: Path) -> None:
    microphones = {p: write_wav(tmp_path / f"{p}.wav", tone(p)) for p in ("operator", "supervisor")}
    async with (
        running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"])) as service,
        browser(microphones["operator"]) as one,
        browser(microphones["supervisor"]) as other,
    ):
        assert service.house.accounts_shown is not None and service.house.sip is not None
        password = service.house.accounts_shown.operator.password
        desk, gallery = await new_page(one), await new_page(other)
        await sign_in(desk, service.url, OPERATOR, password)
        await sign_in(gallery, service.url, SUPERVISOR, password)
        async with sip_caller(service.house.sip.address, DELORME_LINE, tone("caller")) as caller:
            await desk.get_by_test_id("answer").first.click()
            await desk.get_by_test_id("audio-connected").wait_for(state="attached")
            await gallery.get_by_test_id("board-call").click()
            await gallery.get_by_test_id("ear").wait_for()

            async def among(page: Any, *people: str) -> bool:
                pcm = (await heard(page))[-6000:]
                return len(pcm) == 6000 and all(
                    amplitude(pcm, p) > SPOKEN if p in people else amplitude(pcm, p) < QUIET
                    for p in PITCH_HZ
                )

            async def caller_hears_the_operator_alone() -> bool:
                pcm = caller.heard[-4000:]
                return amplitude(pcm, "operator") > SPOKEN > QUIET > amplitude(pcm, "supervisor")

            await gallery.keyboard.press("e")
            await gallery.get_by_test_id("ear-reason").fill("Formation")
            await gallery.keyboard.press("Enter")
            await gallery.locator('[data-testid="ear"][data-state="listen"]').wait_for()
            await desk.get_by_test_id("supervised").wait_for()
            await gallery.get_by_test_id("board-supervised").wait_for()
            await until(lambda: among(gallery, "caller", "operator"), limit_s=20)
            await until(lambda: among(desk, "caller"), limit_s=10)

            await gallery.keyboard.press("c")
            await gallery.locator('[data-testid="ear"][data-state="whisper"]').wait_for()
            await until(lambda: among(desk, "caller", "supervisor"), limit_s=20)
            assert await caller_hears_the_operator_alone()

            await gallery.keyboard.press("q")
            await gallery.locator('[data-testid="ear"][data-state="off"]').wait_for()
            await desk.get_by_test_id("supervised").wait_for(state="hidden")
            await until(lambda: among(desk, "caller"), limit_s=10)
            await until(caller_hears_the_operator_alone, limit_s=10)

            await desk.get_by_test_id("hold").click()
            await gallery.get_by_test_id("board-state").filter(has_text="En attente").wait_for()
            await desk.get_by_test_id("hangup").click()
        assert desk.failures == gallery.failures == []
