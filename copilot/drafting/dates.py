"""Dates and times as they are said, against the moment of the call.

`whens` finds them in an utterance, `Moment.iso` writes them by the conventions of
docs/drafting.md: a day, a point in time, a slot, or several days. dateparser is not used: it reads
"mardi en huit" as the eighth, knows no slot and no range, and finds dates in "je" and "ma"
(docs/adr/0041).
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: SIM102

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from copilot.drafting.calendar import (
    HOLIDAY_NAMES,
    MONTHS,
    WEEKDAYS,
    add_months,
    monday_of,
    month_end,
    next_day_of_month,
    next_holiday,
    weekday_after,
    working_days_after,
)
from copilot.drafting.numbers import numerals

DAY_START, NOON, AFTERNOON, AFTERNOON_END, EVENING_END = (
    time(8), time(12), time(14), time(18), time(20),
)  # fmt: skip
PARTS = {
    "matin": (DAY_START, NOON),
    "apres-midi": (AFTERNOON, AFTERNOON_END),
    "soir": (AFTERNOON_END, EVENING_END),
    "midi et deux": (NOON, AFTERNOON),
    "premiere heure": (DAY_START, time(10)),
    "debut de matinee": (DAY_START, time(10)),
    "fin de matinee": (time(10), NOON),
    "debut d'apres-midi": (AFTERNOON, time(16)),
    "fin d'apres-midi": (time(16), AFTERNOON_END),
    "fin de journee": (time(16), AFTERNOON_END),
}


@dataclass(frozen=True, slots=True)
class Days:
    """One day, or the first and the last of several."""

    first: date
    last: date

    @property
    def single(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """A point (`start` only), a slot, or an open bound until the day is known."""

    start: time | None = None
    end: time | None = None
    kind: str = "slot"
    """"point", "slot", "before" or "after"."""


@dataclass(frozen=True, slots=True)
class When:
    """A date, a time or both, where it was said."""

    start: int
    end: int
    days: Days | None = None
    hours: Hours | None = None
    part: str | None = None
    exact: datetime | None = None
    """"dans deux heures": counted from the call."""
    weekday: bool = False
    """The day was named by its weekday alone: an offer of the same day is more precise."""

    def over(self, earlier: When) -> When:
        """This, completed by what it leaves open and `earlier` said."""
        if self.exact:
            return self
        if self.days is None:
            part = self.part
            hours = self.hours
            if hours is not None and part is None and hours.kind != "slot":
                part = earlier.part
            return replace(self, days=earlier.days, part=part, hours=hours)
        return self

    @property
    def has_hours(self) -> bool:
        return self.hours is not None or self.part is not None or self.exact is not None

    def iso(self, at: datetime) -> str | None:
        """By the convention; None when nothing definite was said."""
        if self.exact:
            return self.exact.strftime("%Y-%m-%dT%H:%M")
        days = self.days or self._nearest(at)
        if days is None:
            return None
        if not days.single:
            return f"{days.first}/{days.last}"
        return _written(days.first, self._slot(days.first, at))

    def _slot(self, day: date, at: datetime) -> tuple[time, time | None] | None:
        named = PARTS.get(self.part) if self.part else None
        hours = self.hours
        if hours is None:
            return named
        if hours.kind == "point" and hours.start:
            return hours.start, None
        if hours.kind == "before" and hours.end:
            start = named[0] if named else DAY_START
            if day == at.date():
                start = at.time() if not named else max(at.time(), named[0])
            return (start.replace(second=0, microsecond=0), hours.end)
        if hours.kind == "after" and hours.start:
            end = named[1] if named and named[1] > hours.start else EVENING_END
            return (hours.start, end) if hours.start < end else (hours.start, None)
        if hours.start and hours.end:
            return hours.start, hours.end
        return named

    def _nearest(self, at: datetime) -> Days | None:
        """A time without a day is today while it lasts, else tomorrow."""
        if not self.has_hours:
            return None
        slot = self._slot(at.date(), at)
        if slot is None:
            return None
        limit = slot[1] or slot[0]
        day = at.date() if limit > at.time() else at.date() + timedelta(days=1)
        return Days(day, day)


def _written(day: date, slot: tuple[time, time | None] | None) -> str:
    if slot is None:
        return day.isoformat()
    start, end = slot
    if end is None:
        return f"{day}T{start:%H:%M}"
    return f"{day}T{start:%H:%M}/{end:%H:%M}"


_WD = "|".join(WEEKDAYS)
_MONTH = "|".join(MONTHS)
_NUM = r"(?:\d{1,2}(?!\d)|premier|1er)"
_HOLIDAY = "|".join(sorted(HOLIDAY_NAMES, key=len, reverse=True)).replace(" ", r"\s+")

DAY = re.compile(
    rf"""
    (?P<past>\b(?:hier|avant[- ]hier|(?:{_WD})\s+(?:derniere?|passee?)|(?:la\s+)?semaine\s+derniere
        |le\s+mois\s+dernier|(?:depuis|il\s+y\s+a)\s+(?:le\s+|\d+\s+|une?\s+|la\s+)?
        (?:{_WD}|jours?|semaines?|mois|ans?|heures?|hier|debut)
        |dans\s+l'heure|(?:ca\s+fait|pendant|durant|en)\s+(?:\d+|une)\s+heures?|d'ici\s+(?:une|1|\d+)\s+heures?|tous\s+les\s+(?:{_WD})s?)\b)
    |(?P<after_holiday>\b(?P<shift>lendemain|veille)\s+(?:de\s+)?(?:l'|la\s+|du\s+|d')?
        (?P<shift_holiday>{_HOLIDAY}|\d{{1,2}}\s+(?:{_MONTH})))\b
    |(?P<weekday_after>\b(?P<wa_day>{_WD})\s+(?:d'apres|apres|qui\s+suit)\s+(?:le\s+|la\s+|l')?
        (?P<wa_holiday>{_HOLIDAY}|\d{{1,2}}\s+(?:{_MONTH}))\b)
    |(?P<holiday>\b(?P<holiday_name>{_HOLIDAY})\b)
    |(?P<ahead>\b(?P<ahead_by>dans|d'ici|sous|d'aujourd'hui\s+en|aujourd'hui\s+en)\s+
        (?P<ahead_n>\d+|une|un)(?:\s+a\s+\d+)?\s*
        (?P<ahead_unit>jours?\s+ouvre?e?s?(?:able)?s?|jours?|semaines?|mois)\b
        |\bd?'?aujourd'hui\s+en\s+(?P<ahead_days>8|15)\b)
    |(?P<tomorrow_week>\bdemain\s+en\s+(?P<tomorrow_by>8|15)\b)
    |(?P<tomorrow2>\b(?:apres[- ]demain|surlendemain)\b)
    |(?P<tomorrow>\bdemain\b)
    |(?P<today>\baujourd'hui\b|\bce\s+jour\b|\bdans\s+la\s+journee\b
        |\ben\s+ce\s+moment\s+meme\b)
    |(?P<this>\bce(?:t|tte)?\s+(?=(?:matin|aprem|apres[- ]?midi|soir|midi)\b))
    |(?P<weekend>\b(?:ce|le|ce\s+prochain)\s+week[- ]?end(?P<we_next>\s+prochain)?\b)
    |(?P<week>\b(?:(?P<week_edge>debut|fin|milieu|courant)\s+(?:de\s+)?(?:la\s+)?)?
        (?:(?:la|cette|de|dans\s+la)\s+)?semaine(?P<week_next>\s+(?:prochaine|qui\s+vient|suivante))?
        (?:\s+du\s+(?P<week_of>\d{{1,2}})(?:\s+(?P<week_month>{_MONTH}))?)?\b)
    |(?P<month>\b(?P<month_edge>debut|fin|mi|courant)[- ](?:du\s+|de\s+|de\s+ce\s+)?
        (?P<month_name>{_MONTH}|mois(?:\s+prochain)?)\b|\ble\s+mois\s+prochain\b)
    |(?P<dated>\b(?:(?P<d_weekday>{_WD})\s*,?\s+)?(?:le\s+|du\s+|au\s+)?
        (?P<d_day>{_NUM})\s+(?P<d_month>{_MONTH})\b(?:\s+(?P<d_year>20\d\d))?)
    |(?P<slashed>(?<![\d/])(?P<s_day>\d{{1,2}})/(?P<s_month>\d{{1,2}})(?:/(?P<s_year>\d{{2,4}}))?
        (?![\d/]))
    |(?P<weekday>\b(?P<w_day>{_WD})
        (?:\s+(?:le\s+)?(?P<w_num>{_NUM})(?!\s*(?:h\b|heures?|:|et\s+demi|jours?|personnes?|euros?)))?
        (?:\s+(?P<w_next>prochain|qui\s+vient|qui\s+arrive))?
        (?:\s+en\s+(?P<w_ahead>8|15))?
        (?:\s+(?P<w_week>(?:de\s+)?(?:la\s+)?semaine\s+(?:prochaine|qui\s+vient|suivante|d'apres)
            |d'apres|suivant|de\s+(?:cette|la)\s+semaine))?
        \b)
    |(?P<numbered>\b(?:le|du|au|pour\s+le|est\s+le)\s+(?P<n_day>{_NUM})\b
        (?!\s*(?:h\b|heures?|rue|avenue|boulevard|allee|chemin|place|impasse|route|euros?|bis|ter
        |eme|ieme|e\b|er\b|/\s*\d|\d|pour\s+cent|minutes?|,\s*\d|-\s*\d|\.\s*\d|arrondissement|personnes?)))
    """,
    re.VERBOSE,
)

_HOUR = (
    r"(?:(?:\d{1,2}(?!\d))\s*(?:h(?:eures?)?\b|h(?=\d))"
    r"(?:\s*(?:\d{1,2})(?!\d)(?:\s*minutes?)?|\s+et\s+(?:demie?|quart)|\s+moins\s+(?:le\s+)?"
    r"(?:quart|\d{1,2}))?|\d{1,2}:\d{2}|une\s+heure(?:\s+(?:et\s+(?:demie?|quart)|\d{2}))?"
    r"|midi(?:\s+(?:et\s+(?:demie?|quart)|\d{2}|moins\s+(?:le\s+)?quart))?|minuit)"
    r"(?:\s+(?:du\s+matin|du\s+soir|de\s+l'apres[- ]midi|pile))?"
)
TIME = re.compile(
    rf"""
    (?P<noon_slot>\bentre\s+midi\s+et\s+(?:2|deux)(?!\s*h)(?:\s+heures?)?\b)
    |(?P<between>\b(?:entre|de|depuis)\s+(?P<b_from>{_HOUR}|\d{{1,2}}(?!\d))\s+(?:et|a|jusqu'a)\s+
        (?P<b_to>{_HOUR}))
    |(?P<dash>\b(?P<h_from>{_HOUR})\s*(?:-|/|a|jusqu'a)\s*(?P<h_to>{_HOUR}))
    |(?P<in_hours>\bdans\s+(?P<in_n>\d+|une|un)\s*(?P<in_unit>heures?|h\b|minutes?|quarts?\s+d'heure
        |demi[- ]heure)(?P<in_half>\s+et\s+demie?)?)
    |(?P<not_before>\b(?:pas\s+avant|a\s+partir\s+de|a\s+compter\s+de|apres|passe|des|depuis)\s+
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

LINK = re.compile(
    r"^[\s,]*(?:(?:a|le|la|l'|les|dans|en|vers|plutot|pour|de|du|au|si|possible|et|par|exemple|sur"
    r"|aux|alentours|environ|c'est|ca|serait|bien|mais|sera|entre|meme|donc|des|matin|ce|cette"
    r"|voila|fera|ira|me|va|jour|journee|pas|trop|idealement|alors|oui|disons)\b[\s,]*|l'|d'|')*$"
)
ALTERNATIVE = re.compile(r"^[\s,]*(?:ou|et|a|au|jusqu'a|jusqu'au|ou bien|voire|ou alors)\s*"
                         r"(?:le\s+|la\s+|bien\s+|a\s+)?$")  # fmt: skip


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


def whens(folded: str, at: datetime) -> list[When]:
    """Every date or time said, day and hour joined when said together."""
    text = numerals(folded)
    return whens_in(text, at)


def whens_in(text: str, at: datetime) -> list[When]:
    """As `whens`, on text whose numbers are already digits; offsets are those of `text`."""
    atoms = sorted(_days(text, at) + _times(text, at), key=lambda when: when.start)
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
    if first.month != final.month and not re.search(_MONTH, text[last.start : last.end]):
        # "du 16 au 19 juin": the month is said once.
        if re.search(_MONTH, said) and first.day < final.day and not last.weekday:
            first = final.replace(day=first.day)
    if final < first and atom.weekday:
        final += timedelta(days=7)
    if final <= first:
        return None
    return When(last.start, atom.end, Days(first, final), None, None)


def _days(text: str, at: datetime) -> list[When]:
    found = []
    for match in DAY.finditer(text):
        if match.lastgroup == "past" or match.group("past"):
            found.append(When(match.start(), match.end()))
            continue
        days = _days_of(match, at.date(), text)
        if days is None:
            continue
        if "journee" in match.group() and found and not text[found[-1].end : match.start()].strip():
            continue
        start = match.start()
        bound = re.search(r"(?:\b(?:d'ici|avant|jusqu'a|jusqu'au)\s*(?:a\s+)?(?:le\s+|la\s+)?)$",
                          text[:start])  # fmt: skip
        if bound and not match.group("ahead"):
            days = _until(days, at.date(), exclusive=bound.group().startswith("avant"))
            start = bound.start()
        elif match.group("ahead") and match.group("ahead_by") in ("d'ici", "sous"):
            days = _until(days, at.date(), exclusive=False)
        if days is not None:
            named = bool(match.group("weekday") and not match.group("w_num"))
            found.append(When(start, match.end(), days, weekday=named))
    return found


def _until(days: Days, today: date, *, exclusive: bool) -> Days | None:
    """ "d'ici vendredi", "avant vendredi", "d'ici la fin de la semaine"."""
    last = days.last
    if exclusive and days.single:
        last -= timedelta(days=1)
    return Days(today, last) if last >= today else None


def _one(day: date | None) -> Days | None:
    return Days(day, day) if day else None


def _days_of(match: re.Match[str], today: date, text: str) -> Days | None:
    group = match.groupdict()
    if group["after_holiday"]:
        day = _named_day(group["shift_holiday"], today)
        return _one(day + timedelta(days=1 if group["shift"] == "lendemain" else -1))
    if group["weekday_after"]:
        day = _named_day(group["wa_holiday"], today)
        return _one(weekday_after(day, WEEKDAYS.index(group["wa_day"])))
    if group["holiday"]:
        return _one(_named_day(group["holiday_name"], today))
    if group["ahead"]:
        return _one(_ahead(group, today))
    if group["tomorrow_week"]:
        return _one(today + timedelta(days=1 + {"8": 7, "15": 14}[group["tomorrow_by"]]))
    if group["tomorrow2"]:
        return _one(today + timedelta(days=2))
    if group["tomorrow"]:
        return _one(today + timedelta(days=1))
    if group["today"] or group["this"]:
        return _one(today)
    if group["weekend"]:
        saturday = monday_of(today) + timedelta(days=12 if group["we_next"] else 5)
        return Days(max(saturday, today), saturday + timedelta(days=1))
    if group["week"]:
        return _week(group, today, text[match.start() - 8 if match.start() > 8 else 0 :])
    if group["month"]:
        return _month(group, today)
    if group["dated"]:
        return _one(_dated(group, today))
    if group["slashed"]:
        return _one(_calendar_day(group["s_day"], int(group["s_month"]), group["s_year"], today))
    if group["weekday"]:
        return _one(_weekday(group, today))
    if group["numbered"]:
        return _one(next_day_of_month(today, _number(group["n_day"])))
    return None


def _number(text: str) -> int:
    return 1 if text in ("premier", "1er") else int(text)


def _named_day(name: str, today: date) -> date:
    name = re.sub(r"\s+", " ", name)
    if name in HOLIDAY_NAMES:
        return next_holiday(HOLIDAY_NAMES[name], today)
    day, month = name.split()
    return next_day_of_month(today, int(day), MONTHS[month]) or today


def _ahead(group: dict[str, str | None], today: date) -> date | None:
    if group["ahead_days"]:
        return today + timedelta(days={"8": 7, "15": 14}[group["ahead_days"]])
    count = 1 if group["ahead_n"] in ("un", "une") else int(group["ahead_n"] or 0)
    unit = group["ahead_unit"] or ""
    if count > 400:
        return None
    if "ouvr" in unit:
        return working_days_after(today, count)
    if unit.startswith("jour"):
        # "huit jours" is a week and "quinze jours" two, as in "mardi en huit".
        return today + timedelta(days={8: 7, 15: 14}.get(count, count))
    if unit.startswith("semaine"):
        return today + timedelta(weeks=count)
    return add_months(today, count)


def _week(group: dict[str, str | None], today: date, _text: str) -> Days | None:
    if group["week_of"]:
        month = MONTHS[group["week_month"]] if group["week_month"] else None
        day = next_day_of_month(today, int(group["week_of"]), month)
        monday = monday_of(day) if day else None
    elif group["week_next"]:
        monday = monday_of(today) + timedelta(days=7)
    else:
        monday = monday_of(today)
        if not group["week_edge"] and not re.search(
            r"(cette|dans la) semaine", group["week"] or ""
        ):
            return None
        if today.weekday() > 4:
            monday += timedelta(days=7)
    if monday is None:
        return None
    first, last = {
        "debut": (0, 1),
        "milieu": (2, 2),
        "fin": (3, 4),
    }.get(group["week_edge"] or "", (0, 4))
    start, end = monday + timedelta(days=first), monday + timedelta(days=last)
    return Days(max(start, min(today, end)), end) if end >= today else None


def _month(group: dict[str, str | None], today: date) -> Days | None:
    name = group["month_name"] or "mois prochain"
    if name.startswith("mois"):
        first = today.replace(day=1)
        if "prochain" in name:
            first = add_months(first, 1)
    else:
        month = MONTHS[name]
        first = date(today.year + (month < today.month), month, 1)
    last = month_end(first.year, first.month)
    edge = group["month_edge"]
    if edge == "debut":
        return Days(first, first.replace(day=10))
    if edge == "mi":
        return _one(first.replace(day=15))
    if edge == "fin":
        return Days(max(first.replace(day=21), today), last)
    return Days(max(first, today), last)


def _dated(group: dict[str, str | None], today: date) -> date | None:
    weekday = WEEKDAYS.index(group["d_weekday"]) if group["d_weekday"] else None
    day, month = _number(group["d_day"] or "1"), MONTHS[group["d_month"] or "janvier"]
    if group["d_year"]:
        return _calendar_day(str(day), month, group["d_year"], today)
    return next_day_of_month(today, day, month, weekday)


def _calendar_day(day: str | None, month: int, year: str | None, today: date) -> date | None:
    if not 1 <= month <= 12:
        return None
    if year is None:
        return next_day_of_month(today, int(day or 1), month)
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return date(full, month, int(day or 1))
    except ValueError:
        return None


def _weekday(group: dict[str, str | None], today: date) -> date | None:
    index = WEEKDAYS.index(group["w_day"] or "lundi")
    if group["w_num"]:
        return next_day_of_month(today, _number(group["w_num"]), None, index)
    week = group["w_week"] or ""
    if "prochaine" in week or "suivante" in week or "qui vient" in week:
        return monday_of(today) + timedelta(days=7 + index)
    if "cette" in week:
        return monday_of(today) + timedelta(days=index)
    day = weekday_after(today, index)
    if "apres" in week or week == "suivant":
        return day + timedelta(days=7)
    return day + timedelta(days={"8": 7, "15": 14}.get(group["w_ahead"] or "", 0))


def _times(text: str, at: datetime) -> list[When]:
    found = []
    for match in TIME.finditer(text):
        when = _time_of(match, at)
        if when is not None:
            found.append(when)
    return found


def _time_of(match: re.Match[str], at: datetime) -> When | None:
    group = match.groupdict()
    start, end = match.span()
    if group["noon_slot"]:
        return When(start, end, part="midi et deux")
    if group["between"] or group["dash"]:
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
    first = clock(group["b_from"] or group["h_from"] or "")
    last = clock(group["b_to"] or group["h_to"] or "")
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
