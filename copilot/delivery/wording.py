"""Field values as a French or an English reader expects them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo

from copilot.delivery.letterwords import Language
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

ENGLISH_LABELS = {
    "caller_name": "Caller",
    "company": "Company",
    "phone": "Phone",
    "email": "E-mail",
    "recipient": "For",
    "reason": "Reason",
    "category": "Kind of call",
    "urgency": "Urgency",
    "callback": "Call back",
    "callback_when": "When to call back",
    "appointment_action": "Appointment",
    "appointment_when": "Appointment date",
    "file_number": "Reference",
    "date_of_birth": "Date of birth",
    "address": "Address",
    "on_behalf_of": "On behalf of",
    "summary": "Summary",
}

ENGLISH_VALUES = {
    "rendez-vous": "Appointment",
    "annulation": "Cancellation",
    "rappel": "Callback",
    "réclamation": "Complaint",
    "information": "Information",
    "urgence": "Emergency",
    "devis": "Quote",
    "facturation": "Billing",
    "livraison": "Delivery",
    "démarchage": "Cold call",
    "erreur": "Wrong number",
    "autre": "Other",
    "prendre": "To make",
    "déplacer": "To move",
    "annuler": "To cancel",
}
"""What the fields of fixed choices hold, which is French."""

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

MOMENTS: dict[Language, tuple[str, str, str]] = {
    "fr": ("du {} au {}", "{} à {}", "{} entre {} et {}"),
    "en": ("from {} to {}", "{} at {}", "{} between {} and {}"),
}
"""Days from and to, a day's moment, a day's hours."""

ENGLISH_WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

ELSEWHERE = ("urgency",)
"""Fields with their own place in a letter."""

YES_NO: dict[Language, dict[str, str]] = {
    "fr": {"true": "Oui", "false": "Non"},
    "en": {"true": "Yes", "false": "No"},
}

CHOICES = ("category", "appointment_action")

MOMENT_FIELDS = ("callback_when", "appointment_when", "date_of_birth")


def rows(
    fields: Mapping[str, str | None],
    labels: Mapping[str, str] | None = None,
    language: Language = "fr",
) -> list[tuple[str, str]]:
    """Label and readable value of every field that has one, in reading order.

    `labels`: those of the client's form, before the usual ones.
    """
    own = labels or {}
    ordered = [name for name in FIELD_NAMES if name in fields]
    ordered += [name for name in fields if name not in FIELD_NAMES]
    return [
        (own.get(name) or label(name, language), readable(name, value, language))
        for name in ordered
        if name not in ELSEWHERE and (value := (fields[name] or "").strip())
    ]


def label(name: str, language: Language = "fr") -> str:
    """A field's label; a field that a client added is shown by its own name."""
    labels = LABELS if language == "fr" else ENGLISH_LABELS
    return labels.get(name, name.replace("_", " ").capitalize())


def readable(name: str, value: str, language: Language = "fr") -> str:
    """The canonical value of a field, as its reader writes it."""
    if name == "phone":
        return telephone(value)
    if name == "callback":
        return YES_NO[language].get(value, value)
    if name in MOMENT_FIELDS:
        return moment(value, weekday=name != "date_of_birth", language=language)
    if language == "en" and name in CHOICES:
        return ENGLISH_VALUES.get(value, value)
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


def moment(value: str, *, weekday: bool = True, language: Language = "fr") -> str:
    """The four forms of a time in a draft, in words; anything else as it is.

    `2026-03-18`, `2026-03-18T14:30`, `2026-03-18T14:00/18:00`, `2026-06-16/2026-06-19`.
    """
    try:
        return _moment(value, weekday=weekday, language=language)
    except ValueError:
        return value


def _moment(value: str, *, weekday: bool, language: Language) -> str:
    start, _, end = value.partition("/")
    range_of_days, at, range_of_hours = MOMENTS[language]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", end):
        first, last = (day(date.fromisoformat(each), language=language) for each in (start, end))
        return range_of_days.format(first, last)
    if "T" not in start:
        return day(date.fromisoformat(start), weekday=weekday, language=language)
    begin = datetime.fromisoformat(start)
    on, from_ = day(begin.date(), language=language), clock(begin.time(), language)
    if not end:
        return at.format(on, from_)
    return range_of_hours.format(on, from_, clock(time.fromisoformat(end), language))


def day(value: date, *, weekday: bool = True, language: Language = "fr") -> str:
    """`mercredi 18 mars 2026`, `Wednesday 18 March 2026`."""
    if language == "en":
        words = f"{value.day} {ENGLISH_MONTHS[value.month - 1]} {value.year}"
        return f"{ENGLISH_WEEKDAYS[value.weekday()]} {words}" if weekday else words
    number = "1er" if value.day == 1 else str(value.day)
    words = f"{number} {MONTHS[value.month - 1]} {value.year}"
    return f"{WEEKDAYS[value.weekday()]} {words}" if weekday else words


def clock(value: time, language: Language = "fr") -> str:
    """`9 h`, `14 h 30`; `14:30`."""
    if language == "en":
        return f"{value:%H:%M}"
    return f"{value.hour} h {value.minute:02d}" if value.minute else f"{value.hour} h"


def instant(value: datetime, zone: tzinfo, language: Language = "fr") -> str:
    """A moment of the call, in the client's time zone."""
    local = value.astimezone(zone)
    on, at = day(local.date(), language=language), clock(local.time(), language)
    return f"{on} {'à' if language == 'fr' else 'at'} {at}"


def duration(seconds: float) -> str:
    """`45 s`, `3 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
