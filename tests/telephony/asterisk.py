"""The Asterisk side of AudioSocket: connects, says its UUID, speaks and listens in real time."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field

import numpy as np

from telephony.audiosocket.frames import DIGIT, IDENTITY, RATES_HZ, TERMINATE, FrameReader, frame
from telephony.g711 import Pcm
from tests.telephony.speech import concatenate


@dataclass
class Asterisk:
    """One channel."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    kind: int = 0x10
    digits: str = ""
    kinds: set[int] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: list[Pcm] = field(default_factory=list)
    _listening: asyncio.Task[None] | None = None

    @classmethod
    async def connect(
        cls, address: tuple[str, int], identity: uuid.UUID | None, *, kind: int = 0x10
    ) -> Asterisk:
        reader, writer = await asyncio.open_connection(*address)
        asterisk = cls(reader, writer, kind)
        if identity is not None:
            asterisk.send(IDENTITY, identity.bytes)
        asterisk._listening = asyncio.create_task(asterisk._listen())
        return asterisk

    @property
    def heard(self) -> Pcm:
        """At the rate of the channel."""
        return concatenate(self._heard)

    def send(self, kind: int, payload: bytes = b"") -> None:
        self.writer.write(frame(kind, payload))

    async def say(self, pcm: Pcm) -> None:
        """Samples at the channel's rate, in frames of 20 ms, as they are spoken."""
        loop = asyncio.get_running_loop()
        started_s, size = loop.time(), RATES_HZ[self.kind] // 50
        for number in range(len(pcm) // size):
            piece = pcm[number * size : (number + 1) * size]
            self.send(self.kind, piece.astype("<i2").tobytes())
            await asyncio.sleep(started_s + (number + 1) * 0.02 - loop.time())

    async def hang_up(self) -> None:
        self.send(TERMINATE)
        await self.close()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        frames = FrameReader()
        with contextlib.suppress(ConnectionError):
            while data := await self.reader.read(65536):
                for kind, payload in frames.feed(data):
                    if kind in RATES_HZ:
                        self.kinds.add(kind)
                        self._heard.append(np.frombuffer(payload, dtype="<i2").astype(np.int16))
                    elif kind == DIGIT:
                        self.digits += payload.decode()
                    elif kind == TERMINATE:
                        self.over.set()
        self.over.set()
