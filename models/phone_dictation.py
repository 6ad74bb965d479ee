"""Phone numbers from the odd groups that dictation leaves: "0, 1, 80, 19, 0, 0, 12, 34". Pure.

A number said "quatre-vingt-dix-neuf" with a breath in it comes out as "80, 19". A French number has
ten digits: groups are joined when there is exactly one way to come to ten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

DIGITS = 10
MOST_GROUPS = 20
_RUN = re.compile(r"(?<![\d+.,])0\d{0,3}(?:[\s,.\-]{1,2}\d{1,4}){2,19}(?![\d%€])")
_VALID = re.compile(r"0[1-9]\d{8}")


def joined(text: str) -> str:
    """The text with dictated phone numbers in one piece of ten digits."""
    return _RUN.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    if sum(map(len, groups)) <= DIGITS or len(groups) > MOST_GROUPS:
        return match.group()
    found = {number for number in _readings(groups, "") if _VALID.fullmatch(number)}
    return found.pop() if len(found) == 1 else match.group()


def _readings(groups: Sequence[str], said: str) -> Iterator[str]:
    """Every number of at most ten digits that the groups may stand for."""
    if len(said) > DIGITS:
        return
    if not groups:
        yield said
        return
    yield from _readings(groups[1:], said + groups[0])
    if len(groups) > 1 and (whole := _added(groups[0], groups[1])):
        yield from _readings(groups[2:], said + whole)


def _added(tens: str, rest: str) -> str | None:
    """ "80" and "19" as 99; `None` when no number is said so."""
    if tens not in ("20", "30", "40", "50", "60", "80") or rest.startswith("0"):
        return None
    most = 19 if tens in ("60", "80") else 9
    return str(int(tens) + int(rest)) if int(rest) <= most else None
