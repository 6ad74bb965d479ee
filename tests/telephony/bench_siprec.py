"""Copies of calls that a PBX keeps (SIPREC): how many at once, and what our death does to them.

    python -m tests.telephony.bench_siprec --kills 200
    python -m tests.telephony.bench_siprec --copies 50 --seconds 20

With `--kills` two telephones talk through a PBX, which copies what they say to a line in a process
of its own. That is killed with SIGKILL and another begun, so many times; the PBX then offers its
copy again. With `--copies` so many calls are copied at once, two voices each, and every frame of
both legs is read; CPU is the line's process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from typing import Any, cast

import numpy as np

from telephony.g711 import Pcm
from tests.telephony.pbx import Pbx

PACKET_S = 0.020
PRELOADED = ["telephony.sip.server", "telephony.bridge"]
FORKS = multiprocessing.get_context("forkserver")


def serve(pipe: Connection, port: int) -> None:
    """A line that takes every copy and reads both its legs."""
    asyncio.run(_serve(pipe, port))


async def _serve(pipe: Connection, port: int) -> None:
    from telephony.call import IncomingCall
    from telephony.leg import Leg
    from telephony.sip import SipServer
    from telephony.sip.recording import RecordedCall

    loop = asyncio.get_running_loop()
    frames, lost, dropped = 0, 0, 0

    async def refuse(call: IncomingCall) -> None:
        call.refuse(404, "Not Found")

    async def hear(leg: Leg) -> None:
        nonlocal frames, lost, dropped
        async for frame in leg.frames():
            frames += 1
            lost += frame.lost
        dropped += leg.dropped_frames

    async def follow(recording: RecordedCall) -> None:
        recording.read()
        listening = await recording.listen(operator=1)
        hearing = asyncio.gather(hear(listening.caller), hear(listening.operator))
        await recording.ended.wait()
        await listening.close()
        await hearing

    server = SipServer(
        host="127.0.0.1", port=port, on_call=refuse, on_recording=follow, rtp_ports=(46000, 46999)
    )
    await server.start()
    pipe.send(server.address[1])
    while (order := await loop.run_in_executor(None, pipe.recv)) != "stop":
        times = os.times()
        pipe.send((times.user + times.system, time.monotonic()) if order == "cpu" else None)
    await server.stop()
    pipe.send({"frames": frames, "frames_lost": lost, "frames_dropped": dropped})


class Line:
    """The process, killed and begun again on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self._pipe, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=serve, args=(theirs, 0))

    async def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._pipe, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=serve, args=(theirs, self.port))
        self._process.start()
        self.port = await loop.run_in_executor(None, self._pipe.recv)

    async def kill(self) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        await asyncio.get_running_loop().run_in_executor(None, self._process.join)

    async def ask(self, order: str) -> Any:
        self._pipe.send(order)
        return await asyncio.get_running_loop().run_in_executor(None, self._pipe.recv)


class Telephone(asyncio.DatagramProtocol):
    """One end of the PBX's own call: counts what it hears."""

    def __init__(self) -> None:
        self.heard = 0
        self.longest_gap_s = 0.0
        self._last_s: float | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        now_s = time.monotonic()
        self.heard += 1
        if self._last_s is not None:
            self.longest_gap_s = max(self.longest_gap_s, now_s - self._last_s)
        self._last_s = now_s


class Talk:
    """Two telephones through a PBX, which copies what they say while it has somewhere to."""

    def __init__(self, telephones: tuple[Telephone, Telephone]) -> None:
        self._telephones = telephones
        self.copy: Pbx | None = None
        self.sent = 0
        self._task = asyncio.create_task(self._talk())

    @classmethod
    async def begin(cls) -> Talk:
        loop = asyncio.get_running_loop()
        pair = [
            (await loop.create_datagram_endpoint(Telephone, local_addr=("127.0.0.1", 0)))[1]
            for _ in range(2)
        ]
        return cls((pair[0], pair[1]))

    async def _talk(self) -> None:
        loop = asyncio.get_running_loop()
        places = [t.transport.get_extra_info("sockname") for t in self._telephones if t.transport]
        due_s, number = loop.time(), 0
        while True:
            voice = b"\x80\x08" + (number & 0xFFFF).to_bytes(2, "big") + bytes(168)
            for leg, telephone in enumerate(self._telephones):
                assert telephone.transport is not None
                telephone.transport.sendto(voice, places[1 - leg])
                self.sent += 1
                copied = self.copy
                if copied is not None and copied.targets:
                    sender = copied.senders[leg].transport
                    assert sender is not None
                    sender.sendto(voice, copied.targets[leg])
            number += 1
            due_s += PACKET_S
            await asyncio.sleep(due_s - loop.time())

    async def end(self) -> dict[str, Any]:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.sleep(0.2)
        for telephone in self._telephones:
            assert telephone.transport is not None
            telephone.transport.close()
        return {
            "packets_of_the_call": self.sent,
            "heard": sum(telephone.heard for telephone in self._telephones),
            "longest_gap_ms": round(
                1000 * max(telephone.longest_gap_s for telephone in self._telephones), 1
            ),
        }


async def killed(kills: int) -> dict[str, Any]:
    line, talk = Line(), await Talk.begin()
    copies, waits_ms = 0, []
    for number in range(kills):
        began_s = time.monotonic()
        await line.begin()
        pbx = await Pbx.open(("127.0.0.1", line.port), call_id=f"copy-{number}")
        await pbx.copy()
        copies += 1
        waits_ms.append(1000 * (time.monotonic() - began_s))
        talk.copy = pbx
        await asyncio.sleep(0.2)
        await line.kill()  # the PBX goes on sending to nobody for a while
        await asyncio.sleep(0.1)
        talk.copy = None
        pbx.close()
    return {
        "kills": kills, "copies_taken": copies,
        "copied_again_ms": {"p50": round(float(np.median(waits_ms))), "most": round(max(waits_ms))},
        **await talk.end(),
    }  # fmt: skip


async def many(copies: int, seconds: float) -> dict[str, Any]:
    line = Line()
    await line.begin()
    pbxs = [
        await Pbx.open(("127.0.0.1", line.port), call_id=f"copy-{number}")
        for number in range(copies)
    ]
    for pbx in pbxs:
        await pbx.copy()
    voice: Pcm = (3000 * np.sin(np.arange(round(seconds * 8000)) / 9)).astype(np.int16)
    before = await line.ask("cpu")
    await asyncio.gather(*(pbx.speak(voice, voice) for pbx in pbxs))
    after = await line.ask("cpu")
    await asyncio.gather(*(pbx.within("BYE") for pbx in pbxs))
    found = await line.ask("stop")
    for pbx in pbxs:
        pbx.close()
    cpu_s, elapsed_s = (b - a for a, b in zip(before, after, strict=True))
    return {
        "copies": copies, "seconds": seconds,
        "packets_sent": copies * 2 * round(seconds / PACKET_S),
        "cpu_ms_per_call_s": round(1000 * cpu_s / (elapsed_s * copies), 1),
        **found,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    FORKS.set_forkserver_preload(PRELOADED)
    if options.kills:
        print(json.dumps(asyncio.run(killed(options.kills))))
    if options.copies:
        print(json.dumps(asyncio.run(many(options.copies, options.seconds))))


if __name__ == "__main__":
    main()
