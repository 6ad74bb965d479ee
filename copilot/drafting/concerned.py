"""What speaks for and against somebody told of as the one a call is for (ADR 0268).

A relative or somebody else is named, and what stands around is noted; with what is asked and who
calls, a logistic gives the probability that the call is for them. It is fitted on labelled calls
(tests/drafting/fitchoices.py) and kept in `behalf.json`.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from copilot.drafting.lexicon.relations import RELATIONS
from copilot.drafting.logistic import fitted
from copilot.drafting.speech import Speech, fold, words
from copilot.drafting.spelling import likeness

KINDS: Mapping[str, str] = {
    kin: kind
    for kind, kins in {
        "a child": "fils fille enfant enfants bebe petit petite petits petit-fils petite-fille filleul filleule neveu niece aine ainee cadet cadette jumeaux jumelles garcon",
        "an elder": "mere pere maman papa mamie papi papy mamy parents grand-mere grand-pere grands-parents tante oncle tonton belle-mere beau-pere marraine parrain",
        "a spouse": "mari femme epoux epouse compagne compagnon conjoint conjointe fiance fiancee",
        "a sibling": "frere soeur beau-frere belle-soeur cousin cousine gendre belle-fille beau-fils",
        "in one's care": "patient patiente client cliente locataire protege protegee pupille eleve resident residente",
        "at work": "collegue patron patronne chef directeur directrice associe associee employeur assistante assistant",
        "a neighbour": "voisin voisine proprietaire bailleur",
        "a friend": "ami amie copain copine",
    }.items()
    for kin in kins.split()
}
TELLING = frozenset(
    """pour de d' du avec chez a au que qu' c'est et mais suis est par comme nom portable numero
    telephone celui mail monsieur madame mademoiselle petit petite lui elle bonjour la le rendez-vous
    inscrire annuler visite dossier dont si quand parce car oui non moi prenom s'appelle fille fils
    mere pere femme mari soeur frere tante oncle tata tonton chambre appartement maison""".split()  # noqa: SIM905
)
"""Words that tell something where they stand right before somebody."""
THEN = frozenset(
    """est a a-t-il qui il elle s'est se ne n' veut voudrait doit devait avait etait va sera fait vient
    ne nee m' m'a me et moi c'est je j'ai dit repond passera prend reste tousse vomit tremble""".split()  # noqa: SIM905
)
"""As well right after."""
THEIR_OWN = re.compile(
    rf"\b(?:sa|son|leur|la|le|l') ?(?:{RELATIONS}|tutrice|tuteur|curatrice|curateur|aidante?|auxiliaire|infirmiere?|educatrice|educateur|gardienne?|nounou)\b"
)
"""What the caller is to whom the call is for: "je suis sa mère", "la fille d'Odette"."""
ASKED_OF_THEM = re.compile(
    rf"\bvotre (?:{RELATIONS})\b|\b(?:son|sa|leur) (?:nom|prenom|age|date de naissance|adresse|numero)\b|\bcelui de\b|\b(?:il|elle) (?:s'appelle|est nee?|respire|a quel age)\b|\bquel age\b|\b(?:le|la|du|de la) (?:patiente?|petite?|enfant|eleve|residente?|defunte?|locataire|salariee?)\b"
)
"""The operator asks about somebody else."""
ELSEWHERE = re.compile(
    r"^[^.?!]{0,25}\b(?:qui (?:passera|viendra|a appele|vous appelle|repond|paye|paie|s'occupe|decide|gere)|m'a (?:dit|donne|conseille)|est en deplacement)\b"
)
"""After somebody: what they do about the call, not what is done for them."""


@dataclass(slots=True, kw_only=True)
class Told:
    """Somebody a caller told of: a relation, a name, or both."""

    relation: str = ""
    """ "ma fille"; "" where only a name is known."""
    name: str = ""
    utterance_id: str = ""
    facts: set[str] = field(default_factory=set)
    times: int = 1

    @property
    def value(self) -> str:
        """ "ma fille, Inès Aubry"."""
        return ", ".join(part for part in (self.relation, self.name) if part)

    @property
    def kin(self) -> str:
        """The relation without whose it is, folded."""
        return fold(self.relation).split(" ", 1)[-1]


def around(speech: Speech, start: int, end: int) -> Iterator[str]:
    """What stands around somebody told of from `start` to `end`."""
    tokens = words(speech)
    before = [word.norm for word in tokens if word.end <= start]
    after = [word.norm for word in tokens if word.start >= end]
    yield from (f"after {norm}" for norm in before[-1:] if norm in TELLING)
    yield from (f"near {norm}" for norm in before[-4:-1] if norm in TELLING)
    yield from (f"before {norm}" for norm in after[:1] if norm in THEN)
    if not before:
        yield "at the start"
    if not after:
        yield "at the end"
    if ELSEWHERE.match(speech.folded[end:]):
        yield "deals with it"
    if re.search(r"\bnee? (?:le|en)\b", speech.folded[end:]):
        yield "born"
    if re.search(
        r"\b(?:moi,? (?:c'est|je suis)|je suis|je m'appelle|c'est moi|et moi)\b", speech.folded
    ):
        yield "beside who calls"
    if THEIR_OWN.search(speech.folded):
        yield "whose the caller is"


def facts(told: Told, everybody: Sequence[Told], *, caller: str, known: Set[str]) -> frozenset[str]:
    """About one of those told of so far: `caller` is the caller's name, `known` what the whole call
    tells."""
    found = set(told.facts) | {f"call: {fact}" for fact in known}
    kind = KINDS.get(told.kin.replace(" ", "-"), "") if told.relation else ""
    shape = (
        "a relation and a name"
        if told.relation and told.name
        else "a relation"
        if told.relation
        else "a name"
    )
    found.add(shape)
    found |= {f"{shape}, {fact}" for fact in known}
    if kind:
        found |= {kind, f"{kind}, {told.relation.split(' ', 1)[0]}"}
    if told.times > 1:
        found.add("told again")
    if len(everybody) == 1:
        found.add("nobody else told of")
    elif told is everybody[0]:
        found.add("told of first")
    if any("said plainly" in each.facts for each in everybody if each is not told):
        found.add("another said plainly")
    found |= set(_named(told, caller)) if told.name else set()
    return frozenset(found)


def _named(told: Told, caller: str) -> Iterator[str]:
    parts, own = fold(told.name).split(), fold(caller).split()
    yield "a whole name" if len(parts) > 1 else "one name"
    if own and len(parts) > 1 and parts[-1] == own[-1]:
        yield "the caller's surname"
    if own and likeness(" ".join(parts), " ".join(own)) > 0.75:
        yield "the caller's name"
    elif own and set(parts) <= set(own):
        yield "part of the caller's name"


def chance(found: Set[str]) -> float:
    """Probability that the call is for them."""
    return fitted("behalf.json").probability(found)
