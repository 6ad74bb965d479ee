"""Which days of the calendar were meant, against the day of the call."""

from __future__ import annotations

import re
from datetime import date, timedelta

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
from copilot.drafting.when import Days


def _one(day: date | None) -> Days | None:
    return Days(day, day) if day else None


def days_meant(match: re.Match[str], today: date) -> Days | None:
    """The days of a match of `copilot.drafting.saiddays.DAY`; None when there are none."""
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
        return _week(group, today)
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


def _week(group: dict[str, str | None], today: date) -> Days | None:
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
