"""Turns on their way to be thought over: which belong together, and how fewer wait. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot.drafting.draft import Turn
from models.phrases import phrase_of

RESUMED_S = 1.0
"""A caller who goes on this soon after words that looked unfinished has not asked two things."""
MOST_RESUMED_CHARACTERS = 400

WAITING_TURNS = 128
"""Turns that wait to be thought over: minutes of talk. A recording waits for them; of a live call
the oldest goes without an answer, which would be stale, and the drafter hears the oldest half as
one turn of each speaker. No word of it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn to answer."""

    turn: Turn
    start_s: float
    end_s: float
    """On the leg's clock."""
    before: str = ""
    """The beginning of the same phrase, where a short silence had cut it."""

    @property
    def query(self) -> str:
        """What is searched."""
        return f"{self.before} {self.turn.text}" if self.before else self.turn.text

    def after(self, last: Said | None) -> Said:
        """The same, as the rest of what the caller said last, if that is what it is.

        Only the search hears it so: what is on the screen stays two utterances.
        """
        goes_on = (
            last is not None
            and self.turn.speaker == "caller"
            and 0.0 <= self.start_s - last.end_s <= RESUMED_S
            and phrase_of(last.turn.text) != "complete"
            and len(last.query) <= MOST_RESUMED_CHARACTERS
        )
        return replace(self, before=last.query) if last and goes_on else self


def folded(waiting: Sequence[Said]) -> list[Said]:
    """What was said, the oldest half made one turn of each speaker, so that fewer wait. Pure."""
    older, newer = waiting[: len(waiting) // 2], waiting[len(waiting) // 2 :]
    by_speaker: dict[str, list[Said]] = {}
    for said in older:
        by_speaker.setdefault(said.turn.speaker, []).append(said)
    begun_s = min((said.start_s for said in older), default=0.0)
    joined = [
        replace(
            mine[-1],
            turn=replace(mine[-1].turn, text=" ".join(said.turn.text for said in mine)),
            start_s=begun_s,
        )
        for mine in by_speaker.values()
    ]
    return [*joined, *newer]
