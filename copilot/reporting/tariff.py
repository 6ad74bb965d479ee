"""What a client pays: prices of acts, what a bundle includes, how minutes are rounded.

Every amount is a Decimal; in the database and in JSON it is a text, never a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

Item = Literal["call", "outgoing_call", "minute", "message", "appointment", "transfer", "sms"]
ITEMS: tuple[Item, ...] = get_args(Item)
STEPS_S = (1, 6, 15, 30, 60)
"""Each call's time is rounded up to a multiple of one of these."""
DEAREST = Decimal(100_000)
FINEST = Decimal("0.0001")
MOST_INCLUDED = 1_000_000
ZERO = Decimal(0)


class BadTariffError(ValueError):
    """Prices that cannot be asked; the message says which."""

    code = "bad_tariff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What is agreed with a client. Nothing is invoiced for what has no price."""

    monthly: Decimal = ZERO
    """The bundle's price."""
    included: Mapping[Item, int] = field(default_factory=dict)
    """How many of each the bundle has; more is paid at its price."""
    prices: Mapping[Item, Decimal] = field(default_factory=dict)
    """Of one, without tax."""
    step_s: int = 1
    tax_percent: Decimal = Decimal(20)
    currency: str = "EUR"


def tariff_values(tariff: Tariff) -> dict[str, Any]:
    """Plain JSON, amounts as texts."""
    return {
        "monthly": str(tariff.monthly),
        "included": dict(tariff.included),
        "prices": {name: str(price) for name, price in tariff.prices.items()},
        "step_s": tariff.step_s,
        "tax_percent": str(tariff.tax_percent),
        "currency": tariff.currency,
    }


def read_tariff(value: Mapping[str, Any]) -> Tariff:
    """What `tariff_values` made, or somebody typed. Raises BadTariffError."""
    step_s = value.get("step_s", 1)
    if step_s not in STEPS_S:
        raise BadTariffError(f"minutes are rounded by {', '.join(map(str, STEPS_S))} seconds")
    included = value.get("included", {})
    prices = value.get("prices", {})
    if unknown := sorted({*included, *prices} - set(ITEMS)):
        raise BadTariffError(f"nothing is called {unknown[0]!r}")
    if any(not 0 <= count <= MOST_INCLUDED for count in included.values()):
        raise BadTariffError(f"a bundle includes 0 to {MOST_INCLUDED} of each")
    currency = str(value.get("currency", "EUR"))
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise BadTariffError("a currency has three capital letters: EUR")
    tax = amount(value.get("tax_percent", "20"))
    if tax > 100:
        raise BadTariffError("a tax of more than 100 %")
    return Tariff(
        monthly=amount(value.get("monthly", "0")),
        included={name: int(included[name]) for name in ITEMS if included.get(name)},
        prices={name: amount(prices[name]) for name in ITEMS if name in prices},
        step_s=step_s,
        tax_percent=tax,
        currency=currency,
    )


def amount(text: object) -> Decimal:
    """A price, `0.85` or `0,85`, to four decimals. Raises BadTariffError."""
    try:
        value = Decimal(str(text).strip().replace(",", "."))
        fine = value.is_finite() and 0 <= value <= DEAREST and value == value.quantize(FINEST)
    except InvalidOperation:
        fine = False
    if not fine:
        raise BadTariffError(f"no price: {str(text)[:40]!r}; at most {DEAREST}, four decimals")
    return value
