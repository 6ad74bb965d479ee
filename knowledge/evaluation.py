"""`souffleur eval knowledge`: how often the right card, how often a wrong one, how fast.

Format and keys: docs/evaluation.md. Each client goes through the import of the portal and the
prompter of a live call; `expected` is read only to score.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.importing import ImportingError, import_faq
from knowledge.passages import Decision, Entry, Prompter

if TYPE_CHECKING:
    from rich.table import Table


class EvaluationError(Exception):
    """Bad input; the message names the file and the line. `code` is stable."""

    code = "evaluation_input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One labelled utterance."""

    query_id: str
    utterance: str
    expected: frozenset[str]
    """Entries that answer it; empty when silence is right."""
    kind: str
    previous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSet:
    """One client's FAQ and its labelled utterances."""

    name: str
    entries: tuple[Entry, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was decided for one query, in entry ids."""

    client: str
    query: Query
    ranked: tuple[str, ...]
    shown: tuple[str, ...]
    confidence: float
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares between 0 and 1, null when there is nothing to share."""

    queries: int
    shown_correct: float | None
    recall_at_3: float | None
    false_suggestion_rate: float | None
    missed_rate: float | None
    wrong_rate: float | None
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeReport:
    """The figures, and the outcomes they come from."""

    overall: Figures
    by_kind: dict[str, Figures]
    outcomes: tuple[Outcome, ...]
    calibration: dict[str, Any] | None = None
    """The one in force: its threshold and what it was fitted on."""

    def as_json(self) -> dict[str, Any]:
        """The object printed with `--json`."""
        return {
            "overall": _as_dict(self.overall),
            "by_kind": {kind: _as_dict(figures) for kind, figures in self.by_kind.items()},
        } | ({"calibration": self.calibration} if self.calibration else {})

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title="Connaissances")
        for heading in (
            "genre", "n", "juste", "dans les 3", "à tort", "manqué", "faux", "p50 ms", "p95 ms"
        ):  # fmt: skip
            table.add_column(heading, justify="left" if heading == "genre" else "right")
        for kind, figures in [("ensemble", self.overall), *sorted(self.by_kind.items())]:
            shares = (
                figures.shown_correct,
                figures.recall_at_3,
                figures.false_suggestion_rate,
                figures.missed_rate,
                figures.wrong_rate,
            )
            times = (figures.p50_ms, figures.p95_ms)
            table.add_row(
                kind,
                str(figures.queries),
                *("" if share is None else f"{100 * share:.1f} %" for share in shares),
                *("" if value is None else f"{value:.1f}" for value in times),
            )
        return table


