"""A written call, said at a speaking pace: what a session hears of it instead of sound.

    lines ──speak──> ears (partials, finals) ──> the same CallSession as a live call's
    legs: silent, they end with the last line

The session is the live one, so that cards, checklist and message come as they would.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import numpy as np
import numpy.typing as npt

from copilot.store.records.training import Line
from models.hearing import Final, Heard, HearingContext, LegEar, Partial, Word
from telephony.leg import Frame, LegRole

WORDS_A_S = 2.7
"""How fast people speak on the telephone."""
AT_A_TIME = 3
"""Words between two partials."""
UNSETTLED = 2
"""Words that a partial may still change."""


class WrittenEar:
    """One voice's ear: it is told what is said."""

    def __init__(self, on_heard: Callable[[Heard], None]) -> None:
        self.tell = on_heard
        self.said = 0

    def feed(
        self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
    ) -> None:
        """There is no sound."""

    @property
    def backlog_s(self) -> float:
        return 0.0

    @property
    def settled_s(self) -> float:
        return math.inf  # what is told is told at once, and nothing is recorded

    async def close(self) -> None:
        """Nothing is owed: the leg ends after its last line."""


class WrittenLeg:
    """One voice: nothing to hear, until the call is over."""

    dropped_frames = 0

    def __init__(self, role: LegRole, over: asyncio.Event) -> None:
        self.role: LegRole = role
        self._over = over

    async def frames(self) -> AsyncIterator[Frame]:
        await self._over.wait()
        nothing: tuple[Frame, ...] = ()
        for frame in nothing:
            yield frame


class WrittenCall:
    """A written call, and the ear that hears it (`models.hearing.Hearing`)."""

    lag_s = 0.0

    def __init__(
        self,
        lines: Sequence[Line],
        *,
        language: str = "fr",
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lines = lines
        self._language = language
        self._speed = speed
        self._sleep = sleep
        self._ears: dict[str, WrittenEar] = {}
        self._listening = asyncio.Event()
        self._over = asyncio.Event()
        self._now_s = 0.0
        self.legs = (WrittenLeg("caller", self._over), WrittenLeg("operator", self._over))

    def open(
        self,
        *,
        leg_id: str,
        context: HearingContext,  # noqa: ARG002 - what is written needs no help
        on_heard: Callable[[Heard], None],
        partials: bool = True,  # noqa: ARG002 - whoever reads them along is a person
    ) -> LegEar:
        ear = self._ears[leg_id.rpartition("/")[2]] = WrittenEar(on_heard)
        if len(self._ears) == len(self.legs):
            self._listening.set()
        return ear

    async def speak(self) -> None:
        """Say every line, once somebody listens; then both legs end."""
        await self._listening.wait()
        try:
            for line in self._lines:
                await self._wait(line.pause_s)
                await self._say(self._ears[line.speaker], line)
        finally:
            self._over.set()

    async def _say(self, ear: WrittenEar, line: Line) -> None:
        ear.said += 1
        text = line.text
        start_s, spoken = self._now_s, text.split()
        a_word_s = 1 / WORDS_A_S
        if line.sound is not None:  # at the pace of the voice that is played meanwhile
            a_word_s = (line.sound[1] - line.sound[0]) / len(spoken)
            ear.tell(
                Partial(
                    utterance_id=ear.said, settled="", provisional=spoken[0],
                    start_s=start_s, end_s=start_s,
                )
            )  # fmt: skip
        words: list[Word] = []
        for at, word in enumerate(spoken):
            began_s = self._now_s
            await self._wait(a_word_s)
            words.append(Word(text=word, start_s=began_s, end_s=self._now_s, probability=1.0))
            if at % AT_A_TIME == AT_A_TIME - 1 and at + 1 < len(spoken):
                known = spoken[: at + 1]
                ear.tell(
                    Partial(
                        utterance_id=ear.said,
                        settled=" ".join(known[:-UNSETTLED]),
                        provisional=" ".join(known[-UNSETTLED:]),
                        start_s=start_s,
                        end_s=self._now_s,
                    )
                )
        ear.tell(
            Final(
                utterance_id=ear.said,
                text=text,
                heard=text,
                start_s=start_s,
                end_s=self._now_s,
                language=self._language,
                confidence=1.0,
                words=tuple(words),
                endpoint_s=self._now_s,
            )
        )

    async def _wait(self, seconds: float) -> None:
        self._now_s += seconds
        await self._sleep(seconds / self._speed)
