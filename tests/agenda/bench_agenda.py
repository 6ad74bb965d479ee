"""What appointments cost: free times, and bookings one after the other.

.venv/bin/python -m tests.agenda.bench_agenda
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

from copilot.agenda.slots import Busy, free_slots
from copilot.agenda.wish import Window
from copilot.store import Store, migrate
from tests.agenda.examples import CHECKUP, NOW, PARIS, PERSON, RULES, VASSEUR, act, held
from tests.keys import KEYS
from tests.store.examples import MAIN, client, ringing

DAYS = 60
BUSY = 500
BOOKINGS = 200


def slots_ms() -> tuple[float, int]:
    """Of one practitioner: two months, 500 events."""
    rules = replace(RULES, horizon_days=DAYS)
    busy = [
        Busy(begins=NOW + timedelta(hours=3 * n), ends=NOW + timedelta(hours=3 * n, minutes=40))
        for n in range(BUSY)
    ]
    window = Window(begins=NOW, ends=NOW + timedelta(days=DAYS))
    taken: list[float] = []
    found = 0
    for _ in range(20):
        began = time.process_time()
        found = len(
            list(free_slots(rules, CHECKUP, VASSEUR, busy, window=window, now=NOW, zone=PARIS))
        )
        taken.append((time.process_time() - began) * 1000)
    return median(taken), found


async def booking_ms() -> tuple[float, float]:
    """Hold, then book: wall time of each on SQLite, each durable."""
    holds: list[float] = []
    books: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'souffleur.db'}"
        await migrate(url, keyring=KEYS)
        async with Store(url, keyring=KEYS) as store:
            await store.provider.save_client(client(MAIN, "Cabinet Vasseur"), at=NOW)
            scope = store.for_client(MAIN)
            await scope.create_call(ringing("c"))
            for number in range(BOOKINGS):
                began = time.perf_counter()
                begins = NOW + timedelta(minutes=30 * number)
                kept = await scope.hold_slot(held(MAIN, "c", begins), at=NOW)
                held_at = time.perf_counter()
                await scope.book_appointment(kept.id, person=PERSON, tell=[], at=NOW, act=act(MAIN))
                books.append((time.perf_counter() - held_at) * 1000)
                holds.append((held_at - began) * 1000)
    return median(holds), median(books)


def main() -> None:
    cpu_ms, found = slots_ms()
    print(f"free times, {DAYS} days, {BUSY} events: {cpu_ms:.1f} ms CPU, {found} found")
    hold_ms, book_ms = asyncio.run(booking_ms())
    print(f"hold {hold_ms:.1f} ms, book {book_ms:.1f} ms (median of {BOOKINGS}, SQLite)")


if __name__ == "__main__":
    main()
