"""How long a 5,000-row FAQ takes, uploaded to searchable:
`python -m tests.knowledge.documents.bench_import`.

The development companies' entries, numbered over and over. CPU time is of this process and of the
children that open the documents; the models are loaded before.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from copilot.imports import Imports
from copilot.store import Store, migrate
from copilot.store.records.clients import Client, ClientSettings
from copilot.store.records.versions import Author
from knowledge.documents.export import as_csv, as_xlsx
from knowledge.evaluation import read_sets
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics, load_semantics
from knowledge.vectors import KeptVectors
from tests.keys import KEYS
from tests.knowledge.bench_scale import entries_of
from tests.knowledge.conftest import CACHE, SETS

ROWS = 5_000


def now() -> datetime:
    return datetime.now(UTC)


def cpu_s() -> float:
    """Of this process and of the children that ended, so far."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


async def measure(kind: str, content: bytes, semantics: Semantics) -> None:
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
            began, spent = time.perf_counter(), cpu_s()
            job = await imports.start_file(
                "c", path, name=f"faq.{kind}", mode="replace", author=Author()
            )
            await imports.settled()
            ready = time.perf_counter()
            job = await imports.job("c", job.id)
            assert job.summary is not None and job.summary["added"] == ROWS, job
            await imports.apply("c", job.id, token=job.summary["token"], author=Author())
            applied = time.perf_counter()
            entries = await store.for_client("c").entries_in_force(now().date())
            assert len(entries) == ROWS
            prompter = ClientPrompter(entries, semantics, kept=KeptVectors(Path(folder)))
            indexed, spent = time.perf_counter(), cpu_s() - spent
            assert prompter.decide("vous êtes ouvert jusqu'à quelle heure").ranked
            await imports.undo("c", 1, latest=1, author=Author())
            print(
                f"{kind}: {len(content) / 1e6:.1f} MB, read and compared {ready - began:.1f} s,"
                f" applied {applied - ready:.1f} s, indexed {indexed - applied:.1f} s;"
                f" {indexed - began:.1f} s in all, {spent:.1f} s of CPU"
            )


async def main() -> None:
    every = entries_of(read_sets(SETS / "dev"), ROWS)
    semantics = load_semantics(cache=CACHE)
    await measure("csv", as_csv(every), semantics)
    await measure("xlsx", as_xlsx(every), semantics)


if __name__ == "__main__":
    asyncio.run(main())
