"""Calls from real SIP user agents: baresip and SIPp."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from telephony.bridge import Bridge
from telephony.call import IncomingCall
from telephony.g711 import Pcm
from telephony.leg import Frame, Leg
from telephony.sip import SipServer
from telephony.sip.transaction import State
from telephony.webrtc import WebRtcEndpoint
from tests.servers import free_port
from tests.telephony.browser import AiortcPeer
from tests.telephony.phone import udp
from tests.telephony.softphone import baresip
from tests.telephony.speech import (
    CALLER_SAYS,
    OPERATOR_SAYS,
    concatenate,
    likeness,
    read_prompt,
    write_wav,
)

RTP_PORTS = (46000, 46999)

pytestmark = pytest.mark.peer


class Reception:
    """A server whose calls are answered by an aiortc peer that says `says`."""

    def __init__(self, *, says: Pcm | None = None, answers: bool = True) -> None:
        self.server = SipServer(host="127.0.0.1", port=0, on_call=self._take, rtp_ports=RTP_PORTS)
        self.answered: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self.calls: list[IncomingCall] = []
        self.frames: dict[str, list[Frame]] = {"caller": [], "operator": []}
        self.browser: AiortcPeer | None = None
        self._says = says
        self._answers = answers

    async def _take(self, call: IncomingCall) -> None:
        self.calls.append(call)
        if call.dialled.endswith("9999"):
            call.refuse(404, "Not Found")
            return
        call.ring()
        if not self._answers:
            await call.ended.wait()
            return
        bridge = Bridge(await call.answer())
        listeners = [
            asyncio.create_task(self._listen(bridge.caller)),
            asyncio.create_task(self._listen(bridge.operator)),
        ]
        try:
            if self._says is not None:
                self.browser = AiortcPeer(self._says)
                endpoint, answer = await WebRtcEndpoint.accept(await self.browser.offer())
                await bridge.connect_operator(endpoint)
                await self.browser.take(answer)
                await asyncio.wait_for(endpoint.connected.wait(), 10)
            self.answered.put_nowait(call)
            await call.ended.wait()
        finally:
            await bridge.close()
            await asyncio.gather(*listeners)
            if self.browser is not None:
                await self.browser.close()

    async def _listen(self, leg: Leg) -> None:
        async for frame in leg.frames():
            self.frames[leg.role] += [frame]


@contextlib.asynccontextmanager
async def reception(*, says: Pcm | None = None, answers: bool = True) -> AsyncIterator[Reception]:
    house = Reception(says=says, answers=answers)
    await house.server.start()
    try:
        yield house
    finally:
        await house.server.stop()


needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None, reason="baresip-core is not installed"
)
needs_sipp = pytest.mark.skipif(shutil.which("sipp") is None, reason="sip-tester is not installed")


@needs_baresip
@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
async def test_baresip_and_a_browser_hear_each_other(tmp_path: Path, codec: str) -> None:
    caller_says = read_prompt(CALLER_SAYS, seconds=4)
    operator_says = read_prompt(OPERATOR_SAYS, seconds=4)
    # baresip hangs up at the end of its microphone's file: silence keeps it on the line.
    lead, tail = np.zeros(8000, np.int16), np.zeros(40_000, np.int16)
    microphone = write_wav(tmp_path / "mic.wav", np.concatenate([lead, caller_says, tail]))
    async with (
        reception(says=operator_says) as house,
        baresip(tmp_path, microphone, codec) as phone,
    ):
        await phone.command("dial", f"sip:0261910001@127.0.0.1:{house.server.address[1]}")
        call = await asyncio.wait_for(house.answered.get(), 15)
        assert (call.dialled, call.caller_number) == ("0261910001", "0199001122")
        assert call.caller_name == "Jeanne Martin"
        await asyncio.sleep(6)
        await phone.command("hangup")
        await asyncio.wait_for(call.ended.wait(), 5)
        assert (call.ended_by, call.end_reason) == ("caller", "hung_up")
        assert house.browser is not None
        heard_by_operator = house.browser.heard
    heard = concatenate([frame.pcm for frame in house.frames["caller"]])
    assert likeness(caller_says, heard) > 0.95
    assert likeness(caller_says, heard_by_operator) > 0.95
    assert likeness(operator_says[:24000], phone.heard()) > 0.9


@needs_baresip
async def test_the_operator_hangs_up_on_baresip(tmp_path: Path) -> None:
    microphone = write_wav(tmp_path / "mic.wav", np.zeros(160_000, np.int16))
    async with reception() as house, baresip(tmp_path, microphone, "PCMA") as phone:
        await phone.command("dial", f"sip:0261910001@127.0.0.1:{house.server.address[1]}")
        call = await asyncio.wait_for(house.answered.get(), 15)
        await call.hang_up()
        async with asyncio.timeout(10):
            while not bye_answered(house.server):  # noqa: ASYNC110 (a peer has no event)
                await asyncio.sleep(0.05)
        assert call.ended_by == "operator"


def bye_answered(server: SipServer) -> bool:
    states = [transaction.state for transaction in udp(server).layer._clients.values()]
    return bool(states) and set(states) == {State.COMPLETED}


async def run_sipp(folder: Path, server: SipServer, *arguments: str) -> str:
    """Run SIPp to its end; its errors, empty when every call went as its scenario says."""
    host, port = server.address
    process = await asyncio.create_subprocess_exec(
        "sipp", f"{host}:{port}", "-i", "127.0.0.1", "-p", str(free_port()),
        "-s", "0261910001", "-nostdin", "-trace_err", "-timeout", "50s", "-timeout_error",
        *arguments, cwd=folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    logs = "".join(path.read_text() for path in folder.glob("*_errors.log"))  # noqa: ASYNC240
    return "" if process.returncode == 0 else f"{process.returncode}: {errors.decode()}{logs}"


@needs_sipp
async def test_sipp_places_a_hundred_calls(tmp_path: Path) -> None:
    async with reception() as house:
        errors = await run_sipp(tmp_path, house.server, "-sn", "uac", "-m", "100", "-r", "20")
        assert errors == ""
        assert len(house.calls) == 100
        assert {call.ended_by for call in house.calls} == {"caller"}
        assert house.server.calls == 0


@needs_sipp
async def test_sipp_loses_a_tenth_of_its_messages_each_way(tmp_path: Path) -> None:
    """No call twice, none left behind.

    SIPp's own scenario takes the 200 of its INVITE for that of its BYE; ours names transactions.
    """
    (tmp_path / "lossy.xml").write_text(LOSSY)
    async with reception() as house:
        errors = await run_sipp(
            tmp_path, house.server, "-sf", "lossy.xml", "-m", "60", "-r", "10", "-lost", "10"
        )
        assert errors == ""
        call_ids = [call.dialog.call_id for call in house.calls]  # type: ignore[attr-defined]
        assert len(call_ids) == len(set(call_ids)) == 60
        await asyncio.sleep(0.2)
        assert house.server.calls == 0


LOSSY = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="every message may be lost">
  <send retrans="500" start_txn="invite"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: sip:sipp@[local_ip]:[local_port]
Max-Forwards: 70
Content-Length: 0

  ]]></send>
  <recv response="100" optional="true" response_txn="invite"/>
  <recv response="180" optional="true" response_txn="invite"/>
  <recv response="200" response_txn="invite"/>
  <send ack_txn="invite"><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 9 RTP/AVP 8

  ]]></send>
  <pause milliseconds="500"/>
  <send retrans="500" start_txn="bye"><![CDATA[
BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

  ]]></send>
  <recv response="200" response_txn="bye"/>
</scenario>
"""

