"""How days are said, in words already folded and with digits."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from copilot.drafting.calendar import HOLIDAY_NAMES, MONTHS, WEEKDAYS
from copilot.drafting.meantdays import days_meant
from copilot.drafting.when import Days, When

_WD = "|".join(WEEKDAYS)
MONTH = "|".join(MONTHS)
"""Any month, within a pattern."""
_NUM = r"(?:\d{1,2}(?!\d)|premier|1er)"
_HOLIDAY = "|".join(sorted(HOLIDAY_NAMES, key=len, reverse=True)).replace(" ", r"\s+")

DAY = re.compile(
    rf"""
    (?P<past>\b(?:hier|avant[- ]hier|(?:{_WD})\s+(?:derniere?|passee?)|(?:la\s+)?semaine\s+derniere
        |le\s+mois\s+dernier|(?:depuis|il\s+y\s+a)\s+(?:le\s+|\d+\s+|une?\s+|la\s+)?
        (?:{_WD}|jours?|semaines?|mois|ans?|heures?|hier|debut)
        |dans\s+l'heure|(?:ca\s+fait|pendant|durant|en)\s+(?:\d+|une)\s+heures?|d'ici\s+(?:une|1|\d+)\s+heures?|tous\s+les\s+(?:{_WD})s?)\b)
    |(?P<after_holiday>\b(?P<shift>lendemain|veille)\s+(?:de\s+)?(?:l'|la\s+|du\s+|d')?
        (?P<shift_holiday>{_HOLIDAY}|\d{{1,2}}\s+(?:{MONTH})))\b
    |(?P<weekday_after>\b(?P<wa_day>{_WD})\s+(?:d'apres|apres|qui\s+suit)\s+(?:le\s+|la\s+|l')?
        (?P<wa_holiday>{_HOLIDAY}|\d{{1,2}}\s+(?:{MONTH}))\b)
    |(?P<holiday>(?<!monsieur\s)(?<!madame\s)(?<!docteur\s)(?<!maitre\s)\b(?P<holiday_name>{_HOLIDAY})\b)
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
        (?:\s+du\s+(?P<week_of>\d{{1,2}})(?:\s+(?P<week_month>{MONTH}))?)?\b)
    |(?P<month>\b(?P<month_edge>debut|fin|mi|courant)[- ](?:du\s+|de\s+|de\s+ce\s+)?
        (?P<month_name>{MONTH}|mois(?:\s+prochain)?)\b|\ble\s+mois\s+prochain\b)
    |(?P<dated>\b(?:(?P<d_weekday>{_WD})\s*,?\s+)?(?:le\s+|du\s+|au\s+)?
        (?P<d_day>{_NUM})\s+(?P<d_month>{MONTH})\b(?:\s+(?P<d_year>20\d\d))?)
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


EMERGENCY = re.compile(
    r"\b(?:appel\w+|compos\w+|fai(?:s|tes|re)|joi\w+|alert\w+|prevenez|prevenir) $"
)
"""Before "le quinze", it is who is called."""


def days_said(text: str, at: datetime) -> list[When]:
    """Each day or range of days, in the order said; without days: one that is over."""
    found = []
    for match in DAY.finditer(text):
        if match.lastgroup == "past" or match.group("past"):
            found.append(When(match.start(), match.end()))
            continue
        if match.group("numbered") and EMERGENCY.search(text[: match.start()]):
            continue
        days = days_meant(match, at.date())
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
