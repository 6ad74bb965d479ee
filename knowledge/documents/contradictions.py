"""Same or nearly same questions with different answers: told before an import is applied.

Pure functions. Questions are compared by their stems; only questions that share a rare stem are
compared at all, so that thousands of entries take a second.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from knowledge.documents.outline import asks
from knowledge.documents.reading import Doubtful, Problem, place_of
from knowledge.documents.tables import question_key
from knowledge.passages import Entry
from knowledge.wording import plain, stems

NEAR = 0.8
"""Share of stems that two questions must have in common to be nearly the same."""
SAME_ANSWER = 0.9
MAX_TOLD = 200
_RARE = 3
"""Stems by which a question looks for its like."""
_CROWD = 60
"""A stem that more questions have tells nothing about any."""

_FIGURES = re.compile(r"\d+(?:[ \u202f]\d{3})*(?:[.,]\d+)?")
_HOURS = re.compile(r"(\d{1,2})\s*(?:heures?|h|:)\s*(\d{2})?")


def contradictions(
    incoming: Sequence[Entry], base: Sequence[Entry], lines: Mapping[str, int]
) -> list[Problem]:
    """What speaks against what: within the file, and against entries that stay in the base."""
    staying = {entry.entry_id for entry in incoming}
    # An entry that is changed counts as it becomes.
    known = {entry.entry_id: entry for entry in (*reversed(base), *reversed(incoming))}
    entries = [entry for entry in reversed(known.values()) if _is_question(entry)]
    problems = []
    for one, other in _alike(entries):
        if one.entry_id not in staying and other.entry_id not in staying:
            continue
        if one.entry_id not in staying:
            one, other = other, one
        if _meet(one, other) and not agree(one.answer, other.answer):
            problems.append(_problem(one, other, lines))
            if len(problems) == MAX_TOLD:
                break
    return problems


def agree(one: str, other: str) -> bool:
    """Whether two answers say the same: same figures and hours, nearly the same words."""
    if figures(one) != figures(other):
        return False
    first, second = _words_said(one), _words_said(other)
    if not first and not second:
        # Nothing but figures, or words too short to carry meaning: "oui", "non".
        return bool(figures(one)) or plain(one) == plain(other)
    return len(first & second) / len(first | second) >= SAME_ANSWER


def figures(answer: str) -> Counter[str]:
    """The numbers and hours of an answer in one spelling: `9h30` and `9:30` are one."""
    text = _HOURS.sub(lambda hour: f" {int(hour[1])}.{hour[2] or '00'} ", plain(answer))
    return Counter(
        re.sub(r"[ \u202f]", "", number).replace(",", ".") for number in _FIGURES.findall(text)
    )


def _words_said(answer: str) -> set[str]:
    """Its stems, figures aside: those are compared by themselves."""
    return {stem for stem in stems(_HOURS.sub(" ", plain(answer))) if not stem[0].isdigit()}


def _meet(one: Entry, other: Entry) -> bool:
    """Whether they are in force together on some day: summer's hours do not deny winter's."""
    begins = [entry.valid_from for entry in (one, other) if entry.valid_from]
    ends = [entry.valid_until for entry in (one, other) if entry.valid_until]
    return not begins or not ends or max(begins) <= min(ends)


def _is_question(entry: Entry) -> bool:
    return entry.document_id is None or asks(entry.question, heading=True)


def _alike(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of different entries that ask the same, each once."""
    # Figures tell questions apart, of one digit too: "le forfait 1" and "le forfait 2".
    asked = [frozenset((*stems(entry.question), *figures(entry.question))) for entry in entries]
    keys = [question_key(entry.question) for entry in entries]
    often = Counter(stem for question in asked for stem in question)
    by_sign: dict[str, list[int]] = defaultdict(list)
    told: set[tuple[int, int]] = set()
    for at, question in enumerate(asked):
        rare = sorted(question, key=lambda stem: (often[stem], stem))[:_RARE]
        signs = [f"={keys[at]}", *(stem for stem in rare if often[stem] <= _CROWD)]
        for sign in signs:
            for earlier in by_sign[sign]:
                pair = (earlier, at)
                if pair in told:
                    continue
                told.add(pair)
                if keys[earlier] == keys[at] or _near(asked[earlier], question):
                    yield entries[earlier], entries[at]
            by_sign[sign].append(at)


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    if {stem for stem in one ^ other if any(sign.isdigit() for sign in stem)}:
        return False
    return len(one | other) > 0 and len(one & other) / len(one | other) >= NEAR


def _problem(one: Entry, other: Entry, lines: Mapping[str, int]) -> Problem:
    line = lines.get(one.entry_id)
    there = place_of(lines.get(other.entry_id)) or other.place
    where_fr = f"({there})" if there else "déjà dans la base"
    where_en = f"({there})" if there else "already in the base"
    return Problem(
        code="contradiction",
        left_out=False,
        line=line,
        place=place_of(line) or one.place,
        french=f"Même question, ou presque, que « {other.question[:80]} » {where_fr}, avec une"
        " réponse différente : les deux sont gardées, corrigez l'une.",
        english=f'Same question, or nearly, as "{other.question[:80]}" {where_en}, with a'
        " different answer: both are kept, correct one.",
        entries=tuple(
            Doubtful(
                entry_id=entry.entry_id,
                question=entry.question,
                answer=entry.answer[:1000],
                line=lines.get(entry.entry_id),
            )
            for entry in (one, other)
        ),
    )
