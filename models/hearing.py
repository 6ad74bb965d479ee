"""What the ear says: text heard on one leg, as plain values.

The ear knows legs by an opaque identifier; calls, clients and events are the business of copilot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word with its place on the leg's clock."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What is heard so far of an utterance still being spoken. Replaced by the next one."""

    utterance_id: int
    """Counts up from 1 on each leg; the final that ends it carries the same number."""
    settled: str
    """The prefix two decodings agreed on (LocalAgreement-2)."""
    provisional: str
    """The rest, which may still change."""
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A finished stretch of speech."""

    utterance_id: int
    text: str
    """As shown: numbers written the way French people write them. May be empty (noise)."""
    heard: str
    """The words as the recogniser gave them."""
    start_s: float
    end_s: float
    """End of speech on the leg's clock (the endpointing silence is not counted)."""
    language: str
    confidence: float
    """0 to 1, from the average log-probability."""
    words: tuple[Word, ...] = ()
    endpoint_s: float | None = None
    """Where on the leg's clock the utterance was known to be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingTrouble:
    """Recognition of a leg is interrupted, or back (`recovered`)."""

    code: str
    detail: str
    recovered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageHeard:
    """A leg speaks another language from this utterance on; its final follows.

    Utterances that were put into words in the wrong language come again, under their number.
    """

    language: str
    """ISO 639-1."""
    utterance_id: int


Heard: TypeAlias = Partial | Final | LanguageHeard | HearingTrouble


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingContext:
    """What the recogniser should expect on a leg."""

    languages: tuple[str, ...] = ("fr",)
    """The one expected, then those the leg may change to."""
    vocabulary: tuple[str, ...] = field(default=())
    """Client's name, contacts, streets, jargon: biases recognition, never inserted."""
    across: str | None = None
    """The leg of the other person, whose voice may leak into this one."""


class LegEar(Protocol):
    """The ear on one leg."""

    def feed(
        self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
    ) -> None:
        """Take one frame. Never blocks, never raises; call from the event loop."""
        ...

    @property
    def backlog_s(self) -> float:
        """Sound taken and not looked at yet, seconds; a recording's reader waits on it."""
        ...

    @property
    def settled_s(self) -> float:
        """Everything said before this place of the leg's clock was given to `on_heard`; infinite
        once the leg is over and all of it was."""
        ...

    async def close(self) -> None:
        """End the leg: returns once every final it owes has been given to `on_heard`."""
        ...


class Hearing(Protocol):
    """The shared ear of the process: one set of models, an ear per leg."""

    def open(
        self,
        *,
        leg_id: str,
        context: HearingContext,
        on_heard: Callable[[Heard], None],
        partials: bool = True,
    ) -> LegEar:
        """Start listening to a leg. `on_heard` is called on the event loop, in order."""
        ...

    @property
    def lag_s(self) -> float:
        """How far the text is behind the voices now, seconds (0 when on time)."""
        ...
