"""What speaks for and against somebody of the client's as who a message is for (ADR 0268).

Each time somebody is named, by either side, what stands around the name is noted; with who else is
named and what is answered, a logistic gives the probability that the message is theirs. It is
fitted on labelled calls (tests/drafting/fitchoices.py) and kept in `recipients.json`.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from copilot.drafting.draft import Speaker
from copilot.drafting.logistic import fitted
from copilot.drafting.mentions import Mention
from copilot.drafting.speech import Speech, words

DEALS = re.compile(r"\b(?:r?appel\w*|occup\w*|charge|suit|passera)\b")
AWAY = re.compile(
    r"^(?:[\w'-]+ ){1,3}(?:(?:est|sera) (?:deja |actuellement )?(?:absente?|sortie?|partie?|malade|indisponible|injoignable|en (?!ligne)\w+|au (?!courant|telephone)\w+|sur (?:une?|la) \w+)|(?:n'est|ne sera|est) (?:pas|plus) (?:la|disponible|joignable)|a fini|ne travaille)\b"
)
"""After a name: that person is not there."""
SENT = re.compile(
    r"\b(?:envoie|depeche)(?: tout de suite| immediatement)? $|^(?:[\w'-]+ ){1,3}(?:part|arrive|demarre|est en route)\b"
)
"""Before or after a name: that person is on the way, and needs no message."""
FOR_CALLER = re.compile(
    r"\b(?:vous etes(?: bien)?|vous vous appelez|merci|d'accord|bonjour|au revoir|tres bien|et vous)[ ,]+(?:monsieur |madame |docteur |maitre )*$"
)
"""Before a name: it is the caller who is called so."""
TOLD = re.compile(
    r"\b(?:transmets|demande|previens|signale|dis|fais suivre)(?: ca| cela| tout| le message)?(?: a| au)? (?:monsieur |madame |docteur |maitre )*$"
)
"""Before a name: somebody the operator will speak to, were it a namesake of the caller's."""
WHOSE = re.compile(
    r"^(?:monsieur|madame|mademoiselle) (?:[\w'-]+[ ,]+){1,2}(?:et )?(?:quel est )?votre (?:pre)?nom\b"
)
"""From a name on: its bearer is asked for the rest of it, and is the caller."""
PROPOSED = re.compile(r"\b(?:souhaitez|voulez|c'est|ou bien)\b")
PAST = re.compile(
    r"^(?:[\w'-]+ ){1,3}(?:(?:m'|nous |vous |l')?(?:a|avait|ont|etait|(?:est|sont) (?:deja )?(?:venue?|passee?|intervenue?)) )(?!fini)"
)
"""After a name: what that person did."""
TELLING = frozenset(
    """a a' au avec bonjour c'est car chez dire dites docteur et est-ce je l' la le les madame
    maitre monsieur mon ma non note oui par passe passez passer pour moi rencontrer discuter s'il previens que qui
    rendez-vous transmets vois voir votre vos appelle demande dis parler joindre""".split()  # noqa: SIM905
)
"""Words that tell something where they stand right before a name."""
THEN = frozenset(
    """a avait doit est fait m'a me ne nous passe passera peut pourra pourrait prend qui rappelle
    rappellera s'il s'occupe se sera suit va verra vient vous n'est regarde traite""".split()  # noqa: SIM905
)
"""As well right after."""


@dataclass(slots=True, kw_only=True)
class Named:
    """Somebody of the client's, named in an utterance."""

    name: str
    speaker: Speaker
    utterance_id: str
    denied: bool = False
    """Told not to be who is wanted."""
    facts: set[str] = field(default_factory=set)


def calls_the_caller(speech: Speech, start: int) -> bool:
    """Whether the operator calls the caller by the name at `start`, borne by somebody else too."""
    before, after = speech.folded[:start], speech.folded[start:]
    begins = re.search(r"(?:^|[.?!,;]|\b(?:oui|bien|accord|merci|bonjour))\s*$", before)
    return bool(
        (FOR_CALLER.search(before) and re.match(r"(?:monsieur|madame|docteur|maitre) ", after))
        or (begins and WHOSE.match(after))
    )


def named(speaker: Speaker, speech: Speech, mention: Mention, utterance_id: str) -> Named:
    """With what stands around the name."""
    kind = "" if mention.by == "name" else " of a role"
    found = {f"{speaker}{kind}: {fact}" for fact in _around(speech, mention)}
    return Named(
        name=mention.contact.name,
        speaker=speaker,
        utterance_id=utterance_id,
        denied=mention.denied,
        facts=found,
    )


def _around(speech: Speech, mention: Mention) -> Iterator[str]:
    before, after = speech.folded[: mention.start], speech.folded[mention.start :]
    yield f"by {mention.by}"
    if mention.addressed:
        yield "to be reached"
    if mention.instead:
        yield "instead"
    for fact, pattern in (("on the way", SENT), ("called so", FOR_CALLER), ("told", TOLD)):
        if pattern.search(before):
            yield fact
    for fact, pattern in (("on the way", SENT), ("away", AWAY), ("did", PAST)):
        if pattern.match(after):
            yield fact
    if DEALS.search(after):
        yield "deals"
    if PROPOSED.search(before):
        yield "proposed"
    if re.match(r"[^.!]*\?", after):
        yield "in a question"
    tokens = words(speech)
    last = [word.norm for word in tokens if word.end <= mention.start][-2:]
    yield from (f"after {norm}" for norm in last if norm in TELLING)
    then = [word.norm for word in tokens if word.start >= mention.start][1:5]
    yield from (f"before {norm}" for norm in then if norm in THEN)
    if not last:
        yield "first word"


def facts(name: str, everybody: Sequence[Named], *, caller: bool, contacts: int) -> frozenset[str]:
    """About one of those named in a call so far: `caller` tells that the caller bears their name."""
    own = [each for each in everybody if each.name == name]
    found = {fact for each in own for fact in each.facts}
    others = [each for each in everybody if each.name != name]
    sides = {each.speaker for each in own}
    alone = "named by both" if len(sides) > 1 else f"named by the {own[0].speaker} alone"
    found.add(alone)
    if "operator: away" in found:
        found.add(f"away, {alone}")
    if len(own) > 1:
        found.add("named again")
    for side in ("caller", "operator"):
        of_side = [each for each in everybody if each.speaker == side]
        if of_side and others and of_side[-1].name == name:
            found.add(f"named last by the {side}")
        if of_side and others and of_side[0].name == name:
            found.add(f"named first by the {side}")
    for fact in (
        "caller: to be reached",
        "operator: deals",
        "operator: to be reached",
        "agreed",
        "instead",
    ):
        if any(fact in each.facts for each in others):
            found.add(f"another {fact}")
    if others:
        found.add("others named")
    if caller:
        found.add("the caller's name")
    if contacts == 1:
        found.add("the only contact")
    return frozenset(found)


def chance(found: Set[str]) -> float:
    """Probability that the message is theirs."""
    return fitted("recipients.json").probability(found)
