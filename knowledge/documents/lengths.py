"""Texts longer than what a model reads of them: cut where they may be, told where not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from knowledge.documents.reading import Problem, place_of
from knowledge.passages import Entry

LONG_CHARS = 1000
"""What is longer is compared by its beginning: a model reads 256 tokens, of four signs about."""
MAX_TOLD = 50


def pieces(text: str, limit: int) -> list[str]:
    """A long text in parts of at most `limit` characters, cut where sentences or words end."""
    found = [""]
    for sentence in re.split(r"(?<=[.!?…;])\s+|\n+", text):
        while len(sentence) > limit:
            at = sentence.rfind(" ", 0, limit) if " " in sentence[:limit] else limit
            found += [sentence[:at], ""]
            sentence = sentence[at:].lstrip()
        if found[-1] and len(found[-1]) + len(sentence) >= limit:
            found.append("")
        found[-1] = f"{found[-1]} {sentence}".strip()
    return [piece for piece in found if piece]


def long_answers(entries: Sequence[Entry], lines: Mapping[str, int]) -> list[Problem]:
    """A problem for each answer whose end counts for its words alone."""
    found: list[Problem] = []
    for entry in entries:
        if len(entry.answer) <= LONG_CHARS or len(found) == MAX_TOLD:
            continue
        line = lines.get(entry.entry_id)
        found.append(
            Problem(
                code="long_answer",
                left_out=False,
                line=line,
                place=entry.place or place_of(line),
                french=f"« {entry.question[:80]} » : réponse de {len(entry.answer)} caractères."
                f" Au-delà de {LONG_CHARS}, ce qu'elle dit n'est plus cherché que mot à mot :"
                " faites-en plusieurs questions.",
                english=f'"{entry.question[:80]}": an answer of {len(entry.answer)} characters.'
                f" Beyond {LONG_CHARS}, what it says is looked up word by word only: make several"
                " questions of it.",
            )
        )
    return found
