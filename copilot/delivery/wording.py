"""Field values as a French reader expects them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo

from copilot.drafting.draft import FIELD_NAMES

LABELS = {
    "caller_name": "Appelant",
    "company": "Société",
    "phone": "Téléphone",
    "email": "E-mail",
    "recipient": "À l'attention de",
    "reason": "Motif",
    "category": "Nature de l'appel",
    "urgency": "Urgence",
    "callback": "À rappeler",
    "callback_when": "Rappeler",
    "appointment_action": "Rendez-vous",
    "appointment_when": "Date du rendez-vous",
    "file_number": "Référence",
    "date_of_birth": "Date de naissance",
    "address": "Adresse",
    "on_behalf_of": "Pour le compte de",
    "summary": "Résumé",
}

URGENCIES = {"urgent": "Urgent", "critique": "Urgence critique"}

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

ELSEWHERE = ("urgency",)
"""Fields with their own place in a letter."""

MOMENT_FIELDS = ("callback_when", "appointment_when", "date_of_birth")


def rows(
    fields: Mapping[str, str | None], labels: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Label and readable value of every field that has one, in reading order.

    `labels`: those of the client's form, before the usual ones.
    """
    own = labels or {}
    ordered = [name for name in FIELD_NAMES if name in fields]
    ordered += [name for name in fields if name not in FIELD_NAMES]
    return [
        (own.get(name) or label(name), readable(name, value))
        for name in ordered
        if name not in ELSEWHERE and (value := (fields[name] or "").strip())
    ]


def label(name: str) -> str:
    """A field's label; a field that a client added is shown by its own name."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def readable(name: str, value: str) -> str:
    """The canonical value of a field, as a French reader writes it."""
    if name == "phone":
        return telephone(value)
    if name == "callback":
        return {"true": "Oui", "false": "Non"}.get(value, value)
    if name in MOMENT_FIELDS:
        return moment(value, weekday=name != "date_of_birth")
    return value


def telephone(value: str) -> str:
    """`+33199001234` to `01 99 00 12 34`; abroad, with its country code."""
    import phonenumbers  # half a megabyte of metadata: only when a letter is written

    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException:
        return value
    if not phonenumbers.is_possible_number(number):
        return value  # as it was heard: an incomplete number is shown, never mended
    french = number.country_code == 33
    shape = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, shape.NATIONAL if french else shape.INTERNATIONAL)


def moment(value: str, *, weekday: bool = True) -> str:
    """The four forms of a time in a draft, in words; anything else as it is.

    `2026-03-18`, `2026-03-18T14:30`, `2026-03-18T14:00/18:00`, `2026-06-16/2026-06-19`.
    """
    try:
        return _moment(value, weekday=weekday)
    except ValueError:
        return value


def _moment(value: str, *, weekday: bool) -> str:
    start, _, end = value.partition("/")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", end):
        return f"du {day(date.fromisoformat(start))} au {day(date.fromisoformat(end))}"
    if "T" not in start:
        return day(date.fromisoformat(start), weekday=weekday)
    begin = datetime.fromisoformat(start)
    if not end:
        return f"{day(begin.date())} à {clock(begin.time())}"
    until = time.fromisoformat(end)
    return f"{day(begin.date())} entre {clock(begin.time())} et {clock(until)}"


def day(value: date, *, weekday: bool = True) -> str:
    """`mercredi 18 mars 2026`."""
    number = "1er" if value.day == 1 else str(value.day)
    words = f"{number} {MONTHS[value.month - 1]} {value.year}"
    return f"{WEEKDAYS[value.weekday()]} {words}" if weekday else words


def clock(value: time) -> str:
    """`9 h`, `14 h 30`."""
    return f"{value.hour} h {value.minute:02d}" if value.minute else f"{value.hour} h"


def instant(value: datetime, zone: tzinfo) -> str:
    """A moment of the call, in the client's time zone."""
    local = value.astimezone(zone)
    return f"{day(local.date())} à {clock(local.time())}"


def duration(seconds: float) -> str:
    """`45 s`, `3 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
