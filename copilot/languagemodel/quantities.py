"""Numbers in a text, by what they count: amounts, hours, dates, shares, references. Pure.

The same reading is made of what was said and of what a model wrote, so that both meet whatever
form the numbers took: "quatorze heures trente", "14 h 30", "14:30".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from copilot.drafting.numbers import numerals
from copilot.drafting.speech import hear

THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f.]\d{3})+)(?![\d])")
LONG = re.compile(r"(?<!\d)(?:\+|00)?\d(?:[ .()-]{0,2}\d){6,}(?!\d)")
DAY_IN_DIGITS = re.compile(
    r"(?<!\d)(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})(?:[/.-](?P<y>\d{4}|\d{2}))?)(?!\d)"
)
HOUR = re.compile(
    r"(?<![\d/])(\d{1,2}) ?(?:h(?:eures?|rs?)?(?![a-z])|:|o'?clock|(?=[ap]\.?m\b)) ?"
    r"(?:(?:et )?(\d{2})(?!\d)|et (demie|quart)|moins (le quart))?"
)
PAST = re.compile(r"\b(?P<part>half|quarter) (?:past|(?P<to>to)) (?P<hour>\d{1,2})\b")
PARTS_OF_AN_HOUR = {"demie": "30", "quart": "15"}
AFTERNOON = re.compile(r"\b(?:apres-midi|apres midi|soir|soiree|p\.?m|afternoon|evening)\b")
AMOUNT = re.compile(
    r"(?:(?P<before>[€$£]) ?)?(?<![\d.,])(?P<whole>\d+(?:[.,]\d{1,2})?) ?"
    r"(?(before)|(?:€|\$|£|euros?|eur\b|dollars?|livres?|pounds?|francs?|balles))"
    r"(?: ?(?P<cents>\d{2})\b)?"
)
SHARE = re.compile(r"(?<![\d.,])(\d+(?:[.,]\d+)?) ?(?:%|pour ?cent\b|percent\b|per cent\b)")
NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)?")
RUN = re.compile(r"\d+(?:[ .,()-]{1,3}\d+)*")

ORDINALS = {
    "premier": "1", "premiere": "1", "first": "1", "second": "2", "seconde": "2",
    "deuxieme": "2", "third": "3", "troisieme": "3", "quatrieme": "4", "fourth": "4",
    "cinquieme": "5", "fifth": "5", "sixieme": "6", "sixth": "6", "septieme": "7",
    "huitieme": "8", "neuvieme": "9", "dixieme": "10", "douzaine": "12", "dizaine": "10",
    "vingtaine": "20", "trentaine": "30", "centaine": "100", "twice": "2", "double": "2",
    "triple": "3", "dozen": "12", "hundred": "100", "thousand": "1000",
    "million": "1000000", "millions": "1000000", "milliard": "1000000000",
    "millier": "1000", "milliers": "1000",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Quantities:
    """Every number of a text, in canonical digits."""

    amounts: set[str] = field(default_factory=set)
    hours: set[str] = field(default_factory=set)
    """`14:30`."""
    shares: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    """`17/3`, and with its year `17/3/2026`; written in digits only."""
    numbers: set[str] = field(default_factory=set)
    """Every number, those above included."""
    bare: set[str] = field(default_factory=set)
    """Those that count nothing of the above."""
    runs: set[str] = field(default_factory=set)
    """Seven digits and more, as a telephone or a reference has; joined."""
    spoken: set[tuple[str, ...]] = field(default_factory=set)
    """Numbers that follow each other, as a dictated reference: joined in any way they may be."""

    def update(self, other: Quantities) -> None:
        """Take in another text's."""
        for name in ("amounts", "hours", "shares", "days", "numbers", "bare", "runs", "spoken"):
            getattr(self, name).update(getattr(other, name))


