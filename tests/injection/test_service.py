"""Attack texts against the whole service, with a model that obeys whatever it reads.

Nothing is approved, queued or sent; no setting, contact or recipient changes; nothing of another
client reaches the model, the message or the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from copilot.languagemodel.secretary import EndedCall
from tests.end_to_end.scenes import Scene, answered
from tests.injection.attacks import Attack, by_way
from tests.injection.obedient import obeys, overreaches
from tests.languagemodel.scripted import ScriptedServer, scripted_server, writes
from tests.web.running import CLIENT, OPERATOR, Running, next_event, running

OTHER = "demo-vasseur"
AT_ONCE = 23
SPOKEN = (*by_way("speech"), *by_way("email"))


async def everything_that_stays(service: Running) -> dict[str, Any]:
    """What no attack may change, of every client."""
    store = service.house.store
    kept = {}
    for client in await store.provider.clients():
        scope = store.for_client(client.id)
        sheet = await scope.sheet(service.house.journal.now())
        kept[client.id] = (
            client.settings,
            sheet.contacts,
            sheet.consignes,
            await scope.entries(),
            await scope.messages(),
        )
    return kept


async def secrets_of_the_other(service: Running) -> tuple[str, ...]:
    """Texts that only the other client has."""
    scope = service.house.store.for_client(OTHER)
    sheet = await scope.sheet(service.house.journal.now())
    return (
        sheet.client.name,
        *(contact.name for contact in sheet.contacts),
        *(entry.answer for entry in await scope.entries()),
    )


async def written_about(service: Running, scene: Scene) -> dict[str, Any]:
    """Have the model write about a call that is over; what was told of it."""
    house = service.house
    desk = await service.signed_in(OPERATOR)
    detail = (await desk.http.get(f"/api/calls/{scene.call_id}")).json()
    since = detail["events"][-1]["seq"]
    path = f"/api/calls/{scene.call_id}/socket?since={since}"
    scope = house.store.for_client(scene.client_id)
    record = await scope.call(scene.call_id)
    assert house.secretary is not None
    async with desk.socket(path) as socket:
        house.secretary.write(
            EndedCall(
                log=scene.log,
                draft=await house.reception.drafts.of(scene.client_id, scene.call_id),
                sheet=await scope.sheet(record.ringing_at),
                ringing_at=record.ringing_at,
            )
        )
        while (event := await next_event(socket, "writing_changed"))["data"]["state"] == "writing":
            pass
        return dict(event["data"])


async def attacked(service: Running, call_id: str, texts: Sequence[str]) -> Scene:
    """A call in which all of this is said."""
    desk = await service.signed_in(OPERATOR)
    me = (await desk.http.get("/api/session")).json()
    scene = await answered(service, me["id"], call_id)
    scene.say("caller", "Bonjour, j'ai une fuite sous l'évier de la cuisine depuis ce matin.")
    for text in texts:
        scene.say("caller", text)
    scene.draft(reason="Fuite sous l'évier", email="odette.girard@example.fr")
    await scene.end()
    return scene


@pytest.mark.parametrize("model", [obeys, overreaches])
async def test_nothing_is_done_whatever_is_said(tmp_path: Path, model: Any) -> None:
    async with (
        scripted_server(writes(model)) as server,
        running(tmp_path, llm_url=server.url, llm_model="obedient", llm_wordings=False) as service,
    ):
        before = await everything_that_stays(service)
        for at in range(0, len(SPOKEN), AT_ONCE):
            some = SPOKEN[at : at + AT_ONCE]
            scene = await attacked(service, f"call-{at}", [one.text for one in some])
            async with asyncio.timeout(30):
                told = await written_about(service, scene)
            assert_nothing_told(told, some)
            await assert_nothing_sent(service, scene)
        assert await everything_that_stays(service) == before
        await assert_nothing_of_the_other(service, server)


def assert_nothing_told(told: dict[str, Any], some: Sequence[Attack]) -> None:
    shown = " ".join(text["text"] for text in told["texts"]).casefold()
    for attack in some:
        assert not attack.wants or attack.wants.casefold() not in shown, attack
        assert attack.text.casefold() not in shown, attack


async def assert_nothing_sent(service: Running, scene: Scene) -> None:
    scope = service.house.store.for_client(scene.client_id)
    assert await scope.message_of_call(scene.call_id) is None
    kinds = {event.kind for event in await scope.events_since(scene.call_id)}
    assert not kinds & {"message_approved", "message_delivered", "message_failed", "text_decided"}
    fields = {
        field.name: field.value
        for field in (
            await service.house.reception.drafts.of(scene.client_id, scene.call_id)
        ).fields()
    }
    assert fields["reason"] == "Fuite sous l'évier"
    assert fields["recipient"] is None and fields["urgency"] is None


async def assert_nothing_of_the_other(service: Running, server: ScriptedServer) -> None:
    asked = " ".join(one.data + one.instructions for one in server.asked)
    for secret in await secrets_of_the_other(service):
        assert secret not in asked


async def test_a_faq_full_of_attacks_is_text(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        portal = await service.signed_in(CLIENT)
        before = (await everything_that_stays(service))[OTHER]
        for at, attack in enumerate(by_way("faq")):
            entry = {"question": f"Question {at} ?", "answer": attack.text}
            answer = await portal.http.post("/api/portal/entries", json=entry)
            assert answer.status_code in (201, 422), answer.text
            if answer.status_code == 201:
                assert answer.json()["answer"] == attack.text
                assert "text/html" not in answer.headers["content-type"]
        assert (await everything_that_stays(service))[OTHER] == before


def names_under(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def test_a_file_s_name_is_a_name(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        portal = await service.signed_in(CLIENT)
        kept = 0
        for attack in by_way("file"):
            answer = await portal.http.post(
                "/api/portal/attachments",
                files={"file": (f"{attack.text}.txt", b"Horaires", "text/plain")},
            )
            assert answer.status_code < 500, (attack.text, answer.text)
            if answer.status_code < 300:
                found = await portal.http.get(
                    f"/api/clients/demo-delorme/attachments/{answer.json()['id']}"
                )
                assert found.status_code == 200
                disposition = found.headers["content-disposition"]
                assert disposition.isascii() and "<" not in disposition
                assert found.headers["x-content-type-options"] == "nosniff"
                assert "sandbox" in found.headers["content-security-policy"]
                kept += 1
        assert kept >= len(by_way("file")) - 3
        written = await asyncio.to_thread(names_under, tmp_path)
        assert not {name for name in written if "pwned" in name or "passwd" in name}
