"""Keys pressed during a call, as named events in RTP (RFC 4733). Writing; aiortp reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

KEYS = "0123456789*#ABCD"
STEP_MS = 20
PRESS_MS = 160
"""How long a key is held: what a finger does, and well above the 40 ms a receiver needs."""
PAUSE_MS = 80
END_COPIES = 3
"""The last packet is sent three times (section 2.5.1.4): its loss would hold the key down."""
VOLUME = 10
"""-10 dBm0."""


class KeyPacket(NamedTuple):
    """One packet of a key press; all of a press share the timestamp of its beginning."""

    payload: bytes
    marker: bool
    starts_press: bool


def is_keys(text: str) -> bool:
    """Whether it is a row of keys a telephone has."""
    return bool(text) and all(key in KEYS for key in text.upper())


def press(key: str, *, clock_rate_hz: int) -> Iterator[KeyPacket]:
    """The packets of one key, one every 20 ms, the copies of the last included.

    Durations are in clock units and grow with each packet; a copy of the end repeats its own.
    """
    event = KEYS.index(key.upper())
    step = clock_rate_hz * STEP_MS // 1000
    steps = PRESS_MS // STEP_MS
    for number in range(1, steps):
        payload = struct.pack("!BBH", event, VOLUME, number * step)
        yield KeyPacket(payload, number == 1, number == 1)
    for _ in range(END_COPIES):
        yield KeyPacket(struct.pack("!BBH", event, 0x80 | VOLUME, steps * step), False, False)
