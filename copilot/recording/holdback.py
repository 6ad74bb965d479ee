"""A call's sound between the line and the file: it waits until it is known what may be kept.

Positions are frames of 20 ms on the call's clock. Pure: nothing is awaited, time is in the frames.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from telephony.leg import FRAME_MS, Frame, LegRole

FRAMES_PER_S = 1000 // FRAME_MS
CAPACITY_S = 90.0
"""The longest utterance (24 s), its decoding, and a number that waits half a minute; beyond, what
waits is given up oldest first, and is silence in the recording."""
MARGIN_S = 1.0
"""Utterances turn out to begin a little before they were noticed."""
STRETCH_S = 10.0
"""Encoded in one go at most: thirty milliseconds of work."""
ROLES: tuple[LegRole, LegRole] = ("caller", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sound that may be written: frames of both legs from `begin` to `end` (excluded), those that
    never came missing, and what of it is to be silent."""

    begin: int
    end: int
    frames: dict[LegRole, tuple[Frame, ...]]
    silenced: tuple[tuple[int, int], ...] = ()


class Holdback:
    """Of one recording. `settle` says how far each leg is judged; `due` gives what may go."""

    def __init__(self, begin: int, *, capacity_s: float = CAPACITY_S) -> None:
        """`begin`: the first frame recorded."""
        self.begin = begin
        self._next = begin
        self._capacity = round(capacity_s * FRAMES_PER_S)
        self._frames: dict[LegRole, deque[Frame]] = {role: deque() for role in ROLES}
        self._fed: dict[LegRole, int] = dict.fromkeys(ROLES, begin)
        self._settled: dict[LegRole, float] = dict.fromkeys(ROLES, -math.inf)
        self._waiting: dict[LegRole, float] = dict.fromkeys(ROLES, math.inf)
        self._silenced: list[tuple[int, int]] = []
        self.lost = 0
        """Frames that were given up, of both legs."""

    @property
    def held_s(self) -> float:
        """Sound that waits, of the leg furthest ahead."""
        return max(0, max(self._fed.values()) - self._next) / FRAMES_PER_S

    def put(self, role: LegRole, frame: Frame) -> None:
        """Take a frame; never waits."""
        at = position(frame.start_s)
        self.reach(role, at + 1)
        if at < self._next:
            return
        held = self._frames[role]
        held.append(frame)
        if len(held) > self._capacity:
            held.popleft()
            self.lost += 1

    def reach(self, role: LegRole, end: int) -> None:
        """The leg has come so far, recorded or not."""
        self._fed[role] = max(self._fed[role], end)

    def settle(self, role: LegRole, until_s: float, *, waits_from_s: float | None = None) -> None:
        """Everything the leg said before is judged, but for what waits from there on."""
        self._settled[role] = until_s
        self._waiting[role] = math.inf if waits_from_s is None else waits_from_s

    def give_up(self, role: LegRole, from_s: float) -> None:
        """What a leg said from there on will never be judged: it is not kept."""
        held = self._frames[role]
        while held and held[-1].start_s >= from_s - MARGIN_S:
            held.pop()
            self.lost += 1

    def silence(self, begin_s: float, end_s: float) -> None:
        """Nothing of either leg is kept of this: voices leak into each other's microphones."""
        begin, end = max(position(begin_s), self._next), math.ceil(end_s * FRAMES_PER_S)
        if end > begin:
            self._silenced.append((begin, end))

    def due(self) -> Stretch | None:
        """The next stretch that may be written; None until more can."""
        end = min(self._horizon(), self._next + round(STRETCH_S * FRAMES_PER_S))
        if end <= self._next:
            return None
        begin, self._next = self._next, end
        cut = [(max(a, begin), min(b, end)) for a, b in self._silenced if a < end and b > begin]
        self._silenced = [(a, b) for a, b in self._silenced if b > end]
        return Stretch(
            begin=begin,
            end=end,
            frames={role: tuple(self._taken(role, end)) for role in ROLES},
            silenced=tuple(sorted(cut)),
        )

    def _horizon(self) -> int:
        """Both legs came so far, and are judged; a leg that is over holds nothing up."""
        going = [role for role in ROLES if self._settled[role] != math.inf]
        if not going:
            return max(self._fed.values())
        judged_s = min(min(self._settled[role] - MARGIN_S, self._waiting[role]) for role in going)
        if judged_s == -math.inf:
            return self._next
        fed = min(self._fed[role] for role in going)
        return min(fed, math.floor(judged_s * FRAMES_PER_S))

    def _taken(self, role: LegRole, end: int) -> list[Frame]:
        held, taken = self._frames[role], []
        while held and position(held[0].start_s) < end:
            taken.append(held.popleft())
        return taken


def position(start_s: float) -> int:
    """Of the frame that begins there."""
    return round(start_s * FRAMES_PER_S)
