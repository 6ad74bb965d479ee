"""Numbers for voice that comes over a reliable stream (TCP), which gives it none.

Nothing is lost or overtaken on such a stream; it only comes late, in bursts, or not at all for a
while. Pure: time is passed in.
"""

from __future__ import annotations

from telephony.codec import FRAME_TICKS, TICKS_PER_S

AHEAD_TICKS = TICKS_PER_S
"""More than a second ahead of the clock is not a voice: it is refused."""
BEHIND_TICKS = 3 * FRAME_TICKS
"""A voice that stays further behind than this was silent for a while: its series jumps."""
LOOK_S = 0.5
"""How long the fastest of a while's packets are waited for before that is believed: a stall that
delivers late soon catches up."""


class StreamClock:
    """Places each piece of one voice on a clock of 1/8000 s that starts with the first."""

    def __init__(self) -> None:
        self._started_s: float | None = None
        self._next = 0
        self._sequence = 0
        self._least_behind = 0
        self._look_until_s = 0.0
        self.refused_ticks = 0
        """What came faster than anybody speaks."""

    def place(self, ticks: int, now_s: float) -> tuple[int, int] | None:
        """Sequence number and timestamp (16 and 32 bits) of a piece that has just come and lasts
        so many ticks; None when it is to be refused."""
        if self._started_s is None:
            self._started_s = now_s
            self._look(now_s)
        behind = round((now_s - self._started_s) * TICKS_PER_S) - self._next
        if behind + AHEAD_TICKS < ticks:
            self.refused_ticks += ticks
            return None
        self._least_behind = min(self._least_behind, behind)
        if now_s >= self._look_until_s:
            if self._least_behind > BEHIND_TICKS:
                self._next += self._least_behind // FRAME_TICKS * FRAME_TICKS
            self._look(now_s)
        placed = self._sequence, self._next & 0xFFFFFFFF
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._next += ticks
        return placed

    def _look(self, now_s: float) -> None:
        self._least_behind = 1 << 40
        self._look_until_s = now_s + LOOK_S
