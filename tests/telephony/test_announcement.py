"""What one person is played: whole, in step, in one series with the voice that follows."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from telephony.announcement import FRAME, Announcer, Piece, Playing
from telephony.bridge import Bridge
from telephony.call import CodecName
from telephony.codec import CODECS, Decoder
from telephony.g711 import Pcm
from telephony.leg import Frame
from telephony.packet import Numbering, ahead
from telephony.relay import TICK_S, Relay
from telephony.resampling import Interpolator
from telephony.rtp import RtpEndpoint
from telephony.sound import RATE_HZ
from telephony.tone import ringing, waiting
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, find_speech, read_prompt
from tests.telephony.wire import PORTS, Sink, Wire, packet


def speech(path: object = OPERATOR_SAYS, *, seconds: float = 1.2) -> Pcm:
    """A prompt at 16 kHz."""
    return Interpolator(2).take(read_prompt(path, seconds=seconds))  # type: ignore[arg-type]


def played(playing: Playing, codec: CodecName) -> list[bytes]:
    return list(iter(lambda: playing.next(codec), None))


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722", "opus"])
def test_a_piece_is_heard_as_it_is_in_every_codec(codec: CodecName) -> None:
    pcm = speech()
    decoder = Decoder(codec, sample_rate_hz=RATE_HZ)
    heard = np.concatenate([decoder.decode(p) for p in played(Playing(Piece(pcm)), codec)])
    assert find_speech(pcm, np.pad(heard, (0, 4000))).correlation > 0.9


def test_those_who_wait_together_hear_the_same_made_once() -> None:
    piece = Piece(speech())
    first, second = Playing(piece), Playing(piece)
    ahead_of_it = [first.next("G722") for _ in range(10)]
    assert [second.next("G722") for _ in range(10)] == ahead_of_it
    assert second.next("G722") is first.next("G722")


async def test_a_looped_piece_begins_again_and_a_stopped_one_is_not_heard_whole() -> None:
    piece = Piece(np.arange(3 * FRAME, dtype=np.int16), looped=True)
    playing = Playing(piece)
    payloads = [playing.next("PCMA") for _ in range(7)]
    assert payloads[0] == payloads[3] == payloads[6] != payloads[1]
    playing.stop()
    assert playing.next("PCMA") is None
    assert await playing.finished() is False


@pytest.mark.parametrize("piece", [ringing(), waiting()], ids=["ringing", "waiting"])
def test_our_own_sounds_are_soft_and_begin_and_end_in_silence(piece: Piece) -> None:
    decoder = Decoder("PCMA", sample_rate_hz=8000)
    frames = [decoder.decode(piece.payload("PCMA", n)) for n in range(piece.frames)]
    pcm = np.concatenate(frames).astype(np.float64)
    assert np.abs(pcm).max() < 0.2 * 32768
    assert np.abs(pcm).max() > 0.05 * 32768
    assert np.abs(np.diff(np.concatenate([pcm[-100:], pcm[:20]]))).max() < 500, "it clicks"


async def test_an_announcement_and_the_voice_after_it_are_one_series() -> None:
    wire = await Wire.open("PCMA")
    said = speech(seconds=0.6)
    async with Announcer(wire.near) as announcer:
        assert await announcer.play(Piece(said)).finished()
        assert await announcer.play(Piece(said[: 5 * FRAME])).finished()
    wire.near.send(b"\x11" * 160, sequence=12345, timestamp=7)
    wire.near.send(b"\x12" * 160, sequence=12346, timestamp=167)
    async with asyncio.timeout(5):
        while len(wire.heard) < 37:  # noqa: ASYNC110 - packets come by the socket
            await asyncio.sleep(0.005)
    steps = [
        ahead(b.sequence, a.sequence, bits=16)
        for a, b in zip(wire.heard, wire.heard[1:], strict=False)
    ]
    stamps = [
        ahead(b.timestamp, a.timestamp, bits=32)
        for a, b in zip(wire.heard, wire.heard[1:], strict=False)
    ]
    assert steps == [1] * 36
    assert all(step >= 160 for step in stamps)
    heard = Interpolator(2).take(wire.heard_pcm())
    assert find_speech(said, heard).correlation > 0.85
    await wire.near.close()
    await wire.far.close()


async def test_stopping_and_a_lost_endpoint_end_what_is_played() -> None:
    sink = Sink()
    async with Announcer(sink) as announcer:
        first = announcer.play(waiting())
        second = announcer.play(waiting())
        assert await first.finished() is False
        sink.ended.set()
        assert await second.finished() is False
    last = Announcer(Sink()).play(waiting())
    last.stop()
    assert await last.finished() is False


def test_neighbouring_numbers_of_two_series_are_told_apart() -> None:
    numbering = Numbering()
    before = numbering.follow(500, 1_000_000, 10.0)
    after = numbering.follow(490, 3_000_000_000, 10.02)
    assert ahead(after[0], before[0], bits=16) == 1
    assert ahead(after[1], before[1], bits=32) == 160


def test_a_relay_plays_in_place_of_the_voice_and_then_lets_it_pass() -> None:
    sink = Sink()
    relay = Relay(now_s=0)
    relay.sink = sink
    relay.take(packet(0))
    relay.playing = Playing(Piece(np.full(5 * FRAME, 9000, dtype=np.int16)))
    for number in range(1, 8):
        relay.take(packet(number))  # nobody hears it
        relay.tick(number * TICK_S)
    relay.take(packet(8))
    assert sink.steps() == [(1, 1)] * 8
    silence = CODECS["PCMA"].silence
    kinds = ["silence" if item[2] == silence else "voice" for item in sink.sent]
    assert [item[2] for item in sink.sent][-1] == packet(8).payload
    assert kinds.count("silence") <= 2


async def test_a_bridge_plays_to_one_person_and_keeps_that_from_listeners() -> None:
    caller, operator = await Wire.open("PCMA"), await Wire.open("PCMU")
    bridge = Bridge(caller.near)
    await bridge.connect_operator(operator.near)
    frames: list[Frame] = []

    async def listen() -> None:
        frames.extend([frame async for frame in bridge.operator.frames()])

    listening = asyncio.create_task(listen())
    said = speech(CALLER_SAYS)
    playing = bridge.play("caller", Piece(said))
    await operator.say(read_prompt(OPERATOR_SAYS, seconds=0.8))
    assert await playing.finished()
    await operator.say(read_prompt(OPERATOR_SAYS, seconds=0.8))
    held = bridge.play("caller", waiting())
    await bridge.close()
    assert await held.finished() is False
    await listening
    heard = Interpolator(2).take(caller.heard_pcm())
    assert find_speech(said, heard).correlation > 0.85
    voice = np.concatenate([frame.pcm for frame in frames if not frame.lost])
    assert len(voice) < 8000, "what the caller could not hear was listened to"
    for wire in (caller, operator):
        await wire.far.close()


async def test_a_closed_bridge_plays_nothing() -> None:
    near = await RtpEndpoint.open("127.0.0.1", PORTS)
    bridge = Bridge(near)
    await bridge.close()
    assert await bridge.play("caller", waiting()).finished() is False
