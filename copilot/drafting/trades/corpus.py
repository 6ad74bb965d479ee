"""The written trades: whose rule's case a sentence is.

Format and conventions: copilot/drafting/trades/README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

TRADES = Path(__file__).parent

CASES = {"c": False, "d": True}
"""Marks of what is a case of its rule: whether somebody is in danger, or damage under way."""
NEAR = {
    "o": "over",
    "f": "feared",
    "t": "told",
    "p": "planned",
    "w": "word",
    "i": "papers",
    "l": "less",
    "z": "uncovered",
}
"""Marks of what is not, and why."""
CATEGORIES = {
    "rdv": "rendez-vous",
    "ann": "annulation",
    "rap": "rappel",
    "rec": "réclamation",
    "inf": "information",
    "dev": "devis",
    "fac": "facturation",
    "liv": "livraison",
    "dem": "démarchage",
    "err": "erreur",
    "aut": "autre",
    "rien": "rien",
}
_CALM = "- calme"
_OTHERS = re.compile(r"\+(\d+)\s+")


class TradeError(ValueError):
    """A trade's file is not what the README says; names the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a caller says, and what it is to the client's rules."""

    text: str
    cases: frozenset[int]
    """Places, in the trade's rules, of those it is a case of; none for a near one."""
    danger: bool
    """Somebody is in danger, or damage is under way."""
    near: tuple[int, str] | None
    """The rule it comes near without being its case, and why (a value of `NEAR`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A written client: its rules of urgency and its callers."""

    name: str
    sector: str
    rules: tuple[str, ...]
    said: tuple[Said, ...]
    calm: tuple[tuple[str, str], ...]
    """What calm callers say, with the category of request ("rien": asks for nothing)."""


@dataclass(slots=True)
class _Reading:
    """A trade while its file is read."""

    title: tuple[str, str] | None = None
    rules: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    calm: list[tuple[str, str]] | None = None
    """None until the calm ones begin."""


def read_trades(directory: Path = TRADES) -> list[Trade]:
    """The written trades in the order of their files' names. Raises TradeError."""
    return [read_trade(path) for path in sorted(directory.glob("*.fr.txt"))]


def read_trade(path: Path) -> Trade:
    """One written trade. Raises TradeError."""
    reading = _Reading()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                _take(reading, text)
            except ValueError as problem:
                raise TradeError(f"{path}, ligne {number} : {problem}") from problem
    if reading.title is None or not reading.rules or not reading.calm:
        raise TradeError(f"{path} : il manque le nom, les règles ou les phrases calmes.")
    if beyond := {place for said in reading.said for place in said.cases} - {
        *range(len(reading.rules))
    }:
        raise TradeError(f"{path} : pas de règle n° {max(beyond) + 1}.")
    name, sector = reading.title
    return Trade(
        name=name,
        sector=sector,
        rules=tuple(reading.rules),
        said=tuple(reading.said),
        calm=tuple(reading.calm),
    )


def _take(reading: _Reading, text: str) -> None:
    mark, _, rest = text.partition(" ")
    rest = rest.strip()
    if text == _CALM:
        reading.calm = []
    elif not rest:
        raise ValueError("une marque, et rien après.")
    elif mark == "=":
        name, _, sector = (part.strip() for part in rest.partition("|"))
        if not (name and sector) or reading.title:
            raise ValueError("il faut « = nom | métier », une fois.")
        reading.title = name, sector
    elif reading.calm is not None:
        reading.calm.append((rest, _known(CATEGORIES, mark)))
    elif mark == "?":
        reading.rules.append(rest)
    elif not reading.rules:
        raise ValueError("une phrase avant la première règle.")
    else:
        reading.said.append(_heard(mark, rest, len(reading.rules) - 1))


def _heard(mark: str, rest: str, rule: int) -> Said:
    others = {int(place) - 1 for place in _OTHERS.findall(rest)}
    text = _OTHERS.sub("", rest)
    if mark in CASES:
        cases = frozenset({rule, *others})
        return Said(text=text, cases=cases, danger=CASES[mark], near=None)
    why = _known(NEAR, mark)
    if others:
        raise ValueError("ce qui n'est pas un cas n'est le cas d'aucune autre règle.")
    return Said(text=text, cases=frozenset(), danger=False, near=(rule, why))


def _known(marks: dict[str, str], mark: str) -> str:
    if mark not in marks:
        raise ValueError(f"« {mark} » n'est pas une marque ({', '.join(marks)}).")
    return marks[mark]
