"""The end of a call at the desk, in a real Chromium: proposals by key, approval by key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.languagemodel.scripted import answers, scripted_server
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WRITTEN = {
    "reason": "La cliente signale une fuite sous l'évier de la cuisine.",
    "summary": "La cliente signale une fuite. Elle attend Monsieur Tartempion.",
    "reply": "Bonjour,\n\nMerci de votre appel concernant la fuite sous l'évier.\n\nCordialement",
}


async def test_proposals_are_taken_and_refused_by_key_and_the_message_goes_by_one(
    tmp_path: Path,
) -> None:
    async with (
        scripted_server(answers(WRITTEN)) as server,
        running(tmp_path, llm_url=server.url, llm_model="scripted", llm_wordings=False) as service,
        browser() as chromium,
    ):
        assert service.house.accounts_shown is not None
        desk = await new_page(chromium)
        password = service.house.accounts_shown.operator.password
        await sign_in(desk, service.url, OPERATOR, password)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        await scene.talk()
        scene.draft(
            reason="Fuite sous l'évier", email="odette.girard@example.fr",
            caller_name="Odette Girard", phone="+33639981234",
        )  # fmt: skip
        await desk.get_by_test_id("call").wait_for()
        await scene.end()
        await desk.locator('[data-testid="deed"][data-deed="ended"]').wait_for()

        await desk.get_by_test_id("ask-writing").click()
        await desk.get_by_test_id("writing-rejected").wait_for()  # nobody said Tartempion
        proposed = desk.get_by_test_id("proposal")
        assert await proposed.count() == 2
        await desk.keyboard.press("a")
        reason = desk.locator('[data-field="reason"]')
        await desk.get_by_test_id("by-model").wait_for()
        assert await reason.input_value() == WRITTEN["reason"]
        await desk.keyboard.press("e")
        await desk.locator('[data-testid="proposal"]').wait_for(state="detached")

        await reason.fill("Fuite sous l'évier, eau coupée.")
        await desk.get_by_test_id("by-model").wait_for(state="detached")
        await desk.keyboard.press("Control+Enter")
        await desk.locator('[data-testid="missing"][role="alert"]').wait_for()
        await desk.keyboard.press("Control+Enter")  # fields are missing: sent all the same
        await desk.get_by_test_id("approve").wait_for(state="detached")
        message = await service.house.store.for_client(scene.client_id).message_of_call(
            scene.call_id
        )
        assert message is not None
        assert message.fields["reason"] == "Fuite sous l'évier, eau coupée."
        assert desk.failures == []
