"""RTP packets (RFC 3550 section 5.1): read, written, and numbered without a break."""

from __future__ import annotations

import struct
from typing import NamedTuple

TICKS_PER_S = 8000
FRAME_TICKS = 160
JUMP_PACKETS = 1000
"""Numbers further apart than this are not one series with losses, but two series."""


class RtpPacket(NamedTuple):
    """The parts of an RTP packet that matter here; names as aiortp's statistics read them."""

    payload_type: int
    marker: bool
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes) -> RtpPacket | None:
    """Read a packet (RFC 3550 section 5.1); None when it is not RTP."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHLL", data)
    start, end = 12 + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if first & 0x20:
        end -= data[-1]
    if start > end or (first & 0x20 and not data[-1]):
        return None
    return RtpPacket(second & 0x7F, second > 127, sequence, timestamp, ssrc, data[start:end])


def rtp_bytes(packet: RtpPacket) -> bytes:
    """The packet on the wire: no CSRC, no extension, no padding."""
    second = packet.marker << 7 | packet.payload_type
    header = struct.pack(
        "!BBHLL", 0x80, second, packet.sequence_number, packet.timestamp, packet.ssrc
    )
    return header + packet.payload


def ahead(a: int, b: int, *, bits: int) -> int:
    """How far `a` is ahead of `b` in serial numbers of so many bits (RFC 1982), signed."""
    half = 1 << (bits - 1)
    return (a - b + half) % (1 << bits) - half


class Numbering:
    """One unbroken series out of several: a ringing tone, then a bridge, then another.

    A receiver takes a jump in the numbers for a long loss, and SRTP refuses one backwards.
    """

    def __init__(self) -> None:
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._last: tuple[int, int, float] | None = None
        self._inserted = False

    def insert(self, now_s: float) -> tuple[int, int]:
        """Numbers for a packet of our own between two of the series: what follows makes room."""
        if self._last is None:
            return self.follow(0, 0, now_s)
        sequence, timestamp, last_s = self._last
        sequence = (sequence + 1) & 0xFFFF
        elapsed = round((now_s - last_s) * TICKS_PER_S)
        self._last = (sequence, timestamp, last_s)
        self._inserted = True
        return sequence, (timestamp + elapsed) & 0xFFFFFFFF

    def follow(self, sequence: int, timestamp: int, now_s: float) -> tuple[int, int]:
        """The numbers to send instead of these."""
        if self._last is not None:
            last_sequence, last_timestamp, last_s = self._last
            shifted = (sequence + self._sequence_offset) & 0xFFFF
            # Two series may have neighbouring numbers by chance; not their timestamps as well.
            stamped = (timestamp + self._timestamp_offset) & 0xFFFFFFFF
            due = last_timestamp + round((now_s - last_s) * TICKS_PER_S)
            jumped = (
                abs(ahead(shifted, last_sequence, bits=16)) > JUMP_PACKETS
                or abs(ahead(stamped, due, bits=32)) > JUMP_PACKETS * FRAME_TICKS
            )
            if jumped or self._inserted:
                self._inserted = False
                self._sequence_offset = last_sequence + 1 - sequence
            if jumped:
                elapsed = max(FRAME_TICKS, round((now_s - last_s) * TICKS_PER_S))
                self._timestamp_offset = last_timestamp + elapsed - timestamp
        sequence = (sequence + self._sequence_offset) & 0xFFFF
        timestamp = (timestamp + self._timestamp_offset) & 0xFFFFFFFF
        if self._last is None or ahead(sequence, self._last[0], bits=16) > 0:
            self._last = (sequence, timestamp, now_s)
        return sequence, timestamp


class Ticks:
    """Timestamps of one series on a codec's clock, as ticks of 1/8000 s that wrap at 32 bits too.

    Dividing a wrapped number would jump at every wrap, so the series is unrolled first.
    """

    def __init__(self, clocks_per_tick: int) -> None:
        self._clocks_per_tick = clocks_per_tick
        self._last: int | None = None

    def of(self, timestamp: int) -> int:
        """The tick of a packet's timestamp."""
        if self._clocks_per_tick == 1:
            return timestamp
        if self._last is None:
            self._last = timestamp
        else:
            self._last += ahead(timestamp, self._last & 0xFFFFFFFF, bits=32)
        return self._last // self._clocks_per_tick & 0xFFFFFFFF


class OneWay:
    """Which packets may still go out on a stream that cannot go back: none that was overtaken."""

    def __init__(self) -> None:
        self._numbering = Numbering()
        self._last: int | None = None

    def admits(self, sequence: int, timestamp: int, now_s: float) -> bool:
        """Whether this one comes after all that went before, of one series or of several."""
        sequence, _ = self._numbering.follow(sequence, timestamp, now_s)
        if self._last is not None and ahead(sequence, self._last, bits=16) <= 0:
            return False
        self._last = sequence
        return True
