"""Payment cards, social-security numbers and bank accounts, taken out of what was heard.

Found by their checksums (Luhn for cards, ISO/IEC 7812; 97 for the French NIR and, ISO 13616, for
IBANs), written or spoken, in groups, with hesitations, in French or English. A recogniser may get
a digit wrong, so that no checksum holds: next to words that announce one ("numéro de carte"), a
number of the right length is taken out too.

Pure and quick: a text without a long run of digits costs one look.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from copilot.privacy.digits import (
    FILLERS,
    Run,
    Token,
    folded,
    is_numeric,
    readings,
    runs_of,
    tokens_of,
)
from copilot.privacy.health import health_spans

Kind = Literal["card", "nir", "iban", "health"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NUMBERS: tuple[Kind, ...] = ("card", "nir", "iban")
"""What is taken out unless a client says otherwise."""

LABELS: dict[Kind, str] = {
    "card": "[carte masquée]",
    "nir": "[numéro de sécurité sociale masqué]",
    "iban": "[IBAN masqué]",
    "health": "[donnée de santé masquée]",
}
"""What stands in the text instead, on screen and in the log."""

ANNOUNCED: dict[Kind, re.Pattern[str]] = {
    "card": re.compile(r"\b(carte (bancaire|bleue|de credit|visa)|numero de (la |ma )?carte|"
                       r"carte|credit card|debit card|card number|visa|mastercard)\b"),
    "nir": re.compile(r"\b(securite sociale|numero de secu|ma secu|nir|carte vitale|"
                      r"social security)\b"),
    "iban": re.compile(r"\b(iban|rib|compte bancaire|bank account)\b"),
}  # fmt: skip
SECRET_CODE = re.compile(
    r"\b(cryptogramme|cvv|cvc|code de securite|security code|derriere la carte|au dos)\b"
)

COUNTRIES = frozenset({
    "AD", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI",
    "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL",
    "PT", "RO", "SE", "SI", "SK", "SM", "TN", "TR",
})  # fmt: skip
"""Of IBANs: the single euro payments area, and where French callers have accounts."""

MOST_DIGITS = 19 + 6
"""The longest card number, and some: a natural reading may join what was meant apart."""
FEWEST_DIGITS = 13
"""The shortest card number; anything shorter is left alone (a phone number has ten)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A text without what must not be kept."""

    text: str
    kinds: tuple[Kind, ...] = ()
    """What was taken out, each kind once; empty when nothing was."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where it stood, in characters of the original."""
    each: tuple[Kind, ...] = ()
    """What stood there, span by span."""


def redact(text: str, kinds: Collection[str] = NUMBERS) -> Redacted:
    """Take out every number of these kinds, and words about health when they are one of them."""
    found: list[tuple[int, int, Kind]] = []
    if kinds and _worth_a_look(text):
        found += _found(text, kinds)
    if "health" in kinds:
        found += ((start, end, "health") for start, end in health_spans(text))
    found.sort()
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    names: list[Kind] = []
    at = 0
    for start, end, kind in found:
        if start < at:
            continue  # inside what was taken out already
        pieces += (text[at:start], LABELS[kind])
        spans.append((start, end))
        names.append(kind)
        at = end
    if not spans:
        return Redacted(text=text)
    return Redacted(
        text="".join((*pieces, text[at:])),
        kinds=tuple(dict.fromkeys(names)),
        spans=tuple(spans),
        each=tuple(names),
    )


def _worth_a_look(text: str) -> bool:
    """Seven words for digits, or thirteen digits: fewer cannot make a card."""
    if sum(letter.isdecimal() for letter in text) >= FEWEST_DIGITS - 2:
        return True
    return any(len(run.tokens) >= 6 for run in runs_of(text))


def _found(text: str, kinds: Collection[str]) -> Iterator[tuple[int, int, Kind]]:
    if "iban" in kinds:
        yield from _ibans(text)
    plain = folded(text)
    announced = {kind for kind, pattern in ANNOUNCED.items() if pattern.search(plain)}
    card_seen = False
    for run in runs_of(text):
        hit = _in_run(run, kinds, announced)
        if hit is not None:
            card_seen = card_seen or hit[2] == "card"
            yield hit
        elif (card_seen or "card" in announced) and "card" in kinds:
            yield from _secret_code(run, plain)


def _in_run(
    run: Run, kinds: Collection[str], announced: Collection[Kind]
) -> tuple[int, int, Kind] | None:
    tokens = run.tokens
    whole = readings(tokens)
    # As it would be written by anyone: other readings only tell how its groups were meant.
    if not whole or len(whole[0]) < FEWEST_DIGITS or _only_phones(whole[0]):
        return None
    # The longest stretch first: a card inside a card and its date is the card.
    for stretch, texts in sorted(_stretches(tokens), key=lambda one: -len(one[0])):
        kind = _kind(texts, kinds)
        if kind is not None:
            return stretch[0].start, stretch[-1].end, kind
    for kind in announced:
        if kind in kinds and any(_right_length(digits, kind) for digits in whole[:1]):
            return tokens[0].start, tokens[-1].end, kind
    return None


