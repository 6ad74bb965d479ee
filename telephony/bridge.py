"""Two people joined: their voices cross here, and others may listen.

A packet goes out the moment it comes in. Nothing on the way waits, and nothing a listener does can
reach it: listeners read bounded queues that drop their oldest frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

from telephony.announcement import Piece, Playing
from telephony.call import Endpoint, VoicePacket
from telephony.codec import CODECS, FRAME_TICKS, TICKS_PER_S, Transcoder
from telephony.leg import Leg, LegRole
from telephony.packet import ahead
from telephony.voice import Voice

TICK_S = 0.020
FILL_AFTER_S = 0.5
"""Silence is sent once nothing has come for this long. Shorter stalls are the far end's business
to conceal or wait out; longer ones must not look like a dead line, on which a trunk hangs up."""
DISCONTINUITY_S = 2.0
"""A timestamp this far from its time of arrival starts the numbering anew."""


class Relay:
    """One way of the bridge: renumbers packets into one unbroken series for the far end.

    Pure but for `Endpoint.send`; time is passed in. Losses, order and spacing of the source are
    kept as they are, since the far end's buffer needs them to conceal. Where silence was sent in
    place of a stalled source, what the stall brings late is dropped, so that no delay builds up.
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
        self.packets = 0
        self.fills = 0
        self.late = 0

    @property
    def passes(self) -> bool:
        """Whether the far end hears the voice now."""
        return self.open and (self.playing is None or self.playing.over)

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
                self.late += 1
                return
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


class Bridge:
    """Joins a caller and an operator, who may come, go and come back during the call.

    `caller` and `operator` are the legs to listen to, both on one clock that starts with the
    bridge; they end with `close`. The bridge closes the endpoints it was given.
    """

    def __init__(self, caller: Endpoint) -> None:
        self._loop = asyncio.get_running_loop()
        now_s = self._loop.time()
        self._voices: dict[LegRole, Voice] = {
            "caller": Voice("caller", started_s=now_s),
            "operator": Voice("operator", started_s=now_s),
        }
        self._relays: dict[LegRole, Relay] = {
            "caller": Relay(now_s=now_s),
            "operator": Relay(now_s=now_s),
        }
        self._endpoints: dict[LegRole, Endpoint] = {}
        self._closed = False
        self._muted = self._held = False
        self._last_came_s: dict[LegRole, float] = {}
        """When each person's last packet came, whether it was let through or not."""
        self._attach("caller", caller)
        self._ticking = asyncio.create_task(self._tick(), name="bridge clock")

    @property
    def caller(self) -> Leg:
        """What the caller says."""
        return self._voices["caller"]

    @property
    def operator(self) -> Leg:
        """What the operator says, whichever endpoint carries it."""
        return self._voices["operator"]

    @property
    def operator_endpoint(self) -> Endpoint | None:
        """The operator's endpoint now; its `ended` tells that the browser has gone."""
        return self._endpoints.get("operator")

    async def connect_operator(self, endpoint: Endpoint) -> None:
        """Give the call to this endpoint; the one before, if any, is closed."""
        if self._closed:
            await endpoint.close()
            return
        before = self._endpoints.get("operator")
        self._attach("operator", endpoint)
        if before is not None and before is not endpoint:
            before.on_packet = None
            await before.close()

    def mute(self, muted: bool) -> None:
        """The caller no longer hears the operator; neither do listeners."""
        self._muted = muted
        self._open_relays()

    def hold(self, held: bool) -> None:
        """Neither hears the other, nor do listeners; both are sent silence."""
        if self._held and not held:  # a telephone on hold sends nothing: count from now
            self._last_came_s = dict.fromkeys(self._last_came_s, self._loop.time())
        self._held = held
        self._open_relays()

    def play(self, role: LegRole, piece: Piece) -> Playing:
        """Let this person hear a piece, from now to its end, in place of the other's voice.

        It takes the place of what is being played to them; over when the bridge closes.
        """
        relay = self._relays["operator" if role == "caller" else "caller"]
        if relay.playing is not None:
            relay.playing.stop()
        playing = Playing(piece)
        if self._closed:
            playing.stop()
        else:
            relay.playing = playing
        return playing

    async def send_keys(self, keys: str) -> None:
        """Press keys toward the caller's side. Raises KeysRefused."""
        await self._endpoints["caller"].send_keys(keys)

    def silent_s(self, role: LegRole) -> float | None:
        """Seconds since this person's last packet; None before the first; 0 while on hold, when
        none is waited for."""
        if self._held:
            return 0.0
        came_s = self._last_came_s.get(role)
        return None if came_s is None else self._loop.time() - came_s

    async def close(self) -> None:
        """Part the two people, end both legs, close the endpoints. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        for relay in self._relays.values():
            if relay.playing is not None:
                relay.playing.stop()
        for endpoint in self._endpoints.values():
            endpoint.on_packet = None
        for voice in self._voices.values():
            voice.end()
        for endpoint in self._endpoints.values():
            await endpoint.close()

    def _attach(self, role: LegRole, endpoint: Endpoint) -> None:
        other: LegRole = "operator" if role == "caller" else "caller"
        voice, relay = self._voices[role], self._relays[role]

        def carry(packet: VoicePacket) -> None:
            self._last_came_s[role] = packet.arrived_s
            relay.take(packet)
            if relay.passes:
                voice.hear(packet)

        self._endpoints[role] = endpoint
        self._relays[other].sink = endpoint
        endpoint.on_packet = carry

    def _open_relays(self) -> None:
        self._relays["caller"].open = not self._held
        self._relays["operator"].open = not (self._held or self._muted)

    async def _tick(self) -> None:
        due_s = self._loop.time()
        while True:
            due_s += TICK_S
            await asyncio.sleep(due_s - self._loop.time())
            now_s = self._loop.time()
            if now_s - due_s < TICK_S:
                # Otherwise it is we who stalled: what the sockets hold comes first.
                for relay in self._relays.values():
                    relay.tick(due_s)
            for voice in self._voices.values():
                voice.tick(now_s)
            # After a long stall, carry on from now rather than tick for the past.
            due_s = max(due_s, now_s - TICK_S)
