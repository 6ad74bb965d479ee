"""How times of day are said, in words already folded and with digits."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from copilot.drafting.calendar import WEEKDAYS
from copilot.drafting.when import Hours, When

_HOUR = (
    r"(?:(?:\d{1,2}(?!\d))\s*(?:h(?:eures?)?\b|h(?=\d))"
    r"(?:\s*(?:\d{1,2})(?!\d)(?:\s*minutes?)?|\s+et\s+(?:demie?|quart)|\s+moins\s+(?:le\s+)?"
    r"(?:quart|\d{1,2}))?|\d{1,2}:\d{2}|une\s+heure(?:\s+(?:et\s+(?:demie?|quart)|\d{2}))?"
    r"|midi(?:\s+(?:et\s+(?:demie?|quart)|\d{2}|moins\s+(?:le\s+)?quart))?|minuit)"
    r"(?:\s+(?:du\s+matin|du\s+soir|de\s+l'apres[- ]midi|pile))?"
)
_AFTER = (
    r"(?:apres(?!\s+midi)|"
    + "".join(rf"(?<!\b{word}\s)" for word in ("cet", "cette", "demain", *WEEKDAYS))
    + r"(?<!\bl')(?<!\bd')apres)"
)
"""Not "cet après midi", written in two words."""
TIME = re.compile(
    rf"""
    (?P<noon_slot>\bentre\s+midi\s+et\s+(?:2|deux)(?!\s*h)(?:\s+heures?)?\b)
    |(?P<between>\b(?:entre|de|depuis)\s+(?P<b_from>{_HOUR}|\d{{1,2}}(?!\d))\s+(?:et|a|jusqu'a)\s+
        (?P<b_to>{_HOUR}))
    |(?P<bare>\b(?:entre|de)\s+(?P<n_from>\d{{1,2}})\s+(?:et|a)\s+(?P<n_to>\d{{1,2}})
        (?=\s*(?:$|[,.;!?]|voila\b|environ\b|si\b|merci\b|au\b)))
    |(?P<dash>\b(?P<h_from>{_HOUR})\s*(?:-|/|a|jusqu'a|(?=midi\b))\s*(?P<h_to>{_HOUR}))
    |(?P<in_hours>\bdans\s+(?P<in_n>\d+|une|un)\s*(?P<in_unit>heures?|h\b|minutes?|quarts?\s+d'heure
        |demi[- ]heure)(?P<in_half>\s+et\s+demie?)?)
    |(?P<not_before>\b(?:pas\s+avant|a\s+partir\s+de|a\s+compter\s+de|{_AFTER}|passe|des|depuis)\s+
        (?P<a_time>{_HOUR})(?!\w))
    |(?P<before>\b(?:avant|jusqu'a|d'ici|maximum|au\s+plus\s+tard)\s+(?P<e_time>{_HOUR})(?!\w))
    |(?P<first_hour>\b(?:(?:a\s+)?la\s+)?premiere?s?\s+heures?\b|\ba\s+l'ouverture\b
        |\bdes\s+l'ouverture\b)
    |(?P<edge>\b(?P<edge_name>debut|fin)\s+(?:de\s+|d'|de\s+l')?(?:la\s+)?
        (?P<edge_part>matinee|matin|apres[- ]?midi|aprem|journee|soiree))
    |(?P<point>\b{_HOUR}(?!\w)(?!\s+de\s+(?!l'apr)|\s+(?:plus|avant|apres|et\s+plus|d')))
    |(?P<part>\b(?P<part_name>matin(?:ee)?|apres[- ]?midi|aprem|soir(?:ee)?)\b)
    """,
    re.VERBOSE,
)

AFTER_A_DAY = re.compile(
    rf"\b(?:{'|'.join(WEEKDAYS)}|demain|aujourd'hui|matin|midi|soir|\d+)[\s,]*$"
)
"""Before two bare numbers, which are hours there: "demain entre quinze et dix-sept"."""


def clock(text: str, part: str | None = None) -> time | None:
    """One time of day, folded and with digits; small hours without "du matin" are afternoons."""
    minute = 0
    if text.startswith("midi"):
        hour = 12
    elif text.startswith("minuit"):
        hour = 0
    elif text.startswith("une"):
        hour = 1
    else:
        digits = re.match(r"\d{1,2}", text)
        if not digits:
            return None
        hour = int(digits.group())
    tail = re.sub(r"^(midi|minuit|une\s+heure|\d{1,2}\s*(?:h(?:eures?)?|:)?)", "", text).strip()
    if "moins" in tail:
        less = re.search(r"\d+", tail)
        hour, minute = hour - 1, 60 - (int(less.group()) if less else 15)
    elif "quart" in tail:
        minute = 15
    elif "demi" in tail:
        minute = 30
    elif re.match(r"\d", tail):
        minute = int(re.match(r"\d+", tail).group())  # type: ignore[union-attr]
    if hour > 23 or minute > 59 or hour < 0:
        return None
    if "du matin" not in tail and not text.startswith("minuit"):
        hour = _by_daylight(hour, tail, part)
    return time(hour, minute)


def _by_daylight(hour: int, tail: str, part: str | None) -> int:
    evening = "du soir" in tail or "l'apres" in tail or (part or "").endswith(("midi", "soir"))
    if hour < 12 and evening and not (hour >= 8 and part == "apres-midi" and "soir" not in tail):
        return hour + 12
    if 1 <= hour <= 6 and part != "matin":
        return hour + 12
    return hour


def times_said(text: str, at: datetime) -> list[When]:
    """Each time of day, slot, bound or part of the day, in the order said."""
    found = []
    for match in TIME.finditer(text):
        if match["bare"] and not AFTER_A_DAY.search(text[: match.start()]):
            continue
        when = _time_of(match, at)
        if when is not None:
            found.append(when)
    return found


def _time_of(match: re.Match[str], at: datetime) -> When | None:
    group = match.groupdict()
    start, end = match.span()
    if group["noon_slot"]:
        return When(start, end, part="midi et deux")
    if group["between"] or group["bare"] or group["dash"]:
        return _between(group, start, end)
    if group["in_hours"]:
        return When(start, end, exact=at + _delay(group))
    if group["not_before"]:
        hour = clock(group["a_time"] or "")
        return When(start, end, hours=Hours(hour, None, "after")) if hour else None
    if group["before"]:
        hour = clock(group["e_time"] or "")
        return When(start, end, hours=Hours(None, hour, "before")) if hour else None
    if group["first_hour"]:
        return When(start, end, part="premiere heure")
    if group["edge"]:
        part = _part(group["edge_part"] or "")
        name = {"matin": "de matinee", "apres-midi": "d'apres-midi"}.get(part)
        label = f"{group['edge_name']} {name}" if name else "soir"
        if "journee" in (group["edge_part"] or ""):
            label = "fin de journee" if group["edge_name"] == "fin" else "debut de matinee"
        return When(start, end, part=label)
    if group["point"]:
        hour = clock(group["point"])
        return When(start, end, hours=Hours(hour, None, "point")) if hour else None
    return When(start, end, part=_part(group["part_name"] or ""))


def _part(name: str) -> str:
    if name.startswith("matin"):
        return "matin"
    return "soir" if name.startswith("soir") else "apres-midi"


def _between(group: dict[str, str | None], start: int, end: int) -> When | None:
    first = clock(group["b_from"] or group["n_from"] or group["h_from"] or "")
    last = clock(group["b_to"] or group["n_to"] or group["h_to"] or "")
    if not first or not last or last <= first:
        return None
    return When(start, end, hours=Hours(first, last))


def _delay(group: dict[str, str | None]) -> timedelta:
    count = 1 if group["in_n"] in ("un", "une") else int(group["in_n"] or 0)
    unit = group["in_unit"] or ""
    half = timedelta(minutes=30) if group["in_half"] else timedelta()
    if unit.startswith("minute"):
        return timedelta(minutes=count)
    if unit.startswith("quart"):
        return timedelta(minutes=15 * count)
    if unit.startswith("demi"):
        return timedelta(minutes=30)
    return timedelta(hours=count) + half
