"""A stall's late packets told from a voice that stays late.

What a stall held back comes all at once, and the voice is in time again. A voice whose way has
become longer during an outage (another cell, another network), or whose clock stood still, goes on
coming late at its own pace: to wait for it to catch up is to lose it. Pure: time is passed in.
"""

from __future__ import annotations

GRACE_S = 0.2
"""A voice that has come late for so long stays late."""
_APART_S = 0.5
"""Late packets this far from each other are not one run."""


class Lateness:
    """Of one voice, told of each packet that comes too late."""

    def __init__(self) -> None:
        self._since_s = self._last_s = float("-inf")

    def in_time(self) -> None:
        """A packet has come that is not late: a run of late ones is over."""
        self._last_s = float("-inf")

    def stays(self, now_s: float) -> bool:
        """A packet has come late: whether the voice has been late for longer than a burst takes."""
        if now_s - self._last_s > _APART_S:
            self._since_s = now_s
        self._last_s = now_s
        return now_s - self._since_s >= GRACE_S
