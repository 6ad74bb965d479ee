"""The process that is killed. `python -m tests.delivery.kills.victim`: the zygote."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from datetime import datetime
from pathlib import Path

from copilot.delivery.channel import Channel, Dispatch
from copilot.delivery.letter import write
from copilot.delivery.smtp import EmailChannel, SmtpServer
from copilot.delivery.webhook import WebhookChannel
from copilot.delivery.worker import DeliveryOutcome, DeliveryWorker
from copilot.store import Store
from copilot.store.audit import Actor
from copilot.store.records.calls import NewCall
from tests.delivery.examples import FIELDS, SENDER, dispatch
from tests.delivery.kills import scenario
from tests.keys import KEYS

LEASE_S = 2400.0
"""Four seconds of the wall clock: longer than the slowest conversation."""


class Deadly:
    """A channel after which the process dies now and then, before it could say that it sent."""

    def __init__(self, inner: Channel, chance: random.Random, share: float) -> None:
        self._inner, self._chance, self._share = inner, chance, share

    async def send(self, dispatch: Dispatch) -> None:
        if self._chance.random() < self._share / 2:
            os.kill(os.getpid(), signal.SIGKILL)
        async with asyncio.timeout(1.2):
            await self._inner.send(dispatch)
        if self._chance.random() < self._share:
            os.kill(os.getpid(), signal.SIGKILL)


class Victim:
    """Approves, sends, acknowledges; writes down what is durable, after it is."""

    def __init__(self, folder: Path, smtp: int, *, began: float, seed: int, share: float) -> None:
        self._folder, self._began = folder, began
        self._chance = random.Random(seed)
        self._share = share
        server = SmtpServer(host="127.0.0.1", port=smtp, timeout_s=1.0)
        self._channels: dict[str, Channel] = {
            "email": self._deadly(EmailChannel(server, SENDER)),
            "webhook": self._deadly(WebhookChannel(allow_private=True)),
        }
        self._log = os.open(folder / "durable.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def _deadly(self, channel: Channel) -> Deadly:
        return Deadly(channel, self._chance, self._share)

    def now(self) -> datetime:
        return scenario.now(self._began)

    def note(self, *words: str) -> None:
        os.write(self._log, (" ".join(words) + "\n").encode())

    async def run(self, approvals: int) -> None:
        async def ignore(_: DeliveryOutcome) -> None:
            return

        url = (self._folder / "database").read_text()
        async with (
            Store(url, keyring=KEYS) as store,
            DeliveryWorker(
                store, self._channels, on_outcome=ignore, links=scenario.LINKS, now=self.now,
                lease_s=LEASE_S, longest_sleep_s=0.1,
            ) as worker,
            asyncio.TaskGroup() as both,
        ):  # fmt: skip
            both.create_task(self.approve(store, worker, approvals))
            both.create_task(self.acknowledge(store))

    async def approve(self, store: Store, worker: DeliveryWorker, approvals: int) -> None:
        for _ in range(approvals):
            await asyncio.sleep(self._chance.random() * 0.1)
            client = self._chance.choice(scenario.CLIENTS)
            urgency = self._chance.choice(("normal", "urgent", "critique"))
            call_id = f"c{self._chance.getrandbits(64):016x}"
            scope = store.for_client(client)
            call = NewCall(id=call_id, dialled="+33199005678", source="sip", ringing_at=self.now())
            await scope.create_call(call)
            approval = await scope.approve_message(
                call_id, fields=FIELDS, note="", urgency=urgency, approved_by="o1",
                approved_by_name="Inès C.", at=self.now(),
            )  # fmt: skip
            self.note("approved", approval.message.id, client, urgency)
            worker.wake()

    async def acknowledge(self, store: Store) -> None:
        """What the driver put aside: the links of letters, to be followed."""
        folder = self._folder / "links"
        while True:
            for path in sorted(folder.iterdir()):
                item_id = scenario.LINKS.read(path.read_text())
                row = await store.receipts.find(item_id)
                actor = Actor(id=item_id, name=row.recipient, role="link")
                await store.for_client(row.client_id).acknowledge_message(
                    row.message_id, actor=actor, at=self.now(), item_id=item_id
                )
                self.note("acknowledged", row.message_id)
                path.unlink(missing_ok=True)
            await asyncio.sleep(0.05)


def warm() -> None:
    """Import and read what a first letter needs, once for all victims."""
    import aiosmtplib  # noqa: F401
    import httpx  # noqa: F401

    write(dispatch(), SENDER)


def zygote() -> None:
    """For each line of input: fork a victim, say its number, wait for its end, say so."""
    warm()
    for line in sys.stdin:
        folder, smtp, began, seed, share, approvals = line.split()
        child = os.fork()
        if child == 0:
            victim = Victim(
                Path(folder), int(smtp), began=float(began), seed=int(seed), share=float(share)
            )
            try:
                asyncio.run(victim.run(int(approvals)))
            finally:
                os._exit(3)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    zygote()
