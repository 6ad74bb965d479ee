"""Phone numbers as they are dictated: in words, digits and odd groups, corrected and read back.

A number is never completed: nine digits stay nine digits, kept aside for the operator to ask.
Validity of foreign numbers is libphonenumber's; French ones only need ten digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import phonenumbers

from copilot.drafting.numbers import HOMOPHONES, NUMBER_WORDS, SAFE_HOMOPHONES, digit_readings
from copilot.drafting.speech import Speech, Word, words

FILLERS = frozenset(
    [
        "et",
        "alors",
        "donc",
        "puis",
        "ensuite",
        "apres",
        "voila",
        "attendez",
        "tiret",
        "point",
        "espace",
        "oui",
        "c'est",
        "virgule",
    ]
)
REPEATERS = frozenset({"double", "triple", "fois"})
CORRECTION = re.compile(
    r"\b(non|pardon|plutot|trompee?|excuse\w*|rectifi\w+|correction|veux dire|erreur|je reprends"
    r"|pas|enfin|desolee?|je corrige)\b"
)


@dataclass(frozen=True, slots=True)
class DigitRun:
    """A stretch of dictated digits."""

    start: int
    end: int
    readings: tuple[str, ...]
    """Digit strings it can stand for, the most natural first."""
    international: bool
    """Introduced by "plus"."""
    boundaries: frozenset[int]
    """Where groups end in the first reading."""

    @property
    def digits(self) -> str:
        return self.readings[0]


def digit_runs(speech: Speech) -> list[DigitRun]:
    """Every stretch of digits and number words, in order."""
    tokens = words(speech)
    return list(_runs(tokens))


def _runs(tokens: list[Word]) -> Iterator[DigitRun]:
    index = 0
    while index < len(tokens):
        if not _opens(tokens, index):
            index += 1
            continue
        members, after = _members(tokens, index)
        run = _as_run(tokens, index, members)
        if run is not None:
            yield run
        index = max(after, index + 1)


def _opens(tokens: list[Word], at: int) -> bool:
    norm = tokens[at].norm
    if [word.norm for word in tokens[max(at - 2, 0) : at + 1]] == ["midi", "et", "deux"]:
        return False
    if norm in REPEATERS - {"fois"}:
        return at + 1 < len(tokens) and _is_digit(tokens[at + 1].norm)
    return _is_digit(norm)


def _is_digit(norm: str) -> bool:
    return norm.isdigit() or norm in NUMBER_WORDS or norm in SAFE_HOMOPHONES


def _members(tokens: list[Word], start: int) -> tuple[list[Word], int]:
    members: list[Word] = []
    index = start
    while index < len(tokens):
        norm = tokens[index].norm
        article = norm == "le" and index > start and tokens[index - 1].norm == "fois"
        if _is_digit(norm) or norm in REPEATERS or article:
            members.append(tokens[index])
            index += 1
            continue
        ahead = next((n for n in range(index, index + 4) if _continues(tokens, n)), None)
        between = tokens[index : ahead or index]
        if ahead is None or not between:
            break
        if any(word.norm not in FILLERS and word.norm not in HOMOPHONES for word in between):
            break
        members += between
        index = ahead
    return members, index


def _continues(tokens: list[Word], at: int) -> bool:
    return at < len(tokens) and (_is_digit(tokens[at].norm) or tokens[at].norm in REPEATERS)


def _as_run(tokens: list[Word], first: int, members: list[Word]) -> DigitRun | None:
    while members and members[-1].norm in REPEATERS | FILLERS:
        members = members[:-1]
    if not members:
        return None
    before = tokens[first - 1] if first else None
    symbol = before is not None and "+" in before.gap
    international = symbol or (before is not None and before.norm == "plus")
    readings = digit_readings(_groups(members, homophones=False))
    heard_like = digit_readings(_groups(members, homophones=True))
    best = readings[0] if readings else ""
    alternatives = tuple(dict.fromkeys([*readings[:1], *heard_like[:1]]))
    if not best:
        return None
    return DigitRun(
        members[0].start,
        members[-1].end,
        alternatives,
        international,
        _boundaries(members, best),
    )


def _groups(members: list[Word], *, homophones: bool) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for word in members:
        norm = word.norm
        if norm in SAFE_HOMOPHONES or (homophones and norm in HOMOPHONES):
            norm = HOMOPHONES[norm]
        if _is_digit(norm) or norm in REPEATERS or norm in ("et", "le"):
            groups[-1].append(norm)
        if (
            (word.breaks and not norm.isdigit())
            or (norm.isdigit() and word.breaks)
            or (norm in FILLERS and norm != "et")
        ):
            groups.append([])
    return [group for group in groups if group]


def _boundaries(members: list[Word], best: str) -> frozenset[int]:
    """Even offsets always count: French numbers go by pairs."""
    ends = set(range(0, len(best) + 1, 2))
    if all(len(word.norm) == 1 for word in members if word.norm.isdigit()):
        ends |= set(range(len(best) + 1))
    return frozenset(ends)


def e164(digits: str, *, international: bool = False) -> str | None:
    """The number as it would be dialled from France, or None when it is not whole.

    ITU-T E.164; French numbering plan (ARCEP 2018-0881): ten digits, the first 0.
    """
    if not international and len(digits) == 10 and digits[0] == "0" and digits[1] != "0":
        return "+33" + digits[1:]
    if not international and digits.startswith("00"):
        return e164(digits[2:], international=True)
    if not international and digits.startswith("33") and len(digits) in (11, 12):
        return e164(digits, international=True)
    if not international:
        return None
    if digits.startswith("33"):
        national = digits[2:].removeprefix("0")
        return "+33" + national if len(national) == 9 and national[0] != "0" else None
    return _foreign(digits)


def _foreign(digits: str) -> str | None:
    for candidate in (digits, re.sub(r"^(3[0-9]|4[0-9]|1|2\d{2}|35\d)0", r"\1", digits)):
        try:
            number = phonenumbers.parse("+" + candidate)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def whole(run: DigitRun) -> str | None:
    """The E.164 number of a run that is one, or that begins one and then tells it whole."""
    for reading in run.readings:
        number = e164(reading, international=run.international) or _begun_again(reading)
        number = number or _tens_begun_again(reading)
        if number:
            return number
    return None


def _begun_again(digits: str) -> str | None:
    """ "06 39 98 51 0, attendez, 06 39 98 15 03": the number told last, from its first digit on."""
    begun, told = digits[:-10], digits[-10:]
    known = min(len(begun), 4)
    if not 2 <= len(begun) < 10 or begun[:known] != told[:known]:
        return None
    return e164(told)


def _tens_begun_again(digits: str) -> str | None:
    """ "Zéro un nonante, euh quatre-vingt-dix-neuf...": of a pair too many, the one only begun."""
    if len(digits) != 12:
        return None
    pairs = [digits[at : at + 2] for at in range(0, 12, 2)]
    begun = [
        at
        for at, (pair, following) in enumerate(pairwise(pairs))
        if pair[1] == "0" and following[0] == pair[0] != "0" and following != pair
    ]
    return e164("".join(pairs[: begun[0]] + pairs[begun[0] + 1 :])) if len(begun) == 1 else None


def national(number: str) -> str:
    """The digits a French speaker would say."""
    return "0" + number[3:] if number.startswith("+33") else number.lstrip("+")


def corrected(digits: str, change: str, *, wrong: str = "", at_start: bool = False) -> str | None:
    """`digits` with a spoken correction applied; None when it cannot be placed.

    `wrong` are the digits the speaker takes back. Without them the correction replaces the end,
    which is where people notice, or the start when they say so.
    """
    if wrong and len(wrong) == len(change):
        for offset in range(len(digits) - len(wrong), -1, -1):
            if offset % 2 == 0 and digits.startswith(wrong, offset):
                return digits[:offset] + change + digits[offset + len(wrong) :]
    if not change or len(change) > len(digits):
        return None
    if at_start:
        return change + digits[len(change) :]
    return digits[: len(digits) - len(change)] + change


def resumed(digits: str, change: str, boundaries: frozenset[int], *, size: int = 10) -> str | None:
    """A dictation broken by a correction: drop what was wrong so that the whole has `size`."""
    keep = size - len(change)
    if 0 < keep < len(digits) and keep in boundaries:
        return digits[:keep] + change
    return None


@dataclass(frozen=True, slots=True)
class Dictated:
    """A number heard in one utterance, corrections inside it applied."""

    start: int
    end: int
    digits: str
    number: str | None
    """E.164 when whole."""
    international: bool
    replaces: bool = False
    """It takes back the number said just before."""


def dictated(speech: Speech) -> list[Dictated]:
    """Numbers of an utterance with the corrections the speaker made on the way."""
    result: list[Dictated] = []
    runs = digit_runs(speech)
    index = 0
    while index < len(runs):
        run = runs[index]
        number = whole(run)
        item = Dictated(run.start, run.end, run.digits, number, run.international)
        while index + 1 < len(runs):
            follow = runs[index + 1]
            between = speech.folded[item.end : follow.start]
            if not _is_correction(between):
                break
            merged = _merge(item, run, follow, between, speech.folded[follow.end :])
            if merged is None:
                break
            item = merged
            index += 1
        result.append(item)
        index += 1
    return result


def _is_correction(between: str) -> bool:
    return bool(CORRECTION.search(between)) and len(between.split()) <= 8


HOUR = re.compile(r"\s*(?:h|heures?)\b")
OF_A_DAY = re.compile(r"\b(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|demain)(?: en| le)?\s*$")
"""Before digits: they tell which day, and correct no number."""


def _merge(
    item: Dictated, run: DigitRun, follow: DigitRun, between: str, after: str
) -> Dictated | None:
    if HOUR.match(after):
        return None
    if len(follow.digits) < 2 and not re.search(r"\b(?:non|pardon)\b", between):
        return None
    if len(item.digits) < 2 or whole(follow):
        whole_follow = whole(follow)
        if whole_follow and len(item.digits) >= 4:
            return Dictated(
                follow.start, follow.end, follow.digits, whole_follow, follow.international
            )
        return None
    if len(item.digits) < 4:
        return None
    if re.search(r"\b(et )?pas( le| les)?\s*$", between) and item.number:
        return Dictated(item.start, follow.end, item.digits, item.number, item.international)
    if item.number:
        at_start = bool(re.search(r"\b(debut|commence)\b", between + after[:20]))
        digits = corrected(national(item.number), follow.digits, at_start=at_start)
    else:
        digits = resumed(item.digits, follow.digits, run.boundaries)
    if digits is None:
        return None
    number = e164(digits, international=item.international and not item.number)
    return Dictated(item.start, follow.end, digits, number, item.international)


def spoken_change(speech: Speech) -> tuple[str, str] | None:
    """A correction of a number said before: (new digits, digits taken back or "")."""
    runs = [
        run
        for run in digit_runs(speech)
        if len(run.digits) <= 9 and not OF_A_DAY.search(speech.folded[: run.start])
    ]
    if not runs:
        return None
    if len(runs) >= 2:
        for first, second in pairwise(runs):
            between = speech.folded[first.end : second.start]
            if re.search(r"\bpas\b", between) and not re.search(r"\bnon\b", between):
                return first.digits, second.digits
            lead = speech.folded[: first.start]
            if re.search(r"\bpas( le| les)?\s*$", lead):
                return second.digits, first.digits
    run = runs[-1]
    if len(runs) == 1 and re.search(r"\bpas( le| les)?\s*$", speech.folded[: run.start]):
        return None
    if HOUR.match(speech.folded[run.end :]) or re.search(
        r"\b(?:avant|apres|vers|jusqu'au|a partir d[eu])\s+(?:le )?$", speech.folded[: run.start]
    ):
        return None
    return run.digits, ""
