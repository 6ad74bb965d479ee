"""The calls of a bench: what two people say, and when, as legs that speak in real time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from copilot.evaluation.manifest import Clip, EvaluationInputError, read_clip, read_manifest
from telephony.leg import FRAME_MS, Frame, LegRole

FRAME_S = FRAME_MS / 1000
PAUSE_S = (0.8, 1.5)
OVERLAP_SHARE = 0.1
"""Turns that begin before the other person has finished."""
TURN_CLIPS = (1, 3)
QUEUE_FRAMES = 50
"""A leg's bounded queue, as in telephony: one second, drop oldest."""

Pcm = npt.NDArray[np.int16]


def read_clips(directory: Path) -> list[tuple[Clip, Pcm, int]]:
    """The clips of the manifest in a folder. Raises EvaluationInputError."""
    found = sorted(directory.glob("*.jsonl"))
    if not found:
        raise EvaluationInputError(directory, "holds no manifest (*.jsonl), as for eval asr")
    manifest = found[0]
    clips = [(clip, read_clip(manifest, clip)) for clip in read_manifest(manifest)]
    # A leg has one rate: mixing them would be another line's call.
    rate_hz = clips[0][1].rate_hz
    return [(clip, sound.pcm, rate_hz) for clip, sound in clips if sound.rate_hz == rate_hz]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """One clip as placed in a leg."""

    clip: Clip
    pcm: Pcm
    rate_hz: int
    start_s: float

    @property
    def end_s(self) -> float:
        return self.start_s + len(self.pcm) / self.rate_hz


def plan_call(
    clips: Sequence[tuple[Clip, Pcm, int]], *, seconds: float, seed: int
) -> dict[LegRole, list[Said]]:
    """Turns of both legs until `seconds`: pauses of 0.8 to 1.5 s, some overlap. Pure."""
    chance = random.Random(seed)
    legs: dict[LegRole, list[Said]] = {"caller": [], "operator": []}
    speaking: LegRole = "caller"
    now_s = chance.uniform(0.3, 1.5)
    while True:
        for _ in range(chance.randint(*TURN_CLIPS)):
            clip, pcm, rate_hz = chance.choice(clips)
            said = Said(clip=clip, pcm=pcm, rate_hz=rate_hz, start_s=now_s)
            if said.end_s > seconds:
                return legs
            legs[speaking].append(said)
            now_s = said.end_s + chance.uniform(*PAUSE_S)
        speaking = "operator" if speaking == "caller" else "caller"
        if chance.random() < OVERLAP_SHARE:
            last_s = legs["caller" if speaking == "operator" else "operator"][-1].end_s
            free_s = legs[speaking][-1].end_s + PAUSE_S[0] if legs[speaking] else 0.0
            now_s = max(last_s - chance.uniform(0.2, 0.8), free_s)


class PacedLeg:
    """A leg that speaks its clips in real time, through the same bounded queue as a live one."""

    def __init__(self, role: LegRole, said: Sequence[Said], *, seconds: float) -> None:
        self._role = role
        self.rate_hz = said[0].rate_hz if said else 8000
        size = self.rate_hz * FRAME_MS // 1000
        frames = int(seconds / FRAME_S)
        # A telephone line is never digitally silent.
        noise = np.random.default_rng(len(said)).normal(0.0, 3.0, frames * size)
        sound = noise.astype(np.int16)
        for clip in said:
            first = round(clip.start_s * self.rate_hz)
            sound[first : first + len(clip.pcm)] = clip.pcm[: len(sound) - first]
        self._frames = sound.reshape(frames, size)
        self.started_at_s = 0.0
        self.dropped_frames = 0

    @property
    def role(self) -> LegRole:
        return self._role

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames when they are due; those the reader was a second late for are dropped."""
        loop = asyncio.get_running_loop()
        self.started_at_s = loop.time()
        for number, pcm in enumerate(self._frames):
            late_s = loop.time() - (self.started_at_s + (number + 1) * FRAME_S)
            if late_s > QUEUE_FRAMES * FRAME_S:
                self.dropped_frames += 1
                continue
            if late_s < 0:
                await asyncio.sleep(-late_s)
            yield Frame(start_s=number * FRAME_S, pcm=pcm, sample_rate_hz=self.rate_hz)