def _stretches(tokens: Sequence[Token]) -> Iterator[tuple[Sequence[Token], list[str]]]:
    """Stretches with as many digits as a number to take out, and their readings.

    More words never make fewer digits: what has too many is not looked at further. Whoever writes
    thousands of digits in words would have us read each stretch of them otherwise.
    """
    most = [_most_digits(token) for token in tokens]
    for first in range(len(tokens)):
        for last in range(first, len(tokens)):
            if sum(most[first : last + 1]) < FEWEST_DIGITS:
                continue
            stretch = tokens[first : last + 1]
            texts = readings(stretch)
            if not texts or len(texts[0]) < FEWEST_DIGITS:
                continue
            if len(texts[0]) > MOST_DIGITS:
                break
            yield stretch, texts


def _most_digits(token: Token) -> int:
    """How many digits a word can add: `mille` makes four of nothing, `vingt` two."""
    if token.plain.isdecimal():
        return len(token.plain)
    return {"cent": 3, "cents": 3, "mille": 4}.get(token.plain, 10 if "mil" in token.plain else 2)


def _kind(texts: Sequence[str], kinds: Collection[str]) -> Kind | None:
    if "nir" in kinds and any(is_nir(digits) for digits in texts):
        return "nir"
    if "card" in kinds and any(is_card(digits) for digits in texts):
        return "card"
    return None


def _right_length(digits: str, kind: Kind) -> bool:
    if _only_phones(digits):
        return False
    longest = {"card": 19, "nir": 15, "iban": 34, "health": 0}[kind]
    return FEWEST_DIGITS <= len(digits) <= longest


def _only_phones(digits: str) -> bool:
    """Phone numbers said one after the other."""
    return re.fullmatch(r"(?:0[1-9]\d{8}){1,3}", digits) is not None


def _secret_code(run: Run, plain: str) -> Iterator[tuple[int, int, Kind]]:
    """The three or four digits on the back, when they are said to be that."""
    before = plain[max(0, run.tokens[0].start - 60) : run.tokens[0].start]
    if SECRET_CODE.search(before) and any(len(text) in (3, 4) for text in readings(run.tokens)):
        yield run.tokens[0].start, run.tokens[-1].end, "card"


def is_card(digits: str) -> bool:
    """A payment card's number: its network's first digits, its length, and Luhn's check."""
    if not (13 <= len(digits) <= 19) or digits[0] not in "23456" or _only_phones(digits):
        return False
    if len(set(digits)) < 2:
        return False
    total = 0
    for place, letter in enumerate(reversed(digits)):
        value = int(letter)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_nir(digits: str) -> bool:
    """A French social-security number with its key: sex, year, month, and 97 minus the rest of
    the first thirteen digits by 97."""
    if not re.fullmatch(r"[12378]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)\d{10}", digits):
        return False
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_iban(text: str) -> bool:
    """Country, check digits, account: 97 divides it but for one (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    if text.startswith("FR") and len(text) != 27:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _ibans(text: str) -> Iterator[tuple[int, int, Kind]]:
    """A country in two letters, said or written, and what follows."""
    tokens = tokens_of(text)
    for first, token in enumerate(tokens):
        country = _country(tokens, first)
        if country is None:
            continue
        letters, after = country
        # From the longest: an IBAN is followed by anything.
        for last in range(min(len(tokens), after + 40), after, -1):
            stretch = tokens[after:last]
            if sum(len(one.plain) for one in stretch) < 3:
                break
            if any(is_iban(letters + body) for body in _bodies(stretch)):
                yield token.start, stretch[-1].end, "iban"
                break


def _country(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    plain = tokens[at].plain
    if plain.upper() in COUNTRIES:
        return plain.upper(), at + 1
    following = tokens[at + 1].plain if at + 1 < len(tokens) else ""
    if len(plain) == 1 and (plain + following).upper() in COUNTRIES:
        return (plain + following).upper(), at + 2
    return None


def _bodies(stretch: Sequence[Token]) -> list[str]:
    if stretch[-1].plain in FILLERS:
        return []
    if all(len(token.plain) == 1 or token.plain.isdecimal() for token in stretch):
        return ["".join(token.plain for token in stretch).upper()]
    if all(is_numeric(token) or token.plain in FILLERS for token in stretch):
        return readings(stretch)
    return []
