"""Spoken numbers written the way people write them: 06 12 34 56 78; 14 h 30; 1 250 €. Pure."""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<![\d.,])(?:\+33[\s.\-]?|0)[1-9](?:[\s.,\-]{0,2}\d){8}(?!\d)")
_MOMENT = re.compile(
    r"\b(à|vers|dès|avant|après|jusqu'à|entre|est|et|de) ([01]?\d|2[0-4])\s?(?:heures?|h)\b"
    r"(?! sur\b)",
    re.IGNORECASE,
)
_HOUR_MINUTES = re.compile(
    r"\b([01]?\d|2[0-4])\s?(?:heures?\s|h\s?)([0-5]\d)\b(?!\s?[\d€%])", re.IGNORECASE
)
_EUROS = re.compile(
    r"(?<![\d,.])(\d[\d\s\u202f]*)(?:,(\d{1,2}))?\s?(?:euros?\b|€)"
    r"(?:\s(?:et\s)?(\d{1,2})\b(?:\scentimes?)?(?!\s?(?:h\b|heures?\b|%|\d)))?",
    re.IGNORECASE,
)
_PERCENT_WORDS = re.compile(r"\s?\bpour[ -]cents?\b", re.IGNORECASE)
_ROUND = re.compile(r"(?<![\d.,])[1-9]\d+000(?!\d)")
_PERCENT = re.compile(r"(\d)\s?%")


def written(text: str, *, language: str = "fr") -> str:
    """The text with its numbers in digits, phones, hours and amounts as people write them."""
    if language != "fr":
        return _digits(text, "en") if language == "en" else text
    # "pour cent" is a sign, not the number 100: it is written before numbers are.
    shown = _digits(_PERCENT_WORDS.sub(" %", text), "fr")
    shown = _PHONE.sub(lambda match: _phone(match.group()), shown)
    shown = _EUROS.sub(_amount, shown)
    shown = _ROUND.sub(lambda match: f"{int(match[0]):,}".replace(",", " "), shown)
    shown = _HOUR_MINUTES.sub(lambda match: f"{int(match[1])} h {match[2]}", shown)
    shown = _MOMENT.sub(lambda match: f"{match[1]} {int(match[2])} h", shown)
    return _PERCENT.sub(r"\1 %", shown)


def _digits(text: str, language: str) -> str:
    from text_to_num import alpha2digit

    converted: str = alpha2digit(text, language)
    return converted


def _phone(raw: str) -> str:
    digits = re.sub(r"\D", "", raw)
    if raw.startswith("+33"):
        return f"+33 {digits[2]} {_pairs(digits[3:])}"
    return _pairs(digits)


def _pairs(digits: str) -> str:
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _amount(match: re.Match[str]) -> str:
    euros = int(re.sub(r"\D", "", match[1]))
    cents = match[2].ljust(2, "0") if match[2] else match[3]
    grouped = f"{euros:,}".replace(",", " ")
    return f"{grouped},{cents.zfill(2)} €" if cents else f"{grouped} €"
