"""Timers of transactions, by when they are due. No clock: the time goes in.

What is cancelled leaves a pair of numbers behind until it would have been due, and nothing else:
a flood of refused calls cancels hundreds of timers a second that run for 32 s.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """Whose timers these are."""

    alarms: tuple[int, ...]
    """Those set, kept here."""


Owner = TypeVar("Owner", bound=Timed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Generic[Owner]):
    """A timer that is due."""

    name: str
    interval_s: float
    owner: Owner


class Alarms(Generic[Owner]):
    """Every timer of one transport."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int]] = []
        self._set: dict[int, Alarm[Owner]] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        """Those set and neither due nor cancelled."""
        return len(self._set)

    def set(self, owner: Owner, name: str, interval_s: float, now_s: float) -> None:
        """One more, beside those the owner has."""
        number = next(self._numbers)
        self._set[number] = Alarm(name=name, interval_s=interval_s, owner=owner)
        owner.alarms = (*owner.alarms, number)
        heapq.heappush(self._due, (now_s + interval_s, number))

    def cancel(self, owner: Owner) -> None:
        """All that the owner has. Idempotent."""
        for number in owner.alarms:
            self._set.pop(number, None)
        owner.alarms = ()

    def next_due_s(self) -> float | None:
        """When the next one is due, None without any."""
        while self._due and self._due[0][1] not in self._set:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def due(self, now_s: float) -> Iterator[Alarm[Owner]]:
        """Each that is due, the earliest first; it is no longer set when it comes out."""
        while (due_s := self.next_due_s()) is not None and due_s <= now_s:
            _, number = heapq.heappop(self._due)
            alarm = self._set.pop(number)
            owner = alarm.owner
            owner.alarms = tuple(one for one in owner.alarms if one != number)
            yield alarm
