"""Which of the two people of a call that a PBX keeps is the operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from copilot.store.numbering import e164


class Person(Protocol):
    """A participant as the PBX names it (`telephony.sip.recordingmetadata.Participant`)."""

    @property
    def number(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who is who."""

    operator_at: int
    """Position of the operator's stream, 0 or 1."""
    user: str | None
    """E-mail address of the operator's account, where the extension is known."""
    operator_name: str | None
    caller_number: str | None
    caller_name: str | None
    numbers: tuple[str, ...]
    """That may be a client's, the likelier first: the operator's side was dialled."""


def tell_apart(people: Sequence[Person | None], *, operators: Mapping[str, str]) -> Parties:
    """Two people, None where the PBX does not say who speaks.

    The operator is who answers on an extension we know; else who has an extension where the other
    has a telephone number; else the second, since PBXs name the one who calls first.
    """
    known = [person is not None and person.number in operators for person in people]
    outside = [person is not None and e164(person.number) is not None for person in people]
    if known[0] != known[1]:
        at = known.index(True)
    elif outside[0] != outside[1]:
        at = outside.index(False)
    else:
        at = 1
    operator, caller = people[at], people[1 - at]
    return Parties(
        operator_at=at,
        user=operators.get(operator.number) if operator else None,
        operator_name=(operator.name or operator.number or None) if operator else None,
        caller_number=(caller.number or None) if caller else None,
        caller_name=(caller.name or None) if caller else None,
        numbers=tuple(person.number for person in (operator, caller) if person and person.number),
    )
