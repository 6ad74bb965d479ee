"""Which stretch of speech is decoded next. Pure: time is passed in, nothing is waited for.

Finals come before guesses at a final, guesses before partials. Among finals the oldest end of
speech goes first. A leg has at most one partial waiting, the newest, and under load partials come
less often, then not at all: a final is never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.recogniser import Decoding

Urgency = Literal["final", "guess", "partial"]
_RANK: dict[Urgency, int] = {"final": 0, "guess": 1, "partial": 2}


@dataclass(slots=True, kw_only=True, eq=False)
class Errand:
    """A stretch of one leg to decode. A guess becomes a final when silence confirms it."""

    leg_id: str
    utterance_id: int
    urgency: Urgency
    pcm: npt.NDArray[np.int16]
    """Samples at `rate_hz`, shape (n,)."""
    rate_hz: int
    start_s: float
    end_s: float
    """End of speech, on the leg's clock."""
    speech_s: float
    peak: float
    since_s: float
    """When its speech ended (finals, guesses) or it was asked for (partials), on the scheduler's
    clock."""
    endpoint_s: float | None = None
    """Where on the leg's clock the utterance was known to be over (finals)."""
    languages: tuple[str, ...] = ("fr",)
    against: Mapping[str, float] = field(default_factory=dict)
    vocabulary: tuple[str, ...] = ()
    draft: str = ""
    """Words of the same speech, decoded earlier."""
    decoding: Decoding | None = None
    """Its words, once there: a guess may have them before it is confirmed."""
    running: bool = False
    stale: bool = False
    """Nobody wants the result any more."""
    attempts: int = 0
    not_before_s: float = 0.0
    """A failed final waits a little before it is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the work is shared out."""

    partial_every_s: float = 0.6
    partial_at_most_every_s: float = 4.0
    share_for_partials: float = 0.5
    """Of the workers' time; the rest is for finals."""
    no_partials_behind_s: float = 1.5
    """Partials stop when a final has waited this long."""
    beam: int = 5
    beam_busy: int = 2
    beam_swamped: int = 1


@dataclass(slots=True)
class Schedule:
    """The errands waiting, and the load."""

    workers: int = 2
    pace: Pace = field(default_factory=Pace)
    late_partials_dropped: int = 0
    _waiting: list[Errand] = field(default_factory=list)
    _partial_cost_s: float = 0.15

    def add(self, errand: Errand) -> None:
        """Take an errand; a newer partial replaces the one its leg had waiting.

        A guess that was confirmed may be added again: it waits once.
        """
        if errand.running or errand in self._waiting:
            return
        if errand.urgency == "partial":
            kept = [e for e in self._waiting if e.urgency != "partial" or e.leg_id != errand.leg_id]
            self.late_partials_dropped += len(self._waiting) - len(kept)
            self._waiting = kept
        self._waiting.append(errand)

    def take(self, now_s: float, *, untried: bool = False) -> Errand | None:
        """The errand to do now, removed; `None` when nothing is worth doing.

        With `untried`, those that failed before are left where they are.
        """
        self._waiting = [e for e in self._waiting if not e.stale]
        ready = [
            e for e in self._waiting if e.not_before_s <= now_s and not (untried and e.attempts)
        ]
        if not ready:
            return None
        first = min(ready, key=lambda e: (_RANK[e.urgency], e.since_s))
        if first.urgency == "partial" and self.behind_s(now_s) > self.pace.no_partials_behind_s:
            return None
        self._waiting.remove(first)
        return first

    def take_together(self, now_s: float, most: int) -> list[Errand]:
        """What to decode now in one call, removed: `most` at most, in the order of `take`.

        Whatever waits goes along, from any leg, finals first; nothing is waited for to fill a
        batch. Partials ride on the places that finals and guesses leave, and on none while a final
        has to be left for the next batch. What failed before goes alone: whatever breaks a batch
        breaks it once.
        """
        first = self.take(now_s)
        if first is None:
            return []
        taken = [first]
        while not first.attempts and len(taken) < most:
            errand = self.take(now_s, untried=True)
            if errand is None:
                break
            taken.append(errand)
        return taken

    def behind_s(self, now_s: float) -> float:
        """How long the oldest waiting final has waited."""
        since = [e.since_s for e in self._waiting if e.urgency == "final" and not e.stale]
        return max(0.0, now_s - min(since)) if since else 0.0

    def beam(self) -> int:
        """Beam for the next final, by how many others wait."""
        waiting = sum(e.urgency == "final" and not e.stale for e in self._waiting)
        if waiting < self.workers:
            return self.pace.beam
        return self.pace.beam_busy if waiting < 3 * self.workers else self.pace.beam_swamped

    def partial_done(self, took_s: float) -> None:
        """Learn what a partial costs."""
        self._partial_cost_s += 0.1 * (took_s - self._partial_cost_s)

    def partial_every_s(self, speaking: int) -> float:
        """How often a leg may ask for a partial while `speaking` legs speak."""
        pace = self.pace
        fair_s = speaking * self._partial_cost_s / (self.workers * pace.share_for_partials)
        return min(pace.partial_at_most_every_s, max(pace.partial_every_s, fair_s))

    def drop_leg(self, leg_id: str) -> None:
        """Forget the guesses and partials of a leg that is over; its finals stay."""
        self._waiting = [e for e in self._waiting if e.leg_id != leg_id or e.urgency == "final"]

    def __len__(self) -> int:
        return len(self._waiting)
