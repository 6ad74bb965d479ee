"""Dates of birth."""

from __future__ import annotations

import re
from datetime import date

from copilot.drafting.calendar import MONTHS
from copilot.drafting.numbers import with_numerals
from copilot.drafting.phones import digit_runs
from copilot.drafting.speech import Speech

BORN = re.compile(
    r"\b(?:nee?s?|naissance|naquit|nait)\b(?:\s*(?:c'est|est|le|du|:|,|en|alors|donc))*\s*"
)
YEAR_AGAIN = re.compile(
    r"[\s,.]*(?:ah |euh |enfin )*(?:non|pardon)[\s,]+(?:pardon )?(?:en )?(\d{4})\b"
)
"""Right after a date: "2019, ah non 2018"."""


def date_of_birth(speech: Speech, today: date, *, asked: bool = False) -> date | None:
    """A date of birth: after "né le" or "date de naissance", or anywhere when it was asked for."""
    spoken = with_numerals(speech)
    for match in BORN.finditer(spoken.folded):
        born = _birth(spoken, spoken.folded[match.start() : match.end() + 60], today)
        if born:
            return born
    return _birth(spoken, spoken.folded, today) if asked else None


def _birth(_spoken: Speech, text: str, today: date) -> date | None:
    months = "|".join(MONTHS)
    named = re.search(
        rf"\b(\d{{1,2}}|premier|1er)\s+({months})\s+(?:de l'an )?(\d{{4}}|\d{{2}})(?!\d)", text
    )
    if named:
        day = 1 if named[1] in ("premier", "1er") else int(named[1])
        again = YEAR_AGAIN.match(text, named.end())
        return _valid(day, MONTHS[named[2]], again[1] if again else named[3], today)
    for run in digit_runs(Speech(text, text)):
        digits = run.digits
        if len(digits) == 8 or len(digits) == 6:
            born = _valid(int(digits[:2]), int(digits[2:4]), digits[4:], today)
        else:
            born = None
        if born:
            return born
    loose = re.search(r"\b(\d{1,2})[ /.-]+(?:0\s+)?(\d{1,2})[ /.-]+(\d{4}|\d{2})(?!\d)", text)
    if loose:
        return _valid(int(loose[1]), int(loose[2]), loose[3], today)
    return None


def _valid(day: int, month: int, year: str, today: date) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= today.year % 100 else 1900
    try:
        born = date(number, month, day)
    except ValueError:
        return None
    return born if date(today.year - 120, 1, 1) < born <= today else None
