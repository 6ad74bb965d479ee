"""What a CRM is to us: somebody it knows by a number. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

MOST_PEOPLE = 5
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmPerson:
    """Somebody a CRM knows, as shown beside the call."""

    name: str
    company: str = ""
    email: str = ""
    note: str = ""
    address: str = ""
    """Their page in the CRM (https), or empty."""


class Crm(Protocol):
    """A client's CRM."""

    async def find(self, number: str) -> tuple[CrmPerson, ...]:
        """Who has that number (E.164). Raises `TemporaryFailureError`, `PermanentFailureError`."""
        ...


def text_of(value: Any) -> str:
    """What a CRM says, on one line and short: it is shown to operators, as text."""
    if not isinstance(value, str | int | float):
        return ""
    return " ".join("".join(s if s.isprintable() else " " for s in str(value)).split())[:LONGEST]


def page_of(value: Any) -> str:
    """An address that a page may link to, or nothing."""
    text = text_of(value)
    return text if text.startswith("https://") else ""
