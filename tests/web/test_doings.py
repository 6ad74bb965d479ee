"""What was done for the caller, in the wrap-up and in the message, on real lines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copilot.appointmentevents import AppointmentChanged
from tests.end_to_end.scenes import CALLER, answered
from tests.web.callfloor import floor
from tests.web.running import OPERATOR, Browser, next_event, running
from tests.web.test_calls_out import desk_and_callee, place


async def deeds_of(desk: Browser, call_id: str) -> list[tuple[str, str | None, str | None]]:
    found = (await desk.http.get(f"/api/calls/{call_id}/wrapup")).json()["actions"]
    return [(one["deed"], one["what"], one["why"]) for one in found]


async def summary_of(desk: Browser, call_id: str) -> str | None:
    detail: dict[str, Any] = (await desk.http.get(f"/api/calls/{call_id}")).json()
    told: dict[str, str | None] = {one["name"]: one["value"] for one in detail["draft"]}
    return told["summary"]


async def test_transfers_are_told_once_the_operator_is_free(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        here.callee.refusal = "486 Busy Here"
        await here.transfer("blind")
        await here.comes("returned", reason="busy")
        here.callee.refusal = ""
        await here.transfer()
        await here.comes("consulting")
        await here.command("transfer/take-back")
        await here.comes("returned", reason="taken_back")
        await here.transfer("blind")
        await here.comes("completed")
        number = "+33199005544"
        done = await deeds_of(here.desk, here.call_id)
        assert [one for one in done if "transfer" in one[0] or one[0] == "consulted"] == [
            ("transfer_failed", number, "busy"),
            ("consulted", number, None),
            ("transferred", number, None),
        ]
        assert await summary_of(here.desk, here.call_id) == (
            "Appel sans nom. Transfert sans succès à 01 99 00 55 44. "
            "Échange pendant l'appel avec 01 99 00 55 44. Appel transféré à 01 99 00 55 44."
        )


async def test_a_caller_who_is_called_back(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        me = (await desk.http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        await scene.end()
        assert "called_back" not in [one[0] for one in await deeds_of(desk, scene.call_id)]
        operator, answer = await place(service, desk, CALLER)
        await operator.take(answer.json()["answer"]["sdp"])
        call_id = answer.json()["call_id"]
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "call_answered")
            assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
            await next_event(events, "call_ended")
        await asyncio.wait_for(callee.hung_up.wait(), 5)
        await operator.close()
        assert [one[0] for one in await deeds_of(desk, call_id)] == ["called", "ended"]
        done = await deeds_of(desk, scene.call_id)
        assert [one[0] for one in done][-2:] == ["called_back", "ended"]


async def test_an_appointment_booked_is_told_as_made(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        me = (await desk.http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        await scene.end()
        wanted = {"appointment_action": "prendre", "appointment_when": "2026-12-01T10:00"}
        path = f"/api/calls/{scene.call_id}/draft"
        await desk.http.patch(path, json={"fields": wanted})
        assert "Rendez-vous à prendre" in str(await summary_of(desk, scene.call_id))
        scene.log.tell(
            AppointmentChanged(
                **scene.log.stamp(), appointment_id="a", state="booked", sync="none",
                begins_at=datetime(2026, 12, 1, 9, tzinfo=UTC), practitioner="Dr Vasseur",
                visit="Bilan",
            )
        )  # fmt: skip
        assert "Rendez-vous pris" in str(await summary_of(desk, scene.call_id))
        assert ("booked", "Bilan, Dr Vasseur", None) in await deeds_of(desk, scene.call_id)
