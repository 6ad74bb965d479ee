"""What sealing costs. `python -m tests.store.bench_vault` prints a table; SQLite, one thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from copilot.codec import event_data
from copilot.store import Store, migrate
from copilot.store.sealing import new_data_key, open_value, seal_row
from copilot.store.tables.calls import call_events
from tests.keys import KEYS
from tests.store.examples import MAIN, NOON, client, ringing, utterance

USUAL = (
    "oui bonjour je vous appelle parce que la chaudière de la salle de bains fuit depuis ce "
    "matin et il faudrait que quelqu'un passe"
)
CALLS, UTTERANCES = 250, 80


def microseconds(work: Callable[[], Any], times: int = 5000) -> float:
    """CPU time of one."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def alone() -> None:
    key = new_data_key(MAIN)
    payload = event_data(utterance("c", 1, USUAL))
    row = {"client_id": MAIN, "call_id": "c", "seq": 1, "payload": payload}
    sealed, keys = seal_row(key, call_events, row), {(MAIN, key.name): key}
    print(f"seal an utterance     {microseconds(lambda: seal_row(key, call_events, row)):8.0f} us")
    opening = microseconds(lambda: open_value(keys, call_events, "payload", sealed))
    print(f"open it               {opening:8.0f} us")
    print(f"its search tokens     {microseconds(lambda: key.tokens(USUAL), 1000):8.0f} us")


async def in_database(folder: Path) -> None:
    url = f"sqlite:///{folder / 'x.db'}"
    await migrate(url, keyring=KEYS)
    async with Store(url, keyring=KEYS) as store:
        await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
        scope = store.for_client(MAIN)
        for number in range(CALLS):
            call_id = f"c{number}"
            await scope.create_call(ringing(call_id, NOON + timedelta(minutes=number)))
            said = [utterance(call_id, seq, USUAL) for seq in range(1, UTTERANCES)]
            rare = "il y a une panne de portail" if number == 3 else "non merci"
            said.append(utterance(call_id, UTTERANCES, rare))
            await scope.append_events(call_id, said)
        for words, name in ((["chaudiere", "fuit"], "frequent"), (["portail"], "rare")):
            began = time.process_time()
            found = await scope.said(words)
            spent = (time.process_time() - began) * 1e3
            print(f"search, {name:<10}    {spent:8.1f} ms  {len(found)} of {CALLS * UTTERANCES}")
        began = time.process_time()
        await scope.events_since("c1")
        print(f"read a call of {UTTERANCES}     {(time.process_time() - began) * 1e3:8.1f} ms")
    size = (folder / "x.db").stat().st_size / CALLS / UTTERANCES
    print(f"database              {size:8.0f} bytes an utterance")


if __name__ == "__main__":
    alone()
    with TemporaryDirectory() as made:
        asyncio.run(in_database(Path(made)))
