"""A desk at the end of a line: keeps each call that comes, and answers when told."""

from __future__ import annotations

import asyncio
from typing import Any

from telephony.call import IncomingCall
from telephony.sip.transaction import Timers
from tests.telephony.phone import Phone, Reply

RTP_PORTS = (42000, 42999)
FAST = Timers(t1=0.05, t2=0.4, t4=0.5)


class Desk:
    """Keeps every call that comes; answers nothing by itself."""

    def __init__(self) -> None:
        self.calls: list[IncomingCall] = []
        self.arrived: asyncio.Queue[IncomingCall] = asyncio.Queue()

    async def take(self, call: IncomingCall) -> None:
        if call.dialled == "0261919999":
            call.refuse(404, "Not Found")
            return
        if call.dialled == "0261918888":
            raise RuntimeError("the desk is on fire")
        self.calls.append(call)
        call.ring()
        self.arrived.put_nowait(call)

    async def next(self) -> IncomingCall:
        return await asyncio.wait_for(self.arrived.get(), 10)


async def talking(phone: Phone, desk: Desk, **parts: Any) -> tuple[IncomingCall, Reply]:
    """A call in progress, and what it was answered with."""
    phone.send(phone.invite(**parts))
    call = await desk.next()
    await call.answer()
    ok = await phone.final("INVITE", call_id=parts.get("call_id"))
    assert ok.status == 200
    phone.send(phone.ack(ok))
    return call, ok


async def answered(phone: Phone, desk: Desk, **parts: Any) -> tuple[IncomingCall, str]:
    """A call in progress, and our tag in it."""
    call, ok = await talking(phone, desk, **parts)
    return call, ok.to_tag
