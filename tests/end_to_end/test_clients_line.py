"""A supervisor sets what a client's callers hear, in a real Chromium; a caller then hears it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.test_one_call import until
from tests.telephony.callee import holds_tone, tone
from tests.telephony.sipcaller import sip_caller
from tests.telephony.speech import write_wav
from tests.web.running import DELORME_LINE, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

CLIENT_ID = "demo-delorme"
GREETING_HZ, CALLER_HZ = 900.0, 500.0


async def test_a_supervisor_sets_a_clients_line(tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "accueil.wav", tone(GREETING_HZ, seconds=20))
    silent = write_wav(tmp_path / "muet.wav", np.zeros(8000, dtype=np.int16))
    async with (
        running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"])) as service,
        browser() as chromium,
    ):
        shown, line = service.house.accounts_shown, service.house.sip
        assert shown is not None and line is not None
        keeper = await service.signed_in(SUPERVISOR)
        groups = [
            {"name": "Nuit"}, {"name": "Jour", "overflow_to": "Nuit", "overflow_after_s": 45},
        ]  # fmt: skip
        made = await keeper.http.put("/api/floor/groups", json={"groups": groups})
        (day,) = [one["id"] for one in made.json()["groups"] if one["name"] == "Jour"]
        page = await new_page(chromium)
        await sign_in(page, service.url, SUPERVISOR, shown.supervisor.password)
        await page.goto(f"{service.url}/gallery?tab=lines")
        await page.get_by_test_id("line-client").select_option(CLIENT_ID)
        await page.get_by_test_id("welcome").wait_for()

        greeting = page.get_by_test_id("sound-greeting")
        await greeting.locator("input").set_input_files(silent)
        await greeting.get_by_role("alert").wait_for()
        assert await greeting.locator("audio").count() == 0, "nothing of it is kept"
        await greeting.locator("input").set_input_files(sound)
        await greeting.locator("audio").wait_for()
        playable = "a => fetch(a.src).then(r => r.headers.get('content-type'))"
        assert await greeting.locator("audio").evaluate(playable) == "audio/wav"

        await page.get_by_test_id("ring-group").select_option(day)
        assert "Nuit" in await page.get_by_test_id("overflow").inner_text()
        await page.get_by_test_id("max-wait").fill("90")
        await page.get_by_test_id("welcome-save").click()
        await page.get_by_test_id("welcome-saved").wait_for()
        kept = (await service.house.store.for_client(CLIENT_ID).client()).settings.welcome
        assert (kept.group, kept.max_wait_s) == (day, 90)

        async with sip_caller(line.address, DELORME_LINE, tone(CALLER_HZ)) as caller:

            async def greeted() -> bool:
                return holds_tone(caller.heard, GREETING_HZ)

            await until(greeted, limit_s=20)
        await greeting.get_by_role("button", name="Retirer").click()
        await greeting.locator("audio").wait_for(state="detached")
        assert page.failures == []
