"""How long a 5,000-row FAQ takes: `python -m tests.knowledge.documents.bench_import`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from copilot.imports import Imports
from copilot.store import Store, migrate
from copilot.store.records.clients import Client, ClientSettings
from copilot.store.records.versions import Author
from knowledge.documents.export import as_csv, as_xlsx
from knowledge.passages import Entry
from tests.keys import KEYS

SUBJECTS = ("pompe", "chaudière", "robinet", "devis", "facture", "livraison", "garantie", "panne")
ROWS = 5_000


def entries() -> list[Entry]:
    return [
        Entry(
            entry_id=f"q{number}",
            question=f"Que faire pour {SUBJECTS[number % 8]} modèle {number // 8} ?",
            answer=f"Noter la référence {number}, puis proposer le rayon {number % 97}. " * 3,
            tags=(SUBJECTS[number % 8],),
        )
        for number in range(ROWS)
    ]


def now() -> datetime:
    return datetime.now(UTC)


async def measure(kind: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/souffleur.db"
        await migrate(url, keyring=KEYS)
        async with Store(url, keyring=KEYS) as store:
            client = Client(
                id="c", name="c", sector="s", colour="#000000", greeting="g",
                settings=ClientSettings(),
            )  # fmt: skip
            await store.provider.save_client(client, at=now())
            imports = Imports(store, changed=lambda *_: None, now=now)
            path = Path(folder) / "upload"
            path.write_bytes(content)
            began = time.perf_counter()
            job = await imports.start_file(
                "c", path, name=f"faq.{kind}", mode="replace", author=Author()
            )
            await imports.settled()
            ready = time.perf_counter()
            job = await imports.job("c", job.id)
            assert job.summary is not None and job.summary["added"] == ROWS, job
            await imports.apply("c", job.id, token=job.summary["token"], author=Author())
            applied = time.perf_counter()
            await imports.undo("c", 1, latest=1, author=Author())
            undone = time.perf_counter()
            print(
                f"{kind}: {len(content) / 1e6:.1f} MB, read and compared {ready - began:.1f} s,"
                f" applied {applied - ready:.1f} s, undone {undone - applied:.1f} s"
            )


async def main() -> None:
    every = entries()
    await measure("csv", as_csv(every))
    await measure("xlsx", as_xlsx(every))


if __name__ == "__main__":
    asyncio.run(main())
