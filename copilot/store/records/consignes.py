"""A client's standing instructions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

ConsigneKind = Literal["accueil", "consigne", "transfert", "interdit"]
Holidays = Literal["any", "only", "except"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consigne:
    """A client's standing instruction."""

    id: str
    title: str
    body: str
    kind: ConsigneKind = "consigne"
    topic: str = ""
    """Of several in force on one topic (else one title) only the most specific is shown."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Exclusive."""
    weekdays: tuple[int, ...] = ()
    """1 (Monday) to 7; empty: every day."""
    from_time: time | None = None
    until_time: time | None = None
    """Local, exclusive; not after `from_time`: past midnight."""
    holidays: Holidays = "any"
    """`only` on public holidays, or `except` on them."""
    version: int = 0
    """The version of the consignes that gave it this content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsigneChange:
    """A consigne that changed; null before: new, null after: gone."""

    at: datetime
    before: Consigne | None
    after: Consigne | None
