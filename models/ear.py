"""The ear on one leg, as the event loop sees it: frames in, heard text out."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.hearing import Heard
from models.track import Track

log = logging.getLogger(__name__)

FRAME_S = 0.02
SETTLED_STEP_S = 0.5
"""How often, in sound, it is told how far everything is given."""


@dataclass(slots=True, eq=False)
class Frame:
    """Sound that waits to be listened to."""

    pcm: npt.NDArray[np.int16]
    start_s: float
    rate_hz: int


class Ear:
    """One leg (the `LegEar` protocol). `feed` and `close` are the event loop's, the rest the
    listening thread's."""

    def __init__(
        self,
        track: Track,
        on_heard: Callable[[Heard], None],
        *,
        frames_kept: int,
        wake: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.track = track
        self.closing = False
        self.finished = False
        self._box: deque[Frame] = deque()
        self._lost_s = 0.0
        self._settled_s = self._told_settled_s = -math.inf
        self._frames_kept = frames_kept
        self._on_heard = on_heard
        self._wake = wake
        self._loop = loop
        self._closed: asyncio.Future[None] = loop.create_future()

    def feed(
        self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
    ) -> None:
        """Take one frame. Never blocks, never raises."""
        if self.closing:
            return
        self._box.append(Frame(pcm, start_s, sample_rate_hz))
        # The box drops its oldest: late words are worth less than new ones.
        if len(self._box) > self._frames_kept:
            self._box.popleft()
            self._lost_s += FRAME_S

    @property
    def backlog_s(self) -> float:
        """Sound taken and not looked at yet, seconds."""
        return len(self._box) * FRAME_S

    @property
    def settled_s(self) -> float:
        """Everything said before this was given; infinite once the leg is over and all was."""
        return self._settled_s

    async def close(self) -> None:
        """End the leg, once every final it owes was given."""
        self.closing = True
        self._wake()
        await asyncio.shield(self._closed)

    def next_frame(self) -> Frame | None:
        """The oldest frame not looked at."""
        return self._box.popleft() if self._box else None

    def lost_s(self) -> float:
        """Sound dropped since this was last asked."""
        lost_s, self._lost_s = self._lost_s, 0.0
        return lost_s

    def say(self, heard: Heard) -> None:
        """Give the event loop something heard."""
        self._call(self._deliver, heard)

    def settle(self) -> None:
        """Tell how far everything is given, behind what was said before. Of the listening
        thread, like `say`: the event loop hears both in this order."""
        settled_s = math.inf if self.finished and self.track.owes == 0 else self.track.settled_s
        if settled_s >= self._told_settled_s + SETTLED_STEP_S:
            self._told_settled_s = settled_s
            self._call(self._settle, settled_s)

    def done(self) -> None:
        """Let `close` return."""
        self._call(self._finish)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            log.info("leg %s: the event loop is gone", self.track.leg_id)

    def _deliver(self, heard: Heard) -> None:
        if not self._closed.done():
            self._on_heard(heard)

    def _settle(self, settled_s: float) -> None:
        self._settled_s = settled_s

    def _finish(self) -> None:
        if not self._closed.done():
            self._closed.set_result(None)
