"""A process that sends what is due until it is killed: `python -m tests.delivery.sender URL PORT`.

The channel hands the letter over for real, then waits: a kill finds it between sent and marked.
"""

from __future__ import annotations

import asyncio
import sys

from copilot.delivery.channel import Dispatch
from copilot.delivery.smtp import EmailChannel, SmtpServer
from copilot.delivery.worker import DeliveryOutcome, DeliveryWorker
from copilot.store import Store
from tests.delivery.examples import SENDER
from tests.keys import KEYS


class SlowToReturn(EmailChannel):
    async def send(self, dispatch: Dispatch) -> None:
        await super().send(dispatch)
        print("sent", flush=True)
        await asyncio.sleep(60)


async def main(url: str, port: int) -> None:
    async def ignore(outcome: DeliveryOutcome) -> None:
        print(outcome, flush=True)

    channel = SlowToReturn(SmtpServer(host="127.0.0.1", port=port), SENDER)
    async with (
        Store(url, keyring=KEYS) as store,
        DeliveryWorker(store, {"email": channel}, on_outcome=ignore, lease_s=100),
    ):
        await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
