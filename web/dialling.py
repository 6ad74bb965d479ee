"""Which numbers may be called and what they cost, from the settings."""

from __future__ import annotations

import re
from typing import cast, get_args

from copilot.reception.tolls import Tariff, TollLimits
from copilot.settings import Settings
from telephony.dialplan import DialPlan, NumberClass
from web.sipaccounts import LineSettingError


def dial_plan(settings: Settings) -> DialPlan:
    """Which numbers may be called. Raises LineSettingError."""
    return DialPlan(
        allowed=_prefixes(settings.dial_allow, setting="DIAL_ALLOW"),
        barred=_prefixes(settings.dial_bar, setting="DIAL_BAR"),
        costly=_classes(settings.dial_costly),
    )


def _prefixes(text: str, *, setting: str) -> tuple[str, ...]:
    prefixes = tuple(part.strip() for part in text.split(",") if part.strip())
    for prefix in prefixes:
        if not re.fullmatch(r"\+\d{0,15}|\d{1,6}\*?", prefix):
            raise LineSettingError(
                f"SOUFFLEUR_{setting}: {prefix!r}: write beginnings of numbers as +33, and "
                "extensions as 204 or 2*"
            )
    return prefixes


def _classes(text: str) -> frozenset[NumberClass]:
    names = {part.strip() for part in text.split(",") if part.strip()}
    known = get_args(NumberClass)
    if unknown := names.difference(known):
        raise LineSettingError(
            f"SOUFFLEUR_DIAL_COSTLY: {min(unknown)!r} is not one of {', '.join(known)}"
        )
    return frozenset(cast("set[NumberClass]", names))


def tariff(settings: Settings) -> Tariff:
    """What calls cost. Raises LineSettingError."""
    rates = []
    for part in filter(None, (part.strip() for part in settings.dial_rates.split(","))):
        match = re.fullmatch(r"(\+\d{0,15}|\d{1,6})=(\d{1,5}(?:\.\d{1,2})?)", part)
        if match is None:
            raise LineSettingError(
                f"SOUFFLEUR_DIAL_RATES: {part!r}: write cents a minute, as +33=2 or +336=6.5"
            )
        rates.append((match[1], float(match[2])))
    return Tariff(rates=tuple(rates))


def toll_limits(settings: Settings) -> TollLimits:
    """How much may be called."""
    return TollLimits(
        operator_hour=settings.outgoing_operator_hour,
        client_day=settings.outgoing_client_day,
        client_day_cents=settings.outgoing_client_cents,
    )
