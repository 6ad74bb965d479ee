"""A caller at a SIP telephone: signalling of raw datagrams, a voice over RTP, keys it hears."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from telephony.call import VoicePacket
from telephony.g711 import Pcm, decode, encode
from telephony.rtp import RtpEndpoint
from tests.telephony.phone import OFFER, Address, Phone, Reply
from tests.telephony.speech import concatenate

MIRRORED = {"sendonly": "recvonly", "sendrecv": "sendrecv"}


@dataclass
class SipCaller:
    """Says `says` over and over while it may send; agrees to be held, or not."""

    phone: Phone
    voice: RtpEndpoint
    says: Pcm
    agrees: bool = True
    asked: list[str] = field(default_factory=list)
    """The directions of the INVITEs it got within the call: `sendonly`, `sendrecv`."""
    digits: list[str] = field(default_factory=list)
    takes_refer: bool = True
    referred: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    """REFERs accepted."""
    refer_answers: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    notified: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """The line sent a BYE."""
    _answer: Reply | None = None
    _sequence: int = 100
    refused: asyncio.Future[Reply] = field(default_factory=asyncio.Future)
    """The final refusal, if the call was."""
    _heard: list[Pcm] = field(default_factory=list)
    _held: bool = False

    @property
    def heard(self) -> Pcm:
        """What it has been sent, 8 kHz."""
        return concatenate(self._heard)

    @property
    def answered(self) -> Reply:
        """The 200 of its call."""
        assert self._answer is not None
        return self._answer

    def tell_referral(self, refer: Reply, fragment: str) -> None:
        """How the call went that it was asked to make (RFC 3515)."""
        self._sequence += 1
        self.phone.send(
            self.phone.message(
                "NOTIFY", call_id=refer.header("Call-ID"), cseq=self._sequence,
                branch=f"z9hG4bKn{self._sequence}", to_tag=self.answered.to_tag,
                headers=("Event: refer", "Subscription-State: terminated;reason=noresource"),
                body=fragment + "\r\n", content_type="message/sipfrag",
            )
        )  # fmt: skip

    @property
    def replaces(self) -> str:
        """Its call, as somebody names it who is to take its place there (RFC 3891)."""
        answer = self.answered
        return f"{answer.header('Call-ID')};to-tag={answer.to_tag};from-tag=mine"

    def refer(self, target: str) -> None:
        """Ask the line to call somebody in this caller's place."""
        self._sequence += 1
        self.phone.send(
            self.phone.message(
                "REFER", call_id=self.answered.header("Call-ID"), cseq=self._sequence,
                branch=f"z9hG4bKr{self._sequence}", to_tag=self.answered.to_tag,
                headers=(f"Refer-To: <{target}>",),
            )
        )  # fmt: skip

    async def told(self, fragment: str) -> Reply:
        """The next NOTIFY that says so."""
        while True:
            notify = await asyncio.wait_for(self.notified.get(), 10)
            if notify.body.startswith(f"SIP/2.0 {fragment}"):
                return notify

    def offer(self, direction: str = "sendrecv") -> str:
        return OFFER.replace("40000", str(self.voice.local[1])).replace("sendrecv", direction)

    async def signal(self) -> None:
        """Call, and answer what comes within the call."""
        while True:
            message = await self.phone.inbox.get()
            if message.status >= 300 and message.method == "INVITE":
                self.phone.send(self.phone.ack(message, branch="z9hG4bKfirst"))
                self.refused.set_result(message)
            elif message.status >= 200 and message.method == "INVITE":
                self.phone.send(self.phone.ack(message))
                self._connect(message)
            elif message.status == 183:
                self._connect(message)
            elif message.method == "INVITE" and not message.status:
                self._asked(message)
            elif message.method == "REFER" and not message.status:
                self.phone.send(
                    answer_to(message, "202 Accepted" if self.takes_refer else "405 Not Allowed")
                )
                if self.takes_refer:
                    self.referred.put_nowait(message)
            elif message.method == "NOTIFY" and not message.status:
                self.phone.send(answer_to(message, "200 OK"))
                self.notified.put_nowait(message)
            elif message.method == "REFER" and message.status:
                self.refer_answers.put_nowait(message)
            elif message.method == "BYE" and not message.status:
                self.phone.send(answer_to(message, "200 OK"))
                self.hung_up.set()

    def _connect(self, answer: Reply) -> None:
        found = re.search(r"m=audio (\d+)", answer.body)
        assert found, answer.text
        self._answer = answer
        self.voice.on_digit = self.digits.append
        self.voice.on_packet = self._listen
        self.voice.connect(
            ("127.0.0.1", int(found[1])),
            codec="PCMA",
            payload_types={8: "PCMA"},
            dtmf_payload_type=101,
        )

    def _asked(self, invite: Reply) -> None:
        found = re.search(r"a=(sendonly|sendrecv)", invite.body)
        assert found, invite.text
        self.asked.append(found[1])
        if self.agrees:
            self._held = found[1] == "sendonly"
            self.phone.send(answer_to(invite, "200 OK", body=self.offer(MIRRORED[found[1]])))
        else:
            self.phone.send(answer_to(invite, "488 Not Acceptable Here"))

    def _listen(self, packet: VoicePacket) -> None:
        self._heard.append(decode(packet.payload, "PCMA"))

    async def speak(self) -> None:
        """A frame every 20 ms, none while on hold."""
        loop = asyncio.get_running_loop()
        due_s, number = loop.time(), 0
        while True:
            at = number * 160 % (len(self.says) // 160 * 160)
            if not self._held:
                frame = encode(self.says[at : at + 160], "PCMA")
                self.voice.send(frame, sequence=number & 0xFFFF, timestamp=number * 160)
            number += 1
            due_s += 0.02
            await asyncio.sleep(due_s - loop.time())


def answer_to(request: Reply, status: str, *, body: str = "") -> str:
    copied = [
        f"{name}: {value}"
        for name in ("Via", "From", "To", "Call-ID", "CSeq")
        for value in request.headers(name)
    ]
    kind = ["Content-Type: application/sdp"] if body else []
    lines = [f"SIP/2.0 {status}", *copied, *kind, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines)


def level(pcm: Pcm) -> float:
    """Mean size of the samples."""
    return float(np.abs(pcm.astype(np.int32)).mean()) if len(pcm) else 0.0


@asynccontextmanager
async def sip_caller(
    server: Address, number: str, says: Pcm, *, headers: tuple[str, ...] = ()
) -> AsyncIterator[SipCaller]:
    """Somebody who has called this number and talks; `headers` are added to their INVITE."""
    phone = await Phone.open(server)
    voice = await RtpEndpoint.open("127.0.0.1", (45000, 45499))
    caller = SipCaller(phone=phone, voice=voice, says=says)
    tasks = [asyncio.create_task(caller.signal()), asyncio.create_task(caller.speak())]
    phone.send(
        phone.invite(
            user=number, body=caller.offer(), call_id=f"from-{phone.address[1]}", headers=headers
        )
    )
    try:
        yield caller
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await voice.close()
        phone.close()
