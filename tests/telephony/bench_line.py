"""CPU and delay of bridged calls: SIP caller on one side, browser (aiortc) on the other.

    python -m tests.telephony.bench_line --calls 5 --seconds 20

The line runs in a process of its own, whose CPU is what is counted; the callers and the browsers
run in this one. Each caller sends G.711 packets that carry the time they left in their first
bytes; each browser sends them back at once; so the delay is measured out and back, on one clock.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import json
import multiprocessing
import os
import random
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from telephony.packet import RtpPacket, parse_rtp, rtp_bytes
from telephony.sip.budget import MessageLimits
from tests.telephony.browser import PacketPeer
from tests.telephony.phone import OFFER, Phone

PACKET_S = 0.020
SIP_PORT = 47060
UNKNOWN = "0261919999"
"""A number that is refused."""
Meanwhile = Callable[[], Coroutine[Any, Any, dict[str, Any]]]


def serve(pipe: Connection, limits: MessageLimits) -> None:
    """The line: answers every call and bridges it to the browser whose offer comes next."""
    asyncio.run(_serve(pipe, limits))


async def _serve(pipe: Connection, limits: MessageLimits) -> None:
    from telephony.bridge import Bridge
    from telephony.call import IncomingCall
    from telephony.collecting import settle
    from telephony.sip import SipServer
    from telephony.webrtc import WebRtcEndpoint

    loop = asyncio.get_running_loop()
    bridges: list[Bridge] = []
    endpoints: list[WebRtcEndpoint] = []
    listeners: list[asyncio.Task[None]] = []
    calls: asyncio.Queue[IncomingCall] = asyncio.Queue()

    async def on_call(call: IncomingCall) -> None:
        if call.dialled == UNKNOWN:
            call.refuse(404, "Not Found")
        else:
            await calls.put(call)

    async def listen(bridge: Bridge, role: str) -> None:
        leg = bridge.caller if role == "caller" else bridge.operator
        async for _ in leg.frames():
            pass

    server = SipServer(
        host="127.0.0.1", port=SIP_PORT, on_call=on_call, rtp_ports=(47100, 47999),
        trunks=[ipaddress.ip_network("127.0.0.1")], limits=limits,
    )  # fmt: skip
    await server.start()
    settle()  # as the service does once it is warm
    pauses = Pauses()
    gc.callbacks.append(pauses)
    pipe.send("ready")
    while True:
        order = await loop.run_in_executor(None, pipe.recv)
        if order == "cpu":
            await asyncio.gather(*(endpoint.connected.wait() for endpoint in endpoints))
            times = os.times()
            pipe.send((times.user, times.system, time.monotonic()))
        elif order == "memory":
            pipe.send((_resident_mb(), len(asyncio.all_tasks()), server.messages_dropped))
        elif order == "stop":
            break
        else:
            call = await calls.get()
            bridge = Bridge(await call.answer())
            endpoint, answer = await WebRtcEndpoint.accept(order, hosts=["127.0.0.1"])
            await bridge.connect_operator(endpoint)
            bridges.append(bridge)
            endpoints.append(endpoint)
            listeners += [
                asyncio.create_task(listen(bridge, role)) for role in ("caller", "operator")
            ]
            pipe.send(answer)
    dropped = sum(b.caller.dropped_frames + b.operator.dropped_frames for b in bridges)
    pipe.send({"dropped_frames": dropped, "collector_ms": pauses.told()})
    await server.stop()
    for bridge in bridges:
        await bridge.close()
    await asyncio.gather(*listeners)


class Pauses:
    """How long Python's collector stopped everything."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._lasted_ms: list[float] = []

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        del info
        if phase == "start":
            self._began_s = time.perf_counter()
        else:
            self._lasted_ms.append(1000 * (time.perf_counter() - self._began_s))

    def told(self) -> dict[str, float]:
        """The longest pause, and all of them together."""
        return {
            "longest": round(max(self._lasted_ms, default=0.0), 1),
            "all": round(sum(self._lasted_ms), 1),
        }


