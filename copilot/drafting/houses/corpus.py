"""What the model is learnt from: what callers said in labelled calls, the companies they speak for
in brackets (`calls.fr.txt`), and the same calls with other companies in their place.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from copilot.drafting.speech import fold

MARKED = re.compile(r"\[([^\]]*)\]")
OTHERS = 4
"""Times a call is learnt with another company in the place of its own."""
SEED = 3
AS_IT_IS = ("", "societe", "entreprise", "chez")
"""Words before a company's whole name, without its article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An utterance of the caller's, and what the operator said before."""

    operator: str
    text: str
    """The caller's company stands in brackets."""
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseCall:
    """What is learnt from one call."""

    source: str
    """The set it is of."""
    client: str
    said: tuple[Said, ...]


@cache
def house_calls() -> tuple[HouseCall, ...]:
    """All of them, in order."""
    text = files("copilot.drafting.houses").joinpath("calls.fr.txt").read_text(encoding="utf-8")
    return tuple(_read(text))


def _read(text: str) -> Iterator[HouseCall]:
    source = ""
    for block in text.split("\n\n"):
        client, operator, said = "", "", list[Said]()
        for line in block.splitlines():
            kind, rest = line[:2], line[2:].strip()
            if kind == "# ":
                source = rest
            elif kind == "= ":
                client = rest
            elif kind == "O:":
                operator = rest
            elif kind == "C:":
                said.append(Said(operator=operator, text=rest, first=not said))
        if said:
            yield HouseCall(source=source, client=client, said=tuple(said))


def lessons(without: Collection[str] = ()) -> Iterator[HouseCall]:
    """The calls of all sets but those named, as they are, bare as careless recognisers write, and
    with companies exchanged."""
    calls = [call for call in house_calls() if call.source not in without]
    chance, houses = random.Random(SEED), _houses(calls)
    for call in calls:
        yield call
        if not call.said[0].text.islower():
            yield _changed(call, [_bare(each.text) for each in call.said])
        if any(MARKED.search(each.text) for each in call.said):
            for _ in range(OTHERS):
                yield _exchanged(call, houses, chance)


def _before(text: str, at: int) -> str:
    """The folded word before an offset: what articles a company's name takes."""
    found = re.search(r"([a-z]+'?) ?$", fold(text[:at]))
    return found[1] if found else ""


def _houses(calls: Sequence[HouseCall]) -> Mapping[str, Sequence[str]]:
    """Companies by the word before them; clients are companies as well."""
    houses: dict[str, list[str]] = defaultdict(list)
    for call in calls:
        for word in AS_IT_IS:
            houses[word].append(call.client)
        for each in call.said:
            for found in MARKED.finditer(each.text):
                houses[_before(each.text, found.start())].append(found[1])
    return houses


def _exchanged(
    call: HouseCall, houses: Mapping[str, Sequence[str]], chance: random.Random
) -> HouseCall:
    """With one other company in the place of the caller's."""
    text, marked = next(
        (each.text, found) for each in call.said if (found := MARKED.search(each.text))
    )
    other = chance.choice(houses[_before(text, marked.start())])
    if text.islower():
        other = other.lower()
    return _changed(call, [MARKED.sub(f"[{other}]", each.text) for each in call.said])


def _bare(text: str) -> str:
    """Without case and punctuation."""
    return re.sub(r"(?<![\w\]])[,.!?;:…]+|[,.!?;:…]+(?!\w)", "", text).lower()


def _changed(call: HouseCall, texts: Sequence[str]) -> HouseCall:
    said = tuple(
        Said(operator=each.operator, text=text, first=each.first)
        for each, text in zip(call.said, texts, strict=True)
    )
    return HouseCall(source=call.source, client=call.client, said=said)
