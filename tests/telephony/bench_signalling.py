"""Calls placed by SIPp over a lossy line: how many came, twice or for ever.

python -m tests.telephony.bench_signalling --calls 300 --rate 30 --lost 10
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.telephony.phone import udp
from tests.telephony.test_peers import LOSSY, reception, run_sipp


async def run(calls: int, rate: int, lost: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lossy.xml").write_text(LOSSY)
        async with reception() as house:
            cpu_s, started_s = time.process_time(), time.monotonic()
            errors = await run_sipp(
                folder, house.server, "-sf", "lossy.xml", "-m", str(calls), "-r", str(rate),
                "-lost", str(lost),
            )  # fmt: skip
            cpu_s = time.process_time() - cpu_s
            await asyncio.sleep(0.5)
            ids = [call.dialog.call_id for call in house.calls]  # type: ignore[attr-defined]
            return {
                "calls": calls,
                "rate": rate,
                "lost_percent": lost,
                "sipp": errors or "all as the scenario says",
                "calls_seen": len(ids),
                "duplicates": len(ids) - len(set(ids)),
                "orphans": house.server.calls,
                "requests_absorbed": udp(house.server).layer.requests_absorbed,
                "cpu_ms_per_call": round(1000 * cpu_s / calls, 1),
                "wall_s": round(time.monotonic() - started_s, 1),
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--lost", type=int, default=10, help="percent of messages, each way")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.calls, options.rate, options.lost))))


if __name__ == "__main__":
    main()
