"""The waiting line as it stands: who waits, who is there, who is rung."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from copilot.board import LiveBoard
from copilot.waiting.attendance import Attendance
from copilot.waiting.policy import Operator, WaitingCall, reached, rung
from copilot.waiting.presence import Shown, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class InLine:
    """A call that waits."""

    call_id: str
    since: datetime
    group: str
    """Its ring group's name; empty: every operator's."""
    overflowed_to: str | None
    """The name of the last group that is rung as well."""
    rings: tuple[str, ...]
    """User ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFloor:
    """An operator as their colleagues see them."""

    user_id: str
    name: str
    state: Shown
    since: datetime
    until: datetime | None
    """When wrap-up is over by itself."""
    call_id: str | None
    skills: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """Everything at one moment."""

    waiting: tuple[InLine, ...]
    """The longest waiting first."""
    operators: tuple[OnFloor, ...]


class WaitingLine:
    """Works out the line from what every process is told: the same in each of them."""

    def __init__(
        self, *, board: LiveBoard, attendance: Attendance, now: Callable[[], datetime]
    ) -> None:
        self._board = board
        self._attendance = attendance
        self._now = now

    def state(self) -> LineState:
        """As it stands now."""
        now = self._now()
        waiting = self._board.waiting()
        operators = self._operators()
        groups = self._attendance.groups
        rings = rung(waiting, self._free(operators), groups, now)
        return LineState(
            waiting=tuple(self._in_line(call, rings[call.call_id], now) for call in waiting),
            operators=operators,
        )

    def _operators(self) -> tuple[OnFloor, ...]:
        calls = {
            call.operator_id: call
            for call in self._board.calls()
            # A call given to somebody else keeps nobody here busy.
            if call.state == "live" and self._board.line(call.id).transfer != "completed"
        }
        found = []
        for one in self._attendance.operators():
            call = calls.get(one.answerer.user_id)
            state = shown(one.presence, in_call=call is not None, at_desk=one.at_desk)
            since = one.presence.since
            if call is not None and call.answered_at is not None:
                since = call.answered_at
            found.append(
                OnFloor(
                    user_id=one.answerer.user_id,
                    name=one.answerer.name,
                    state=state,
                    since=since,
                    until=one.presence.until if state == "wrap_up" else None,
                    call_id=call.id if call else None,
                    skills=one.answerer.skills,
                    languages=one.answerer.languages,
                )
            )
        return tuple(found)

    def _free(self, operators: tuple[OnFloor, ...]) -> list[Operator]:
        return [
            Operator(
                user_id=one.user_id,
                free=one.state == "available",
                idle_since=one.since,
                skills=one.skills,
                languages=one.languages,
            )
            for one in operators
        ]

    def _in_line(self, call: WaitingCall, rings: tuple[str, ...], now: datetime) -> InLine:
        waited_s = (now - call.since).total_seconds()
        groups = [g for g, after_s in reached(call.group, self._attendance.groups)
                  if waited_s >= after_s]  # fmt: skip
        first = groups[0].name if groups else ""
        return InLine(
            call_id=call.call_id,
            since=call.since,
            group=first,
            overflowed_to=groups[-1].name if len(groups) > 1 else None,
            rings=rings,
        )
