"""AudioSocket frames (Asterisk's own documentation): kind, length, payload.

Integers are big endian, samples little endian.
"""

from __future__ import annotations

from collections.abc import Iterator

from telephony.dtmf import KEYS
from telephony.errors import TelephonyError

TERMINATE, IDENTITY, DIGIT, ERROR = 0x00, 0x01, 0x03, 0xFF
RATES_HZ = {
    0x10: 8000, 0x12: 16000, 0x13: 24000, 0x14: 32000, 0x16: 48000, 0x17: 96000, 0x18: 192000,
}  # fmt: skip
"""Rates of signed linear 16 bits mono. 12 and 44.1 kHz (0x11, 0x15) are no multiple of the
telephone's 8 kHz: Asterisk makes them for no codec a trunk has."""


class BadFrameError(TelephonyError):
    """What came is not AudioSocket; the connection makes no sense any more."""

    code = "audiosocket"


class FrameReader:
    """Frames out of bytes in pieces of any size. Keeps less than one frame: 64 KiB and a bit."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each whole frame's kind and payload. Raises BadFrameError."""
        self._waiting += data
        at = 0
        while len(self._waiting) - at >= 3:
            kind, size = self._waiting[at], int.from_bytes(self._waiting[at + 1 : at + 3], "big")
            if len(self._waiting) - at < 3 + size:
                break
            payload = bytes(self._waiting[at + 3 : at + 3 + size])
            at += 3 + size
            _check(kind, payload)
            yield kind, payload
        del self._waiting[:at]


def _check(kind: int, payload: bytes) -> None:
    if kind == IDENTITY and len(payload) != 16:
        raise BadFrameError(f"a UUID of {len(payload)} bytes")
    if kind == DIGIT and (len(payload) != 1 or chr(payload[0]).upper() not in KEYS):
        raise BadFrameError(f"a digit that is none: {payload[:8]!r}")
    if 0x10 <= kind <= 0x18 and (kind not in RATES_HZ or len(payload) % 2):
        raise BadFrameError(f"sound of kind {kind:#x} and {len(payload)} bytes")


def frame(kind: int, payload: bytes = b"") -> bytes:
    """A frame on the wire."""
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload
