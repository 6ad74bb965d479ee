"""The JSON of reports, agreements with clients, and months in money. Amounts are texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.reporting.tariff import Item
from web.schemas import Schema

FileFormat = Literal["csv", "xlsx", "pdf"]
Amount = Annotated[str, Field(max_length=20)]
"""A decimal number, `0.85`."""
MONTH = r"^2[01]\d\d-(0[1-9]|1[0-2])$"


class TotalsView(Schema):
    """Of the calls that began in the period and are over."""

    calls: int
    answered: int
    answered_within: int
    abandoned: int
    turned_away: int
    """Nobody could answer: in no rate."""
    outgoing: int
    talk_s: float
    wait_p50_s: float | None
    wait_p95_s: float | None
    handling_p50_s: float | None
    handling_p95_s: float | None
    answer_rate: float | None
    """Of the calls that could be answered."""
    service_level: float | None
    """Within the agreed seconds, of the same."""


class ReportDay(Schema):
    day: date
    calls: int
    answered: int
    answered_within: int
    abandoned: int


class HeatView(Schema):
    weekday: int
    """0 is Monday."""
    hour: int
    calls: int


class CountView(Schema):
    name: str
    """"" for messages without one of the form's categories."""
    times: int


class ReportView(Schema):
    """A period's figures. Never of one operator among others."""

    first: date
    last: date
    zone: str
    client_id: str | None
    client_name: str | None
    answer_within_s: int | None
    """Agreed with this client; null: each call by its own client's."""
    totals: TotalsView
    days: list[ReportDay]
    heat: list[HeatView]
    categories: list[CountView]
    urgencies: list[CountView]
    messages: int
    edit_rate: float | None
    """Of the fields proposed, the share that was changed before approval."""
    satisfaction: float | None
    """Well served, of the messages that the client marked."""
    marked: int
    transcripts: int
    """Calls whose transcript is kept: what the next two are of."""
    offered: int
    used: int


class TariffView(Schema):
    monthly: Amount = "0"
    included: dict[Item, int] = {}
    prices: dict[Item, Amount] = {}
    step_s: Literal[1, 6, 15, 30, 60] = 1
    """Each call is rounded up to a multiple of it."""
    tax_percent: Amount = "20"
    currency: str = Field(default="EUR", max_length=3)


class AgreementView(Schema):
    """What is agreed with a client."""

    answer_within_s: int = Field(ge=1, le=600)
    alert_words: list[Annotated[str, Field(max_length=80)]] = Field(default=[], max_length=100)
    """Said in a call, they call a supervisor; beside the provider's own."""
    tariff: TariffView


class StatementLine(Schema):
    item: Item
    quantity: str
    included: int
    billed: str
    price: str
    amount: str


class StatementView(Schema):
    """A client's month."""

    client_id: str
    client_name: str
    month: str
    monthly: str
    lines: list[StatementLine]
    net: str
    tax: str
    gross: str
    tax_percent: str
    currency: str
    step_s: int
    closed_at: datetime | None
    """Null: it may still change."""
    closed_by_name: str


class Served(Schema):
    """What the client makes of a message."""

    well_served: bool | None
    """Null takes the answer back."""
