"""Leaves an endpoint that fails alone for a while, so that nobody waits for it. Pure: time in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Breaker:
    """Closed while it works; open after failures in a row; then one trial at a time.

    A failed trial doubles the rest, up to the longest.
    """

    failures: int = 3
    rest_s: float = 30.0
    longest_rest_s: float = 600.0
    _failed: int = 0
    _rest_s: float = 0.0
    _until_s: float | None = None
    _trying: bool = False

    @property
    def is_open(self) -> bool:
        """The endpoint has failed, and not yet worked again."""
        return self._until_s is not None

    def admits(self, now_s: float) -> bool:
        """Whether it may be asked now; counts as the trial when it is one."""
        if self._until_s is None:
            return True
        if self._trying or now_s < self._until_s:
            return False
        self._trying = True
        return True

    def worked(self) -> None:
        """It answered."""
        self._failed, self._rest_s, self._until_s, self._trying = 0, 0.0, None, False

    def failed(self, now_s: float) -> None:
        """It did not."""
        self._failed += 1
        if self._trying or self._failed >= self.failures:
            self._rest_s = min(max(self._rest_s * 2, self.rest_s), self.longest_rest_s)
            self._until_s = now_s + self._rest_s
        self._trying = False

    def gave_up(self) -> None:
        """Whoever asked left before the answer: it says nothing of the endpoint."""
        self._trying = False
