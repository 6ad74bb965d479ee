"""What the model sees of each word, beside what the reader of people sees of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from copilot.drafting.lexicon.houses import GENERIC, HOUSES, KINDS
from copilot.drafting.people.features import Setting, kind
from copilot.drafting.people.features import features as of_people
from copilot.drafting.speech import Word, fold

HEADS = frozenset((*KINDS.split("|"), *HOUSES.split("|")))
CALLED = frozenset(GENERIC.split("|"))
SMALL = frozenset("de du des d' la le les l' a au aux et &".split())  # noqa: SIM905
ASKS = re.compile(
    r"\b(?:societe|entreprise|etablissement|structure|magasin|commerce|maison|association|qui etes"
    r"|vous etes|a quel nom|de la part|votre nom)\b"
)


def features(
    tokens: Sequence[Word], setting: Setting, vocabulary: Collection[str], client: str
) -> list[list[str]]:
    """One list a word; `client` is the name of who is called."""
    rows = of_people(tokens, setting, vocabulary)
    norms = [word.norm for word in tokens]
    roles = [_role(norm) for norm in norms]
    called = frozenset(fold(client).split())
    asks = bool(ASKS.search(setting.operator.folded))
    headed = False
    for at, row in enumerate(rows):
        row += _roles(at, roles, kind(tokens[at]))
        if headed:
            row.append("after a head")
        headed = headed or roles[at] in ("head", "called")
        if norms[at] in called:
            row.append("the client's")
        row += [f"asks={asks}_{min(at, 2)}", f"ends={norms[at][-3:]}"]
    return rows


def _role(norm: str) -> str:
    if norm in HEADS:
        return "head"
    return "called" if norm in CALLED else "small" if norm in SMALL else ""


def _roles(at: int, roles: Sequence[str], this: str) -> Iterator[str]:
    for step in (-2, -1, 0, 1, 2):
        if 0 <= at + step < len(roles) and roles[at + step]:
            yield f"r{step}={roles[at + step]}"
            if step:
                yield f"r{step}={roles[at + step]}_{this}"
