"""A client settles what waits for its word: questions without an answer, wordings proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from copilot.store.records.calls import NewCall
from copilot.store.store import ClientScope
from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

OWN = "demo-delorme"


async def asked_without_answer(scope: ClientScope, *texts: str) -> None:
    for number, text in enumerate(texts):
        now = datetime.now(UTC)
        call = NewCall(id=f"c{number}", dialled="+33199001234", source="sip", ringing_at=now)
        await scope.create_call(call)
        await scope.record_gap_question(
            gap_id=None, call_id=call.id, utterance_id="u1", text=text, at=now
        )


async def wordings_proposed(scope: ClientScope, *texts: Sequence[str]) -> None:
    """Some for the first entry, some for the second, and so on."""
    for entry, proposed in zip(await scope.entries(), texts, strict=False):
        await scope.propose_wordings(
            entry.entry_id, proposed, origin="machine", writer="essai", at=datetime.now(UTC)
        )


async def test_what_waits_for_the_client_s_word_is_settled(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        scope = service.house.store.for_client(OWN)
        await asked_without_answer(scope, "vous videz les fosses ?", "vous vendez des vélos ?")
        await wordings_proposed(scope, ("c'est par où", "on vous trouve où"), ("et donc",))
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=gaps")
        await settle_gaps(page, scope)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=wordings")
        await settle_wordings(page, scope)
        assert page.failures == []


async def test_what_was_typed_for_a_question_is_found_again(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        scope = service.house.store.for_client(OWN)
        await asked_without_answer(scope, "vous videz les fosses ?", "vous vendez des vélos ?")
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=gaps")
        listed = page.get_by_test_id("gap")
        bikes, pits = listed.filter(has_text="vélos"), listed.filter(has_text="fosses")
        typed = page.get_by_test_id("gap-text")
        await pits.get_by_test_id("gap-answer").click()
        await typed.fill("Oui, sur rendez-vous.")
        await bikes.get_by_test_id("gap-answer").click()  # another question, then another tab
        assert await typed.input_value() == ""
        await pits.get_by_test_id("gap-unsaved").wait_for()
        await page.get_by_test_id("tab-messages").click()
        await page.get_by_test_id("tab-knowledge").click()
        await page.get_by_test_id("view-gaps").click()
        await pits.get_by_test_id("gap-answer").click()
        assert await typed.input_value() == "Oui, sur rendez-vous."
        await page.get_by_test_id("gap-save").click()
        await page.get_by_test_id("gap-written").wait_for()
        assert await page.get_by_test_id("gap-unsaved").count() == 0
        assert page.failures == []


async def settle_gaps(page: Any, scope: ClientScope) -> None:
    """One is dismissed and taken back, the other becomes an entry once it has an answer."""
    listed = page.get_by_test_id("gap")
    bikes, pits = listed.filter(has_text="vélos"), listed.filter(has_text="fosses")
    await bikes.get_by_test_id("gap-dismiss").click()
    await bikes.wait_for(state="detached")
    assert await listed.count() == 1
    await page.get_by_test_id("gaps-state").select_option("dismissed")
    await bikes.get_by_test_id("gap-reopen").click()
    await bikes.wait_for(state="detached")
    await page.get_by_test_id("gaps-state").select_option("open")
    await bikes.wait_for()

    await pits.get_by_test_id("gap-answer").click()
    await page.get_by_test_id("gap-save").click()
    await page.get_by_test_id("gap-form").get_by_role("alert").wait_for()  # no answer yet
    await page.get_by_test_id("gap-question").fill("Videz-vous les fosses ?")
    await page.get_by_test_id("gap-text").fill("Oui, sur rendez-vous.")
    await page.get_by_test_id("gap-save").click()
    await page.get_by_test_id("gap-written").wait_for()
    assert await pits.count() == 0
    written = {entry.question: entry for entry in await scope.entries()}["Videz-vous les fosses ?"]
    assert written.answer == "Oui, sur rendez-vous."
    assert written.alternatives == ("vous videz les fosses ?",)  # as it was said, ticked


async def settle_wordings(page: Any, scope: ClientScope) -> None:
    """Those of one entry are approved together, the other's is refused."""
    listed = page.get_by_test_id("wordings-entry")
    both = listed.filter(has_text="on vous trouve où")
    await both.wait_for()
    assert await page.get_by_test_id("wording").count() == 3
    await both.get_by_test_id("wordings-approve-all").click()
    await both.wait_for(state="detached")
    await listed.get_by_test_id("wording-refuse").click()
    await listed.wait_for(state="detached")
    await page.get_by_test_id("wordings-state").select_option("approved")
    await both.wait_for()
    assert await page.get_by_test_id("wording").count() == 2
    assert {one.text: one.state for one in await scope.wordings()} == {
        "c'est par où": "approved",
        "on vous trouve où": "approved",
        "et donc": "refused",
    }
