"""The torture messages of RFC 4475, sent to a live server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from telephony.call import IncomingCall
from telephony.sip import SipServer
from tests.telephony.phone import Phone
from tests.telephony.torture import IGNORED, MESSAGES, RINGS, Torture


class Desk:
    def __init__(self) -> None:
        self.calls: list[IncomingCall] = []

    async def take(self, call: IncomingCall) -> None:
        self.calls.append(call)
        call.ring()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def phone(desk: Desk) -> AsyncIterator[Phone]:
    server = SipServer(host="127.0.0.1", port=0, on_call=desk.take)
    await server.start()
    phone = await Phone.open(server.address)
    yield phone
    phone.close()
    await server.stop()


def test_there_are_forty_nine() -> None:
    assert len(MESSAGES) == len({message.name for message in MESSAGES}) == 49


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
async def test_it_is_handled_as_the_rfc_says(phone: Phone, desk: Desk, message: Torture) -> None:
    phone.send(message.data)
    if IGNORED in message.expected:
        with pytest.raises(TimeoutError):
            await phone.reply(timeout_s=0.1)
    else:
        reply = await phone.reply()
        while reply.status == 100:
            reply = await phone.reply()
        assert reply.status in message.expected, reply.text
        if reply.status == 420:
            assert "nothingSupportsThisEither" in reply.header("Unsupported")
        if reply.status in (406, 415):
            assert "application/sdp" in reply.header("Accept")
        assert len(desk.calls) == (reply.status == RINGS)
    await asyncio.sleep(0)
    while not phone.inbox.empty():
        phone.inbox.get_nowait()
    assert await phone.is_answered(), "the socket is deaf"
