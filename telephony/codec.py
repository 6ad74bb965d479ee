"""The codecs of the line: what they are in RTP, and their way to linear samples and back.

Voice is numbered in ticks of 1/8000 s everywhere in this package, whatever clock the codec has in
RTP: Opus counts 48,000 a second (RFC 7587), G.722 8,000 although it samples at 16 kHz (RFC 3551).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from telephony import g711
from telephony.call import CodecName
from telephony.g711 import LawName, Pcm
from telephony.resampling import Decimator, Interpolator

TICKS_PER_S = 8000
FRAME_TICKS = 160
MAX_TICKS = 8000
"""A second in one packet: anything longer is not telephony."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A codec as RTP and SDP know it."""

    name: CodecName
    clock_rate_hz: int
    """Of RTP timestamps."""
    sample_rate_hz: int
    """At which its voice is listened to."""
    channels: int = 1
    """As SDP writes them: Opus always says 2."""
    payload_type: int
    """The static one, or ours in an offer."""
    silence: bytes
    """20 ms of it."""
    format: str = ""
    """Parameters we ask for (a=fmtp)."""

    @property
    def rtpmap(self) -> str:
        """`PCMA/8000`, `opus/48000/2`."""
        channels = f"/{self.channels}" if self.channels > 1 else ""
        return f"{self.name}/{self.clock_rate_hz}{channels}"

    @property
    def clocks_per_tick(self) -> int:
        return self.clock_rate_hz // TICKS_PER_S


CODECS: dict[CodecName, Codec] = {
    codec.name: codec
    for codec in (
        Codec(
            name="PCMA", clock_rate_hz=8000, sample_rate_hz=8000, payload_type=8,
            silence=g711.SILENCE_FRAME["PCMA"],
        ),
        Codec(
            name="PCMU", clock_rate_hz=8000, sample_rate_hz=8000, payload_type=0,
            silence=g711.SILENCE_FRAME["PCMU"],
        ),
        Codec(
            name="G722", clock_rate_hz=8000, sample_rate_hz=16000, payload_type=9,
            silence=b"\xfa" * 160,
        ),
        Codec(
            name="opus", clock_rate_hz=48000, sample_rate_hz=16000, channels=2, payload_type=107,
            silence=b"\xb8\xff\xfe", format="useinbandfec=1;stereo=0;sprop-stereo=0",
        ),
    )
}  # fmt: skip


def is_law(name: CodecName) -> bool:
    """Whether it is one of the two laws of G.711, which turn into each other byte by byte."""
    return name in ("PCMA", "PCMU")


def ticks(payload: bytes, name: CodecName) -> int:
    """How long a payload lasts, in 1/8000 s; 0 when that cannot be told."""
    return _opus_ticks(payload) if name == "opus" else len(payload)


def _opus_ticks(payload: bytes) -> int:
    """Frames times their length, from the first byte or two (RFC 6716 section 3.1)."""
    if not payload:
        return 0
    configuration, code = payload[0] >> 3, payload[0] & 3
    if configuration < 12:
        frame = (80, 160, 320, 480)[configuration & 3]
    elif configuration < 16:
        frame = (80, 160)[configuration & 1]
    else:
        frame = (20, 40, 80, 160)[configuration & 3]
    if code == 3:
        count = payload[1] & 0x3F if len(payload) > 1 else 0
    else:
        count = 1 if code == 0 else 2
    return frame * count if frame * count <= 960 else 0


