"""The tone a caller hears while it rings (France: 440 Hz, 1.5 s on, 3.5 s off; ITU-T E.180)."""

from __future__ import annotations

import numpy as np

from telephony import g711
from telephony.call import CodecName

FREQUENCY_HZ = 440
ON_S, OFF_S = 1.5, 3.5
AMPLITUDE = 3000
FRAME_SAMPLES = 160


def ringing_frames(codec: CodecName) -> list[bytes]:
    """One cadence of 20 ms payloads, to be repeated."""
    at = np.arange(round(ON_S * g711.SAMPLE_RATE_HZ))
    tone = AMPLITUDE * np.sin(2 * np.pi * FREQUENCY_HZ * at / g711.SAMPLE_RATE_HZ)
    # 10 ms in and out, so that it does not click.
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / (0.010 * g711.SAMPLE_RATE_HZ))
    voice = g711.encode((tone * edge).astype(np.int16), codec)
    frames = [voice[i : i + FRAME_SAMPLES] for i in range(0, len(voice), FRAME_SAMPLES)]
    silence = [g711.SILENCE_FRAME[codec]] * round(OFF_S * g711.SAMPLE_RATE_HZ / FRAME_SAMPLES)
    return frames + silence
