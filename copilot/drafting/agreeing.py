"""Which of several names said at once is the caller's, and whether two are one."""

from __future__ import annotations

import re

from copilot.drafting.people.features import KIN
from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Speech, fold
from copilot.drafting.spelling import Spelled, likeness

CORRECTS = re.compile(r"\b(?:non|pardon|enfin|plutot|je veux dire)\b")
BIDDEN = re.compile(r"\b(?:mettez|notez|ecrivez|dites)(?: plutot| juste)? $")
"""Right before a name: that one is to stand, whatever was said before."""
ASKS_OF_KIN = re.compile(rf"\b(?:votre|la|le|et) (?:petite? )?(?:{'|'.join(sorted(KIN))})\b")
_ANSWER = r"^(?:(?:ah|non|si|euh|en fait|c'est|pardon)\b[ ,]*)*"
SURNAME_IT_IS = re.compile(rf"{_ANSWER}(?:le|mon) nom\b|\bc'est (?:le|mon) nom de famille\b")
GIVEN_IT_IS = re.compile(rf"{_ANSWER}(?:le|mon) prenom\b(?! c'est)(?!,? [a-z]+$)")


def agreeing(found: list[Mention], speech: Speech) -> list[Mention]:
    """Of several names given as one's own, the surest, and what completes it."""
    if len(found) < 2:
        return found
    first, last = found[0], found[-1]
    between = speech.folded[first.end : last.start]
    if BIDDEN.search(between) or (CORRECTS.search(between) and not _parts(last) <= _parts(first)):
        return [last]
    best = max(found, key=lambda name: (name.confidence, len(name.value)))
    whole = [name for name in found if _parts(name) > _parts(best)]
    if not whole and not (best.given and best.surname):  # "Bonjour Marion, Thibaut Rochebrune"
        beside = [name for name in found if 0 <= name.start - best.end <= len(", ")]
        whole = [name for name in beside if name.given and name.surname and name.strong]
    best = max(whole, key=lambda name: name.confidence, default=best)
    return [
        name
        for name in found
        if name is best
        or (not name.given and not best.surname)
        or (not name.surname and not best.given)
    ]


def _parts(name: Mention) -> set[str]:
    return set(re.split(r"[ -]", fold(name.value)))


def begun(spelled: Spelled, part: str) -> bool:
    """Only the first or the last letters of a part: "Laborde, e u g, comment on dit, Eugène"."""
    missing = len(part) - len(spelled.letters)
    whole, letters = fold(part), fold(spelled.letters)
    return missing > 1 and (whole.startswith(letters) or whole.endswith(letters))


def alike(left: str, right: str) -> bool:
    return likeness(left, right) >= 0.6
