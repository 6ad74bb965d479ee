"""Calls in progress while strangers flood the line with SIP, on loopback and for a bounded time.

    python -m tests.telephony.bench_flood --calls 4 --seconds 60 --rate 1000 [--outside]

SIPp sends INVITEs to a number that nobody has, each acknowledged when it is refused: two messages a
call, so `--rate` messages a second are half as many calls. sipvicious then does what scanners do:
looks for the server (svmap), for extensions (svwar), for a password (svcrack).
Meanwhile new callers come, one a second, each from a port of its own, and are to be answered; with
`--unlimited` every message of the flood is read; with `--outside` SIPp's come from no network that
may call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from telephony.sip.budget import UNLIMITED, MessageLimits
from tests.servers import free_port
from tests.telephony.bench_line import SIP_PORT, UNKNOWN, run
from tests.telephony.phone import Phone
from tests.telephony.test_peers import REFUSED

SCANS = (
    ("svmap", "-p", str(SIP_PORT), "127.0.0.1"),
    ("svwar", "-p", str(SIP_PORT), "-m", "INVITE", "-e", "100-399", "127.0.0.1"),
    ("svwar", "-p", str(SIP_PORT), "-m", "REGISTER", "-e", "100-399", "127.0.0.1"),
    ("svcrack", "-p", str(SIP_PORT), "-u", "100", "-r", "1000-1299", "127.0.0.1"),
)
SCAN_S = 20


async def flood(seconds: float, rate: int, host: str) -> dict[str, Any]:
    """SIPp's own count of what it sent and what came back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        status = "404" if host == "127.0.0.1" else "403"
        (folder / "refused.xml").write_text(REFUSED.replace("404", status))
        calls = round(seconds * rate / 2)
        process = await asyncio.create_subprocess_exec(
            "sipp", f"127.0.0.1:{SIP_PORT}", "-i", host,
            "-p", str(free_port()), "-sf", "refused.xml", "-nostdin",
            "-m", str(calls), "-r", str(rate // 2), "-l", "30000",
            "-timeout", f"{seconds + 15:.0f}s", "-trace_stat", cwd=folder,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await process.wait()
        return {"flood": _counted(folder)}


def _counted(folder: Path) -> dict[str, int]:
    (statistics,) = folder.glob("refused_*_.csv")
    names, *_, last = statistics.read_text().splitlines()
    counted = dict(zip(names.split(";"), last.split(";"), strict=False))
    keys = ("TotalCallCreated", "SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)")
    return {key: int(counted[key]) for key in keys}


async def scan() -> dict[str, str]:
    """The last words of each scanner."""
    found = {}
    for command in SCANS:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), SCAN_S)
        except TimeoutError:
            process.kill()
            output, _ = await process.communicate()
        said = re.sub(r"\x1b\[[0-9;]*m", "", output.decode(errors="replace")).strip()
        found[" ".join(command[:1] + command[3:])] = " / ".join(said.splitlines()[-4:])
    return found


async def newcomers(seconds: float) -> dict[str, Any]:
    """A refusal is the answer of a new caller's number; sent again as SIP would, for 4 s."""
    waits_ms: list[float] = []
    missed = 0
    for number in range(round(seconds)):
        phone = await Phone.open(("127.0.0.1", SIP_PORT))
        invite = phone.invite(call_id=f"new-{number}", branch=f"z9hG4bKnew{number}", user=UNKNOWN)
        started_s = time.monotonic()
        for patience_s in (0.5, 1.0, 2.5):
            phone.send(invite)
            try:
                refused = await phone.final("INVITE", timeout_s=patience_s)
            except TimeoutError:
                continue
            waits_ms.append(1000 * (time.monotonic() - started_s))
            phone.send(
                phone.message(
                    "ACK", call_id=f"new-{number}", branch=f"z9hG4bKnew{number}",
                    user=UNKNOWN, to_tag=refused.to_tag,
                )
            )  # fmt: skip
            break
        else:
            missed += 1
        phone.close()
        await asyncio.sleep(max(0.0, started_s + 1 - time.monotonic()))
    return {
        "new_callers": len(waits_ms) + missed,
        "not_answered": missed,
        "answered_ms": {
            name: round(float(np.percentile(waits_ms, q)), 1)
            for name, q in (("p50", 50), ("p95", 95), ("most", 100))
        },
    }


async def measure(
    calls: int, seconds: float, rate: int, limits: MessageLimits, host: str
) -> dict[str, Any]:
    async def meanwhile() -> dict[str, Any]:
        scanning = asyncio.create_task(scan())
        flooded, new = await asyncio.gather(flood(seconds, rate, host), newcomers(seconds))
        return {**flooded, **new, "scanners": await scanning}

    return await run(calls, seconds, 0.0, meanwhile, limits=limits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=1000, help="messages a second")
    parser.add_argument("--unlimited", action="store_true", help="read all that is sent")
    parser.add_argument("--outside", action="store_true", help="flood as a stranger")
    options = parser.parse_args()
    limits = UNLIMITED if options.unlimited else MessageLimits()
    host = "127.0.0.2" if options.outside else "127.0.0.1"
    found = asyncio.run(measure(options.calls, options.seconds, options.rate, limits, host))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