def run_knowledge(
    directory: Path,
    build: Callable[[Sequence[Entry]], Prompter],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> KnowledgeReport:
    """Score every client folder of a directory.

    `build` makes a prompter of a client's entries, as the service does. `progress` is told each
    client's name. Raises EvaluationError on bad input.
    """
    outcomes: list[Outcome] = []
    for client in read_sets(directory):
        progress(client.name)
        prompter = build(client.entries)
        prompter.decide("vous êtes ouvert jusqu'à quelle heure")
        outcomes.extend(_hear(client.name, prompter, query) for query in client.queries)
    return replace(score(outcomes), calibration=_calibration(prompter))


def _calibration(prompter: Prompter) -> dict[str, Any] | None:
    held = getattr(prompter, "calibration", None)
    if held is None:
        return None
    return {"threshold": held.threshold, "fitted_on": held.fitted_on}


def read_sets(directory: Path) -> list[ClientSet]:
    """The clients of a directory, in name order. Raises EvaluationError."""
    if not directory.is_dir():
        raise EvaluationError(f"{directory} : ce n'est pas un dossier.")
    folders = sorted(path for path in directory.iterdir() if path.is_dir() and path.name[0] != ".")
    if not folders:
        raise EvaluationError(f"{directory} : aucun dossier de client.")
    return [_read_set(folder) for folder in folders]


def score(outcomes: Sequence[Outcome]) -> KnowledgeReport:
    """Add outcomes up, overall and by kind."""
    kinds = sorted({outcome.query.kind for outcome in outcomes})
    return KnowledgeReport(
        overall=_figures(outcomes),
        by_kind={kind: _figures([o for o in outcomes if o.query.kind == kind]) for kind in kinds},
        outcomes=tuple(outcomes),
    )


def _hear(client: str, prompter: Prompter, query: Query) -> Outcome:
    begun = time.perf_counter()
    decision: Decision = prompter.decide(query.utterance, previous=query.previous)
    took_ms = (time.perf_counter() - begun) * 1000
    return Outcome(
        client=client,
        query=query,
        ranked=tuple(hit.entry.entry_id for hit in decision.ranked),
        shown=tuple(hit.entry.entry_id for hit in decision.shown),
        confidence=decision.ranked[0].confidence if decision.ranked else 0.0,
        took_ms=took_ms,
    )


def _figures(outcomes: Sequence[Outcome]) -> Figures:
    answerable = [outcome for outcome in outcomes if outcome.query.expected]
    silent = [outcome for outcome in outcomes if not outcome.query.expected]
    right = [o for o in answerable if o.shown and o.shown[0] in o.query.expected]
    shown = [o for o in answerable if o.shown]
    near = [o for o in answerable if o.query.expected & {*o.ranked[:3]}]
    times = [outcome.took_ms for outcome in outcomes]
    return Figures(
        queries=len(outcomes),
        shown_correct=_share(len(right), answerable),
        recall_at_3=_share(len(near), answerable),
        false_suggestion_rate=_share(sum(bool(o.shown) for o in silent), silent),
        missed_rate=_share(len(answerable) - len(shown), answerable),
        wrong_rate=_share(len(shown) - len(right), answerable),
        p50_ms=round(float(np.percentile(times, 50)), 2) if times else None,
        p95_ms=round(float(np.percentile(times, 95)), 2) if times else None,
    )


def _share(part: int, of: Sequence[Outcome]) -> float | None:
    return round(part / len(of), 4) if of else None


def _as_dict(figures: Figures) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in Figures.__dataclass_fields__}


def _read_set(folder: Path) -> ClientSet:
    try:
        imported = import_faq(folder / "faq.csv")
    except ImportingError as problem:
        raise EvaluationError(f"{folder}/{problem}") from problem
    known = {entry.entry_id for entry in imported.entries}
    queries = tuple(_read_queries(folder / "queries.jsonl", known))
    if not queries:
        raise EvaluationError(f"{folder / 'queries.jsonl'}, ligne 1 : aucune phrase à entendre.")
    return ClientSet(name=folder.name, entries=imported.entries, queries=queries)


def _read_queries(path: Path, known: set[str]) -> Iterator[Query]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise EvaluationError(f"{path} : fichier illisible ({problem}).") from problem
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _read_query(line, f"{path}, ligne {number}", known)


def _read_query(line: str, place: str, known: set[str]) -> Query:
    try:
        held = json.loads(line)
    except ValueError as problem:
        raise EvaluationError(f"{place} : ce n'est pas du JSON ({problem}).") from problem
    if not isinstance(held, dict) or not isinstance(held.get("utterance"), str):
        raise EvaluationError(f"{place} : il faut un objet avec « utterance » (texte).")
    expected = held.get("expected")
    if not isinstance(expected, list) or not all(isinstance(one, str | int) for one in expected):
        raise EvaluationError(f"{place} : il faut « expected », une liste d'identifiants.")
    wanted = frozenset(str(one) for one in expected)
    if wanted - known:
        raise EvaluationError(
            f"{place} : identifiant inconnu de faq.csv : {', '.join(sorted(wanted - known))}."
        )
    previous = held.get("previous", [])
    return Query(
        query_id=str(held.get("id", place)),
        utterance=held["utterance"],
        expected=wanted,
        kind=str(held.get("kind", "other")),
        previous=tuple(str(turn) for turn in previous) if isinstance(previous, list) else (),
    )
