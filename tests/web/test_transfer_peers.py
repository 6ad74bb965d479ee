"""Transfers to a real softphone: baresip is called, and what each hears is what was said."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from telephony.sip import SipServer
from telephony.sip.outgoing import PlacedCall
from tests.telephony.browser import AiortcPeer
from tests.telephony.sipcaller import SipCaller, sip_caller
from tests.telephony.softphone import Baresip, baresip
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, likeness, read_prompt, write_wav
from tests.web.callfloor import bye, long_tone
from tests.web.running import DELORME_LINE, OPERATOR, SUPERVISOR, next_event, running
from tests.web.test_line_controls import first_call
from tests.web.test_waiting import upload, wav

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed"),
]

SAYS = read_prompt(CALLER_SAYS, seconds=3)
CALLEE_SAYS = read_prompt(OPERATOR_SAYS, seconds=3)


class Parties:
    """A caller with an operator, and a baresip that can be called."""

    def __init__(
        self,
        line: SipServer,
        desk: Any,
        caller: SipCaller,
        phone: Baresip,
        call_id: str,
        events: Any,
    ) -> None:
        self.line, self.desk, self.caller, self.phone = line, desk, caller, phone
        self.call_id, self._events = call_id, events

    async def command(self, path: str, **body: Any) -> None:
        answer = await self.desk.http.post(f"/api/calls/{self.call_id}/{path}", json=body)
        assert answer.status_code in (202, 204), answer.text

    async def comes(self, state: str) -> dict[str, Any]:
        event = await next_event(self._events, "transfer_changed", state=state)
        found: dict[str, Any] = event["data"]
        return found

    async def ended(self) -> dict[str, Any]:
        found: dict[str, Any] = (await next_event(self._events, "call_ended"))["data"]
        return found

    async def agreed(self, direction: str) -> PlacedCall:
        """Wait until baresip has said so of its voice."""
        (placed,) = [call for call in self.line._live if isinstance(call, PlacedCall)]
        async with asyncio.timeout(10):
            while placed._voice.remote is None or placed._voice.remote.direction != direction:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return placed

    async def understand_each_other(self) -> None:
        """The caller hears the callee and the callee the caller, as it was said."""
        since = len(self.caller.heard), len(self.phone.heard())
        async with asyncio.timeout(20):
            while not (  # noqa: ASYNC110 - the sound has no event to wait for
                found(CALLEE_SAYS, self.caller.heard[since[0] :])
                and found(SAYS, self.phone.heard()[since[1] :])
            ):
                await asyncio.sleep(0.3)


def found(said: Pcm, heard: Pcm) -> bool:
    """Whether it was heard whole; a prompt is said over and over, from anywhere."""
    return len(heard) > 1.5 * len(said) and likeness(said, heard) > 0.9


@asynccontextmanager
async def parties(
    tmp_path: Path, *, answers: str = "auto", **settings: Any
) -> AsyncIterator[Parties]:
    microphone = write_wav(tmp_path / "mic.wav", np.tile(CALLEE_SAYS, 15))
    account = f";answermode={answers}"
    async with baresip(tmp_path, microphone, "PCMA", user="0199005544", account=account) as phone:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{phone.port}"\n'
            'number_form = "national"\n'
        )
        async with running(
            tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), sip_accounts=str(accounts),
            **settings,
        ) as service:  # fmt: skip
            assert service.house.sip is not None
            route = await service.house.store.provider.route(DELORME_LINE)
            assert route is not None
            keeper = await service.signed_in(SUPERVISOR)
            kept = await upload(keeper, route.client_id, "transfer", wav(CALLEE_SAYS))
            assert kept.status_code == 200, kept.text
            desk = await service.signed_in(OPERATOR)
            async with sip_caller(service.house.sip.address, DELORME_LINE, SAYS) as caller:
                call_id = await first_call(service)
                operator: AiortcPeer = await desk.answer(call_id, long_tone(1000.0))
                async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                    yield Parties(service.house.sip, desk, caller, phone, call_id, events)
                await operator.close()


async def test_baresip_is_consulted_and_given_the_caller(tmp_path: Path) -> None:
    async with parties(tmp_path) as here:
        await here.command("transfer", mode="consult", number="01 99 00 55 44")
        await here.comes("consulting")
        await here.command("transfer/complete")
        await here.comes("completed")
        await here.understand_each_other()
        await here.phone.command("hangup")
        assert (await here.ended())["reason"] == "callee_hung_up"


async def test_baresip_gets_the_caller_unheard_and_holds_and_resumes(tmp_path: Path) -> None:
    async with parties(tmp_path) as here:
        await here.command("transfer", mode="blind", number="01 99 00 55 44")
        await here.comes("completed")
        await here.phone.command("hold")
        await here.agreed("sendonly")
        await here.phone.command("resume")
        placed = await here.agreed("sendrecv")
        # baresip's dump of what it hears ends with its first hold: its ear is taken on trust.
        before = placed.endpoint.stats.packets_sent
        async with asyncio.timeout(20):
            while not found(CALLEE_SAYS, here.caller.heard[-40_000:]):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        assert placed.endpoint.stats.packets_sent > before + 50
        here.caller.phone.send(bye(here.caller))
        assert (await here.ended())["ended_by"] == "caller"


async def test_baresip_hears_the_announcement_and_takes_the_caller_by_a_key(tmp_path: Path) -> None:
    async with parties(tmp_path) as here:
        await here.command("transfer", mode="announced", number="01 99 00 55 44")
        await here.comes("announcing")
        async with asyncio.timeout(15):
            while not found(CALLEE_SAYS[:12000], here.phone.heard()):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await here.phone.command("sndcode", "1")
        await here.comes("completed")
        await here.understand_each_other()


async def test_a_busy_baresip_gives_the_caller_back(tmp_path: Path) -> None:
    async with parties(tmp_path, answers="manual", outgoing_ring_s=20) as here:
        await here.command("transfer", mode="blind", number="01 99 00 55 44")
        await here.comes("ringing")
        await here.phone.command("hangup")  # refuses what rings
        assert (await here.comes("returned"))["reason"] in ("busy", "declined")
