"""Cost of indexing and of a decision, by size: `python -m tests.knowledge.bench_scale [SIZES...]`.

The development companies' entries, numbered over and over until there are enough. CPU time of
this process, all its threads, as one embedding model computes in its own; and the clock's for
decisions, which tells something on idle cores alone. The figures of docs/benchmarks/knowledge.md
come from here.

From SYNTHETIC entries up their vectors are not computed text by text: a numbered copy gets its
original's vector, moved a little. What a caller says is embedded as ever, so decisions cost what
they cost; only the time of indexing leaves the embedding out.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.evaluation import ClientSet, read_sets
from knowledge.passages import Entry
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics, load_semantics
from knowledge.vectors import KeptVectors
from models.embeddings import Embedder, FloatMatrix
from tests.knowledge.conftest import CACHE, SETS

DECISIONS = 200
SYNTHETIC = 20_000
_APART = 0.02
_NUMBER = re.compile(r" Dossier \d+")


class MovedVectors:
    """An embedder that reads numbered copies as their original, moved a little."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._random = np.random.default_rng(5)
        self.name = f"{embedder.name}-moved"
        self.dimension = embedder.dimension

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        return self._moved(texts, self._embedder.queries)

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        return self._moved(texts, self._embedder.passages)

    def _moved(
        self, texts: Sequence[str], embed: Callable[[Sequence[str]], FloatMatrix]
    ) -> FloatMatrix:
        bare = [_NUMBER.sub("", text) for text in texts]
        if bare == list(texts):
            return embed(texts)
        originals = {text: row for row, text in enumerate(dict.fromkeys(bare))}
        moved = embed(list(originals))[[originals[text] for text in bare]]
        moved += _APART * self._random.standard_normal(moved.shape, dtype=np.float32)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def without_embedding(semantics: Semantics) -> Semantics:
    """The same, with `MovedVectors` for passages."""
    first, second = semantics.first, semantics.second
    return replace(
        semantics,
        first=replace(
            first, embedder=MovedVectors(first.embedder), whole=MovedVectors(first.whole)
        ),
        second=replace(second, embedder=MovedVectors(second.embedder)),
    )


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
    if size >= SYNTHETIC:
        semantics = without_embedding(semantics)
    said = [query.utterance for client in sets for query in client.queries][:DECISIONS]
    with tempfile.TemporaryDirectory() as folder:
        built = []
        for _ in range(2):
            begun = time.process_time()
            prompter = ClientPrompter(entries, semantics, kept=KeptVectors(Path(folder)))
            built.append(time.process_time() - begun)
    decided, took, asked = [], [], []
    for text in said:
        begun, computed = time.perf_counter(), time.process_time()
        prompter.decide(text)
        decided.append((time.process_time() - computed) * 1000)
        took.append((time.perf_counter() - begun) * 1000)
        computed = time.process_time()
        prompter.ask(text[:12])
        asked.append((time.process_time() - computed) * 1000)
    return (
        f"| {size} | {built[0]:.1f} s | {built[1]:.1f} s | {prompter.size_bytes / 1e6:.0f} MB |"
        f" {np.percentile(decided, 50):.1f} ms | {np.percentile(decided, 95):.1f} ms |"
        f" {np.percentile(asked, 95):.1f} ms | {np.percentile(took, 50):.1f} ms |"
        f" {np.percentile(took, 95):.1f} ms |"
    )


def main() -> None:
    """Print a Markdown table."""
    sizes = [int(size) for size in sys.argv[1:]] or [300, 5000]
    sets = read_sets(SETS / "dev")
    semantics = load_semantics(cache=CACHE)
    print(
        "| entries | indexed | again, vectors kept | weight | decision p50 | p95 | typed p95 |"
        " by the clock p50 | p95 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        print(measure(size, sets, semantics), flush=True)


if __name__ == "__main__":
    main()
