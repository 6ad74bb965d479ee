"""A process that reads one mailbox until it is killed: `python -m tests.inquiries.reader URL`.

It takes the first letter in for real, then waits: a kill finds it between kept and place kept.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from copilot.inquiries.intake import Intake
from copilot.inquiries.letter import Letter
from copilot.inquiries.mailboxes import MailboxDoor, MailboxReader
from copilot.store import Store
from tests.keys import KEYS

DOOR = MailboxDoor(most_bytes=20_000, permits=lambda _: True)


async def main(url: str) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    async with Store(url, keyring=KEYS) as store:
        intake = Intake(store, now=now, kept=lambda: None)

        async def take(client_id: str, address: str, letter: Letter) -> None:
            await intake.take_letter(client_id, address, letter)
            print("kept", flush=True)
            await asyncio.sleep(60)

        await MailboxReader(store, DOOR, take, now=now).read_due()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
