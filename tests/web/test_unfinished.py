"""What an operator has left to finish: unsent and refused messages, until sent or not needed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.end_to_end.scenes import answered
from tests.servers import smtp_sink
from tests.web.running import OPERATOR, Browser
from tests.web.test_delivery import service_with, settings
from tests.web.test_holding import colleague

USUAL = "atelier@example.fr"


async def left(desk: Browser) -> dict[str, str]:
    """Calls that this operator has to finish, with where their messages stand."""
    answer = await desk.http.get("/api/unfinished")
    return {call["id"]: call["message_state"] for call in answer.json()}


async def test_messages_left_are_told_until_they_are_sent_or_not_needed(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        sink.recipient_answers[USUAL] = "550 Inconnu ici"
        async with service_with(tmp_path, sink) as service:
            await settings(service, recipients=[USUAL])
            desk, karim = await service.signed_in(OPERATOR), await colleague(service)
            me = (await desk.http.get("/api/session")).json()["id"]
            for name in ("sent", "wrong number", "talking"):
                scene = await answered(service, me, name)
                await scene.talk()
                if name != "talking":
                    await scene.end()
            assert await left(desk) == {"sent": "draft", "wrong number": "draft"}
            assert await left(karim) == {}, "each has their own"

            message = {"fields": {"reason": "Fuite"}, "note": ""}
            await desk.http.post("/api/calls/sent/message", json=message)
            while await left(desk) != {"sent": "failed", "wrong number": "draft"}:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

            path = "/api/unfinished/wrong number"
            assert (await karim.http.delete(path)).status_code == 409, "Inès writes it"
            for _ in range(2):
                assert (await desk.http.delete(path)).status_code == 204
            assert await left(desk) == {"sent": "failed"}
            acts = [entry.act.action for entry in await service.house.store.audit.entries()]
            assert acts.count("message.unneeded") == 1
            edit = {"fields": {"reason": "Devis"}}
            await desk.http.patch("/api/calls/wrong number/draft", json=edit)
            assert await left(desk) == {"sent": "failed", "wrong number": "draft"}


async def test_ones_own_calls_are_found_among_a_whole_house_s(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            desk, karim = await service.signed_in(OPERATOR), await colleague(service)
            ines, his = [(await one.http.get("/api/session")).json()["id"] for one in (desk, karim)]
            for name, operator in (("hers", ines), ("his", his), ("his too", his)):
                await (await answered(service, operator, name)).end()
            query = {"state": "ended", "mine": True, "limit": 1}
            found = (await desk.http.get("/api/calls", params=query)).json()
            assert [call["id"] for call in found] == ["hers"]
