"""The written companies of `knowledge/training`, from which matching is learnt.

Format and conventions: knowledge/training/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.evaluation import ClientSet, EvaluationError, Query
from knowledge.passages import Entry

TRAINING = Path(__file__).parent / "training"

_ASKING = {
    "d": "direct",
    "p": "paraphrase",
    "o": "oblique",
    "2": "two_questions",
    "f": "follow_up",
}
_SILENT = {
    "hello": "silence_greeting",
    "number": "silence_name_number",
    "chat": "silence_smalltalk",
    "said": "silence_statement",
    "message": "silence_message",
    "other": "silence_offtopic",
    "bye": "silence_closing",
}
_SILENCE = "- silence"
_OTHERS = re.compile(r"\+([\w-]+)\s+")
_TURNS = " // "
_TURN = " / "


@dataclass(slots=True)
class _Company:
    """A company while its file is read."""

    slug: str
    entries: list[Entry] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    question: tuple[str, str] | None = None
    """Id and question of the entry whose answer comes next."""
    after: str | None = None
    """Id of the entry that callers are after; null where silence is right."""


def read_companies(directory: Path = TRAINING) -> list[ClientSet]:
    """The written companies in the order of their files' names. Raises EvaluationError."""
    companies = [read_company(path) for path in sorted(directory.glob("*.fr.txt"))]
    if not companies:
        raise EvaluationError(f"{directory} : aucune société écrite (*.fr.txt).")
    return companies


def read_company(path: Path) -> ClientSet:
    """One written company. Raises EvaluationError, which names the file and the line."""
    company = _Company(slug=path.name.removesuffix(".fr.txt"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                _take(company, text)
            except ValueError as problem:
                raise EvaluationError(f"{path}, ligne {number} : {problem}") from problem
    known = {entry.entry_id for entry in company.entries}
    for query in company.queries:
        if unknown := query.expected - known:
            raise EvaluationError(
                f"{path} : {query.query_id} attend {', '.join(unknown)}, inconnu."
            )
    return ClientSet(
        name=company.slug, entries=tuple(company.entries), queries=tuple(company.queries)
    )


def _take(company: _Company, text: str) -> None:
    mark, _, rest = text.partition(" ")
    if mark == "=":
        _halves(rest)
    elif mark == "?":
        company.question = _halves(rest)
    elif mark == "!":
        company.after = _answer(company, rest)
    elif mark == ">":
        company.after = rest
    elif text == _SILENCE:
        company.after = None
    elif company.question is not None:
        raise ValueError("une phrase avant la réponse de son entrée.")
    elif company.after is None:
        _hear(company, _kind(_SILENT, mark), rest, ())
    else:
        others = _OTHERS.findall(rest)
        spoken = _OTHERS.sub("", rest)
        _hear(company, _kind(_ASKING, mark), spoken, (company.after, *others))


def _answer(company: _Company, text: str) -> str:
    if company.question is None or not text:
        raise ValueError("une réponse sans question, ou vide.")
    entry_id, question = company.question
    if any(entry.entry_id == entry_id for entry in company.entries):
        raise ValueError(f"l'entrée {entry_id} est là deux fois.")
    company.entries.append(
        Entry(entry_id=entry_id, question=question, answer=text, tags=_tags(entry_id))
    )
    company.question = None
    return entry_id


def _hear(company: _Company, kind: str, text: str, expected: Sequence[str]) -> None:
    before, follows, spoken = text.removeprefix("f ").rpartition(_TURNS)
    if not spoken.strip():
        raise ValueError("rien n'est dit.")
    if "+" in spoken or _TURN in spoken or (kind == "follow_up" and not follows):
        raise ValueError("une marque de trop, ou il en manque une.")
    company.queries.append(
        Query(
            query_id=f"{company.slug}-{len(company.queries) + 1:03d}",
            utterance=spoken.strip(),
            expected=frozenset(expected),
            kind=kind,
            previous=tuple(turn.strip() for turn in before.split(_TURN)) if follows else (),
        )
    )


def _kind(kinds: dict[str, str], mark: str) -> str:
    if mark not in kinds:
        raise ValueError(f"« {mark} » n'est pas une marque ({', '.join(kinds)}).")
    return kinds[mark]


def _halves(text: str) -> tuple[str, str]:
    first, bar, second = (part.strip() for part in text.partition("|"))
    if not (first and bar and second):
        raise ValueError("il faut deux parties, séparées par « | ».")
    return first, second


def _tags(entry_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in entry_id.split("-") if not part.isdigit()))
