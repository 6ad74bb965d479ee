"""An operator reads what is offered: the answer first, why, the others folded, and sets aside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from copilot.events import Card, Marks, Openable, SuggestionOffered
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import Scene, answered
from tests.end_to_end.test_one_call import until
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

HEARD = "Et pour un chauffe-eau qui fuit c'est combien le déplacement ?"
PRICE = "45 € en semaine, 105 € la nuit."
QUESTION = "Combien coûte le déplacement ?"
LINK = Openable(label="Grille des tarifs", address="https://www.example.fr/tarifs")


def offer(scene: Scene, entry_id: str) -> None:
    """That answer with all that a card may hold, and two others."""
    utterance_id = scene.say("caller", HEARD)
    start = HEARD.index("déplacement")
    why = (start, start + len("déplacement"))
    best = Card(
        entry_id=entry_id, question=QUESTION, answer=PRICE, source="FAQ",
        confidence=0.93, matched=("déplacement",), place="p. 3", links=(LINK,),
        note="Ne pas donner aux professionnels.",
        marks=Marks(said=(why,)),
    )  # fmt: skip
    others = (
        Card(entry_id=name, question=f"{name} ?", answer=f"{name}.", source="FAQ", confidence=0.4)
        for name in ("Réparation", "Devis")
    )
    scene.log.tell(
        SuggestionOffered(
            **scene.log.stamp(), suggestion_id="s", utterance_id=utterance_id, cards=(best, *others)
        )
    )


async def test_a_card_is_read_used_set_aside_and_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        operator = await service.signed_in(OPERATOR)
        scene = await answered(service, (await operator.http.get("/api/session")).json()["id"])
        page = await new_page(chromium)
        await page.add_init_script("localStorage.setItem('souffleur.language', 'en')")
        assert service.house.accounts_shown is not None
        await sign_in(page, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        scope = service.house.store.for_client(scene.client_id)
        entry_id = (await scope.entries())[0].entry_id
        offer(scene, entry_id)
        await service.house.journal.kept(timeout_s=20.0)
        cards, answers = page.get_by_test_id("card"), page.get_by_test_id("card-answer")
        await cards.wait_for()
        assert await answers.all_inner_texts() == [PRICE]  # the others are folded
        text = await cards.inner_text()
        assert text.index("professionnels") < text.index(PRICE) < text.index("Combien coûte")
        assert f"“{HEARD}”" in text, "quoted as English is"
        assert await cards.locator(".why mark").all_inner_texts() == ["déplacement"]
        assert await page.get_by_test_id("card-source").inner_text() == "FAQ · p. 3"
        assert await page.get_by_test_id("card-link").get_attribute("href") == LINK.address

        await page.get_by_test_id("card-used").dblclick()
        await page.locator('[data-testid="card-used"][aria-pressed="true"]').wait_for()
        await page.get_by_test_id("card-not-this").click()
        aside = page.get_by_test_id("card-aside")
        await aside.wait_for()
        assert await answers.all_inner_texts() == ["Réparation.", "Devis."]
        await assert_accessible(page, "an answer set aside")
        assert await focused(page) == f"Restore: {QUESTION}"
        await page.keyboard.press("Enter")
        await aside.wait_for(state="detached")
        assert (await answers.all_inner_texts())[0] == PRICE
        assert await focused(page) == "Not this"
        for _ in range(3):
            await page.keyboard.down("x")  # held: one answer is set aside, not all
        await page.keyboard.up("x")
        await aside.wait_for()
        assert await answers.all_inner_texts() == ["Réparation.", "Devis."]
        assert await focused(page) == f"Restore: {QUESTION}"
        await page.keyboard.press("Enter")
        await aside.wait_for(state="detached")

        async def stands(*expected: tuple[str, str]) -> bool:
            given = await scope.feedback(scene.call_id)
            return [(one.suggestion_id, one.action) for one in given] == list(expected)

        await until(lambda: stands(("s", "used")), limit_s=20)
        await page.reload()
        pressed = page.locator('[data-testid="card-used"][aria-pressed="true"]')
        await pressed.click()
        await pressed.wait_for(state="detached")
        await until(stands, limit_s=20)
        await ask_as_the_knowledge_changes(service, page)
        await mark_what_was_asked_for(page)
        assert "shown" in {one.action for one in await scope.feedback(scene.call_id)}

        async def asked_stands() -> bool:
            given = await scope.feedback(scene.call_id)
            lasting = [one for one in given if one.action in ("used", "not_this")]
            return [(one.suggestion_id, one.action) for one in lasting] == [("ask", "used")]

        await until(asked_stands, limit_s=20)
        assert page.failures == []


async def focused(page: Any) -> str:
    """What the control at which the keyboard is says."""
    told = "(at => at.ariaLabel ?? at.textContent.trim())(document.activeElement)"
    return str(await page.evaluate(told))


async def ask_as_the_knowledge_changes(service: Running, page: Any) -> None:
    """Results come as one types; an answer changed meanwhile is found with the next letter."""
    portal = await service.signed_in(CLIENT)
    entry = (await portal.http.get("/api/portal/entries")).json()[0]
    asked, found = page.get_by_test_id("ask"), page.get_by_test_id("ask-results")
    first = found.get_by_test_id("card-answer").first
    await asked.fill("d'ouverture ?")
    await first.wait_for()
    assert await first.inner_text() == entry["answer"]
    change = {"version": entry["version"], "answer": "Fermé en août."}
    changed = await portal.http.patch(f"/api/portal/entries/{entry['id']}", json=change)
    assert changed.status_code == 200, changed.text

    async def seen() -> bool:
        # Typing sooner than the page's pause before it asks would put the asking off for ever.
        async with page.expect_response("**/ask*") as answered:
            await asked.fill("d'ouverture ? ")
            await asked.fill("d'ouverture ?")
        await answered.value
        return bool(await first.inner_text() == "Fermé en août.")

    await until(seen, limit_s=20)


async def mark_what_was_asked_for(page: Any) -> None:
    """Given; set aside and taken back: as with what is offered. Read long enough, it was shown."""
    first = page.get_by_test_id("ask-results").get_by_test_id("card").first
    async with page.expect_response("**/suggestions/ask/feedback") as told:
        await first.wait_for()
    assert (await told.value).status == 204
    await first.get_by_test_id("card-not-this").click()
    aside = page.get_by_test_id("ask-results").get_by_test_id("card-aside")
    await assert_accessible(page, "a result of asking set aside")
    assert (await focused(page)).startswith("Restore: ")
    await page.keyboard.press("Enter")
    await aside.wait_for(state="detached")
    assert await focused(page) == "Not this"
    await first.get_by_test_id("card-used").click()
    await first.locator('[data-testid="card-used"][aria-pressed="true"]').wait_for()
