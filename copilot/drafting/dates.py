"""Dates and times as they are said, against the moment of the call.

`whens` finds them in an utterance, `When.iso` writes them by the conventions of
docs/drafting.md: a day, a point in time, a slot, or several days. dateparser is not used: it reads
"mardi en huit" as the eighth, knows no slot and no range, and finds dates in "je" and "ma"
(docs/adr/0041).
"""

# Conditions nested one question at a time.
# ruff: noqa: SIM102

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from copilot.drafting.numbers import numerals
from copilot.drafting.saiddays import MONTH, days_said
from copilot.drafting.saidhours import times_said
from copilot.drafting.when import Days, Hours, When

LINK = re.compile(
    r"^[\s,]*(?:(?:a|le|la|l'|les|dans|en|vers|plutot|pour|de|du|au|si|possible|et|par|exemple|sur"
    r"|aux|alentours|environ|c'est|ca|serait|bien|mais|sera|entre|meme|donc|des|matin|ce|cette"
    r"|voila|fera|ira|me|va|jour|journee|pas|trop|idealement|alors|oui|disons)\b[\s,]*|l'|d'|')*$"
)
ALTERNATIVE = re.compile(r"^[\s,]*(?:ou|et|a|au|jusqu'a|jusqu'au|ou bien|voire|ou alors)\s*"
                         r"(?:le\s+|la\s+|bien\s+|a\s+)?$")  # fmt: skip
WISHES = re.compile(
    r"\bbon(?:ne)?s? (?:fin (?:de |d'))?"
    r"(?:apres[- ]?midi|aprem|soiree|soir|journee|matinee|semaine)\b"
)
""" "Bonne soirée": no moment."""


def whens(folded: str, at: datetime) -> list[When]:
    """Every date or time said, day and hour joined when said together."""
    text = numerals(folded)
    return whens_in(text, at)


def whens_in(text: str, at: datetime) -> list[When]:
    """As `whens`, on text whose numbers are already digits; offsets are those of `text`."""
    text = WISHES.sub(lambda match: " " * len(match.group()), text)
    atoms = sorted(days_said(text, at) + times_said(text, at), key=lambda when: when.start)
    atoms = _without_overlap(atoms)
    joined: list[When] = []
    for atom in atoms:
        last = joined[-1] if joined else None
        between = text[last.end : atom.start] if last else ""
        merged = _joined(last, atom, between, text) if last else None
        if merged is not None:
            joined[-1] = merged
        else:
            joined.append(atom)
    return [when for when in joined if when.days or when.has_hours]


def _without_overlap(atoms: list[When]) -> list[When]:
    kept: list[When] = []
    for atom in sorted(atoms, key=lambda a: (-(a.end - a.start), a.start)):
        if all(atom.end <= other.start or atom.start >= other.end for other in kept):
            kept.append(atom)
    return sorted(kept, key=lambda a: a.start)


def _joined(last: When, atom: When, between: str, text: str) -> When | None:
    if not atom.days and not atom.has_hours:
        return None
    if last.days and atom.days and not last.has_hours and not atom.has_hours:
        return _several(last, atom, between, text)
    if not LINK.match(between) or re.search(r"[.?!;]", between):
        return None
    if last.days and not last.has_hours and not atom.days:
        return replace(atom, start=last.start, days=last.days, weekday=last.weekday)
    if last.has_hours and not last.days and atom.days and not atom.has_hours:
        return replace(last, end=atom.end, days=atom.days, weekday=atom.weekday)
    if atom.days is None and last.hours is None and last.part and atom.hours:
        return replace(last, end=atom.end, hours=_afternoon(atom.hours, last.part), part=last.part)
    if atom.days is None and atom.part and not atom.hours and last.hours and not last.part:
        return replace(last, end=atom.end, hours=_afternoon(last.hours, atom.part), part=atom.part)
    return None


def _afternoon(hours: Hours, part: str) -> Hours:
    """ "demain après-midi à quatre heures": the named part settles the half of the day."""

    def settled(moment: time | None) -> time | None:
        if moment is None or not part.endswith(("midi", "soir", "midi et deux")):
            return moment
        return moment.replace(hour=moment.hour + 12) if moment.hour < 8 else moment

    if part == "soir" and hours.start and 8 <= hours.start.hour < 12:
        return replace(hours, start=hours.start.replace(hour=hours.start.hour + 12))
    return replace(hours, start=settled(hours.start), end=settled(hours.end))


def _several(last: When, atom: When, between: str, text: str) -> When | None:
    """ "mardi ou mercredi", "entre le 16 et le 19", "du 16 au 19 juin"."""
    if last.days is None or atom.days is None:
        return None
    said = text[atom.start : atom.end]
    if not ALTERNATIVE.match(between) and not (not between.strip() and said.startswith("au ")):
        return None
    between = between if between.strip() else "au"
    alternative = between.strip(" ,").startswith(("ou", "voire"))
    lead = text[max(0, last.start - 12) : last.start + 3]
    ranged = re.search(r"\b(entre|du|de|d'ici)\b", lead) or "jusqu" in between
    if not alternative and not ranged:
        return None
    if between.strip().startswith(("a", "au")) and re.search(r"\bde\b|\bdu\b", lead):
        if re.search(r"(deplac|decal|report|repouss|avanc|chang|bouge|passe|rendez-vous|rdv)",
                     text[: last.start]):  # fmt: skip
            return None
    first, final = last.days.first, atom.days.last
    if first.month != final.month and not re.search(MONTH, text[last.start : last.end]):
        # "du 16 au 19 juin": the month is said once.
        if re.search(MONTH, said) and first.day < final.day and not last.weekday:
            first = final.replace(day=first.day)
    if final < first and atom.weekday:
        final += timedelta(days=7)
    if final <= first:
        return None
    return When(last.start, atom.end, Days(first, final), None, None)
