"""A client's month in money: each act counted, the bundle taken off, amounts to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from copilot.reporting.tariff import ITEMS, ZERO, Item, Tariff

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of act. Minutes have a quantity with decimals, everything else a whole one."""

    item: Item
    quantity: Decimal
    included: int
    billed: Decimal
    """Beyond what the bundle includes."""
    price: Decimal
    amount: Decimal
    """To the cent, half up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is owed for one month."""

    client_id: str
    client_name: str
    month: str
    """`2026-10`, in the client's time zone."""
    monthly: Decimal
    lines: tuple[Line, ...]
    tax_percent: Decimal
    currency: str
    step_s: int
    closed_at: datetime | None = None
    """Null: the month may still change."""
    closed_by_name: str = ""

    @property
    def net(self) -> Decimal:
        return sum((line.amount for line in self.lines), cents(self.monthly))

    @property
    def tax(self) -> Decimal:
        return cents(self.net * self.tax_percent / 100)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def statement(
    *,
    client_id: str,
    client_name: str,
    month: str,
    tariff: Tariff,
    counts: Mapping[Item, int],
) -> Statement:
    """`counts`: how many of each; of `minute`, how many rounding steps of `tariff.step_s`."""
    return Statement(
        client_id=client_id,
        client_name=client_name,
        month=month,
        monthly=tariff.monthly,
        lines=tuple(
            _line(item, counts.get(item, 0), tariff)
            for item in ITEMS
            if counts.get(item) or item in tariff.prices or item in tariff.included
        ),
        tax_percent=tariff.tax_percent,
        currency=tariff.currency,
        step_s=tariff.step_s,
    )


def cents(value: Decimal) -> Decimal:
    """To the cent, half up, as invoices round."""
    return value.quantize(CENT, ROUND_HALF_UP)


def _line(item: Item, count: int, tariff: Tariff) -> Line:
    # Steps beyond the bundle are counted before they become minutes: nothing is rounded twice.
    per_unit = 60 // tariff.step_s if item == "minute" else 1
    included = tariff.included.get(item, 0)
    beyond = max(0, count - included * per_unit)
    price = tariff.prices.get(item, ZERO)
    return Line(
        item=item,
        quantity=Decimal(count) / per_unit if per_unit > 1 else Decimal(count),
        included=included,
        billed=Decimal(beyond) / per_unit if per_unit > 1 else Decimal(beyond),
        price=price,
        amount=cents(price * beyond / per_unit),
    )


def statement_values(found: Statement) -> dict[str, Any]:
    """Plain JSON for a closed month: amounts as texts, so that they come back as they were."""
    return {
        "client_name": found.client_name,
        "monthly": str(found.monthly),
        "tax_percent": str(found.tax_percent),
        "currency": found.currency,
        "step_s": found.step_s,
        "lines": [
            {
                "item": line.item,
                "quantity": str(line.quantity),
                "included": line.included,
                "billed": str(line.billed),
                "price": str(line.price),
                "amount": str(line.amount),
            }
            for line in found.lines
        ],
    }


def read_statement(
    value: Mapping[str, Any], *, client_id: str, month: str, closed_at: datetime, closed_by: str
) -> Statement:
    """A closed month, exactly as it was closed."""
    return Statement(
        client_id=client_id,
        client_name=value["client_name"],
        month=month,
        monthly=Decimal(value["monthly"]),
        lines=tuple(
            Line(
                item=line["item"],
                quantity=Decimal(line["quantity"]),
                included=line["included"],
                billed=Decimal(line["billed"]),
                price=Decimal(line["price"]),
                amount=Decimal(line["amount"]),
            )
            for line in value["lines"]
        ),
        tax_percent=Decimal(value["tax_percent"]),
        currency=value["currency"],
        step_s=value["step_s"],
        closed_at=closed_at,
        closed_by_name=closed_by,
    )