def _resident_mb() -> float:
    """Of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGESIZE") / 2**20, 1)


class Caller(asyncio.DatagramProtocol):
    """Sends stamped packets and times those that come back."""

    def __init__(self, loss: float) -> None:
        self.delays_ms: list[float] = []
        self.sent = 0
        self._loss = loss
        self.transport: Any = None
        self.target: tuple[str, int] = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = parse_rtp(data)
        if packet is None or packet.payload[:4] != b"TIME":
            return
        left_s = struct.unpack_from("!d", packet.payload, 4)[0]
        self.delays_ms.append((time.monotonic() - left_s) * 1000)

    async def talk(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        for number in range(round(seconds / PACKET_S)):
            if random.random() >= self._loss:
                stamp = b"TIME" + struct.pack("!d", time.monotonic())
                payload = stamp + b"\xd5" * (160 - len(stamp))
                packet = RtpPacket(8, False, number & 0xFFFF, number * 160, 9, payload)
                self.transport.sendto(rtp_bytes(packet), self.target)
                self.sent += 1
            await asyncio.sleep(started_s + (number + 1) * PACKET_S - loop.time())


async def echoing_browser(offer_to: Callable[[str], Awaitable[str]]) -> PacketPeer:
    """A browser that returns each packet as it came."""

    def echo(data: bytes) -> None:
        packet = parse_rtp(data)
        if packet is not None:
            peer.send(packet)

    peer = PacketPeer(echo)
    await peer.take(await offer_to(await peer.offer()))
    return peer


async def run(
    calls: int,
    seconds: float,
    loss: float,
    meanwhile: Meanwhile | None = None,
    *,
    limits: MessageLimits | None = None,
) -> dict[str, Any]:
    """Delays and CPU of so many calls; `meanwhile` runs beside them, and its findings are added."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    line = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, limits or MessageLimits())
    )
    line.start()
    loop = asyncio.get_running_loop()

    async def ask(message: Any) -> Any:
        ours.send(message)
        return await loop.run_in_executor(None, ours.recv)

    await loop.run_in_executor(None, ours.recv)
    phone = await Phone.open(("127.0.0.1", SIP_PORT))
    callers, peers = [], []
    for number in range(calls):
        transport, caller = await loop.create_datagram_endpoint(
            lambda: Caller(loss), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        phone.send(
            phone.invite(
                call_id=f"bench-{number}",
                branch=f"z9hG4bKbench{number}",
                body=OFFER.replace("audio 40000", f"audio {port}"),
            )
        )
        peers.append(await echoing_browser(ask))
        ok = await phone.final("INVITE", call_id=f"bench-{number}")
        phone.send(phone.ack(ok, branch=f"z9hG4bKack{number}"))
        media = next(text for text in ok.body.splitlines() if text.startswith("m=audio"))
        caller.target = ("127.0.0.1", int(media.split()[1]))
        callers.append(caller)
    await asyncio.sleep(1.0)
    before, memory = await ask("cpu"), [await ask("memory")]
    beside = asyncio.create_task(meanwhile()) if meanwhile is not None else None
    await asyncio.gather(*(caller.talk(seconds) for caller in callers))
    after = await ask("cpu")
    found = await beside if beside is not None else {}
    memory.append(await ask("memory"))
    user, system, elapsed = (b - a for a, b in zip(before, after, strict=True))
    await asyncio.sleep(0.3)
    rest = await ask("stop")
    for peer in peers:
        await peer.connection.close()
    await loop.run_in_executor(None, line.join, 10)
    phone.close()
    delays = np.array([delay for caller in callers for delay in caller.delays_ms])
    sent = sum(caller.sent for caller in callers)
    return {
        "calls": calls,
        "seconds": seconds,
        "loss": loss,
        "cpu_ms_per_call_s": round(1000 * (user + system) / (elapsed * calls), 1),
        "of_which_system": round(1000 * system / (elapsed * calls), 1),
        "round_trip_ms": {
            name: round(float(np.percentile(delays, q)), 2)
            for name, q in (("p50", 50), ("p95", 95), ("p99", 99))
        },
        "packets_sent": sent,
        "packets_back": len(delays),
        "resident_mb": [one[0] for one in memory],
        "tasks": [one[1] for one in memory],
        "messages_dropped": memory[-1][2],
        **found,
        **rest,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--loss", type=float, default=0.0, help="share of callers' packets lost")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.calls, options.seconds, options.loss))))


if __name__ == "__main__":
    main()
