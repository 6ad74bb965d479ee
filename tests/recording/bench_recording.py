"""What recording adds to a call: CPU of taking, encoding and sealing, and bytes on the disk.

    python -m tests.recording.bench_recording [--minutes 10]

Real French prompts, the two people taking turns with pauses of a second, through the recorder of a
call on a real store; the same without it is the cost of the frames alone.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
import time
from pathlib import Path

import numpy as np

from copilot.recording.holdback import ROLES
from telephony.g711 import Pcm
from telephony.leg import Frame, LegRole
from telephony.resampling import Interpolator
from tests.recording.sounds import files_under, frames_of
from tests.recording.test_recordings import JUDGED, desk
from tests.sounds import french_prompts

PAUSE_S = 1.0


def conversation(seconds: float) -> dict[LegRole, Pcm]:
    """Two people who take turns, 8 kHz."""
    said: dict[LegRole, list[Pcm]] = {role: [] for role in ROLES}
    length, turn = 0, 0
    prompts = [prompt.pcm() for prompt in french_prompts(min_words=4)]
    while length < seconds * 8000:
        pcm = np.concatenate(
            [prompts[turn % len(prompts)], np.zeros(int(PAUSE_S * 8000), np.int16)]
        )
        for role in ROLES:
            said[role].append(pcm if role == ROLES[turn % 2] else np.zeros_like(pcm))
        length, turn = length + len(pcm), turn + 1
    return {role: np.concatenate(pieces)[: int(seconds * 8000)] for role, pieces in said.items()}


async def cost(voices: dict[LegRole, list[Frame]], *, recorded: bool) -> tuple[float, int]:
    """CPU seconds, and bytes of the file."""
    with tempfile.TemporaryDirectory() as made:
        async with desk(Path(made)) as there:
            recorder = there.recorder(JUDGED)
            began = time.process_time()
            for both in zip(*voices.values(), strict=True):
                for role, frame in zip(voices, both, strict=True):
                    if recorded:
                        recorder.take(role, frame, settled_s=frame.start_s)
                if both[0].start_s % 5 < 0.02:
                    await asyncio.sleep(0)
                    while recorder.held_s > 30:  # noqa: ASYNC110 - as a fast replay waits
                        await asyncio.sleep(0.01)
            for role in ROLES:
                recorder.leg_over(role, math.inf)
            there.recordings.finish(recorder)
            await recorder.finished()
            spent_s = time.process_time() - began
            sizes = [path.stat().st_size for path in files_under(Path(made) / "recordings")]
            return spent_s, sum(sizes)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    seconds = parser.parse_args().minutes * 60
    narrow = conversation(seconds)
    wide = {role: Interpolator(2).take(pcm) for role, pcm in narrow.items()}
    print("| voices | CPU, ms a call-second | kB a minute |\n|---|---|---|")
    for name, rate_hz, voices in (("8 kHz", 8000, narrow), ("16 kHz", 16000, wide)):
        frames = {role: frames_of(pcm, rate_hz=rate_hz) for role, pcm in voices.items()}
        off_s, _ = asyncio.run(cost(frames, recorded=False))
        on_s, size = asyncio.run(cost(frames, recorded=True))
        added_ms, kilobytes = 1000 * (on_s - off_s) / seconds, size / 1000 / (seconds / 60)
        print(f"| {name} | {added_ms:.1f} | {kilobytes:.0f} |")


if __name__ == "__main__":
    main()
