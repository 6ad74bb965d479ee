"""A reviewed call as an exercise in which nobody can be recognised.

Numbers that must never be kept are gone already (`copilot.privacy`). Here what names somebody is
replaced throughout: the values of the message's fields by others that nobody has, then every other
number and address. The same value becomes the same value, so that the call still makes sense. A
supervisor reads it before it is used: names said in passing are theirs to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from copilot.privacy.redaction import KINDS, redact
from copilot.store.records.training import Line

NAMES = ("Camille Roussel", "Dominique Perrin", "Claude Lambert", "Maxime Garnier")
PLACES = ("12 rue des Tilleuls", "8 avenue du Stade")
STANDING_IN: dict[str, tuple[str, ...]] = {
    "caller_name": NAMES,
    "on_behalf_of": NAMES[1:],
    "company": ("Établissements Morel", "Société Vernet"),
    "email": ("camille.roussel@example.fr",),
    "phone": ("+33199005501",),
    "address": PLACES,
    "file_number": ("AB1234",),
    "date_of_birth": ("1980-04-12",),
}
SHORTEST = 3
"""Letters of a name's word that is replaced by itself: "de" is everybody's."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_DIGITS = re.compile(r"(?<![\w])\+?\d(?:[\s.\-]?\d){5,}(?!\w)")


def anonymous(
    lines: Sequence[Line], fields: Mapping[str, str | None]
) -> tuple[tuple[Line, ...], dict[str, str | None]]:
    """The call and its message with everybody replaced."""
    swaps: list[tuple[re.Pattern[str], str]] = []
    changed = dict(fields)
    for name, values in STANDING_IN.items():
        value = fields.get(name)
        if value:
            changed[name] = values[0]
            swaps += _swaps(value, values[0], person=values[0] in NAMES)
    if recipient := fields.get("recipient"):
        changed["recipient"] = recipient  # one of the client's own people, known to whoever trains
    for name in ("reason", "summary"):
        if text := changed.get(name):
            changed[name] = _without(text, swaps)
    return tuple(replace(line, text=_without(line.text, swaps)) for line in lines), changed


def _swaps(value: str, instead: str, *, person: bool) -> list[tuple[re.Pattern[str], str]]:
    """The value whole, then what it is known by alone: a name's words, the last of the others."""
    theirs = [word for word in re.findall(r"[^\W\d_]+", value) if len(word) >= SHORTEST]
    ours = re.findall(r"[^\W\d_]+", instead)
    alone = theirs if person else theirs[-1:]
    first, last = (ours[0] if person else ours[-1], ours[-1]) if ours else (instead, instead)
    pairs = [(value, instead), *((word, last) for word in alone)]
    if alone:
        pairs[1] = (alone[0], first)
    return [(re.compile(rf"\b{re.escape(one)}\b", re.IGNORECASE), other) for one, other in pairs]


def _without(text: str, swaps: Sequence[tuple[re.Pattern[str], str]]) -> str:
    text = redact(text, KINDS).text
    for pattern, instead in swaps:
        text = pattern.sub(instead.replace("\\", r"\\"), text)
    text = _EMAIL.sub(STANDING_IN["email"][0], text)
    return _DIGITS.sub("01 99 00 55 01", text)
