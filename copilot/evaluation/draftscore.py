"""Calls scored field by field: what is right, what was invented, which emergency was missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot.drafting.draft import Draft
from copilot.evaluation.fieldcomparison import forbidden, is_right, keywords_met
from copilot.evaluation.labelledcalls import LabelledCall

FIELDS = (
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
    "appointment",
    "file_number",
    "date_of_birth",
    "address",
    "on_behalf_of",
)
EXTRA = ("file_number", "date_of_birth", "address", "on_behalf_of")
ALWAYS_FILLED = frozenset({"category", "urgency", "callback"})
"""Fields with a value in every call: a wrong one is an error, not an invention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOutcome:
    """One field of one call."""

    name: str
    expected: Any
    given: Any
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """One call, scored."""

    id: str
    fields: tuple[FieldOutcome, ...]
    invented: tuple[str, ...]
    """Fields filled that should be null, and forbidden strings found."""
    emergency_missed: bool
    turn_ms: tuple[float, ...]


def score(call: LabelledCall, draft: Draft, timings: tuple[float, ...]) -> CallOutcome:
    """One call; `timings` are milliseconds a turn."""
    outcomes = tuple(_outcome(call, name, draft) for name in FIELDS if _labelled(call, name))
    invented = [o.name for o in outcomes if _invented(o)]
    invented += [f"contains {text!r}" for text in forbidden(draft, call.must_not_contain)]
    wanted, given = call.expected.get("urgency"), draft.value("urgency")
    missed = _LEVELS.get(str(wanted), 0) > 0 and _LEVELS.get(str(given), 0) < _LEVELS[str(wanted)]
    return CallOutcome(
        id=call.id,
        fields=outcomes,
        invented=tuple(invented),
        emergency_missed=missed,
        turn_ms=timings,
    )


_LEVELS = {"normal": 0, "urgent": 1, "critique": 2}


def _labelled(call: LabelledCall, name: str) -> bool:
    """A field that a call says nothing about is null, except the reason and those always filled."""
    if name == "reason":
        return bool(call.reason_keywords) or "reason" in call.expected
    if name in ALWAYS_FILLED:
        return name in call.expected and (name == "callback" or call.expected[name] is not None)
    return True


def expected_value(expected: Mapping[str, Any], name: str) -> Any:
    """The label of a field; extras may stand under `extra` or beside the others."""
    extra = expected.get("extra")
    if name in EXTRA and isinstance(extra, Mapping) and extra.get(name) is not None:
        return extra[name]
    return expected.get(name)


def given_value(draft: Draft, name: str) -> Any:
    """What the draft says, in the shape of the labels."""
    if name == "callback":
        return draft.value("callback") == "true"
    if name == "appointment":
        action = draft.value("appointment_action")
        if action is None:
            return None
        return {"action": action, "when": draft.value("appointment_when")}
    return draft.value(name)


def _outcome(call: LabelledCall, name: str, draft: Draft) -> FieldOutcome:
    expected, given = expected_value(call.expected, name), given_value(draft, name)
    if name == "reason":
        right = _reason_right(call, expected, given)
        wanted: Any = call.reason_keywords or expected
        return FieldOutcome(name=name, expected=wanted, given=given, right=right)
    return FieldOutcome(
        name=name, expected=expected, given=given, right=is_right(name, expected, given)
    )


def _reason_right(call: LabelledCall, expected: Any, given: str | None) -> bool:
    if call.reason_keywords:
        return given is not None and keywords_met(given, call.reason_keywords)
    return given is None if expected is None else given is not None


def _invented(outcome: FieldOutcome) -> bool:
    if outcome.name in ALWAYS_FILLED or outcome.right:
        return False
    if outcome.name == "reason":
        return outcome.expected is None and outcome.given is not None
    return outcome.expected in (None, "", {}, []) and outcome.given is not None
