"""Days by name: weekdays, months and French public holidays. Pure functions of dates."""

from __future__ import annotations

from datetime import date, timedelta

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7,
    "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
}  # fmt: skip
HOLIDAY_NAMES = {
    "jour de l'an": "nouvel an", "nouvel an": "nouvel an", "lundi de paques": "lundi de paques",
    "dimanche de paques": "paques", "paques": "lundi de paques", "fete du travail": "1er mai",
    "armistice": "11 novembre", "jeudi de l'ascension": "ascension", "ascension": "ascension",
    "lundi de pentecote": "lundi de pentecote", "pentecote": "lundi de pentecote",
    "fete nationale": "14 juillet", "assomption": "assomption", "toussaint": "toussaint",
    "jour de noel": "noel", "noel": "noel",
}  # fmt: skip


def easter(year: int) -> date:
    """Easter Sunday, Gregorian (Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> dict[str, date]:
    """Public holidays of metropolitan France (Code du travail, L3133-1)."""
    sunday = easter(year)
    return {
        "nouvel an": date(year, 1, 1),
        "paques": sunday,
        "lundi de paques": sunday + timedelta(days=1),
        "1er mai": date(year, 5, 1),
        "8 mai": date(year, 5, 8),
        "ascension": sunday + timedelta(days=39),
        "lundi de pentecote": sunday + timedelta(days=50),
        "14 juillet": date(year, 7, 14),
        "assomption": date(year, 8, 15),
        "toussaint": date(year, 11, 1),
        "11 novembre": date(year, 11, 11),
        "noel": date(year, 12, 25),
    }


def next_holiday(name: str, today: date) -> date:
    """The first one from today on."""
    this_year = holidays(today.year)[name]
    return this_year if this_year >= today else holidays(today.year + 1)[name]


def is_working_day(day: date) -> bool:
    """Monday to Friday, public holidays excepted."""
    return day.weekday() < 5 and day not in holidays(day.year).values()


def working_days_after(today: date, count: int) -> date:
    """The `count`-th working day strictly after today."""
    day = today
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def weekday_after(today: date, weekday: int) -> date:
    """The first such weekday strictly after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    return _clamped(day.year + years, month + 1, day.day)


def month_end(year: int, month: int) -> date:
    return _clamped(year, month, 31)


def _clamped(year: int, month: int, day: int) -> date:
    for candidate in range(day, 27, -1):
        try:
            return date(year, month, candidate)
        except ValueError:
            continue
    return date(year, month, min(day, 28))


def next_day_of_month(
    today: date, day: int, month: int | None = None, weekday: int | None = None
) -> date | None:
    """The first such day from today on, today included.

    With a weekday, the first within three months that agrees; a weekday that agrees with none was a
    slip of the tongue, and the number counts.
    """
    found: list[date] = []
    for ahead in range(0, 14):
        years, index = divmod(today.month - 1 + ahead, 12)
        if month is not None and index + 1 != month:
            continue
        try:
            candidate = date(today.year + years, index + 1, day)
        except ValueError:
            continue
        if candidate >= today:
            found.append(candidate)
    if weekday is not None:
        agreed = [day for day in found[:4] if day.weekday() == weekday]
        if agreed:
            return agreed[0]
    return found[0] if found else None
