"""Who is rung for which call, now. Pure: the same everywhere from the same calls and operators.

    calls, the longest waiting first ──┐
    operators, the longest idle first ─┴─> one operator each, then a second one, ...

No process decides for the others: each works it out from what events tell all of them. Whoever is
rung may answer, and so may everybody else who sees the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Strategy = Literal["longest_idle", "all"]
Admission = Literal["take", "closed", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RingGroup:
    """Operators who answer for some clients: all those with these skills and languages."""

    id: str
    name: str
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """ISO 639-1."""
    strategy: Strategy = "longest_idle"
    step_s: int = 15
    """One operator more is rung after every so many seconds without an answer."""
    overflow_to: str | None = None
    """A group that is rung as well..."""
    overflow_after_s: int = 30
    """...once a call has waited this long."""


EVERYBODY = RingGroup(id="", name="", strategy="all")
"""Of clients that have no group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who answers, as they are now."""

    user_id: str
    free: bool
    """Available, at a desk that is open, in no call."""
    idle_since: datetime
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def is_in(self, group: RingGroup) -> bool:
        """Whether they have all that the group asks for."""
        return set(group.skills) <= set(self.skills) and set(group.languages) <= set(self.languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCall:
    """A call that waits for somebody."""

    call_id: str
    since: datetime
    group: str = ""


def rung(
    calls: Iterable[WaitingCall],
    operators: Iterable[Operator],
    groups: Mapping[str, RingGroup],
    now: datetime,
) -> dict[str, tuple[str, ...]]:
    """Ids of the operators rung for each call. Nobody is rung for two calls.

    Turn by turn, the longest waiting call first, each takes one more of those it may ring: no
    call rings two operators while another could have had one of them as its first.
    """
    line = sorted(calls, key=lambda call: (call.since, call.call_id))
    free = sorted(
        (operator for operator in operators if operator.free),
        key=lambda operator: (operator.idle_since, operator.user_id),
    )
    chosen: dict[str, list[str]] = {call.call_id: [] for call in line}
    may = {call.call_id: _allowances(call, groups, now) for call in line}
    taken = True
    while taken and free:
        taken = False
        for call in line:
            if operator := _take(may[call.call_id], free):
                free.remove(operator)
                chosen[call.call_id].append(operator.user_id)
                taken = True
    return {call_id: tuple(users) for call_id, users in chosen.items()}


@dataclass(slots=True)
class _Allowance:
    """How many operators of a group a call may still ring."""

    group: RingGroup
    left: int | None
    """None: all of them."""


def _allowances(
    call: WaitingCall, groups: Mapping[str, RingGroup], now: datetime
) -> list[_Allowance]:
    waited_s = (now - call.since).total_seconds()
    found: list[_Allowance] = []
    for group, after_s in reached(call.group, groups):
        if waited_s < after_s:
            break
        steps = 1 + int((waited_s - after_s) // max(1, group.step_s))
        found.append(_Allowance(group, None if group.strategy == "all" else steps))
    return found


def _take(allowances: list[_Allowance], free: list[Operator]) -> Operator | None:
    for allowance in allowances:
        if allowance.left == 0:
            continue
        for operator in free:
            if operator.is_in(allowance.group):
                if allowance.left is not None:
                    allowance.left -= 1
                return operator
    return None


def reached(group_id: str, groups: Mapping[str, RingGroup]) -> tuple[tuple[RingGroup, float], ...]:
    """The group of a call and those it overflows to, each with the wait after which it is rung.

    A group that is gone is everybody's: no call is left to ring nowhere.
    """
    found: list[tuple[RingGroup, float]] = []
    after_s = 0.0
    group: RingGroup | None = groups.get(group_id, EVERYBODY)
    while group is not None and all(group.id != known.id for known, _ in found):
        found.append((group, after_s))
        after_s += group.overflow_after_s
        group = groups.get(group.overflow_to) if group.overflow_to is not None else None
    return tuple(found)


def admission(*, is_open: bool, waiting: int, most_waiting: int) -> Admission:
    """What becomes of a call that comes in while so many wait."""
    if not is_open:
        return "closed"
    return "full" if waiting >= most_waiting else "take"
