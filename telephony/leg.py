"""What every leg gives, whatever carries it: 20 ms frames on one exact clock.

A leg is one voice. Who speaks is known from the leg, never guessed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

LegRole = Literal["caller", "operator"]

FRAME_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """20 ms of one voice."""

    start_s: float
    """Position on the leg's clock, seconds since its first frame. Frames are contiguous."""

    pcm: npt.NDArray[np.int16]
    """Samples, shape (sample_rate_hz // 50,)."""

    sample_rate_hz: int = 8000
    """8000 for telephone codecs, 16000 for wideband ones."""

    lost: bool = False
    """Nothing was received for these 20 ms: `pcm` is filled, not heard."""


class Leg(Protocol):
    """One voice of a call, readable once."""

    @property
    def role(self) -> LegRole: ...

    @property
    def dropped_frames(self) -> int:
        """Frames the reader was too slow to take (bounded queue, drop oldest)."""
        ...

    def frames(self) -> AsyncIterator[Frame]:
        """Yield frames until the leg ends. Gaps are filled by timestamp with `lost` frames."""
        ...
