"""Voices mixed for whoever hears more than one, everyone without their own.

Only those are mixed for: a caller with whom a supervisor listens along goes on getting the
operator's packets as they come (docs/adr/0150). A mix enters the receiver's `Relay` like any other
source, so that the receiver sees one unbroken series before, during and after.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from telephony.call import CodecName, VoicePacket
from telephony.codec import CODECS, FRAME_TICKS, TICKS_PER_S, Encoder
from telephony.floor import Person
from telephony.g711 import Pcm
from telephony.playout import Playout
from telephony.relay import TICK_S, Relay
from telephony.resampling import Decimator, Interpolator

MOST_BEHIND = 5
"""Frames caught up with after a stall of ours; what lies further back is left out."""
KNEE = 24_000.0
"""Up to here a sum is passed as it is."""
CEILING = 32_767.0

Sum = npt.NDArray[np.int32]


def limited(total: Sum) -> Pcm:
    """A sum of voices within 16 bits, shape kept: bent above the knee, never cut flat."""
    loud = np.abs(total)
    if not len(loud) or loud.max() <= KNEE:
        return total.astype(np.int16)
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((loud - KNEE) / room)
    return np.where(loud > KNEE, np.sign(total) * bent, total).astype(np.int16)


class _Receiver:
    """One person's mix, encoded and handed to their relay."""

    def __init__(self, relay: Relay, speakers: frozenset[Person], *, sample_rate_hz: int) -> None:
        self.speakers = speakers
        self._relay = relay
        self._rate_hz = sample_rate_hz
        self._ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(15)
        self._codec: CodecName | None = None
        self._encoder: Encoder
        self._resampler: Interpolator | Decimator | None = None
        relay.change_source()

    def send(self, pcm: Pcm, *, frame: int, now_s: float) -> None:
        if self._relay.sink is None:
            return
        codec = self._relay.sink.codec
        if codec != self._codec:
            self._use(codec)
        if self._resampler is not None:
            pcm = self._resampler.take(pcm)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._relay.take(
            VoicePacket(
                payload=self._encoder.encode(pcm),
                codec=codec,
                sequence=self._sequence,
                timestamp=frame * FRAME_TICKS & 0xFFFFFFFF,
                ssrc=self._ssrc,
                arrived_s=now_s,
            )
        )

    def _use(self, codec: CodecName) -> None:
        rate_hz = CODECS[codec].sample_rate_hz
        self._codec, self._encoder, self._resampler = codec, Encoder(codec), None
        if rate_hz > self._rate_hz:
            self._resampler = Interpolator(rate_hz // self._rate_hz)
        elif rate_hz < self._rate_hz:
            self._resampler = Decimator(self._rate_hz // rate_hz)


class Conference:
    """Mixes while it is there. Give it every packet of those in `speakers`, and tick it."""

    def __init__(self, *, sample_rate_hz: int) -> None:
        """`sample_rate_hz` it mixes at: 8000, or 16000 where somebody has a wideband codec."""
        self.sample_rate_hz = sample_rate_hz
        self._playouts: dict[Person, Playout] = {}
        self._receivers: dict[Person, _Receiver] = {}
        self._started_s: float | None = None
        self._frame = 0

    @property
    def speakers(self) -> Iterable[Person]:
        """Whose packets are mixed."""
        return self._playouts.keys()

    def arrange(
        self, hearing: Mapping[Person, frozenset[Person]], relays: Mapping[Person, Relay]
    ) -> None:
        """Mix these speakers for these listeners. Who stays loses nothing of what waits."""
        speakers = frozenset[Person]().union(*hearing.values())
        self._playouts = {
            person: self._playouts.get(person) or Playout(sample_rate_hz=self.sample_rate_hz)
            for person in speakers
        }
        self._receivers = {
            person: self._receiver(person, heard, relays[person])
            for person, heard in hearing.items()
        }

    def take(self, speaker: Person, packet: VoicePacket) -> None:
        """Take a packet from the media path; nothing when nobody's mix has this speaker."""
        playout = self._playouts.get(speaker)
        if playout is not None:
            playout.take(packet)

    def tick(self, now_s: float) -> None:
        """Send what is due by now."""
        if self._started_s is None:
            self._started_s = now_s
        due = round((now_s - self._started_s) / TICK_S) + 1
        self._frame = max(self._frame, due - MOST_BEHIND)
        while self._frame < due:
            self._mix(now_s)
            self._frame += 1

    def _mix(self, now_s: float) -> None:
        given = {person: playout.give() for person, playout in self._playouts.items()}
        silence = np.zeros(self.sample_rate_hz // (TICKS_PER_S // FRAME_TICKS), dtype=np.int32)
        for receiver in self._receivers.values():
            total = silence.copy()
            for person in receiver.speakers:
                if (pcm := given[person]) is not None:
                    total += pcm
            receiver.send(limited(total), frame=self._frame, now_s=now_s)

    def _receiver(self, person: Person, heard: frozenset[Person], relay: Relay) -> _Receiver:
        known = self._receivers.get(person)
        if known is None:
            return _Receiver(relay, heard, sample_rate_hz=self.sample_rate_hz)
        known.speakers = heard
        return known
