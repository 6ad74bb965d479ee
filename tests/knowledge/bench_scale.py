"""Cost of indexing and of a decision, by size: `python -m tests.knowledge.bench_scale [SIZES...]`.

The development companies' entries, numbered over and over until there are enough. CPU time of this
process, one thread a task; the figures of docs/benchmarks/knowledge.md come from here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.evaluation import ClientSet, read_sets
from knowledge.passages import Entry
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics, load_semantics
from knowledge.vectors import KeptVectors
from tests.knowledge.conftest import CACHE, SETS

DECISIONS = 200


def entries_of(sets: list[ClientSet], size: int) -> list[Entry]:
    """As many different entries as asked for."""
    every = [entry for client in sets for entry in client.entries]
    return [
        replace(
            every[at % len(every)],
            entry_id=f"e{at}",
            question=f"{every[at % len(every)].question} Dossier {at // len(every)}",
        )
        for at in range(size)
    ]


def measure(size: int, sets: list[ClientSet], semantics: Semantics) -> str:
    """One line of the table."""
    entries = entries_of(sets, size)
    said = [query.utterance for client in sets for query in client.queries][:DECISIONS]
    with tempfile.TemporaryDirectory() as folder:
        built = []
        for _ in range(2):
            begun = time.process_time()
            prompter = ClientPrompter(entries, semantics, kept=KeptVectors(Path(folder)))
            built.append(time.process_time() - begun)
    decided, asked = [], []
    for text in said:
        begun = time.thread_time()
        prompter.decide(text)
        decided.append((time.thread_time() - begun) * 1000)
        begun = time.thread_time()
        prompter.ask(text[:12])
        asked.append((time.thread_time() - begun) * 1000)
    return (
        f"| {size} | {built[0]:.1f} s | {built[1]:.1f} s | {prompter.size_bytes / 1e6:.0f} MB |"
        f" {np.percentile(decided, 50):.1f} ms | {np.percentile(decided, 95):.1f} ms |"
        f" {np.percentile(asked, 95):.1f} ms |"
    )


def main() -> None:
    """Print a Markdown table."""
    sizes = [int(size) for size in sys.argv[1:]] or [300, 5000]
    sets = read_sets(SETS / "dev")
    semantics = load_semantics(cache=CACHE)
    print("| entries | indexed | again, vectors kept | weight | decision p50 | p95 | typed p95 |")
    print("|---|---|---|---|---|---|---|")
    for size in sizes:
        print(measure(size, sets, semantics), flush=True)


if __name__ == "__main__":
    main()
