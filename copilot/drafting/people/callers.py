"""Whether a person named in a call is its caller, weighed with the whole call so far (ADR 0254).

What the sequence model says of an utterance is one fact among others: what was asked, who is known
already, what the company and the person called for are named. A logistic, fitted on labelled calls
that the sequence model had not learnt from (tests/drafting/fitcallers.py), kept in `callers.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from copilot.drafting.names import is_given, ordinary
from copilot.drafting.people.features import KIN, SHORT, Setting
from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Speech, Word, fold, words
from copilot.drafting.spelling import likeness

STEPS = (0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.995)
QUESTIONS = (
    "name",
    "given_name",
    "spelling",
    "on_behalf_of",
    "email",
    "phone",
    "company",
    "reason",
)
TELLING = frozenset(
    """c'est suis m'appelle moi madame monsieur docteur maitre de du d' chez pour a au et bonjour
    bonsoir allo ici la le les fils fille mari femme mere pere maman papa sa son voisin dites que
    nom prenom avec par est votre oui non enfin pardon""".split()  # noqa: SIM905
)
"""Words that tell something where they stand right before a name."""
WHOSE = frozenset(["asked name", "name not asked", "kin asked of", "another asked of"])
"""Questions that tell whose name follows, beside whose is known."""
AFTER = frozenset(["a", "au", "de", "du", "des", "et", "est", "qui", "m'a", "c'est", "je", "pour"])
ABSENT = frozenset("patient patiente enfant locataire salarie chauffeur defunt eleve".split())  # noqa: SIM905
ALIKE = 0.75
"""Likeness from which two spellings are one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of a call when somebody is named in it. Names are folded."""

    speech: Speech
    setting: Setting
    asked: Set[str]
    given: str = ""
    surname: str = ""
    """The caller's, as far as they are known."""
    settled: bool = False
    """The caller's name was introduced in plain words."""
    behalf: str = ""
    company: str = ""


def facts(mention: Mention, among: Sequence[Mention], known: Circumstances) -> frozenset[str]:
    """What speaks for or against `mention`, one of those `among` which it was said."""
    own, other = mention.shares
    lead = f"own {_step(own)}"
    found = {lead, f"other {_step(other)}"}
    parts = _parts(mention)
    asked = set(_asked(parts, known))
    found |= set(_beside(mention, among, known))
    agrees = _agrees(mention, known)
    found |= asked | {agrees, f"{agrees}, {'settled' if known.settled else 'not settled'}"}
    found |= {f"{agrees}, {what}" for what in asked & WHOSE}
    if known.setting.first:
        found.add("first words")
    if mention.given and mention.surname:
        found.add("whole name")
    else:
        found.add("given name alone" if mention.given else "surname alone")
    if parts & known.setting.others:
        found.add("named before as another")
    if parts <= known.setting.contacts:
        found |= {"a contact", f"a contact, {agrees}"}
    if known.company and fold(mention.value) in known.company:
        found.add("in the company")
    if known.behalf and fold(mention.value) in known.behalf:
        found.add("in whom it is for")
    if mention.surname and all(ordinary(part) for part in fold(mention.surname).split()):
        found.add("a common word")
    if mention.given and is_given(fold(mention.given)):
        found.add("a known given name")
    return frozenset(found)


def _asked(parts: Set[str], known: Circumstances) -> Iterator[str]:
    questions = [name for name in QUESTIONS if name in known.asked]
    yield from (f"asked {name}" for name in questions)
    if not known.asked & {"name", "given_name", "spelling"}:
        yield "name not asked"
    said = {word.norm for word in words(known.setting.operator)}
    if said & (KIN | ABSENT):
        yield "kin asked of"
        if "vous" in said:
            yield "kin and the caller asked of"
    if said & parts:
        yield "said by the operator"
        if "comment" in said and not known.surname:
            yield "completed for the operator"
        if said & parts & known.setting.others:
            yield "another asked of"


def _beside(mention: Mention, among: Sequence[Mention], known: Circumstances) -> Iterator[str]:
    tokens = words(known.speech)
    before = [word for word in tokens if word.end <= mention.start]
    after = [word for word in tokens if word.start >= mention.end]
    yield from _told(before, after)
    inside = len(tokens) - len(before) - len(after)
    if inside * 3 >= len(tokens) * 2:
        yield "little else"
    if len(tokens) < SHORT:
        yield "short"
    rivals = [each for each in among if each is not mention]
    if any(each.shares[0] > mention.shares[0] for each in rivals):
        yield "rivalled"
    if any(each.shares[1] > 0.5 for each in rivals):
        yield "beside another"
    if "arobase" in known.speech.folded or "@" in known.speech.folded:
        yield "beside an address"


def _told(before: Sequence[Word], after: Sequence[Word]) -> Iterator[str]:
    last = [word.norm for word in before[-3:]]
    yield from (f"after {norm}" for norm in last[-1:] if norm in TELLING)
    yield from (f"near {norm}" for norm in last[:-1] if norm in TELLING)
    if not before:
        yield "at the start"
    if set(last) & (KIN | ABSENT):
        yield "after kin"
    if not after:
        yield "at the end"
    yield from (f"before {word.norm}" for word in after[:1] if word.norm in AFTER)
    if {word.norm for word in after[:4]} & {"appareil", "telephone"}:
        yield "at the telephone"
    if {word.norm for word in after[:3]} & (KIN | ABSENT):
        yield "before kin"


def _agrees(mention: Mention, known: Circumstances) -> str:
    """How the name goes with the caller's as known."""
    given, surname = fold(mention.given), fold(mention.surname)
    if not known.given and not known.surname:
        return "nobody known"
    same_given = bool(given and known.given) and likeness(given, known.given) >= ALIKE
    same_surname = bool(surname and known.surname) and likeness(surname, known.surname) >= ALIKE
    if (given and known.given and not same_given) or (
        surname and known.surname and not same_surname
    ):
        return "half the known name" if same_given or same_surname else "not the known name"
    return "the known name" if same_given or same_surname else "completes the known name"


def _parts(mention: Mention) -> frozenset[str]:
    return frozenset(fold(mention.value).split())


def _step(share: float) -> int:
    return sum(share >= step for step in STEPS)


@cache
def weighing() -> tuple[float, Mapping[str, float]]:
    """Bias and weights, as fitted."""
    text = files("copilot.drafting.people").joinpath("callers.json").read_text(encoding="utf-8")
    fitted = json.loads(text)
    return fitted["bias"], fitted["weights"]


def chance(found: Set[str]) -> float:
    """Probability that it is the caller."""
    bias, weights = weighing()
    return 1 / (1 + exp(-bias - sum(weights.get(fact, 0.0) for fact in found)))
