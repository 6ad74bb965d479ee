"""One way of a call: packets of one voice after another, renumbered into one unbroken series."""

from __future__ import annotations

import random

from telephony.announcement import Playing
from telephony.call import Endpoint, VoicePacket
from telephony.codec import CODECS, FRAME_TICKS, TICKS_PER_S, Transcoder
from telephony.lateness import Lateness
from telephony.packet import ahead

TICK_S = 0.020
FILL_AFTER_S = 0.5
"""Silence is sent once nothing has come for this long. Shorter stalls are the far end's business
to conceal or wait out; longer ones must not look like a dead line, on which a trunk hangs up."""
DISCONTINUITY_S = 2.0
"""A timestamp this far from its time of arrival starts the numbering anew."""


class Relay:
    """All that one person is sent: renumbers packets into one unbroken series for the far end.

    Pure but for `Endpoint.send`; time is passed in. Losses, order and spacing of the source are
    kept as they are, since the far end's buffer needs them to conceal. Where silence was sent in
    place of a stalled source, what the stall brings late is dropped, so that no delay builds up; a
    source that stays late is followed anew.
    """

    def __init__(self, *, now_s: float) -> None:
        self.sink: Endpoint | None = None
        self.open = True
        """Whether the voice passes; shut, the far end hears silence."""
        self.playing: Playing | None = None
        """Heard by the far end in place of the voice, until it is over."""
        self._ssrc: int | None = None
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._filled = True
        """The last thing sent was silence of ours; so before anything comes."""
        self._last_sequence = random.getrandbits(14)
        self._last_timestamp = random.getrandbits(31)
        self._last_sent_s = now_s
        """When `_last_timestamp` went out."""
        self._transcoder: Transcoder | None = None
        """Only while the two ends speak different codecs."""
        self._last_taken = 0
        self._late = Lateness()
        self.packets = 0
        self.fills = 0
        self.late = 0

    @property
    def passes(self) -> bool:
        """Whether the far end hears the voice now."""
        return self.open and (self.playing is None or self.playing.over)

    def play(self, playing: Playing) -> None:
        """Let the far end hear this, in place of what is being played to it."""
        self.stop_playing()
        self.playing = playing

    def stop_playing(self) -> None:
        """Play nothing more. Idempotent."""
        if self.playing is not None:
            self.playing.stop()

    def change_source(self) -> None:
        """What comes next is another voice, or a mix: a series of its own, whatever it claims."""
        self._ssrc = None

    def take(self, packet: VoicePacket) -> None:
        """Send a packet on."""
        if self.sink is None or not self.passes:
            return
        begins = self._filled
        if packet.ssrc != self._ssrc or not self._continues(packet):
            self._start_series(packet)
            begins = True
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
        newer = ahead(timestamp, self._last_timestamp, bits=32) > 0
        if self._filled:
            if not newer:
                if not self._late.stays(packet.arrived_s):
                    self.late += 1
                    return
                self._start_series(packet)
                timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
            self._late.in_time()
            self._sequence_offset = self._last_sequence + 1 - packet.sequence
            self._filled = False
        if packet.codec != self.sink.codec:
            self._convert(packet, timestamp, self.sink, marker=begins)
            return
        sequence = (packet.sequence + self._sequence_offset) & 0xFFFF
        self._pass(packet.payload, sequence, timestamp, packet.arrived_s, marker=begins)

    def _pass(
        self, payload: bytes, sequence: int, timestamp: int, arrived_s: float, *, marker: bool
    ) -> None:
        if self.sink is None:
            return
        self.sink.send(payload, sequence=sequence, timestamp=timestamp, marker=marker)
        self.packets += 1
        if ahead(timestamp, self._last_timestamp, bits=32) > 0:
            self._last_sequence, self._last_timestamp = sequence, timestamp
            self._last_sent_s = arrived_s

    def _convert(
        self, packet: VoicePacket, timestamp: int, sink: Endpoint, *, marker: bool
    ) -> None:
        """Send the voice on in the far end's codec."""
        coder = self._transcoder
        if coder is None or (coder.source, coder.target) != (packet.codec, sink.codec):
            coder = self._transcoder = Transcoder(packet.codec, sink.codec)
        if coder.keeps_packets:
            sequence = (packet.sequence + self._sequence_offset) & 0xFFFF
            for _, payload in coder.convert(packet.payload, timestamp):
                self._pass(payload, sequence, timestamp, packet.arrived_s, marker=marker)
            return
        if ahead(timestamp, self._last_taken, bits=32) <= 0 and not marker:
            self.late += 1  # an encoder with a memory cannot go back
            return
        self._last_taken = timestamp
        for at, payload in coder.convert(packet.payload, timestamp):
            sequence = (self._last_sequence + 1) & 0xFFFF
            self._pass(payload, sequence, at, packet.arrived_s, marker=marker)
            self._sequence_offset = sequence - packet.sequence
            marker = False

    def tick(self, now_s: float) -> None:
        """Send 20 ms of what is being played, or of silence if the source has fallen quiet."""
        if self.sink is None:
            return
        quiet_s = now_s - self._last_sent_s
        # Shut, nothing is waited for: the far end must not conceal the last word it got.
        at_once = self._filled or not self.passes
        if quiet_s < (TICK_S * 0.9 if at_once else FILL_AFTER_S):
            return
        self._filled = True
        self._last_sequence = (self._last_sequence + 1) & 0xFFFF
        self._last_timestamp = self._timestamp_at(now_s)
        self._last_sent_s = now_s
        self.fills += 1
        payload = self.playing.next(self.sink.codec) if self.playing else None
        if payload is None:
            self.playing = None
            payload = CODECS[self.sink.codec].silence
        self.sink.send(payload, sequence=self._last_sequence, timestamp=self._last_timestamp)

    def _continues(self, packet: VoicePacket) -> bool:
        """Whether the packet's timestamp fits the series it claims to belong to."""
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
        step_s = ahead(timestamp, self._last_timestamp, bits=32) / TICKS_PER_S
        return abs(step_s - (packet.arrived_s - self._last_sent_s)) < DISCONTINUITY_S

    def _start_series(self, packet: VoicePacket) -> None:
        self._ssrc = packet.ssrc
        self._sequence_offset = self._last_sequence + 1 - packet.sequence
        self._timestamp_offset = self._timestamp_at(packet.arrived_s) - packet.timestamp

    def _timestamp_at(self, now_s: float) -> int:
        """A whole number of frames after the last one sent, at least one, by the clock."""
        frames = max(1, round((now_s - self._last_sent_s) / TICK_S))
        return (self._last_timestamp + frames * FRAME_TICKS) & 0xFFFFFFFF
