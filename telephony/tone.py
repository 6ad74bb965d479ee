"""The tone a caller hears while it rings (France: 440 Hz, 1.5 s on, 3.5 s off; ITU-T E.180)."""

from __future__ import annotations

import numpy as np

from telephony.call import CodecName
from telephony.codec import TICKS_PER_S, encode_frames

FREQUENCY_HZ = 440
ON_S, OFF_S = 1.5, 3.5
AMPLITUDE = 3000


def ringing_frames(codec: CodecName) -> list[bytes]:
    """One cadence of 20 ms payloads, to be repeated."""
    at = np.arange(round(ON_S * TICKS_PER_S))
    tone = AMPLITUDE * np.sin(2 * np.pi * FREQUENCY_HZ * at / TICKS_PER_S)
    # 10 ms in and out, so that it does not click.
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / (0.010 * TICKS_PER_S))
    silence = np.zeros(round(OFF_S * TICKS_PER_S))
    return encode_frames(np.concatenate([tone * edge, silence]).astype(np.int16), codec)
