"""Which numbers may be called from here, and how they are written for who carries the call.

A switchboard that will dial anything is a gift to fraud: what is not allowed is barred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from telephony.errors import NumberBarred

NumberForm: TypeAlias = Literal["e164", "plain", "international", "national"]
"""`+33199001122`, `33199001122`, `0033199001122`, `0199001122` (at home, else with 00)."""

NumberClass: TypeAlias = Literal["premium", "shared_cost", "personal", "satellite"]
"""Numbers that cost whoever calls them more than others do, wherever they are."""

_SATELLITE = (870, 878, 881, 882, 883, 888, 979)
"""Country codes that belong to no country: satellites, international networks and services."""

_NUMBER = re.compile(r"\+[1-9]\d{3,14}|\d{2,6}")
"""E.164, or the short number of an extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPlan:
    """Prefixes of E.164 numbers, or whole short numbers; the longest that fits decides.

    By default France without its premium and shared-cost numbers (08 1x, 08 2x, 08 9x), and no
    other country; emergency and other short numbers are barred too, since nobody would know where
    the caller is.
    """

    allowed: tuple[str, ...] = ("+33", "+3380")
    barred: tuple[str, ...] = ("+338",)
    country: str = "33"
    """At home: its numbers have a national form."""
    costly: frozenset[NumberClass] = frozenset()
    """Classes that may be called although they cost more; by default none."""

    def check(self, number: str) -> None:
        """Raises NumberBarred."""
        if not _NUMBER.fullmatch(number):
            raise NumberBarred(f"{number!r} is no telephone number")
        allowed = max((len(p) for p in self.allowed if _fits(number, p)), default=0)
        barred = max((len(p) for p in self.barred if _fits(number, p)), default=0)
        if allowed <= barred:
            raise NumberBarred(f"calls to {number} are not allowed here")
        kind = number_class(number)
        if kind is not None and kind not in self.costly:
            raise NumberBarred(f"calls to {number} ({kind}) are not allowed here")

    def written(self, number: str, form: NumberForm) -> str:
        """As the carrier wants it; a short number stays as it is."""
        if not number.startswith("+") or form == "e164":
            return number
        if form == "plain":
            return number[1:]
        home = f"+{self.country}"
        if form == "national" and number.startswith(home):
            return f"0{number[len(home) :]}"
        return f"00{number[1:]}"


def number_class(number: str) -> NumberClass | None:
    """What makes a call to this number dear, None when nothing does, or for a short number."""
    if not number.startswith("+"):
        return None
    import phonenumbers  # half a megabyte of metadata: only when a number is called

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code in _SATELLITE:
        return "satellite"
    kinds = phonenumbers.PhoneNumberType
    costly: dict[int, NumberClass] = {
        kinds.PREMIUM_RATE: "premium",
        kinds.SHARED_COST: "shared_cost",
        kinds.PERSONAL_NUMBER: "personal",
        kinds.PAGER: "personal",
    }
    return costly.get(phonenumbers.number_type(parsed))


def _fits(number: str, prefix: str) -> bool:
    """A short number is allowed whole, or by a prefix with a star: `2*`."""
    if number.startswith("+"):
        return number.startswith(prefix)
    return number == prefix or (prefix.endswith("*") and number.startswith(prefix[:-1]))