class Decoder:
    """Payloads of one codec to samples at one rate, each to exactly its length."""

    def __init__(self, name: CodecName, *, sample_rate_hz: int) -> None:
        self._name = name
        self._per_tick = sample_rate_hz // TICKS_PER_S
        native_hz = {"G722": 16000, "opus": 48000}.get(name, 8000)
        self._native_per_tick = native_hz // TICKS_PER_S
        self._slower = (
            Decimator(native_hz // sample_rate_hz) if native_hz > sample_rate_hz else None
        )
        self._faster = (
            Interpolator(sample_rate_hz // native_hz) if native_hz < sample_rate_hz else None
        )
        self._context = None if is_law(name) else _decoding_context(name)

    def decode(self, payload: bytes) -> Pcm:
        """Samples of shape (ticks * sample_rate_hz / 8000,); silence for what cannot be read."""
        pcm = self._native(payload)
        if self._slower is not None:
            return self._slower.take(pcm)
        return pcm if self._faster is None else self._faster.take(pcm)

    def _native(self, payload: bytes) -> Pcm:
        if self._context is None:
            return g711.decode(payload, _law(self._name))
        from av import FFmpegError, Packet

        wanted = ticks(payload, self._name) * self._native_per_tick
        try:
            frames = self._context.decode(Packet(payload))
        except FFmpegError:
            frames = []
        channels = 2 if self._name == "opus" else 1
        pieces = [frame.to_ndarray().reshape(-1)[::channels] for frame in frames]
        pcm = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)
        return np.pad(pcm[:wanted], (0, wanted - len(pcm[:wanted]))).astype(np.int16, copy=False)


class Encoder:
    """Samples at the codec's own listening rate to payloads of 20 ms, or any length of G.711 and
    G.722."""

    def __init__(self, name: CodecName) -> None:
        self._name = name
        self._rate_hz = CODECS[name].sample_rate_hz
        self._context = None if is_law(name) else _encoding_context(name, self._rate_hz)
        self._position = 0

    def encode(self, pcm: Pcm) -> bytes:
        """One payload."""
        if self._context is None:
            return g711.encode(pcm, _law(self._name))
        from av import AudioFrame

        frame = AudioFrame.from_ndarray(pcm[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts = self._rate_hz, self._position
        self._position += len(pcm)
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


class Transcoder:
    """One voice from a codec to another, packets out at most 20 ms longer in coming."""

    def __init__(self, source: CodecName, target: CodecName) -> None:
        self.source, self.target = source, target
        rate_hz = CODECS[target].sample_rate_hz
        self._per_tick = rate_hz // TICKS_PER_S
        self._decoder = Decoder(source, sample_rate_hz=rate_hz)
        self._encoder = Encoder(target)
        self._waiting: Pcm = np.zeros(0, dtype=np.int16)
        self._next_tick: int | None = None

    @property
    def keeps_packets(self) -> bool:
        """Whether each packet becomes one packet, in any order."""
        return is_law(self.source) and is_law(self.target)

    def convert(self, payload: bytes, timestamp: int) -> list[tuple[int, bytes]]:
        """The same voice: (timestamp, payload) of each packet to send."""
        if self.keeps_packets:
            return [(timestamp, g711.transcode(payload, _law(self.source), _law(self.target)))]
        pcm = self._decoder.decode(payload)
        if self.target != "opus":
            return [(timestamp, self._encoder.encode(pcm))]
        if timestamp != self._next_tick:
            self._waiting = self._waiting[:0]  # a gap: what waited belongs before it
        start = timestamp - len(self._waiting) // self._per_tick
        self._next_tick = (timestamp + ticks(payload, self.source)) & 0xFFFFFFFF
        self._waiting = np.concatenate([self._waiting, pcm])
        size = FRAME_TICKS * self._per_tick
        whole = len(self._waiting) // size
        pieces = [self._waiting[n * size : (n + 1) * size] for n in range(whole)]
        self._waiting = self._waiting[whole * size :]
        return [
            ((start + number * FRAME_TICKS) & 0xFFFFFFFF, self._encoder.encode(piece))
            for number, piece in enumerate(pieces)
        ]


def encode_frames(pcm: Pcm, name: CodecName) -> list[bytes]:
    """8 kHz samples as payloads of 20 ms, the last filled up with silence."""
    faster = CODECS[name].sample_rate_hz // 8000
    if faster > 1:
        pcm = Interpolator(faster).take(pcm)
    size = FRAME_TICKS * faster
    pcm = np.pad(pcm, (0, -len(pcm) % size))
    encoder = Encoder(name)
    return [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm), size)]


def _law(name: CodecName) -> LawName:
    return "PCMA" if name == "PCMA" else "PCMU"


def _decoding_context(name: CodecName) -> Any:
    from av import CodecContext

    context: Any = CodecContext.create("g722" if name == "G722" else "libopus", "r")
    context.format = "s16"
    context.layout = "mono" if name == "G722" else "stereo"
    context.sample_rate = 16000 if name == "G722" else 48000
    return context


def _encoding_context(name: CodecName, rate_hz: int) -> Any:
    from av import CodecContext

    context: Any = CodecContext.create("g722" if name == "G722" else "libopus", "w")
    context.format, context.layout = "s16", "mono"
    context.sample_rate, context.time_base = rate_hz, Fraction(1, rate_hz)
    if name == "opus":
        context.bit_rate = 32000
        context.options = {"application": "voip", "frame_duration": "20"}
    return context