def quantities(text: str, *, language: str = "fr") -> Quantities:
    """Read a text's numbers, in digits or in words."""
    found = Quantities()
    written = in_digits(text, language=language)
    rest = _take_days(written, found)
    rest = _take_long(rest, found)
    rest = THOUSANDS.sub(lambda m: re.sub(r"\D", "", m.group()), rest)
    found.numbers |= {canonical(m.group()) for m in NUMBER.finditer(rest)}
    rest = _take_measures(rest, found)
    found.bare |= {canonical(m.group()) for m in NUMBER.finditer(rest)}
    found.spoken |= {
        tuple(re.findall(r"\d+", m.group())) for m in RUN.finditer(written) if len(m.group()) > 3
    }
    return found


def in_digits(text: str, *, language: str = "fr") -> str:
    """Folded, with every number in digits: the words of both languages, other scripts' digits."""
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c
        for c in unicodedata.normalize("NFKC", text)
    )
    folded = hear(plain).folded
    written = _english(folded) if language == "en" else numerals(folded)
    return re.sub(r"[a-z]+", lambda m: ORDINALS.get(m.group(), m.group()), written)


@lru_cache(maxsize=512)
def _english(folded: str) -> str:
    from text_to_num import alpha2digit

    return str(alpha2digit(folded, "en"))


def canonical(number: str) -> str:
    """`024,50` to `24.5`: without what does not count."""
    whole, _, cents = number.replace(",", ".").partition(".")
    whole = whole.lstrip("0") or "0"
    cents = cents.rstrip("0")
    return f"{whole}.{cents}" if cents else whole


def _take_days(text: str, found: Quantities) -> str:
    def take(match: re.Match[str]) -> str:
        day, month = match["day"] or match["d"], match["month"] or match["m"]
        year = match["year"] or match["y"]
        if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return match.group()
        found.days |= day_forms(int(day), int(month), int(year) if year else None)
        found.numbers |= {canonical(part) for part in (day, month, year) if part}
        return " "

    return DAY_IN_DIGITS.sub(take, text)


def day_forms(day: int, month: int, year: int | None) -> set[str]:
    """The most that is told: with its year, when there is one."""
    if year is None:
        return {f"{day}/{month}"}
    return {f"{day}/{month}/{year if year > 99 else 2000 + year}"}


def _take_long(text: str, found: Quantities) -> str:
    def take(match: re.Match[str]) -> str:
        found.runs.add(re.sub(r"\D", "", match.group()))
        return " "

    return LONG.sub(take, text)


def _take_measures(text: str, found: Quantities) -> str:
    later = AFTERNOON.search(text) is not None
    for match in HOUR.finditer(text):
        hour, minute = int(match[1]), match[2] or ""
        if match[3]:
            minute = PARTS_OF_AN_HOUR[match[3]]
        if match[4]:
            hour, minute = hour - 1, "45"
        _take_hour(hour, minute or "00", found, later=later)
    for match in PAST.finditer(text):
        before = match["to"] is not None
        minute = "30" if match["part"] == "half" else "45" if before else "15"
        _take_hour(int(match["hour"]) - before, minute, found, later=later)
    for word, clock in (("midi", "12:00"), ("noon", "12:00"), ("minuit", "0:00")):
        if re.search(rf"\b{word}\b", text):
            found.hours.add(clock)
    for match in AMOUNT.finditer(text):
        cents = match["cents"]
        found.amounts.add(canonical(f"{match['whole']}.{cents}" if cents else match["whole"]))
    found.shares |= {canonical(match[1]) for match in SHARE.finditer(text)}
    for measure in (HOUR, PAST, AMOUNT, SHARE):
        text = measure.sub(" ", text)
    return text


def _take_hour(hour: int, minute: str, found: Quantities, *, later: bool) -> None:
    found.hours.add(f"{hour}:{minute}")
    if later and hour < 12:
        found.hours.add(f"{hour + 12}:{minute}")


def is_spelled_out(run: str, spoken: Iterable[tuple[str, ...]]) -> bool:
    """Whether the digits are some numbers said one after the other, whole, joined."""
    return any(
        run == "".join(groups[start:end])
        for groups in spoken
        for start in range(len(groups))
        for end in range(start + 1, len(groups) + 1)
    )
