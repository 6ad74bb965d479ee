"""The other end of a WebRTC leg: a plain aiortc peer, or a page in a real Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from telephony.g711 import Pcm
from telephony.packet import RtpPacket
from telephony.webrtc import _Media, _parked_track
from tests.telephony.speech import concatenate


class Speaker(MediaStreamTrack):
    """A microphone that says `pcm` once, then silence."""

    kind = "audio"

    def __init__(self, pcm: Pcm) -> None:
        super().__init__()
        self._pcm = pcm
        self._frame = 0
        self._started_s = 0.0

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        if not self._frame:
            self._started_s = loop.time()
        await asyncio.sleep(self._started_s + self._frame * 0.02 - loop.time())
        piece = self._pcm[self._frame * 160 : self._frame * 160 + 160]
        piece = np.pad(piece, (0, 160 - len(piece))).reshape(1, 160)
        frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 8000, self._frame * 160
        frame.time_base = fractions.Fraction(1, 8000)
        self._frame += 1
        return frame


class AiortcPeer:
    """A browser without a browser."""

    def __init__(self, says: Pcm) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(Speaker(says))
        self._heard: list[Pcm] = []
        self._listening: asyncio.Task[None] | None = None
        self.connection.on("track", self._listen)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp: str = self.connection.localDescription.sdp
        return sdp

    async def take(self, answer_sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))

    @property
    def heard(self) -> Pcm:
        return concatenate(self._heard)

    async def close(self) -> None:
        await self.connection.close()
        if self._listening is not None:
            # A track that never got a packet does not end with its connection.
            await asyncio.wait({self._listening}, timeout=0.5)
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._record(track))

    async def _record(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                self._heard.append(frame.to_ndarray().ravel().astype(np.int16))


class PacketPeer:
    """A browser that sends and receives encoded packets as they are."""

    def __init__(self, on_rtp: Callable[[bytes], None]) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceiver = self.connection.addTransceiver(_parked_track(), direction="sendrecv")
        known = {codec.mimeType: codec for codec in RTCRtpSender.getCapabilities("audio").codecs}
        self._transceiver.setCodecPreferences([known["audio/PCMA"]])
        self._on_rtp = on_rtp
        self._media: _Media

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        self._media = _Media(self._transceiver, self._on_rtp)
        self._media.intercept()
        sdp: str = self.connection.localDescription.sdp
        return sdp

    async def take(self, answer_sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))

    def send(self, packet: RtpPacket) -> bool:
        """Send under our own SSRC."""
        return self._media.send(packet._replace(ssrc=self._media.ssrc))


CHROMIUM = "/usr/bin/chromium"

PAGE = """
async () => {
  const microphone = await navigator.mediaDevices.getUserMedia({audio: {
    echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
  const peer = new RTCPeerConnection();
  window.peer = peer;
  microphone.getTracks().forEach(track => peer.addTrack(track, microphone));
  window.heard = [];
  peer.ontrack = ({streams: [stream]}) => {
    const speaker = new Audio();
    speaker.srcObject = stream;
    speaker.muted = true;
    speaker.play();
    const context = new AudioContext({sampleRate: 8000});
    const tap = context.createScriptProcessor(1024, 1, 1);
    tap.onaudioprocess = event => window.heard.push(...event.inputBuffer.getChannelData(0));
    context.createMediaStreamSource(stream).connect(tap);
    tap.connect(context.destination);
  };
  await peer.setLocalDescription(await peer.createOffer());
  while (peer.iceGatheringState !== "complete")
    await new Promise(done => peer.addEventListener("icegatheringstatechange", done, {once: true}));
  const answer = await window.exchange(peer.localDescription.sdp);
  await peer.setRemoteDescription({type: "answer", sdp: answer});
}
"""


class ChromiumPage:
    """A tab whose microphone is a WAV; its offer goes through `exchange`."""

    def __init__(self, page: Any) -> None:
        self._page = page

    async def call(self) -> None:
        """Offer, and take the answer."""
        await self._page.evaluate(PAGE)

    async def reload(self) -> None:
        await self._page.reload()

    async def heard(self) -> Pcm:
        samples = await self._page.evaluate("() => window.heard")
        return (np.array(samples, dtype=np.float64) * 32767).astype(np.int16)

    async def codec(self) -> str:
        """The MIME type Chromium sends."""
        mime: str = await self._page.evaluate(
            "() => window.peer.getSenders()[0].getParameters().codecs[0].mimeType"
        )
        return mime

    async def offer_has_names(self) -> bool:
        """Whether Chromium hid its addresses behind .local names."""
        sdp: str = await self._page.evaluate("() => window.peer.localDescription.sdp")
        return ".local " in sdp


@contextlib.asynccontextmanager
async def chromium_page(
    microphone: Path, exchange: Callable[[str], Awaitable[str]]
) -> AsyncIterator[ChromiumPage]:
    """Run Chromium with `microphone` as what the fake capture device says, once."""
    from playwright.async_api import async_playwright

    flags = [
        "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        "--autoplay-policy=no-user-gesture-required", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-gpu", "--disable-quic",
        "--no-first-run",
    ]  # fmt: skip
    server = await asyncio.start_server(_serve_blank, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = await browser.new_page()
        await page.expose_function("exchange", exchange)
        await page.goto(f"http://127.0.0.1:{port}/")
        try:
            yield ChromiumPage(page)
        finally:
            await browser.close()
            server.close()


async def _serve_blank(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An empty page on 127.0.0.1, where Chromium allows the microphone."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n"
        b"Connection: close\r\n\r\n"
    )
    await writer.drain()
    writer.close()
