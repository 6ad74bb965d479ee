"""Counting failures, and how long to wait after them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: datetime


class AttemptLimiter:
    """Counts failures by key and says how long to wait. Pure: time is an argument.

    `free` failures cost nothing; each one after doubles the wait, from one second up to
    `longest_wait`. A quiet `longest_wait` forgets them.
    """

    def __init__(
        self,
        *,
        free: int = 5,
        longest_wait: timedelta = timedelta(minutes=15),
        keys: int = 10_000,
    ) -> None:
        self._free = free
        self._longest_wait = longest_wait
        # Bounded: whoever tries millions of addresses pushes out the oldest, not the process.
        self._keys = keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, key: str, *, at: datetime) -> float:
        """Seconds before the next attempt is looked at; zero when it may be made now."""
        failures = self._failures.get(key)
        if failures is None or failures.count < self._free:
            return 0.0
        longest_s = self._longest_wait.total_seconds()
        wait_s = min(2.0 ** min(failures.count - self._free, 30), longest_s)
        return max(wait_s - (at - failures.last_at).total_seconds(), 0.0)

    def failed(self, key: str, *, at: datetime) -> None:
        failures = self._failures.pop(key, None)
        if failures is None or at - failures.last_at > self._longest_wait:
            failures = _Failures(count=0, last_at=at)
        failures.count += 1
        failures.last_at = at
        self._failures[key] = failures
        if len(self._failures) > self._keys:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
