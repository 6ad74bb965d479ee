"""Spoiled SIP messages straight into a live server, for as long as wanted.

    python -m tests.telephony.fuzz_sip --seconds 45 --seed 1

Exits with status 1 when anything is raised, kept after its time, or the socket has closed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import time
from collections import Counter
from typing import Any

from telephony.call import IncomingCall
from telephony.errors import TelephonyError
from telephony.sip import SipServer
from telephony.sip.budget import UNLIMITED
from telephony.sip.transaction import Timers
from tests.telephony.phone import udp
from tests.telephony.test_sip_spoiled import SPOILS, VALID, mutate

FAST = Timers(t1=0.01, t2=0.04, t4=0.05)
METHODS = (b"BYE", b"CANCEL", b"ACK", b"OPTIONS", b"UPDATE", b"INFO")
IDENTITY = (
    b'Max-Forwards: 70\r\nP-Asserted-Identity: "x" <tel:+33199001122>\r\nPrivacy: id\r\n'
    b"Diversion: <sip:1@x>;reason=u\r\nHistory-Info: <sip:a@b;cause=302>;index=1"
)
BASES = [
    VALID,
    *(VALID.replace(b"INVITE", method) for method in METHODS),
    VALID.replace(b"To: <sip:0261910001@127.0.0.1>", b"To: <sip:0261910001@127.0.0.1>;tag=x"),
    b"SIP/2.0 200 OK\r\n" + VALID.partition(b"\r\n")[2],
    VALID.replace(b"application/sdp", b"multipart/mixed;boundary=x"),
    VALID.replace(b"Max-Forwards: 70", IDENTITY),
]


def spoiled(chance: random.Random) -> bytes:
    """A message with a few edits, half of them under a name not used before."""
    data = chance.choice(BASES)
    if chance.random() < 0.5:
        data = data.replace(b"fuzz", b"%d" % chance.getrandbits(40))
        data = data.replace(b"z9hG4bKx", b"z9hG4bK%d" % chance.getrandbits(40))
    edits = [
        (
            chance.randrange(1300),
            chance.randrange(25),
            chance.choice(SPOILS) if chance.random() < 0.7 else chance.randbytes(3),
        )
        for _ in range(chance.randrange(5))
    ]
    return mutate(data, edits)


async def run(seconds: float, seed: int) -> dict[str, Any]:
    chance, raised = random.Random(seed), Counter[str]()
    calls = messages = 0

    async def on_call(call: IncomingCall) -> None:
        nonlocal calls
        calls += 1
        call.ring()
        if chance.random() < 0.5:
            try:
                await call.answer()
            except TelephonyError:
                return
        await asyncio.sleep(0.2)
        await call.hang_up()

    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: raised.update([repr(context.get("exception"))])
    )
    server = SipServer(
        host="127.0.0.1", port=0, on_call=on_call, rtp_ports=(49000, 49999), timers=FAST,
        limits=UNLIMITED,
    )  # fmt: skip
    await server.start()
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        try:
            udp(server).datagram_received(spoiled(chance), ("127.0.0.1", 5071))
        except Exception as error:
            raised.update([repr(error)])
        messages += 1
        if messages % 50 == 0:
            await asyncio.sleep(0.001)
    await asyncio.sleep(64 * FAST.t1 * 2 + 1)
    kept = server.calls + len(udp(server).layer)
    is_open = udp(server).is_open
    await server.stop()
    return {
        "messages": messages,
        "calls": calls,
        "refused": server.messages_refused,
        "raised": dict(raised),
        "kept": kept,
        "socket_open": is_open,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=45.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    result = asyncio.run(run(options.seconds, options.seed))
    print(json.dumps(result))
    raise SystemExit(bool(result["raised"] or result["kept"] or not result["socket_open"]))


if __name__ == "__main__":
    main()
