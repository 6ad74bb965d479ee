"""What was said on a call, in the forms that a written text can be compared with. Pure.

Orders that a caller dictates to the software are not part of it: a text that repeats one has no
ground to stand on. Numbers to call back and addresses are those of the message as it stands: what
was corrected or withdrawn since is not ground either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from copilot.delivery.wording import MONTHS, WEEKDAYS
from copilot.drafting.draft import Turn
from copilot.drafting.speech import fold
from copilot.languagemodel.orders import parted
from copilot.languagemodel.quantities import Quantities, day_forms, quantities
from copilot.languagemodel.vocabulary import WORDS_OF_TIME, reporting, stems, words_of

EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*", re.ASCII)
MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?")
MOMENT_FIELDS = ("callback_when", "appointment_when", "date_of_birth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A call as a model is told of it."""

    turns: tuple[Turn, ...]
    fields: Mapping[str, str | None]
    """The message as it stands."""
    at: datetime
    """The moment of the call, in the client's time zone."""
    client: str
    language: str = "fr"
    """ISO 639-1: the one the message is written in."""
    people: tuple[str, ...] = ()
    """Names that may be written though nobody said them: the client's contacts, the operator."""
    heard: tuple[str, ...] = ()
    """What the recogniser heard before numbers and names were written out."""


@dataclass(slots=True, kw_only=True)
class Grounds:
    """What a text may say."""

    words: set[str] = field(default_factory=set)
    """Every word, folded."""
    stems: set[str] = field(default_factory=set)
    quantities: Quantities = field(default_factory=Quantities)
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    """Digits after the trunk's zero or the country code."""
    dictated: set[str] = field(default_factory=set)
    """Stems of what was dictated to the software, and nowhere else: never to be repeated."""
    times: set[str] = field(default_factory=set)
    """Words of time, in the form that both languages share."""


def own_words(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns without what is dictated to the software."""
    own = ((turn, parted(turn.text)[0]) for turn in turns)
    return tuple(replace(turn, text=text) for turn, text in own if text)


def grounds_of(said: Said) -> Grounds:
    """What was said on this call, or is on its message."""
    found = Grounds()
    for turn in own_words(said.turns):
        _take(found, turn.text, said.language)
    for text in said.heard:
        _take(found, parted(text)[0], said.language)
    _take_fields(found, said.fields, said.language)
    _take_names(found, (said.client, *said.people))
    orders = " ".join(parted(text)[1] for text in (*_texts(said.turns), *said.heard))
    found.dictated = set(stems(orders)) - found.stems - reporting()
    return found


def _texts(turns: Iterable[Turn]) -> tuple[str, ...]:
    return tuple(turn.text for turn in turns)


def significant(digits: str) -> str:
    """A telephone number's digits without what differs between its forms."""
    bare = digits.removeprefix("00") if digits.startswith("00") else digits
    if bare.startswith("33") and len(bare) == 11:
        bare = bare[2:]
    return bare.lstrip("0")


def _take(found: Grounds, text: str, language: str) -> None:
    for one in {language, "fr"}:
        found.quantities.update(quantities(EMAIL.sub(" ", text), language=one))
    found.words.update(words_of(text))
    for word in words_of(text):
        found.words.update(word.split("-"))
    found.stems |= stems(text)
    found.times |= {WORDS_OF_TIME[word] for word in words_of(text) if word in WORDS_OF_TIME}
    if "apres-midi" in fold(text) or "apres midi" in fold(text):
        found.times.add("apres-midi")


def _take_fields(found: Grounds, fields: Mapping[str, str | None], language: str) -> None:
    for name, value in fields.items():
        if not value:
            continue
        if name == "email":
            found.emails.add(value.lower())
        elif name == "phone":
            found.phones.add(significant(re.sub(r"\D", "", value)))
        elif name in MOMENT_FIELDS:
            _take_moments(found, value)
        elif name == "file_number":
            found.quantities.runs.add(re.sub(r"\D", "", value))
            _take(found, value, language)
        elif name not in ("category", "urgency", "callback", "appointment_action"):
            _take(found, value, language)


def _take_moments(found: Grounds, value: str) -> None:
    """The day and hour that the message has, in words and digits."""
    for year, month, day, hour, minute in MOMENT.findall(value):
        try:
            moment = datetime(int(year), int(month), int(day))
        except ValueError:
            continue
        numbers = {str(int(part)) for part in (year, month, day)}
        found.quantities.numbers |= numbers
        found.quantities.days |= day_forms(int(day), int(month), None)
        found.quantities.days |= day_forms(int(day), int(month), int(year))
        names = [fold(WEEKDAYS[moment.weekday()]), fold(MONTHS[moment.month - 1])]
        found.times |= {WORDS_OF_TIME[name] for name in names if name in WORDS_OF_TIME}
        found.words.update(names)
        if hour:
            _take_hour(found, int(hour), minute)
    for hour, minute in re.findall(r"/(\d{2}):(\d{2})", value):
        _take_hour(found, int(hour), minute)


def _take_hour(found: Grounds, hour: int, minute: str) -> None:
    found.quantities.hours |= {f"{hour}:{minute}", f"{hour % 12 or 12}:{minute}"}
    found.quantities.numbers |= {str(hour), str(int(minute))}
    part = "matin" if hour < 12 else "apres-midi" if hour < 18 else "soir"
    found.times.add(part)


def _take_names(found: Grounds, names: Sequence[str]) -> None:
    for name in names:
        found.words.update(words_of(name))
        for word in words_of(name):
            found.words.update(word.split("-"))
        found.stems |= stems(name)
