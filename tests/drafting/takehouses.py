"""Labelled calls with the company of each caller marked: `python -m tests.drafting.takehouses
SET.jsonl...` prints them in the notation of `copilot/drafting/houses/calls.fr.txt`.

Of calls without a company, the caller's first utterances alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from copilot.drafting.houses.features import CALLED, SMALL
from copilot.drafting.speech import fold, hear, words
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

ENOUGH = 3
"""Utterances of a caller who speaks for nobody."""
UNSAID = SMALL | CALLED | frozenset("dl")
"""Words of a label that callers leave out, or that are no part of the name."""


def taken(call: LabelledCall) -> Iterator[str]:
    """The lines of one call."""
    yield f"= {call.client.name}"
    company = str(call.expected.get("company") or "")
    name = [word for word in re.findall(r"[a-z0-9]+", fold(company)) if word not in UNSAID]
    operator, count = "", 0
    for turn in call.turns:
        if turn.speaker == "operator":
            operator = " ".join(turn.text.split())
        elif name or count < ENOUGH:
            count += 1
            yield f"O: {operator}"
            yield f"C: {_marked(' '.join(turn.text.split()), name)}"


def _marked(text: str, name: list[str]) -> str:
    """The name, with the small words between, in brackets wherever it is said."""
    parts = [
        (piece[0], word.start + piece.start(), word.start + piece.end())
        for word in words(hear(text))
        for piece in re.finditer(r"[a-z0-9]+", fold(word.text))
    ]
    spans, at = list[tuple[int, int]](), 0
    while name and at < len(parts):
        end = _matched(parts, at, name)
        if end:
            spans.append((parts[at][1], parts[end - 1][2]))
        at = end or at + 1
    for start, stop in reversed(spans):
        text = f"{text[:start]}[{text[start:stop]}]{text[stop:]}"
    return text


def _matched(parts: list[tuple[str, int, int]], at: int, name: list[str]) -> int:
    """The place after the name that begins at `at`; 0 where it does not."""
    met = 0
    while met < len(name) and at < len(parts):
        if parts[at][0] == name[met]:
            met += 1
        elif not met or parts[at][0] not in UNSAID:
            return 0
        at += 1
    return at if met == len(name) else 0


def main(arguments: list[str]) -> None:
    """Print the calls of the sets named."""
    for name in arguments:
        print(f"# {Path(name).stem}")
        for call in read_calls(Path(name)):
            print(*taken(call), sep="\n", end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
