"""Something played to one person: a greeting, an announcement, music while they wait.

Piece       what is played, in every codec
Playing     one person's hearing of it: how far it is, whether it was heard to its end
Announcer   plays to an endpoint that no bridge has; a bridge plays by itself (`Bridge.play`)

A payload is made when it is first due and kept for whoever hears the piece next, so that neither a
long piece nor a full waiting line stops the media path.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

import numpy as np

from telephony.call import CodecName, Endpoint
from telephony.codec import CODECS, FRAME_TICKS, TICKS_PER_S, Encoder
from telephony.g711 import Pcm
from telephony.resampling import Decimator
from telephony.sound import RATE_HZ

FRAME_S = FRAME_TICKS / TICKS_PER_S
FRAME = round(RATE_HZ * FRAME_S)


@dataclass(slots=True)
class _Encoded:
    """A piece in one codec, as far as it was played."""

    encoder: Encoder
    slower: Decimator | None
    payloads: list[bytes] = field(default_factory=list)


class Piece:
    """Sound to be played, once or over and over; shared by all who hear it."""

    def __init__(self, pcm: Pcm, *, looped: bool = False) -> None:
        """`pcm`: samples at 16 kHz, shape (n,), n > 0; the last 20 ms are filled up."""
        self._pcm = np.pad(pcm, (0, -len(pcm) % FRAME))
        self._encoded: dict[CodecName, _Encoded] = {}
        self.looped = looped

    @property
    def frames(self) -> int:
        """How many times 20 ms it lasts."""
        return len(self._pcm) // FRAME

    @property
    def duration_s(self) -> float:
        return self.frames * FRAME_S

    def payload(self, codec: CodecName, number: int) -> bytes:
        """The `number`-th 20 ms of it, from 0; past the end it begins again."""
        made = self._encoded.get(codec)
        if made is None:
            half = CODECS[codec].sample_rate_hz < RATE_HZ
            made = _Encoded(Encoder(codec), Decimator(2) if half else None)
            self._encoded[codec] = made
        number %= self.frames
        if number > len(made.payloads):
            return CODECS[codec].silence  # the codec changed during the piece
        if number == len(made.payloads):
            pcm = self._pcm[number * FRAME : (number + 1) * FRAME]
            if made.slower is not None:
                pcm = made.slower.take(pcm)
            made.payloads.append(made.encoder.encode(pcm))
        return made.payloads[number]


class Playing:
    """A piece on its way to one person. Whoever plays it asks for `next` every 20 ms."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._next = 0
        self._over = asyncio.Event()
        self._whole = False

    @property
    def over(self) -> bool:
        """Nothing more of it will be played."""
        return self._over.is_set()

    @property
    def heard_s(self) -> float:
        """How much of it was sent."""
        return self._next * FRAME_S

    def next(self, codec: CodecName) -> bytes | None:
        """The next 20 ms; None when it is over."""
        if self.over:
            return None
        if self._next >= self._piece.frames and not self._piece.looped:
            self._whole = True
            self._over.set()
            return None
        payload = self._piece.payload(codec, self._next)
        self._next += 1
        return payload

    def stop(self) -> None:
        """Play no more of it. Idempotent."""
        self._over.set()

    async def finished(self) -> bool:
        """Wait until it is over: True when it was played to its end, False when it was stopped."""
        await self._over.wait()
        return self._whole


class Announcer:
    """Plays to one endpoint, paced by the event loop's clock, numbered as one series.

        async with Announcer(endpoint) as announcer:
            await announcer.play(piece).finished()

    The endpoint joins this series to the voice that follows (`telephony.packet.Numbering`). It is
    left open; only one announcer, or a bridge, may send to it at a time.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._loop = asyncio.get_running_loop()
        self._playing: Playing | None = None
        self._pacing: asyncio.Task[None] | None = None
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(32)
        self._sent_s: float | None = None

    async def __aenter__(self) -> Announcer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def play(self, piece: Piece) -> Playing:
        """Start a piece now, in place of the one being played, if any."""
        if self._playing is not None:
            self._playing.stop()
        self._playing = Playing(piece)
        if self._pacing is None or self._pacing.done():
            self._pacing = asyncio.create_task(self._pace(), name="announcer")
        return self._playing

    async def close(self) -> None:
        """Stop what is being played. Idempotent."""
        if self._playing is not None:
            self._playing.stop()
        if self._pacing is not None:
            self._pacing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pacing

    async def _pace(self) -> None:
        due_s = self._loop.time()
        try:
            while not self._endpoint.ended.is_set() and self._send(due_s):
                due_s += FRAME_S
                await asyncio.sleep(due_s - self._loop.time())
                # After a stall, go on from now: nobody hears faster.
                due_s = max(due_s, self._loop.time() - FRAME_S)
        finally:
            if self._playing is not None:
                self._playing.stop()

    def _send(self, now_s: float) -> bool:
        """Send the next 20 ms; False when there are none."""
        payload = self._playing.next(self._endpoint.codec) if self._playing else None
        if payload is None:
            return False
        begins = self._sent_s is None or now_s - self._sent_s > 1.5 * FRAME_S
        frames = 1 if self._sent_s is None else max(1, round((now_s - self._sent_s) / FRAME_S))
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + frames * FRAME_TICKS) & 0xFFFFFFFF
        self._sent_s = now_s
        self._endpoint.send(
            payload, sequence=self._sequence, timestamp=self._timestamp, marker=begins
        )
        return True
