"""A platform's side of a media stream, at a WebSocket of the service."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

import websockets

from telephony import g711
from telephony.g711 import Pcm
from tests.telephony.speech import concatenate


def start(
    *tracks: str, stream_id: str = "MZ1", media_format: Any = None, **parameters: str
) -> dict[str, Any]:
    known = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    return {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": stream_id,
        "start": {
            "streamSid": stream_id,
            "callSid": "CA1",
            "tracks": list(tracks),
            "mediaFormat": known if media_format is None else media_format,
            "customParameters": parameters,
        },
    }


def media(pcm: Pcm, track: str = "inbound") -> dict[str, Any]:
    payload = base64.b64encode(g711.encode(pcm, "PCMU")).decode()
    return {"event": "media", "streamSid": "MZ1", "media": {"track": track, "payload": payload}}


@dataclass
class Platform:
    """One stream."""

    socket: websockets.ClientConnection
    _heard: list[Pcm] = field(default_factory=list)
    _listening: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, url: str, **headers: str) -> Platform:
        socket = await websockets.connect(url, additional_headers=headers, proxy=None)
        platform = cls(socket)
        platform._listening = asyncio.create_task(platform._listen())
        await platform.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        return platform

    @property
    def heard(self) -> Pcm:
        return concatenate(self._heard)

    async def send(self, message: dict[str, Any] | str) -> None:
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def say(self, pcm: Pcm, *tracks: str) -> None:
        """On these tracks, as it is spoken; until the other side closes."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        with contextlib.suppress(websockets.ConnectionClosed):
            for number in range(len(pcm) // 160):
                for track in tracks or ("inbound",):
                    await self.send(media(pcm[number * 160 : number * 160 + 160], track))
                await asyncio.sleep(started_s + (number + 1) * 0.02 - loop.time())

    async def closed(self) -> tuple[int | None, str]:
        """Wait for the close; its code and reason."""
        await asyncio.wait_for(self.socket.wait_closed(), 10)
        return self.socket.close_code, self.socket.close_reason or ""

    async def close(self) -> None:
        await self.socket.close()
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                message = json.loads(text)
                if message["event"] == "media":
                    payload = base64.b64decode(message["media"]["payload"])
                    self._heard.append(g711.decode(payload, "PCMU"))
