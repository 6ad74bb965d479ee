"""The driver: `python -m tests.delivery.kills --kills 1000 [--seed 1] [--postgres]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from os import kill
from pathlib import Path

from sqlalchemy import select

from copilot.store import Store, migrate
from copilot.store.audit import SYSTEM
from copilot.store.tables.messages import outbox
from tests.delivery.kills import scenario
from tests.delivery.kills.sinks import Arrivals, sinks
from tests.delivery.kills.verdict import judge
from tests.keys import KEYS
from tests.servers import postgres_server

SETTLE_S = 90.0
LINK = re.compile(rb"/m#([A-Za-z0-9_-]{64})")


@dataclass
class Bench:
    """One run."""

    folder: Path
    url: str
    smtp: int
    arrivals: Arrivals
    began: float
    chance: random.Random
    followed: int = 0
    seen: int = 0

    def life(self, zygote: subprocess.Popen[str], *, share: float, approvals: int) -> int:
        """Start a victim; its process number."""
        assert zygote.stdin is not None and zygote.stdout is not None
        seed = self.chance.getrandbits(32)
        zygote.stdin.write(f"{self.folder} {self.smtp} {self.began} {seed} {share} {approvals}\n")
        zygote.stdin.flush()
        return int(zygote.stdout.readline())

    def end(self, zygote: subprocess.Popen[str], victim: int) -> str:
        """Kill it, unless it did so itself; how it ended."""
        assert zygote.stdout is not None
        with suppress(ProcessLookupError):
            kill(victim, signal.SIGKILL)
        return zygote.stdout.readline().split()[1]

    def follow_links(self) -> None:
        """Let half of the letters that came be acknowledged, by their own link."""
        with self.arrivals.lock:
            fresh = self.arrivals.taken[self.seen :]
            self.seen += len(fresh)
        for arrival in fresh:
            found = LINK.search(arrival.content.replace(b"=\r\n", b"").replace(b"=3D", b"="))
            if found and self.chance.random() < 0.5:
                self.followed += 1
                draft = self.folder / f"link-{self.followed}"
                draft.write_bytes(found.group(1))
                draft.rename(self.folder / "links" / f"{self.followed:06d}")

    async def settle(self, zygote: subprocess.Popen[str]) -> float:
        """Let one victim live until nothing waits; how long it took, in seconds."""
        self.arrivals.rate = 0.0
        started = time.monotonic()
        async with Store(self.url, keyring=KEYS) as store:
            victim = self.life(zygote, share=0.0, approvals=0)
            while time.monotonic() - started < SETTLE_S:
                await self._send_again(store)
                waiting = [await store.outbox.next_due(), await store.ladders.next_due()]
                if not any(waiting) and not list((self.folder / "links").iterdir()):
                    break
                await asyncio.sleep(0.2)
            self.end(zygote, victim)
        return time.monotonic() - started

    async def _send_again(self, store: Store) -> None:
        """The click on a dead letter."""
        dead = select(outbox.c.client_id, outbox.c.message_id).where(
            outbox.c.state == "dead", outbox.c.step == 0
        )
        async with store.database.reading() as connection:
            rows = (await connection.execute(dead.distinct())).all()
        for row in rows:
            await store.for_client(row.client_id).retry_message(
                row.message_id, actor=SYSTEM, at=scenario.now(self.began)
            )


def start_zygote() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.kills.victim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def run(kills: int, *, seed: int, longest_s: float = 0.9, url: str = "") -> dict[str, object]:
    """Kill that often; what was found. Raises AssertionError when something was lost.

    `url`: an empty database; a file of SQLite's own without.
    """
    chance = random.Random(seed)
    arrivals = Arrivals(chance=random.Random(seed + 1))
    with tempfile.TemporaryDirectory(prefix="souffleur-kills-") as name, sinks(arrivals) as ports:
        folder = Path(name)
        (folder / "links").mkdir()
        url = url or f"sqlite:///{folder / 'souffleur.db'}"
        (folder / "database").write_text(url)
        bench = Bench(folder, url, ports[0], arrivals, time.time(), chance)
        await migrate(bench.url, keyring=KEYS)
        async with Store(bench.url, keyring=KEYS) as store:
            for client in scenario.clients(ports[1]):
                await store.provider.save_client(client, at=scenario.BEGINNING)
        zygote = start_zygote()
        try:
            for _ in range(kills):
                victim = bench.life(zygote, share=0.06, approvals=4)
                lasts = time.monotonic() + 0.02 + chance.random() * longest_s
                while time.monotonic() < lasts:
                    await asyncio.sleep(0.01)
                    bench.follow_links()
                ended = bench.end(zygote, victim)
                assert ended == "-9", f"a victim ended by itself: {ended}"
            settled_s = await bench.settle(zygote)
        finally:
            zygote.kill()
            zygote.communicate()  # and its pipes are closed
        lines = await asyncio.to_thread((folder / "durable.log").read_text)
        found = await judge(bench.url, lines.splitlines(), arrivals)
        return {"kills": kills, "settled_s": round(settled_s, 1), **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    asked = parser.parse_args()
    started = time.monotonic()
    with postgres_server() if asked.postgres else nullcontext() as server:
        url = server.url() if server else ""
        found = asyncio.run(run(asked.kills, seed=asked.seed, url=url))
    print(json.dumps({**found, "seconds": round(time.monotonic() - started)}, indent=1))


if __name__ == "__main__":
    main()
