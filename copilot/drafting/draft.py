"""The message as it stands: typed fields, each with the turn it came from and how sure it is.

Field conventions are those of the evaluation format (docs/evaluation.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Speaker = Literal["operator", "caller"]

FIELD_NAMES = (
    "caller_name",
    "company",
    "phone",
    "email",
    "recipient",
    "reason",
    "category",
    "urgency",
    "callback",
    "callback_when",
    "appointment_action",
    "appointment_when",
    "file_number",
    "date_of_birth",
    "address",
    "on_behalf_of",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One finished utterance, as the drafter takes it."""

    speaker: Speaker
    text: str
    utterance_id: str
    """Opaque: given back as the source of the fields it fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody at the client a message can be for."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProfile:
    """What the drafter knows of the client being answered for."""

    name: str
    sector: str = ""
    contacts: tuple[Contact, ...] = ()
    required_fields: tuple[str, ...] = ()
    urgent_rules: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """A filled field."""

    value: str
    """Canonical text: E.164 for `phone`, "true"/"false" for `callback`, ISO for times."""
    confidence: float
    utterance_id: str | None = None
    read_back: bool = False
    """Digits or spelling worth reading back to the caller."""
    evidence: str | None = None
    """For `urgency`: the words that triggered it."""
    whole: bool = True
    """False where a part is missing: to be asked again, not to be taken as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Every field that has a value, by name (`FIELD_NAMES`). What is not said is absent."""

    fields: dict[str, FieldValue] = field(default_factory=dict)
    doubts: dict[str, FieldValue] = field(default_factory=dict)
    """Heard but not whole (a phone with a digit missing), or too unsure to fill: shown, asked
    again or taken by the operator, never sent by itself."""

    def value(self, name: str) -> str | None:
        """The text of a field, or None."""
        found = self.fields.get(name)
        return found.value if found else None


class Drafter(Protocol):
    """One call's draft. Pure CPU, a few milliseconds a turn; used from a worker thread."""

    def hear(self, turn: Turn) -> Draft:
        """Take the next finished utterance; the draft as it now stands."""
        ...


class OpenDrafter(Protocol):
    """Make a drafter for a call."""

    def __call__(self, *, client: ClientProfile, at: datetime) -> Drafter:
        """`at` is the moment of the call, aware, in the client's time zone."""
        ...
