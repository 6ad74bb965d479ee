"""Spoken numbers written the way people write them: 06 12 34 56 78; 14 h 30; 1 250 €. Pure."""

from __future__ import annotations

import re

_NARROW = " "
_PHONE = re.compile(r"(?<![\d.,])(?:\+33[\s.\-]?|0)[1-9](?:[\s.,\-]{0,2}\d){8}(?![\d])")
_HOUR = re.compile(r"\b([01]?\d|2[0-4])\s?(?:h|heures?)\s?([0-5]\d)?\b(?!\s?\d)", re.IGNORECASE)
_EUROS = re.compile(r"(\d[\d\s]*(?:,\d+)?)\s?euros?\b(?:\s(\d{1,2})\b(?!\s?(?:h|heures?)\b))?")
_PERCENT = re.compile(r"(\d+(?:,\d+)?)\s?pour\s?cents?\b")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{5,}(?![\d,])")
_LINKED = re.compile(r"(?<=[a-zà-ÿ])-(?=[a-zà-ÿ])")


def written(text: str, *, language: str = "fr") -> str:
    """The text with its numbers in digits, phones, hours and amounts as people write them."""
    if language != "fr":
        return _digits(text, "en") if language == "en" else text
    shown = _digits(text, "fr")
    shown = _PHONE.sub(lambda match: _phone(match.group()), shown)
    shown = _EUROS.sub(_amount, shown)
    shown = _HOUR.sub(_hour, shown)
    return _PERCENT.sub(r"\1 %", shown)


def _digits(text: str, language: str) -> str:
    from text_to_num import alpha2digit

    try:
        converted: str = alpha2digit(text, language)
    except (ValueError, KeyError, IndexError):
        # The library trips over some odd series; the words as heard are still right.
        return text
    return converted


def _phone(raw: str) -> str:
    digits = re.sub(r"\D", "", raw)
    if raw.startswith("+33"):
        return "+33 " + digits[2] + " " + _pairs(digits[3:])
    return _pairs(digits)


def _pairs(digits: str) -> str:
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _hour(match: re.Match[str]) -> str:
    hour, minutes = match.group(1), match.group(2)
    return f"{int(hour)} h {minutes}" if minutes else f"{int(hour)} h"


def _amount(match: re.Match[str]) -> str:
    whole = re.sub(r"\s", "", match.group(1))
    euros, _, cents = whole.partition(",")
    cents = match.group(2) or cents
    grouped = f"{int(euros):,}".replace(",", " ")
    return f"{grouped},{cents.zfill(2)} €" if cents else f"{grouped} €"
