"""Training in a real Chromium: an exercise written, played whole, scored, seen by both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.web.running import Running, running
from tests.web.test_training import DELORME, EXERCISE, prepared
from tests.web.test_training_voices import recorded_call

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SCRIPT = """O : Plomberie Delorme, bonjour.
A : (2) Bonjour, vous intervenez le week-end ?

A : Hélène Marchand, j'ai une fuite sous l'évier."""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        service.house.training.speed = 20.0
        yield service


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    async with browser() as chromium:
        yield chromium


async def at_training(chromium: Any, service: Running, email: str) -> Any:
    assert service.house.accounts_shown is not None
    page = await new_page(chromium)
    await sign_in(page, service.url, email, service.house.accounts_shown.operator.password)
    await page.get_by_test_id("to-training").click()
    return page


async def test_an_exercise_is_written_and_mended(service: Running, chromium: Any) -> None:
    page = await at_training(chromium, service, SUPERVISOR)
    await page.get_by_test_id("no-exercises").wait_for()
    await page.get_by_test_id("exercise-add").click()
    await page.get_by_test_id("exercise-title").fill("Fuite un samedi")
    await page.get_by_test_id("exercise-lines").fill("Bonjour")
    await page.get_by_test_id("counts-caller_name").check()
    await page.get_by_test_id("expected-caller_name").fill("Hélène Marchand")
    await page.get_by_test_id("exercise-points").fill("fuite sous l'évier")
    await page.get_by_test_id("exercise-save").click()
    assert "Ligne 1" in await page.get_by_test_id("exercise-problem").inner_text()
    await assert_accessible(page, "exercise form, with what is wrong")
    await page.get_by_test_id("exercise-lines").fill(SCRIPT)
    await page.get_by_test_id("exercise-save").click()
    await page.get_by_test_id("exercise").wait_for()
    (kept,) = await service.house.store.for_client(DELORME).exercises() or (
        await service.house.store.for_client("demo-vasseur").exercises()
    )
    assert [line.pause_s for line in kept.lines] == [0.8, 2.0, 0.8]
    assert kept.expected == {"caller_name": "Hélène Marchand"}
    await page.get_by_test_id("exercise-edit").click()
    assert await page.get_by_test_id("exercise-lines").input_value() == SCRIPT.replace("\n\n", "\n")
    await page.get_by_role("button", name="Annuler").click()
    await assert_accessible(page, "training, a supervisor's page")
    await page.get_by_test_id("exercise-remove").click()
    await page.get_by_test_id("exercise-remove").click()
    await page.get_by_test_id("no-exercises").wait_for()
    assert page.failures == []


async def test_a_whole_exercise_at_the_desk(
    service: Running, chromium: Any, tmp_path: Path
) -> None:
    await prepared(service)
    page = await at_training(chromium, service, OPERATOR)
    await page.get_by_test_id("exercise-begin").click()
    await page.get_by_test_id("suggestion").first.wait_for()
    await page.locator('[data-testid="training-state"][data-state="ended"]').wait_for()
    said = await page.get_by_test_id("utterance").all_inner_texts()
    assert said == [line["text"] for line in EXERCISE["lines"]]
    await assert_accessible(page, "an exercise being played")
    await page.screenshot(path=tmp_path / "run.png")
    typed = {
        "caller_name": "Hélène Marchant",
        "phone": "06 39 98 12 34",
        "address": "12 rue des Tanneurs",
        "reason": "Une fuite sous l'évier",
    }
    for name, value in typed.items():
        await page.locator(f'[data-field="{name}"]').fill(value)
    await page.locator('[data-testid="draft-save"][data-state="saved"]').wait_for()
    await page.keyboard.press("Control+Enter")
    await page.get_by_test_id("score").wait_for()
    graded = page.get_by_test_id("score-field")
    grades = [await graded.nth(at).get_attribute("data-grade") for at in range(3)]
    assert grades == ["near", "wrong", "exact"]
    assert await page.get_by_test_id("emergency-missed").is_visible()
    assert "40 sur 100" in await page.get_by_test_id("score").inner_text()
    await assert_accessible(page, "a result")
    await page.screenshot(path=tmp_path / "score.png")
    await page.get_by_test_id("training-back").click()
    assert "40 sur 100" in await page.get_by_test_id("training-try").inner_text()
    supervisor = await at_training(chromium, service, SUPERVISOR)
    tried = supervisor.get_by_test_id("training-try")
    assert "Inès Carpentier" in await tried.inner_text()
    await tried.get_by_role("button").click()
    await supervisor.get_by_test_id("score").wait_for()
    assert page.failures == [] and supervisor.failures == []


async def test_a_reviewed_recorded_call_becomes_an_exercise_that_is_heard(
    service: Running, chromium: Any
) -> None:
    service.house.training.speed = 4.0
    scene = await recorded_call(service)
    page = await at_training(chromium, service, SUPERVISOR)
    await page.goto(f"{service.url}/gallery?tab=calls&call={scene.call_id}")
    await page.get_by_test_id("to-exercise").click()
    await page.get_by_test_id("from-call").wait_for()
    await page.locator("#from-reason").fill("formation")
    await page.keyboard.press("Enter")
    assert await page.get_by_test_id("exercise-heard").is_checked()
    script = await page.get_by_test_id("exercise-lines").input_value()
    assert "Martin" not in script and "fuite sous l'évier" in script
    await assert_accessible(page, "an exercise taken from a recorded call")
    await page.get_by_test_id("exercise-save").click()
    await page.get_by_test_id("exercise").wait_for()
    trainee = await at_training(chromium, service, OPERATOR)
    heard: list[tuple[str, int]] = []
    trainee.on(
        "response",
        lambda one: (
            heard.append((one.url.rsplit("/", 1)[1], one.status)) if "/voices/" in one.url else None
        ),
    )
    await trainee.get_by_test_id("exercise-begin").click()
    async with trainee.expect_response("**/voices/caller-2"):
        await trainee.locator('[data-testid="training-state"][data-state="ended"]').wait_for()
    assert sorted(set(heard)) == [("caller-2", 200), ("operator-1", 200)]
    assert await trainee.get_by_test_id("voice-failed").count() == 0
    await trainee.keyboard.press("Control+Enter")
    await trainee.keyboard.press("Control+Enter")
    await trainee.get_by_test_id("score").wait_for()
    assert page.failures == trainee.failures == []
