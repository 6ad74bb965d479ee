"""Spoken numbers written the way people write them: 06 12 34 56 78; 14 h 30; 1 250 €. Pure.

Words become digits (`text2num`, with the forms of Belgium and Switzerland); then phones, hours,
amounts and shares are laid out. Small words that are articles as often as numbers stay words.
"""

from __future__ import annotations

import re

from models.phone_dictation import joined

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_GAP = r"[\s.,\-]{0,2}"
_PHONE = re.compile(rf"(?<![\d.,])(?:\+33{_GAP}(?:0{_GAP})?|0{_GAP})[1-9](?:{_GAP}\d){{8}}(?!\d)")
_MOMENT = re.compile(
    r"\b(à|vers|dès|avant|après|jusqu'à|entre|est|et|de) ([01]?\d|2[0-4])\s?(?:heures?|h)\b"
    r"(?! sur\b)",
    re.IGNORECASE,
)
_AT_TWO = re.compile(r"\b(à|vers|dès|jusqu'à) deux heures\b", re.IGNORECASE)
_HOUR_MINUTES = re.compile(
    r"\b([01]?\d|2[0-4]|une|deux)\s?(?:heures?\s|h\s?)([0-5]\d)\b(?!\s?[\d€%])", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(?P<lasting>\b(?:pendant|durant|depuis|dure|duré|attendu|toutes les|il y a) )?"
    r"\b(?:(?P<hour>[01]?\d|2[0-4]|une|deux)\s?(?:heures?|h)|(?P<noon>midi)|(?P<midnight>minuit))"
    r"\s(?:et\s(?P<past>quart|demie?)|moins\s(?:le\s)?(?P<less>quart|5|10|20|25))\b"
    r"(?!\s?[€%])",
    re.IGNORECASE,
)
_EUROS = re.compile(
    r"(?<![\d,.])(\d{1,3}(?:[.\s\u202f]\d{3})+|\d+|une?(?=\seuro\b)|deux(?=\seuros\b))"
    r"(?:,(\d{1,2}))?\s?(?:(?:d')?euros?\b|€)"
    r"(?:\s(?:et\s)?(\d{1,2})\b(?:\scentimes?)?(?!\s?(?:h\b|heures?\b|%|\d|euros?\b|€)))?",
    re.IGNORECASE,
)
_PERCENT_WORDS = re.compile(r"\s?\bpour[ -]?cents?\b", re.IGNORECASE)
_ROUND = re.compile(r"(?<![\d.,])[1-9]\d+000(?!\d)")
_PERCENT = re.compile(r"(\d)\s?%")
_REPEATED_ZERO = re.compile(r"\b(double|triple) (?:zéro|0)\b", re.IGNORECASE)
_COUNTRY = re.compile(r"\bplus 33(?=\s?\d)", re.IGNORECASE)
_FIRST = re.compile(rf"\bpremier (?={_MONTHS})", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(\d+)[eè]me(s?)\b")
_TWO_OR = re.compile(r"\bdeux (ou|à) (?=\d)", re.IGNORECASE)
_QUARTERS = re.compile(r"\b3 quarts\b")
_NEW = re.compile(
    r"\b(du|tout|toute|comme|flambant|quoi de|rien de|remis à|remise à|remettre à) neuf\b"
    r"(?! (?:heures?|euros?|mille|cents?|jours?|mois|ans)\b)",
    re.IGNORECASE,
)
_THOUSAND = re.compile(r"\b1000 (?=merci|excuse|pardon|fois\b)", re.IGNORECASE)
_NEW_KEPT = "n\u2060euf"
"""The adjective, unseen by the conversion of words to digits."""
_SMALL = {"un": 1, "une": 1, "deux": 2}
_PAST = {"quart": 15, "demi": 30, "demie": 30}


def written(text: str, *, language: str = "fr") -> str:
    """The text with its numbers in digits, phones, hours and amounts as people write them."""
    if language != "fr":
        return _digits(text, "en") if language == "en" else text
    shown = _digits(_spelled_out(text), "fr").replace(_NEW_KEPT, "neuf")
    shown = joined(_COUNTRY.sub("+33", shown))
    shown = _PHONE.sub(lambda match: _phone(match.group()), shown)
    shown = _EUROS.sub(_amount, shown)
    shown = _THOUSAND.sub("mille ", shown)
    shown = _ROUND.sub(lambda match: f"{int(match[0]):,}".replace(",", " "), shown)
    shown = _hours(shown)
    shown = _ORDINAL.sub(r"\1e\2", shown)
    shown = _FIRST.sub("1er ", shown)
    shown = _TWO_OR.sub(r"2 \1 ", shown)
    shown = _QUARTERS.sub("trois quarts", shown)
    return _PERCENT.sub(r"\1 %", shown)


def _spelled_out(text: str) -> str:
    """The words, less what would mislead the conversion to digits."""
    # "pour cent" is a sign, not the number 100: it is written before numbers are.
    text = _PERCENT_WORDS.sub(" %", text)
    text = _REPEATED_ZERO.sub(lambda match: _zeros(match[1]), text)
    return _NEW.sub(lambda match: f"{match[1]} {_NEW_KEPT}", text)


def _zeros(how_many: str) -> str:
    return " ".join(["zéro"] * (2 if how_many.lower() == "double" else 3))


def _digits(text: str, language: str) -> str:
    from text_to_num import alpha2digit

    converted: str = alpha2digit(text, language)
    return converted


def _hours(text: str) -> str:
    text = _CLOCK.sub(_clock, text)
    text = _HOUR_MINUTES.sub(lambda match: f"{_number(match[1])} h {match[2]}", text)
    text = _AT_TWO.sub(r"\1 2 h", text)
    return _MOMENT.sub(lambda match: f"{match[1]} {int(match[2])} h", text)


def _clock(match: re.Match[str]) -> str:
    """A quarter past, half past, ten to: but "two hours and a half" may last that long."""
    if match["lasting"]:
        return match.group()
    hour = 12 if match["noon"] else 0 if match["midnight"] else _number(match["hour"])
    if match["past"]:
        return f"{hour} h {_PAST[match['past'].lower()]}"
    less = 15 if match["less"].lower() == "quart" else int(match["less"])
    return f"{(hour - 1) % 24} h {60 - less}"


def _number(word: str) -> int:
    return _SMALL.get(word.lower()) or int(word)


def _phone(raw: str) -> str:
    digits = re.sub(r"\D", "", raw)
    if raw.startswith("+33"):
        national = digits[2:].removeprefix("0")
        return f"+33 {national[0]} {_pairs(national[1:])}"
    return _pairs(digits)


def _pairs(digits: str) -> str:
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _amount(match: re.Match[str]) -> str:
    euros = _SMALL.get(match[1].lower()) or int(re.sub(r"\D", "", match[1]))
    cents = match[2].ljust(2, "0") if match[2] else match[3]
    grouped = f"{euros:,}".replace(",", " ")
    return f"{grouped},{cents.zfill(2)} €" if cents else f"{grouped} €"
