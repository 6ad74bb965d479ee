"""The other side of a call has somebody else called in its place: scripted, and baresip."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from tests.telephony.callee import holds_tone, sip_callee, tone
from tests.telephony.sipcaller import sip_caller
from tests.telephony.sipp import Await, Say, Step, sipp_called
from tests.telephony.softphone import baresip
from tests.telephony.speech import write_wav
from tests.web.callfloor import (
    CALLEE_HZ,
    CALLER_HZ,
    OPERATOR_HZ,
    Floor,
    bye,
    floor,
    long_tone,
)
from tests.web.running import DELORME_LINE, OPERATOR, next_event, running
from tests.web.test_line_controls import first_call

CONSULTED_HZ = 2100.0
REFER: dict[str, Any] = {"sip_refer": "127.0.0.0/8"}
TARGET = "sip:0199005544@pbx.example.com"


async def moved(here: Floor, state: str) -> dict[str, Any]:
    event = await next_event(here.events, "call_moved", state=state)
    found: dict[str, Any] = event["data"]
    return found


async def test_the_operator_is_passed_on_and_the_first_is_told(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here:
        here.callee.manner = "ring"
        here.caller.refer(TARGET)
        assert (await here.caller.refer_answers.get()).status == 202
        assert (await moved(here, "asked"))["number"] == "+33199005544"
        await here.caller.told("180")
        await here.talk((here.operator, 440.0))  # hears that it rings
        refused = await here.command("transfer", 409, mode="blind", number="01 99 00 11 22")
        assert refused["code"] == "transferring"
        here.callee.answer()
        await moved(here, "moved")
        await here.caller.told("200")
        await asyncio.wait_for(here.caller.hung_up.wait(), 5)
        await here.talk((here.operator, CALLEE_HZ), (here.callee, OPERATOR_HZ))
        assert here.still_there()
        here.callee.manner = "answer"  # a re-INVITE too
        await here.command("hold", held=True)
        await here.command("hold", held=False)
        here.callee.hang_up()
        await next_event(here.events, "call_ended", ended_by="caller")


async def test_who_asks_may_hang_up_at_once(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here:
        here.callee.manner = "ring"
        here.caller.refer(TARGET)
        await moved(here, "asked")
        here.caller.phone.send(bye_again(here))
        await asyncio.wait_for(here.callee.ringing.wait(), 5)
        here.callee.answer()
        await moved(here, "moved")
        await here.talk((here.operator, CALLEE_HZ), (here.callee, OPERATOR_HZ))
        await here.command("hangup")
        await next_event(here.events, "call_ended", ended_by="operator")
        await asyncio.wait_for(here.callee.hung_up.wait(), 5)


async def test_the_operator_hangs_up_while_somebody_is_called(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here:
        here.callee.manner = "ring"
        here.caller.refer(TARGET)
        await here.caller.told("180")
        await here.command("hangup")
        await next_event(here.events, "call_ended", ended_by="operator")
        await asyncio.wait_for(here.callee.cancelled.wait(), 5)


@pytest.mark.parametrize(
    ("target", "refusal", "fragment", "reason"),
    [
        (TARGET, "486 Busy Here", "486", "busy"),
        ("sip:0899123456@pbx.example.com", "", "403", "number_barred"),
    ],
)
async def test_the_caller_stays_when_nobody_else_is_reached(
    tmp_path: Path, target: str, refusal: str, fragment: str, reason: str
) -> None:
    async with floor(tmp_path, **REFER) as here:
        here.callee.refusal = refusal
        here.caller.refer(target)
        assert (await moved(here, "refused"))["reason"] == reason
        await here.caller.told(fragment)
        await here.caller_and_operator_talk()
        acts = {entry.act.action for entry in await here.service.house.store.audit.entries()}
        assert ("call.dial_refused" in acts) == (reason == "number_barred")


async def test_nobody_may_by_default(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        here.caller.refer(TARGET)
        assert (await here.caller.refer_answers.get()).status == 405
        await here.caller_and_operator_talk()


# After a consultation (RFC 3891, RFC 5589): a dialog has the place of another


async def test_the_operator_is_passed_on_to_who_was_consulted(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here, sip_callee(tone(CONSULTED_HZ)) as consulted:
        consulted.phone.server = here.callee.phone.server
        named = quote("a7@pbx;to-tag=theirs;from-tag=ours", safe="")
        here.caller.refer(f"sip:203@127.0.0.1:{consulted.port}?Replaces={named}")
        assert (await moved(here, "moved"))["number"] == "203"
        await here.caller.told("200")
        await asyncio.wait_for(here.caller.hung_up.wait(), 5)
        (invite,) = consulted.invites
        assert invite.header("Replaces") == "a7@pbx;to-tag=theirs;from-tag=ours"
        assert invite.header("Require") == "replaces"
        assert invite.text.startswith(f"INVITE sip:203@127.0.0.1:{consulted.port} SIP/2.0")
        await here.talk((here.operator, CONSULTED_HZ), (consulted, OPERATOR_HZ))
        assert not here.callee.invites, "no gateway is called, nothing is charged"
        acts = {entry.act.action for entry in await here.service.house.store.audit.entries()}
        assert "call.dialled" not in acts
        consulted.hang_up()
        await next_event(here.events, "call_ended", ended_by="caller")


async def test_who_was_consulted_and_is_gone_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here, sip_callee(tone(CONSULTED_HZ)) as consulted:
        consulted.phone.server = here.callee.phone.server
        consulted.refusal = "481 Call/Transaction Does Not Exist"
        named = quote("a7@pbx;to-tag=theirs;from-tag=ours", safe="")
        here.caller.refer(f"sip:203@127.0.0.1:{consulted.port}?Replaces={named}")
        await moved(here, "refused")
        await here.caller.told("603")
        await here.caller_and_operator_talk()


async def test_who_was_consulted_calls_in_the_callers_place(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here:
        line = here.callee.phone.server
        await here.command("hold", held=True)
        async with sip_caller(
            line, DELORME_LINE, tone(CONSULTED_HZ),
            headers=(f"Replaces: {here.caller.replaces}", "Require: replaces"),
        ) as consulted:  # fmt: skip
            assert (await moved(here, "moved"))["number"] == "+33199001122"
            await asyncio.wait_for(here.caller.hung_up.wait(), 5)
            await here.command("hold", held=False)
            await here.talk((here.operator, CONSULTED_HZ), (consulted, OPERATOR_HZ))
            assert len(here.service.house.board.calls()) == 1, "no call of its own"
            async with sip_caller(
                line, DELORME_LINE, tone(CALLER_HZ),
                headers=(f"Replaces: {here.caller.replaces}",),
            ) as late:  # fmt: skip
                assert (await asyncio.wait_for(late.refused, 5)).status == 481
            await here.command("hangup")
            await next_event(here.events, "call_ended", ended_by="operator")
            await asyncio.wait_for(consulted.hung_up.wait(), 5)


async def test_a_call_that_is_being_given_away_is_nobody_elses(tmp_path: Path) -> None:
    async with floor(tmp_path, **REFER) as here:
        await here.transfer()
        await here.comes("consulting")
        async with sip_caller(
            here.callee.phone.server, DELORME_LINE, tone(CONSULTED_HZ),
            headers=(f"Replaces: {here.caller.replaces}",),
        ) as other:  # fmt: skip
            assert (await asyncio.wait_for(other.refused, 5)).status == 603
        assert (await moved(here, "refused"))["reason"] == "declined"
        await here.command("transfer/complete")
        await here.comes("completed")
        await here.caller_and_callee_talk()


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("sipp") is None, reason="sip-tester is not installed")
async def test_sipp_is_consulted_and_joined(tmp_path: Path) -> None:
    asked = Await(
        what="INVITE",
        matching=("Replaces: a7@pbx;to-tag=theirs;from-tag=ours", "Require: replaces"),
    )
    steps: tuple[Step, ...] = (
        asked, Say(line="180 Ringing"), Say(line="200 OK", sdp="sendrecv"), "ACK",
        Say(line="BYE", cseq="9 BYE"), "200",
    )  # fmt: skip
    peers = tmp_path / "sipp"
    peers.mkdir()
    async with floor(tmp_path, **REFER) as here, sipp_called(peers, *steps) as sipp:
        named = quote("a7@pbx;to-tag=theirs;from-tag=ours", safe="")
        here.caller.refer(f"sip:203@127.0.0.1:{sipp.port}?Replaces={named}&Require=replaces")
        await moved(here, "moved")
        await sipp.done()
        await next_event(here.events, "call_ended", ended_by="caller")


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed")
async def test_baresip_passes_the_operator_on(tmp_path: Path) -> None:
    microphone = write_wav(tmp_path / "mic.wav", np.tile(tone(CALLER_HZ), 60))
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        async with (
            running(
                tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), sip_accounts=str(accounts),
                **REFER,
            ) as service,
            baresip(tmp_path, microphone, "PCMA") as phone,
        ):  # fmt: skip
            assert service.house.sip is not None
            callee.phone.server = service.house.sip.address
            desk = await service.signed_in(OPERATOR)
            port = service.house.sip.address[1]
            await phone.command("dial", f"sip:{DELORME_LINE}@127.0.0.1:{port}")
            call_id = await first_call(service)
            operator = await desk.answer(call_id, long_tone(OPERATOR_HZ))
            async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                await next_event(events, "call_answered")
                await phone.command("transfer", "sip:0199005544@127.0.0.1")
                await next_event(events, "call_moved", state="moved")
                async with asyncio.timeout(15):
                    while not (  # noqa: ASYNC110 - the sound has no event to wait for
                        holds_tone(operator.heard, CALLEE_HZ)
                        and holds_tone(callee.heard, OPERATOR_HZ)
                    ):
                        await asyncio.sleep(0.05)
                callee.hang_up()
                await next_event(events, "call_ended")
            await operator.close()


def bye_again(here: Floor) -> str:
    """The caller hangs up, after the number of the REFER."""
    return bye(here.caller).replace("CSeq: 2 BYE", "CSeq: 900 BYE")
