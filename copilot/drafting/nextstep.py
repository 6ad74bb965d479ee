"""What could be done next, proposed and never taken alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.drafting.draft import Contact
from copilot.drafting.speech import fold
from copilot.drafting.stems import stems

StepKind = Literal["message", "appointment", "transfer", "escalation"]
ON_CALL = re.compile(r"\b(?:astreinte|garde|permanence|urgences?)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A proposal, with why."""

    kind: StepKind
    because: Literal["emergency", "instruction", "appointment", "complete", "wrong_number", "sales"]
    contact: str | None = None
    """Whom to transfer to or to wake, one of the client's contacts."""
    detail: str | None = None
    """The instruction, or the words that told the emergency."""


def propose(
    values: Mapping[str, str | None],
    *,
    contacts: Sequence[Contact] = (),
    transfers: Sequence[str] = (),
    evidence: str | None = None,
) -> Step | None:
    """The next step for a message as it stands; None while nothing is known of the request.

    `transfers` are the consignes in force that say when to transfer; `evidence` the words that
    told the emergency.
    """
    category = values.get("category")
    if category == "erreur":
        return Step(kind="message", because="wrong_number")
    if category == "démarchage":
        return Step(kind="message", because="sales")
    level = values.get("urgency")
    if level in ("urgent", "critique"):
        on_call = next((c for c in contacts if ON_CALL.search(fold(c.role))), None)
        if level == "critique" and on_call is not None:
            return Step(
                kind="escalation", because="emergency", contact=on_call.name, detail=evidence
            )
        named = values.get("recipient")
        whom = named or (on_call.name if on_call else None)
        if level == "critique":
            return Step(kind="transfer", because="emergency", contact=whom, detail=evidence)
    instruction = _instruction(values.get("reason") or "", transfers)
    if instruction is not None:
        whom = next((c.name for c in contacts if _names(c, instruction)), values.get("recipient"))
        return Step(kind="transfer", because="instruction", contact=whom, detail=instruction)
    if values.get("appointment_action"):
        return Step(kind="appointment", because="appointment")
    return Step(kind="message", because="complete") if values.get("reason") else None


def _instruction(reason: str, transfers: Sequence[str]) -> str | None:
    """The consigne of transfer that speaks of what the caller wants."""
    said = stems(fold(reason))
    for text in transfers:
        if len(stems(fold(text)) & said) >= 2:
            return text
    return None


def _names(contact: Contact, instruction: str) -> bool:
    words = set(re.findall(r"[a-z]+", fold(instruction)))
    return any(len(part) > 2 and part in words for part in fold(contact.name).split())
