"""Limits of calls that go out: by operator, by client, by cost; each is in the audit trail."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from copilot.reception.tolls import Tariff
from tests.telephony.callee import SipCallee
from tests.web.callfloor import floor
from tests.web.running import Browser, Running, next_event
from tests.web.test_calls_out import desk_and_callee, place


async def placed(service: Running, desk: Browser, callee: SipCallee) -> None:
    """A call that is answered, and ended by the operator."""
    operator, answer = await place(service, desk)
    assert answer.status_code == 201, answer.text
    await operator.take(answer.json()["answer"]["sdp"])
    call_id = answer.json()["call_id"]
    async with desk.socket(f"/api/calls/{call_id}/socket") as events:
        await next_event(events, "call_answered")
        assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
        await next_event(events, "call_ended")
    await operator.close()


async def trail(service: Running, action: str, *, count: int) -> list[Any]:
    """The entries of this action, once there are so many."""
    async with asyncio.timeout(10):
        while True:
            found = await service.house.store.audit.entries(action=action)
            if len(found) >= count:
                assert len(found) == count
                return [entry.act for entry in found]
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"outgoing_operator_hour": 1}, "calls_hour"),
        ({"outgoing_client_day": 1}, "calls_day"),
        ({"dial_rates": "+33=99999", "outgoing_client_cents": 1}, "cost_day"),
    ],
)
async def test_a_call_beyond_a_limit_never_leaves(
    tmp_path: Path, limit: dict[str, Any], reason: str
) -> None:
    async with desk_and_callee(tmp_path, **limit) as (service, desk, callee):
        await placed(service, desk, callee)
        (charged,) = await trail(service, "call.charged", count=1)
        assert charged.subject == "+33199005544" and charged.detail["cents"] >= 0
        operator, answer = await place(service, desk)
        assert (answer.status_code, answer.json()["code"]) == (429, "toll_limit")
        await operator.close()
        (refused,) = await trail(service, "call.dial_refused", count=1)
        assert (refused.reason, refused.actor.role) == (reason, "operator")
        await trail(service, "call.dialled", count=1)
        assert len(callee.invites) == 1


async def test_calls_in_progress_count_with_what_they_cost_so_far(tmp_path: Path) -> None:
    limits = {"dial_rates": "+33=99999", "outgoing_client_cents": 1}
    async with desk_and_callee(tmp_path, **limits) as (service, desk, _):
        first, answer = await place(service, desk)
        await first.take(answer.json()["answer"]["sdp"])
        async with desk.socket(f"/api/calls/{answer.json()['call_id']}/socket") as events:
            await next_event(events, "call_answered")
        second, answer = await place(service, desk)
        assert answer.json().get("code") == "toll_limit"
        await first.close()
        await second.close()


async def test_a_transfer_beyond_a_limit_gives_the_caller_back(tmp_path: Path) -> None:
    async with floor(tmp_path, outgoing_operator_hour=1) as here:
        await here.transfer()
        await here.comes("consulting")
        await here.command("transfer/take-back")
        await here.comes("returned")
        await here.transfer("blind")
        assert (await here.comes("returned"))["reason"] == "toll_limit"
        await here.caller_and_operator_talk()


async def test_a_barred_number_is_in_the_trail(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        operator, answer = await place(service, desk, "08 99 12 34 56")
        assert answer.status_code == 422
        (refused,) = await trail(service, "call.dial_refused", count=1)
        assert (refused.reason, refused.subject) == ("number_barred", "+33899123456")
        await operator.close()
        assert not callee.invites


@pytest.mark.parametrize(
    ("number", "cents"),
    [
        ("+33199001122", 2.0),
        ("+33639980001", 6.0),
        ("+33800123456", 0.0),
        ("+4420", 60.0),
        ("204", 0.0),
    ],
)
def test_the_longest_beginning_says_what_a_minute_costs(number: str, cents: float) -> None:
    tariff = Tariff(rates=(("+", 60), ("+33", 2), ("+336", 6), ("+3380", 0)))
    assert tariff.cents(number, 60) == cents
    assert tariff.cents(number, 30) == cents / 2
