"""A caller, an operator and somebody who can be called, each with a voice of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.telephony.browser import AiortcPeer
from tests.telephony.callee import SipCallee, holds_tone, sip_callee, tone
from tests.telephony.phone import Reply
from tests.telephony.sipcaller import SipCaller, sip_caller
from tests.web.running import DELORME_LINE, OPERATOR, Browser, Running, next_event, running
from tests.web.test_line_controls import first_call

CALLER_HZ, OPERATOR_HZ, CALLEE_HZ = 500.0, 1000.0, 1700.0
NUMBER = "01 99 00 55 44"


@dataclass
class Floor:
    """Everybody of a call, and the desk that commands it."""

    service: Running
    desk: Browser
    caller: SipCaller
    operator: AiortcPeer
    callee: SipCallee
    call_id: str
    events: Any

    async def command(self, path: str, status: int = 204, **body: Any) -> dict[str, Any]:
        answer = await self.desk.http.post(f"/api/calls/{self.call_id}/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content and answer.content != b"null" else {}

    async def transfer(self, mode: str = "consult", number: str = NUMBER) -> None:
        await self.command("transfer", 202, mode=mode, number=number)

    async def comes(self, state: str, **data: Any) -> dict[str, Any]:
        event = await next_event(self.events, "transfer_changed", state=state, **data)
        found: dict[str, Any] = event["data"]
        return found

    async def talk(self, *pairs: tuple[SipCaller | SipCallee | AiortcPeer, float]) -> None:
        """Wait until each hears the voice beside it, fresh."""
        before = [len(person.heard) for person, _ in pairs]
        async with asyncio.timeout(15):
            while not all(  # noqa: ASYNC110 - the sound has no event to wait for
                len(person.heard) > since + 1600 and holds_tone(person.heard, voice)
                for (person, voice), since in zip(pairs, before, strict=True)
            ):
                await asyncio.sleep(0.05)

    async def caller_and_operator_talk(self) -> None:
        await self.talk((self.caller, OPERATOR_HZ), (self.operator, CALLER_HZ))
        assert not holds_tone(self.caller.heard, CALLEE_HZ)

    async def caller_and_callee_talk(self) -> None:
        await self.talk((self.caller, CALLEE_HZ), (self.callee, CALLER_HZ))
        assert not holds_tone(self.caller.heard, OPERATOR_HZ)

    def still_there(self) -> bool:
        return self.service.house.reception.calls.find(self.call_id) is not None


@asynccontextmanager
async def floor(tmp_path: Path, **settings: Any) -> AsyncIterator[Floor]:
    """A caller and an operator who talk, and a telephone that can be called."""
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        recogniser = ScriptedRecogniser(["bonjour"])
        async with running(
            tmp_path, recogniser=recogniser, sip_accounts=str(accounts), **settings
        ) as service:
            assert service.house.sip is not None
            callee.phone.server = service.house.sip.address
            desk = await service.signed_in(OPERATOR)
            async with sip_caller(
                service.house.sip.address, DELORME_LINE, tone(CALLER_HZ)
            ) as caller:
                call_id = await first_call(service)
                operator = await desk.answer(call_id, long_tone(OPERATOR_HZ))
                async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                    here = Floor(service, desk, caller, operator, callee, call_id, events)
                    await here.caller_and_operator_talk()
                    yield here
                    await operator.close()


def long_tone(frequency_hz: float) -> Pcm:
    """An aiortc speaker says its words once."""
    return tone(frequency_hz, seconds=60)


def bye(caller: SipCaller) -> str:
    """The caller hangs up."""
    answer: Reply = caller.answered
    return caller.phone.message(
        "BYE", call_id=answer.header("Call-ID"), cseq=2, branch="z9hG4bKbye", to_tag=answer.to_tag,
        from_tag="mine",
    )  # fmt: skip
