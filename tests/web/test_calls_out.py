"""Calls that operators place in a client's name, over HTTP: a telephone that is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.telephony.browser import AiortcPeer
from tests.telephony.callee import SipCallee, holds_tone, sip_callee, tone
from tests.web.callfloor import CALLEE_HZ, NUMBER, OPERATOR_HZ, long_tone
from tests.web.running import DELORME_LINE, OPERATOR, Browser, Running, next_event, running


@asynccontextmanager
async def desk_and_callee(
    tmp_path: Path, **settings: Any
) -> AsyncIterator[tuple[Running, Browser, SipCallee]]:
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        async with running(tmp_path, sip_accounts=str(accounts), **settings) as service:
            assert service.house.sip is not None
            callee.phone.server = service.house.sip.address
            yield service, await service.signed_in(OPERATOR), callee


async def place(service: Running, desk: Browser, number: str = NUMBER) -> tuple[AiortcPeer, Any]:
    route = await service.house.store.provider.route(DELORME_LINE)
    assert route is not None
    peer = AiortcPeer(long_tone(OPERATOR_HZ))
    offer = {"type": "offer", "sdp": await peer.offer()}
    answer = await desk.http.post(
        "/api/calls", json={"client_id": route.client_id, "number": number, "offer": offer}
    )
    return peer, answer


async def test_a_call_in_a_clients_name(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.manner = "ring"
        operator, answer = await place(service, desk)
        assert answer.status_code == 201, answer.text
        await operator.take(answer.json()["answer"]["sdp"])
        call_id = answer.json()["call_id"]
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ringing = (await next_event(events, "call_ringing"))["data"]
            assert ringing["source"] == "outgoing"
            assert ringing["caller_number"] == "+33199005544"
            await asyncio.wait_for(callee.ringing.wait(), 5)
            async with asyncio.timeout(10):
                while not holds_tone(operator.heard, 440.0):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            callee.answer()
            await next_event(events, "call_answered")
            async with asyncio.timeout(10):
                while not (  # noqa: ASYNC110
                    holds_tone(operator.heard, CALLEE_HZ) and holds_tone(callee.heard, OPERATOR_HZ)
                ):
                    await asyncio.sleep(0.05)
            assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
            await asyncio.wait_for(callee.hung_up.wait(), 5)
            await next_event(events, "call_ended", ended_by="operator")
        await operator.close()
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        assert detail["call"]["caller_number"] == "+33199005544"
        assert len(service.house.board.calls()) == 0


async def test_a_call_that_nobody_takes_says_why(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.refusal = "486 Busy Here"
        operator, answer = await place(service, desk)
        async with desk.socket(f"/api/calls/{answer.json()['call_id']}/socket") as events:
            await next_event(events, "call_ended", reason="busy")
        await operator.close()


async def test_the_operator_gives_up_while_it_rings(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.manner = "ring"
        operator, answer = await place(service, desk)
        await asyncio.wait_for(callee.ringing.wait(), 5)
        call_id = answer.json()["call_id"]
        assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
        await asyncio.wait_for(callee.cancelled.wait(), 5)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "call_ended", reason="cancelled")
        await operator.close()


async def test_a_barred_call_is_kept_in_the_log_and_never_leaves(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        operator, answer = await place(service, desk, "+44 20 7946 0000")
        assert (answer.status_code, answer.json()["code"]) == (422, "number_barred")
        calls = (await desk.http.get("/api/calls")).json()
        assert calls[0]["source"] == "outgoing" and calls[0]["state"] == "ended"
        assert not callee.invites
        await operator.close()


async def test_the_line_tells_whether_calls_go_out_and_gives_turn_passwords(tmp_path: Path) -> None:
    async with running(
        tmp_path, turn_urls="turn:turn.example.com:3478?transport=udp", turn_secret="un secret"
    ) as service:
        desk = await service.signed_in(OPERATOR)
        access = (await desk.http.get("/api/line")).json()
        assert access["calls_out"] is False
        (server,) = access["ice_servers"]
        assert server["urls"] == ["turn:turn.example.com:3478?transport=udp"]
        assert server["username"].partition(":")[0].isdigit()
        assert access["expires_s"] == 12 * 3600
