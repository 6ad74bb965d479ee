"""`souffleur eval knowledge`: the figures and the refusals."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from knowledge.evaluation import EvaluationError, read_sets, run_knowledge
from knowledge.passages import Decision, Entry, Hit
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics
from tests.knowledge.conftest import SETS

FAQ = (
    "id,question,answer,tags\nh,Horaires ?,9 h,horaires;samedi\np,Parking ?,Oui,\nc,Carte ?,Oui,\n"
)
QUERIES = [
    {"id": "1", "utterance": "h p c", "expected": ["h"], "kind": "direct"},
    {"id": "2", "utterance": "p h c", "expected": ["h", "c"], "kind": "direct"},
    {"id": "3", "utterance": "", "expected": ["p"], "kind": "oblique"},
    {"id": "4", "utterance": "c", "expected": [], "kind": "silence"},
    {"id": "5", "utterance": "", "expected": [], "kind": "silence"},
]


class Scripted:
    """Shows the entries that the utterance names, in that order."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = {entry.entry_id: entry for entry in entries}

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        hits = tuple(Hit(entry=self._entries[i], confidence=0.9) for i in utterance.split()
                     if i in self._entries)  # fmt: skip
        return Decision(ranked=hits, shown=hits[:1])

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return ()


def write(folder: Path, queries: str, faq: str = FAQ) -> Path:
    client = folder / "client"
    client.mkdir()
    (client / "faq.csv").write_text(faq)
    (client / "queries.jsonl").write_text(queries)
    return folder


def lines(queries: Sequence[object] = QUERIES) -> str:
    return "".join(json.dumps(query) + "\n" for query in queries)


def test_the_figures_are_those_of_the_format(tmp_path: Path) -> None:
    report = run_knowledge(write(tmp_path, lines()), Scripted).as_json()
    assert set(report) == {"overall", "by_kind"}
    overall = report["overall"]
    assert overall.pop("p50_ms") <= overall.pop("p95_ms")
    assert overall == {
        "queries": 5,
        "shown_correct": 0.3333,
        "recall_at_3": 0.6667,
        "false_suggestion_rate": 0.5,
        "missed_rate": 0.3333,
        "wrong_rate": 0.3333,
    }
    assert report["by_kind"]["silence"]["shown_correct"] is None
    assert report["by_kind"]["silence"]["false_suggestion_rate"] == 0.5
    assert report["by_kind"]["oblique"]["missed_rate"] == 1.0
    json.dumps(report)


def test_the_table_is_readable(tmp_path: Path) -> None:
    out = io.StringIO()
    report = run_knowledge(write(tmp_path, lines()), Scripted)
    Console(file=out, width=110).print(report.table())
    assert "33.3 %" in out.getvalue()
    assert "oblique" in out.getvalue()


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ("", r"queries\.jsonl, ligne 1 : aucune phrase"),
        ("{}\n", r"queries\.jsonl, ligne 1 : .*utterance"),
        (lines(QUERIES[:1]) + "not json\n", r"queries\.jsonl, ligne 2 : ce n'est pas du JSON"),
        ('{"utterance": "a"}\n', r"ligne 1 : il faut « expected »"),
        ('{"utterance": "a", "expected": ["zz"]}\n', r"ligne 1 : identifiant inconnu .*zz"),
        ("[1]\n", r"ligne 1 : il faut un objet"),
    ],
)
def test_bad_queries_are_named_by_file_and_line(tmp_path: Path, queries: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        run_knowledge(write(tmp_path, queries), Scripted)


def test_bad_folders_and_faqs_are_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="pas un dossier"):
        run_knowledge(tmp_path / "nowhere", Scripted)
    with pytest.raises(EvaluationError, match="aucun dossier de client"):
        run_knowledge(tmp_path, Scripted)
    with pytest.raises(EvaluationError, match=r"client/faq\.csv, ligne 1 : colonne"):
        run_knowledge(write(tmp_path, lines(), faq="a,b\n1,2\n"), Scripted)


def test_the_development_sets_are_whole() -> None:
    dev, held = read_sets(SETS / "dev"), read_sets(SETS / "held")
    assert not {client.name for client in dev} & {client.name for client in held}
    queries = [query for client in (*dev, *held) for query in client.queries]
    silent = [query for query in queries if not query.expected]
    assert len(queries) >= 600
    assert 0.3 < len(silent) / len(queries) < 0.4
    assert len({query.query_id for query in queries}) == len(queries)
    spoken = [query.utterance for query in queries]
    assert len({*spoken}) > 0.97 * len(spoken)


@pytest.mark.models
def test_an_unseen_company_is_answered_or_left_in_silence(semantics: Semantics) -> None:
    report = run_knowledge(SETS / "held", lambda entries: ClientPrompter(entries, semantics))
    overall = report.overall
    assert overall.shown_correct is not None and overall.shown_correct >= 0.5
    assert overall.recall_at_3 is not None and overall.recall_at_3 >= 0.85
    assert overall.false_suggestion_rate is not None and overall.false_suggestion_rate <= 0.08
