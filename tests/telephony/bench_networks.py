"""What bad networks do to a call's clock: a bridge on loopback, and a shim that spoils the packets.

    python -m tests.telephony.bench_networks --seconds 30 [--json]

Each way of failing has a caller, an RTP port and a bridge of its own, all at once and in real time.
Every packet is a byte of its own, 160 times over; the frame that holds packet n belongs at n times
20 ms after the first. Told are the worst distance from there, the packets that never came, the
frames marked lost, and those where the two differ: a gap not marked, or a voice that was there and
is not heard.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telephony.bridge import Bridge
from telephony.g711 import decode
from telephony.leg import Frame
from telephony.packet import RtpPacket, rtp_bytes
from telephony.rtp import RtpEndpoint

FRAME_S = 0.02
MARKS = 200
"""Bytes of A-law that tell packets apart; a frame is never that far from its place."""
LEVELS = {int(level): byte for byte, level in enumerate(decode(bytes(range(MARKS)), "PCMA"))}
Spoil = Callable[[list["Sent"], random.Random], None]


@dataclass(slots=True)
class Sent:
    """A packet as the shim lets it through."""

    number: int
    at_s: float
    """After the first."""
    sequence: int
    timestamp: int
    ssrc: int = 7
    lost: bool = False


def clean(packets: list[Sent], chance: random.Random) -> None:
    """Nothing happens."""


def lossy(packets: list[Sent], chance: random.Random) -> None:
    """A fifth is lost, each packet for itself."""
    for packet in packets:
        packet.lost = chance.random() < 0.2


def reordered(packets: list[Sent], chance: random.Random) -> None:
    """A fifth comes 20 to 80 ms late, after what was sent later."""
    for packet in packets:
        if chance.random() < 0.2:
            packet.at_s += chance.uniform(0.02, 0.08)


def interrupted(packets: list[Sent], chance: random.Random) -> None:
    """Every five seconds 500 ms are lost in one piece."""
    for packet in packets:
        packet.lost = packet.at_s % 5 > 4.5


def stalled(packets: list[Sent], chance: random.Random) -> None:
    """Every five seconds nothing comes for 500 ms, then all of it at once."""
    for packet in packets:
        if packet.at_s % 5 > 4.5:
            packet.at_s = packet.at_s - packet.at_s % 5 + 5


def wrapped(packets: list[Sent], chance: random.Random) -> None:
    """Sequence numbers and timestamps pass their end in the middle, with a fifth lost."""
    middle = len(packets) // 2
    for packet in packets:
        packet.sequence = (packet.number - middle) & 0xFFFF
        packet.timestamp = (packet.number - middle) * 160 & 0xFFFFFFFF
    lossy(packets, chance)


def renewed(packets: list[Sent], chance: random.Random) -> None:
    """Every five seconds another source, with numbers of its own: a transfer at the other side."""
    for packet in packets:
        turn = int(packet.at_s // 5)
        packet.ssrc += turn
        packet.sequence = (packet.sequence + 20_011 * turn) & 0xFFFF
        packet.timestamp = (packet.timestamp + 987_654_321 * turn) & 0xFFFFFFFF


def everything(packets: list[Sent], chance: random.Random) -> None:
    """All of these at once."""
    wrapped(packets, chance)
    renewed(packets, chance)
    reordered(packets, chance)
    for packet in packets:
        packet.lost |= packet.at_s % 7 > 6.5


WAYS: tuple[Spoil, ...] = (
    clean, lossy, reordered, interrupted, stalled, wrapped, renewed, everything,
)  # fmt: skip


@dataclass
class Ended(asyncio.DatagramProtocol):
    """The shim's socket."""

    transport: Any = field(default=None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


async def spoiled(way: Spoil, seconds: float, seed: int) -> dict[str, Any]:
    """One call over such a network."""
    loop = asyncio.get_running_loop()
    packets = [
        Sent(number=n, at_s=n * FRAME_S, sequence=n, timestamp=n * 160)
        for n in range(round(seconds / FRAME_S))
    ]
    way(packets, random.Random(seed))
    packets[0].lost = False
    endpoint = await RtpEndpoint.open("127.0.0.1", (48600, 48999))
    shim, protocol = await loop.create_datagram_endpoint(Ended, local_addr=("127.0.0.1", 0))
    endpoint.connect(
        shim.get_extra_info("sockname"), codec="PCMA", payload_types={8: "PCMA"},
        dtmf_payload_type=None,
    )  # fmt: skip
    bridge = Bridge(endpoint)
    frames: list[Frame] = []

    async def listen() -> None:
        frames.extend([frame async for frame in bridge.caller.frames()])

    listening = asyncio.create_task(listen())
    started_s = loop.time()
    for packet in sorted(packets, key=lambda one: one.at_s):
        await asyncio.sleep(started_s + packet.at_s - loop.time())
        if not packet.lost:
            payload = bytes([packet.number % MARKS]) * 160
            rtp = RtpPacket(8, False, packet.sequence, packet.timestamp, packet.ssrc, payload)
            protocol.transport.sendto(rtp_bytes(rtp), ("127.0.0.1", endpoint.local[1]))
    await asyncio.sleep(1.0)
    await bridge.close()
    await listening
    shim.close()
    return {"way": way.__name__} | judged(packets, frames)


def judged(packets: list[Sent], frames: list[Frame]) -> dict[str, Any]:
    """Where each frame is, and where it belongs."""
    first = next(index for index, frame in enumerate(frames) if not frame.lost)
    came = {packet.number for packet in packets if not packet.lost}
    worst_ms, heard = 0.0, set[int]()
    for index, frame in enumerate(frames):
        if frame.lost:
            continue
        place = index - first
        told = LEVELS[int(frame.pcm[80])]
        offset = (told - place + MARKS // 2) % MARKS - MARKS // 2
        heard.add(place + offset)
        worst_ms = max(worst_ms, abs(offset) * FRAME_S * 1000)
    last = max(came) + first
    return {
        "packets": len(packets),
        "lost": len(packets) - len(came),
        "frames_marked": sum(frame.lost for frame in frames[first : last + 1]),
        "not_heard_though_it_came": len(came - heard),
        "heard_though_it_did_not_come": len(heard - came),
        "clock_worst_ms": worst_ms,
        "contiguous": all(
            round(frame.start_s / FRAME_S, 3) == index for index, frame in enumerate(frames)
        ),
    }


async def measure(seconds: float, seed: int) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*(spoiled(way, seconds, seed) for way in WAYS)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(measure(options.seconds, options.seed))
    if options.json:
        print(json.dumps(found))
        return
    print("| " + " | ".join(found[0]) + " |")
    print("|" + "---|" * len(found[0]))
    for row in found:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


if __name__ == "__main__":
    main()
