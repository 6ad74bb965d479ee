"""The desk in a real Chromium when things go wrong: recognition breaks, the page is reloaded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from tests.end_to_end.people import CLIENT, OPERATOR, browser, heard, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.end_to_end.test_one_call import until
from tests.sounds import french_prompt
from tests.telephony.browser import AiortcPeer
from tests.telephony.speech import write_wav
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SPEECH = np.concatenate([french_prompt("demo-congrats").pcm()] * 3)


@asynccontextmanager
async def answered_call(
    tmp_path: Path, recogniser: ScriptedRecogniser
) -> AsyncIterator[tuple[Running, Any, AiortcPeer]]:
    """A demonstration caller in conversation with a desk."""
    microphone = write_wav(tmp_path / "operator.wav", SPEECH)
    async with running(tmp_path, recogniser=recogniser) as service, browser(microphone) as chromium:
        assert service.house.accounts_shown is not None
        desk = await new_page(chromium)
        password = service.house.accounts_shown.operator.password
        await sign_in(desk, service.url, OPERATOR, password)
        caller, _ = await service.demo_caller(SPEECH)
        await desk.get_by_test_id("answer").first.click()
        await desk.get_by_test_id("audio-connected").wait_for(state="attached")
        yield service, desk, caller
        await desk.get_by_test_id("hangup").click()
        await desk.get_by_test_id("finish").wait_for()
        await caller.close()
        assert desk.failures == []


async def test_the_desk_says_that_transcription_is_interrupted(tmp_path: Path) -> None:
    recogniser = ScriptedRecogniser(["bonjour"])
    async with answered_call(tmp_path, recogniser) as (_, desk, caller):
        banner = desk.get_by_test_id("transcription-interrupted")
        await desk.get_by_test_id("partial").first.wait_for()
        assert await banner.count() == 0
        recogniser.break_down()
        await banner.wait_for()
        operator_before, caller_before = len(await heard(desk)), len(caller.heard)

        async def both_still_hear() -> bool:
            came = (await heard(desk))[operator_before:], caller.heard[caller_before:]
            return all(len(pcm) > 8000 and np.abs(pcm.astype(np.int32)).mean() > 50 for pcm in came)

        await until(both_still_hear, limit_s=20)
        recogniser.mend()
        await banner.wait_for(state="detached")


async def test_nothing_is_heard_while_the_operator_pauses(tmp_path: Path) -> None:
    recogniser = ScriptedRecogniser(["bonjour"])
    async with answered_call(tmp_path, recogniser) as (service, desk, _):
        paused = desk.get_by_test_id("transcription-paused")
        await desk.get_by_test_id("partial").first.wait_for()
        await desk.get_by_test_id("pause-transcription").click()
        await paused.wait_for()
        assert await desk.get_by_test_id("partial").count() == 0
        (call,) = service.house.board.calls()
        operator = await service.signed_in(OPERATOR)
        told = (await operator.http.get(f"/api/calls/{call.id}")).json()["events"]
        assert [e["data"]["paused"] for e in told if e["kind"] == "transcription_paused"] == [True]
        await operator.close()
        await desk.reload()
        await paused.wait_for()
        await desk.keyboard.press("p")
        await paused.wait_for(state="detached")


async def test_the_form_is_the_client_s_and_the_checklist_ticks_itself(tmp_path: Path) -> None:
    own = [
        {"name": "pump", "label": "Modèle de la pompe", "required": True},
        {"name": "caller_name", "label": "Interlocuteur", "required": True},
        {"name": "phone"},
        {"name": "reason", "required": True},
    ]
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        operator = await service.signed_in(OPERATOR)
        me = (await operator.http.get("/api/session")).json()["id"]
        scene = await answered(service, str(me))
        client = await service.signed_in(CLIENT)
        kept = await client.http.put(f"/api/clients/{scene.client_id}/form", json={"fields": own})
        assert kept.status_code == 200, kept.text
        desk = await new_page(chromium)
        password = service.house.accounts_shown.operator.password
        await sign_in(desk, service.url, OPERATOR, password)
        fields = desk.locator("[data-field]")
        await desk.locator('[data-field="pump"]').wait_for()
        names = [await field.get_attribute("data-field") for field in await fields.all()]
        assert names[:4] == ["pump", "caller_name", "phone", "reason"]
        assert "company" not in names
        assert await desk.get_by_label("Modèle de la pompe").count() == 1
        assert await desk.get_by_label("Interlocuteur").count() == 1
        scene.guide(done=False)
        item = desk.get_by_test_id("checklist-item").first
        await item.wait_for()
        assert await item.get_attribute("data-done") == "false"
        assert "Karim Haddad" in await desk.get_by_test_id("next-step").inner_text()
        assert "Interlocuteur, Téléphone" in await desk.get_by_test_id("missing").inner_text()
        scene.guide(done=True)
        await desk.locator('[data-testid="checklist-item"][data-done="true"]').wait_for()
        await desk.locator('[data-field="phone"]').fill("06 39 98 12 34")
        await expect_missing(desk, "À compléter : Interlocuteur")
        assert desk.failures == []
        await operator.close()
        await client.close()


async def expect_missing(desk: Any, text: str) -> None:
    from playwright.async_api import expect

    await expect(desk.get_by_test_id("missing")).to_have_text(text)


async def test_the_call_survives_a_reload_of_the_page(tmp_path: Path) -> None:
    async with answered_call(tmp_path, ScriptedRecogniser(["bonjour"])) as (service, desk, caller):
        await desk.locator('[data-field="company"]').first.fill("Atelier Vasseur")
        await desk.get_by_test_id("partial").first.wait_for()
        await desk.reload()
        await desk.get_by_test_id("audio-connected").wait_for(state="attached")
        assert len(service.house.board.calls()) == 1
        company = desk.locator('[data-field="company"]').first
        assert await company.input_value() == "Atelier Vasseur"
        caller_before = len(caller.heard)

        async def both_hear_again() -> bool:
            came = await heard(desk), caller.heard[caller_before:]
            return all(len(pcm) > 8000 and np.abs(pcm.astype(np.int32)).mean() > 50 for pcm in came)

        await until(both_hear_again, limit_s=20)


async def test_what_is_unsure_is_offered_and_taken_by_one_key(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        operator = await service.signed_in(OPERATOR)
        me = (await operator.http.get("/api/session")).json()["id"]
        scene = await answered(service, str(me))
        scene.unsure(company="Club des Aînés")
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        doubt = desk.get_by_test_id("doubt-company")
        await doubt.get_by_text("Club des Aînés").wait_for()
        field = desk.locator('[data-field="company"]')
        assert await field.input_value() == ""
        await desk.get_by_test_id("take-doubt-company").focus()
        await desk.keyboard.press("Enter")
        await doubt.wait_for(state="detached")
        assert await field.input_value() == "Club des Aînés"

        async def kept() -> bool:
            told = (await operator.http.get(f"/api/calls/{scene.call_id}")).json()["draft"]
            return any(f["name"] == "company" and f["value"] == "Club des Aînés" for f in told)

        await until(kept, limit_s=10)
        assert desk.failures == []
        await operator.close()
