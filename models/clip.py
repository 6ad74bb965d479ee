"""A recorded clip heard as a leg would be, faster than real time.

The same track, segmenter, requests and beliefs as a live leg, with a recogniser that is never
busy: each errand is done the moment it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from models.crew import request_for
from models.hearing import Final, Heard, HearingContext
from models.listening import Listening
from models.recogniser import Recogniser
from models.scheduler import Errand
from models.track import Track
from models.vad import VoiceActivity

FRAMES_PER_S = 50


def hear_clip(
    pcm: npt.NDArray[np.int16],
    *,
    rate_hz: int,
    context: HearingContext,
    recogniser: Recogniser,
    voice_activity: VoiceActivity,
    settings: Listening | None = None,
    partials: bool = False,
) -> list[Heard]:
    """Everything heard in a clip, shape (n,), in order. The clip's start is second 0."""
    settings = settings or Listening()
    track = Track(
        leg_id="clip",
        context=context,
        partials=partials,
        segmentation=settings.segmentation,
        belief=settings.belief,
    )
    heard: list[Heard] = []

    def run(errands: Iterable[Errand]) -> None:
        for errand in errands:
            if errand.decoding is None:
                request = request_for(errand, beam=settings.pace.beam, words=settings.words)
                errand.decoding = recogniser.decode(request)
            heard.extend(track.decoded(errand, errand.decoding))
            run(track.misheard())

    for start_s, frame in _frames(pcm, rate_hz):
        track.take(frame, start_s=start_s, rate_hz=rate_hz)
        while (window := track.window()) is not None:
            (probability,) = voice_activity.probabilities([window])
            every_s = settings.pace.partial_every_s
            run(track.judged(probability, now_s=start_s, partial_every_s=every_s))
    run(track.finish(now_s=len(pcm) / rate_hz))
    return heard


def finals(heard: Iterable[Heard]) -> list[Final]:
    """The finals among what was heard."""
    return [item for item in heard if isinstance(item, Final)]


def _frames(
    pcm: npt.NDArray[np.int16], rate_hz: int
) -> Iterator[tuple[float, npt.NDArray[np.int16]]]:
    size = rate_hz // FRAMES_PER_S
    for first in range(0, len(pcm), size):
        yield first / rate_hz, pcm[first : first + size]
