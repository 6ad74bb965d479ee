"""Calls in progress while strangers flood the line with SIP, on loopback and for a bounded time.

    python -m tests.telephony.bench_flood --calls 4 --seconds 60 --rate 1000

SIPp sends INVITEs to a number that nobody has, each acknowledged when it is refused: two messages a
call, so `--rate` messages a second are half as many calls. sipvicious then does what scanners do:
looks for the server (svmap), for extensions (svwar), for a password (svcrack).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

from tests.telephony.bench_line import SIP_PORT, run
from tests.telephony.softphone import free_port
from tests.telephony.test_peers import REFUSED

SCANS = (
    ("svmap", "-p", str(SIP_PORT), "127.0.0.1"),
    ("svwar", "-p", str(SIP_PORT), "-m", "INVITE", "-e", "100-399", "127.0.0.1"),
    ("svwar", "-p", str(SIP_PORT), "-m", "REGISTER", "-e", "100-399", "127.0.0.1"),
    ("svcrack", "-p", str(SIP_PORT), "-u", "100", "-r", "1000-1299", "127.0.0.1"),
)
SCAN_S = 20


async def flood(seconds: float, rate: int) -> dict[str, Any]:
    """SIPp's own count of what it sent and what came back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "refused.xml").write_text(REFUSED)
        calls = round(seconds * rate / 2)
        process = await asyncio.create_subprocess_exec(
            "sipp", f"127.0.0.1:{SIP_PORT}", "-i", "127.0.0.1",
            "-p", str(free_port(socket.SOCK_DGRAM)), "-sf", "refused.xml", "-nostdin",
            "-m", str(calls), "-r", str(rate // 2), "-l", "2000",
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


async def measure(calls: int, seconds: float, rate: int) -> dict[str, Any]:
    async def meanwhile() -> dict[str, Any]:
        scanning = asyncio.create_task(scan())
        flooded = await flood(seconds, rate)
        return {**flooded, "scanners": await scanning}

    return await run(calls, seconds, 0.0, meanwhile)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=1000, help="messages a second")
    options = parser.parse_args()
    found = asyncio.run(measure(options.calls, options.seconds, options.rate))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
