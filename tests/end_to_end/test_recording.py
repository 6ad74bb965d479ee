"""Recording in a real Chromium: switched at the desk by key, listened to in step with the words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from copilot.recording.policy import RecordingPolicy
from models.scripted import ScriptedRecogniser
from tests.end_to_end.axe import findings
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.recording.sounds import OPERATOR_HZ, tone
from tests.telephony.sipcaller import sip_caller
from tests.telephony.speech import write_wav
from tests.web.running import DELORME_LINE, Running, running
from tests.web.test_access import person_of
from tests.web.test_line_controls import SPEECH, first_call
from tests.web.test_recordings import DELORME, closed, wants

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

ON_DEMAND = RecordingPolicy(mode="on_demand", told="elsewhere", portal=True)
WORDS = "bonjour je voudrais un rendez-vous demain matin"


async def state(desk: Any, wanted: str) -> None:
    await desk.locator(f'[data-testid="recording-state"][data-state="{wanted}"]').wait_for()


async def set_by_the_administrator(service: Running, page: Any) -> None:
    """On demand, heard by the client too, in the form of the client company."""
    await (await person_of(service, "administrator")).close()
    await sign_in(page, service.url, "administrator@example.fr", "quatre chevaux verts")
    await page.goto(f"{service.url}/admin?tab=clients&client={DELORME}")
    await page.locator("#recording-mode").select_option("all")
    await page.get_by_test_id("recording-save").click()
    await page.get_by_test_id("recording-problem").wait_for()  # no announcement is required
    await page.locator("#recording-mode").select_option("on_demand")
    await page.locator("#recording-told").select_option("elsewhere")
    await page.locator("#recording-portal").check()
    await page.get_by_test_id("recording-save").click()
    await page.get_by_test_id("recording-saved").wait_for()
    client = await service.house.store.for_client(DELORME).client()
    assert client.settings.recording == ON_DEMAND
    assert page.failures == []


async def a_recorded_call(service: Running, desk: Any, *, seconds: float) -> str:
    """Answered, recorded by key, paused, resumed, hung up and approved; its id."""
    assert service.house.sip is not None
    async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH) as caller:
        call_id = await first_call(service)
        await desk.get_by_test_id("answer").first.click()
        await desk.get_by_test_id("audio-connected").wait_for(state="attached")
        await state(desk, "off")
        await desk.keyboard.press("Shift+E")
        await state(desk, "recording")
        until = len(caller.heard) + round(seconds * 8000)
        async with asyncio.timeout(30):
            while len(caller.heard) < until:  # noqa: ASYNC110 - the sound has no event
                await asyncio.sleep(0.05)
        await desk.keyboard.press("Shift+P")
        await state(desk, "paused")
        await desk.get_by_test_id("recording-switch").click()
        await state(desk, "recording")
        await desk.keyboard.press("p")
        await state(desk, "paused")
        await desk.keyboard.press("p")
        await state(desk, "recording")
        await desk.keyboard.press("?")
        assert (
            "Suspendre ou reprendre l’enregistrement"
            in await desk.get_by_test_id("keys").inner_text()
        )
        await desk.keyboard.press("Escape")
        await desk.get_by_test_id("hangup").click()
        await desk.get_by_test_id("finish").wait_for()
        await desk.locator('[data-field="reason"]').first.fill("Un rendez-vous")
        await desk.get_by_test_id("approve").click()
        if await desk.get_by_test_id("missing").count():
            await desk.get_by_test_id("approve").click()
        await desk.get_by_test_id("approve").wait_for(state="detached")
    return call_id


async def at_s(page: Any) -> float:
    return float(await page.get_by_test_id("recording-position").input_value())


async def test_recorded_by_key_then_heard_by_supervisor_and_client(tmp_path: Path) -> None:
    microphone = write_wav(tmp_path / "operator.wav", tone(OPERATOR_HZ, 60))
    async with (
        running(tmp_path / "data", recogniser=ScriptedRecogniser([WORDS])) as service,
        browser(microphone) as chromium,
    ):
        assert service.house.accounts_shown is not None
        password = service.house.accounts_shown.operator.password
        await wants(service, RecordingPolicy(), redact=())
        await set_by_the_administrator(service, await new_page(chromium))
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, password)
        call_id = await a_recorded_call(service, desk, seconds=4)
        kept = await closed(service, call_id)
        assert kept.state == "whole" and (kept.duration_s or 0) > 3

        gallery = await new_page(chromium)
        await sign_in(gallery, service.url, SUPERVISOR, password)
        await gallery.goto(f"{service.url}/gallery?tab=calls&call={call_id}")
        await gallery.get_by_test_id("recording-open").click()
        await gallery.get_by_test_id("recording-reason").fill("Formation")
        await gallery.get_by_test_id("recording-unlock").click()
        player = gallery.locator('[data-testid="recording"][data-playing="true"]')
        await player.wait_for()
        await gallery.locator(".word.now").first.wait_for()
        await gallery.get_by_test_id("recording-play").click()
        await gallery.locator('[data-testid="recording"][data-playing="false"]').wait_for()

        # A word clicked is heard from there; keys move by five seconds and change the speed.
        word = gallery.locator(".word").last
        said_s = float(await word.get_attribute("data-at"))
        await word.click()
        await player.wait_for()
        assert await at_s(gallery) >= said_s - 0.1
        await gallery.evaluate("document.activeElement?.blur()")
        await gallery.keyboard.press("Space")
        await gallery.locator('[data-testid="recording"][data-playing="false"]').wait_for()
        before_s = await at_s(gallery)
        await gallery.keyboard.press("ArrowLeft")
        assert await at_s(gallery) == pytest.approx(max(kept.begins_s, before_s - 5), abs=0.15)
        await gallery.keyboard.press("+")
        assert await gallery.get_by_test_id("recording-speed").input_value() == "1.25"
        await gallery.get_by_test_id("recording-voices").select_option("caller")
        assert await findings(gallery) == []
        await gallery.keyboard.press("Escape")
        assert gallery.failures == []
        entries = await service.house.store.audit.entries(action="recording.opened")
        assert [(one.act.subject, one.act.reason) for one in entries] == [(call_id, "Formation")]

        portal = await new_page(chromium)
        await sign_in(portal, service.url, CLIENT, password)
        await portal.get_by_test_id("message-row").first.click()
        await portal.get_by_test_id("recording-open").click()
        await portal.locator('[data-testid="recording"][data-playing="true"]').wait_for()
        assert portal.failures == [] and desk.failures == []