REFUSED = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="refused">
  <send retrans="500"><![CDATA[
INVITE sip:0261919999@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:0261919999@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: sip:sipp@[local_ip]:[local_port]
Max-Forwards: 70
Content-Length: 0

  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="404"/>
  <send><![CDATA[
ACK sip:0261919999@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-3]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:0261919999@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

  ]]></send>
</scenario>
"""

CANCELLED = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="cancelled">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: sip:sipp@[local_ip]:[local_port]
Max-Forwards: 70
Content-Length: 0

  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180"/>
  <send retrans="500"><![CDATA[
CANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-3]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0

  ]]></send>
  <recv response="200"/>
  <recv response="487"/>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-6]
From: sipp <sip:0199001122@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

  ]]></send>
</scenario>
"""


@needs_sipp
async def test_sipp_calls_over_tcp(tmp_path: Path) -> None:
    async with reception() as house:
        errors = await run_sipp(
            tmp_path, house.server, "-sn", "uac", "-m", "50", "-r", "20", "-t", "t1"
        )
        assert errors == ""
        assert len(house.calls) == 50
        assert {call.end_reason for call in house.calls} == {"hung_up"}


@needs_sipp
async def test_sipp_is_refused_an_unknown_number(tmp_path: Path) -> None:
    (tmp_path / "refused.xml").write_text(REFUSED)
    async with reception() as house:
        assert await run_sipp(tmp_path, house.server, "-sf", "refused.xml", "-m", "20") == ""
        assert {call.end_reason for call in house.calls} == {"refused"}


@needs_sipp
async def test_sipp_cancels_while_it_rings(tmp_path: Path) -> None:
    (tmp_path / "cancelled.xml").write_text(CANCELLED)
    async with reception(answers=False) as house:
        assert await run_sipp(tmp_path, house.server, "-sf", "cancelled.xml", "-m", "20") == ""
        assert {call.end_reason for call in house.calls} == {"cancelled"}
