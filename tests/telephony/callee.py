"""Somebody at a SIP telephone who is called: answers or not, talks, presses keys, dies."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from telephony.call import VoicePacket
from telephony.g711 import Pcm, decode, encode
from telephony.rtp import RtpEndpoint
from tests.telephony.phone import OFFER, Phone, Reply
from tests.telephony.sipcaller import answer_to
from tests.telephony.speech import concatenate

Manner = Literal["answer", "ring", "answer on cancel"]


@dataclass
class SipCallee:
    """Takes calls in its `manner`, or with the final refusal that `refusal` writes."""

    phone: Phone
    voice: RtpEndpoint
    says: Pcm
    manner: Manner = "answer"
    refusal: str = ""
    invites: list[Reply] = field(default_factory=list)
    ringing: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """The line sent a BYE."""
    _heard: list[Pcm] = field(default_factory=list)
    _sequence: int = 0
    _dead: bool = False

    @property
    def port(self) -> int:
        return self.phone.address[1]

    @property
    def heard(self) -> Pcm:
        return concatenate(self._heard)

    async def signal(self) -> None:
        while True:
            message = await self.phone.inbox.get()
            if self._dead or message.status:
                continue
            match message.method:
                case "INVITE" if not self.invites or not self._is_copy(message):
                    self.invites.append(message)
                    self._ring(message)
                case "CANCEL":
                    self.phone.send(answer_to(message, "200 OK"))
                    self.cancelled.set()
                    if self.manner == "answer on cancel":
                        self.answer()
                    else:
                        self.phone.send(self._tagged(self.invites[-1], "487 Request Terminated"))
                case "BYE":
                    self.phone.send(answer_to(message, "200 OK"))
                    self.hung_up.set()

    def _is_copy(self, invite: Reply) -> bool:
        return self.invites[-1].header("Via") == invite.header("Via")

    def _ring(self, invite: Reply) -> None:
        if self.refusal:
            self.phone.send(self._tagged(invite, self.refusal))
            return
        self.phone.send(self._tagged(invite, "180 Ringing"))
        self.ringing.set()
        if self.manner == "answer":
            self.answer()

    def answer(self) -> None:
        """Pick up."""
        invite = self.invites[-1]
        body = OFFER.replace("40000", str(self.voice.local[1]))
        found = re.search(r"m=audio (\d+)", invite.body)
        assert found, invite.text
        self.voice.on_packet = self._listen
        self.voice.connect(
            ("127.0.0.1", int(found[1])), codec="PCMA", payload_types={8: "PCMA"},
            dtmf_payload_type=101,
        )  # fmt: skip
        self.phone.send(self._tagged(invite, "200 OK", body=body))
        self.answered.set()

    async def press(self, key: str) -> None:
        await self.voice.send_keys(key)

    def hang_up(self) -> None:
        invite = self.invites[-1]
        contact = re.search(r"<([^>]+)>", invite.header("Contact"))
        assert contact
        self._sequence += 1
        lines = [
            f"BYE {contact[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKbye{self._sequence}",
            "Max-Forwards: 70",
            f"From: {invite.header('To')};tag=callee",
            f"To: {invite.header('From')}",
            f"Call-ID: {invite.header('Call-ID')}",
            f"CSeq: {self._sequence} BYE",
            "Content-Length: 0", "", "",
        ]  # fmt: skip
        self.phone.send("\r\n".join(lines))

    async def die(self) -> None:
        """Its network is gone: it says nothing any more, and hears nothing."""
        self._dead = True
        await self.voice.close()

    def _tagged(self, invite: Reply, status: str, *, body: str = "") -> str:
        text = answer_to(invite, status, body=body)
        contact = f"Contact: <sip:callee@127.0.0.1:{self.port}>"
        return re.sub(r"(?m)^(To: [^\r]*)", rf"\1;tag=callee\r\n{contact}", text, count=1)

    def _listen(self, packet: VoicePacket) -> None:
        self._heard.append(decode(packet.payload, "PCMA"))

    async def speak(self) -> None:
        loop = asyncio.get_running_loop()
        due_s, number = loop.time(), 0
        while True:
            at = number * 160 % (len(self.says) // 160 * 160)
            if self.answered.is_set():
                frame = encode(self.says[at : at + 160], "PCMA")
                self.voice.send(frame, sequence=number & 0xFFFF, timestamp=number * 160)
            number += 1
            due_s += 0.02
            await asyncio.sleep(due_s - loop.time())


@asynccontextmanager
async def sip_callee(says: Pcm) -> AsyncIterator[SipCallee]:
    """A telephone at a port of its own; its `phone.server` is to be set to the line."""
    voice = await RtpEndpoint.open("127.0.0.1", (45500, 45999))
    callee = SipCallee(await Phone.open(("127.0.0.1", 9)), voice, says)
    tasks = [asyncio.create_task(callee.signal()), asyncio.create_task(callee.speak())]
    try:
        yield callee
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await callee.voice.close()
        callee.phone.close()


def tone(frequency_hz: float, *, seconds: float = 1.0) -> Pcm:
    """A voice that cannot be taken for another's."""
    at_s = np.arange(round(seconds * 8000)) / 8000
    return (6000 * np.sin(2 * np.pi * frequency_hz * at_s)).astype(np.int16)


def holds_tone(pcm: Pcm, frequency_hz: float) -> bool:
    """Whether this voice is in what was heard lately (0.2 s)."""
    lately = pcm[-1600:].astype(np.float64)
    if len(lately) < 1600:
        return False
    at_s = np.arange(1600) / 8000
    part = np.abs(np.dot(lately, np.exp(-2j * np.pi * frequency_hz * at_s))) / 800
    return bool(part > 1000)
