"""What goes on within a call: refreshes, acknowledged ringing, holds from our side, keys."""

from __future__ import annotations

import asyncio
import itertools
import struct
from typing import Any

import numpy as np
import pytest

from telephony.bridge import Bridge
from telephony.call import CodecName, IncomingCall, VoicePacket
from telephony.codec import CODECS, Decoder, Encoder, Transcoder, ticks
from telephony.errors import KeysRefused, OfferRefused
from telephony.packet import Numbering, RtpPacket, Ticks, ahead, parse_rtp
from telephony.resampling import Decimator, Interpolator
from telephony.rtp import RtpEndpoint
from telephony.sip.call import SipCall
from telephony.sip.sessiontimer import SessionTimer
from telephony.sip.transaction import Timers
from tests.telephony.desk import Desk, answered
from tests.telephony.phone import OFFER, Phone, Reply
from tests.telephony.speech import CALLER_SAYS, find_speech, read_prompt

FAST_SESSION = SessionTimer(interval_s=90, we_refresh=True)


@pytest.fixture
def timers() -> Timers:
    return Timers()


TIMER = ("Supported: timer", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE")


def reply_to(request: Reply, status: str, *headers: str, body: str = "") -> str:
    """An answer of the telephone's to a request of ours."""
    copied = [
        f"{name}: {value}"
        for name in ("Via", "From", "To", "Call-ID", "CSeq")
        for value in request.headers(name)
    ]
    lines = [f"SIP/2.0 {status}", *copied, *headers]
    if body:
        lines.append("Content-Type: application/sdp")
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])


# Session timers (RFC 4028)


@pytest.mark.parametrize(
    ("headers", "answered_with"),
    [
        (("Supported: timer", "Session-Expires: 600;refresher=uac"), "600;refresher=uac"),
        (("Supported: timer", "Session-Expires: 600;refresher=uas"), "600;refresher=uas"),
        (("Supported: timer", "x: 600"), "600;refresher=uac"),
        (("Supported: timer",), "1800;refresher=uas"),
        (("Supported: timer", "Min-SE: 3600"), "3600;refresher=uas"),
        (("Session-Expires: 600",), "600;refresher=uas"),
        ((), ""),
    ],
)
async def test_who_refreshes_is_agreed(
    phone: Phone, desk: Desk, headers: tuple[str, ...], answered_with: str
) -> None:
    phone.send(phone.invite(headers=headers))
    await (await desk.next()).answer()
    ok = await phone.final("INVITE")
    assert ok.header("Session-Expires") == answered_with
    assert ("timer" in ok.header("Require")) is answered_with.endswith("uac")


async def test_too_short_an_interval_is_422(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(headers=("Supported: timer", "Session-Expires: 30")))
    call = await desk.next()
    with pytest.raises(Exception, match="refresh"):
        await call.answer()
    refused = await phone.final("INVITE")
    assert (refused.status, refused.header("Min-SE")) == (422, "90")


def hurry(call: IncomingCall, *, we_refresh: bool) -> None:
    """Let the timer of a call in progress run out now."""
    assert isinstance(call, SipCall)
    call._session = SessionTimer(interval_s=0, we_refresh=we_refresh)
    call._start_timer()


async def test_our_refresh_is_an_update_and_keeps_the_call(phone: Phone, desk: Desk) -> None:
    call, tag = await answered(phone, desk, headers=TIMER)
    hurry(call, we_refresh=True)
    update = await phone.request("UPDATE")
    assert update.header("Session-Expires").endswith("refresher=uac") and not update.body
    phone.send(reply_to(update, "200 OK", "Session-Expires: 900;refresher=uac"))
    async with asyncio.timeout(5):
        while call._session.interval_s != 900:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not call.ended.is_set()
    phone.send(phone.message("BYE", cseq=2, branch="z9hG4bKbye", to_tag=tag))
    assert (await phone.final("BYE")).status == 200


async def test_a_longer_interval_asked_for_is_taken(phone: Phone, desk: Desk) -> None:
    call, _ = await answered(phone, desk, headers=TIMER)
    hurry(call, we_refresh=True)
    first = await phone.request("UPDATE")
    phone.send(reply_to(first, "422 Session Interval Too Small", "Min-SE: 1200"))
    second = await phone.request("UPDATE")
    assert second.header("Session-Expires").startswith("1200")
    assert second.header("Min-SE") == "1200"


async def test_a_peer_without_update_is_refreshed_by_invite(phone: Phone, desk: Desk) -> None:
    call, _ = await answered(phone, desk, headers=("Supported: timer",))
    hurry(call, we_refresh=True)
    invite = await phone.request("INVITE")
    assert "m=audio" in invite.body
    ok = reply_to(invite, "200 OK", "Session-Expires: 900;refresher=uac", body=OFFER)
    phone.send(ok)
    ack = await phone.request("ACK")
    assert ack.header("CSeq").split()[0] == invite.header("CSeq").split()[0]
    phone.send(ok)  # our ACK was lost
    assert (await phone.request("ACK")).header("CSeq") == ack.header("CSeq")
    assert not call.ended.is_set()


@pytest.mark.parametrize("status", ["481 No Such Call", "408 Request Timeout"])
async def test_a_peer_that_forgot_the_call_ends_it(phone: Phone, desk: Desk, status: str) -> None:
    call, _ = await answered(phone, desk, headers=TIMER)
    hurry(call, we_refresh=True)
    phone.send(reply_to(await phone.request("UPDATE"), status))
    await phone.request("BYE")
    assert (call.ended_by, call.end_reason) == ("system", "session_expired")


async def test_a_peer_that_does_not_refresh_in_time_is_gone(phone: Phone, desk: Desk) -> None:
    call, _ = await answered(phone, desk, headers=TIMER)
    hurry(call, we_refresh=False)
    await phone.request("BYE")
    assert call.end_reason == "session_expired"


async def test_the_peers_refresh_is_answered(phone: Phone, desk: Desk) -> None:
    call, tag = await answered(
        phone, desk, headers=("Supported: timer", "Session-Expires: 600;refresher=uac")
    )
    headers = ("Supported: timer", "Session-Expires: 700;refresher=uac")
    parts: dict[str, Any] = {"cseq": 2, "branch": "z9hG4bKup", "to_tag": tag, "headers": headers}
    phone.send(phone.message("UPDATE", **parts))
    ok = await phone.final("UPDATE")
    assert (ok.status, ok.header("Session-Expires")) == (200, "700;refresher=uac")
    assert call._timer is not None  # type: ignore[attr-defined]


def test_a_timer_that_the_other_side_keeps_leaves_room_for_its_refresh() -> None:
    assert SessionTimer(interval_s=90, we_refresh=False).due_s == 60
    assert SessionTimer(interval_s=1800, we_refresh=False).due_s == 1768
    assert FAST_SESSION.due_s == 45


# 100rel (RFC 3262)


async def test_ringing_is_repeated_until_it_is_acknowledged(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(headers=("Require: 100rel",)))
    call = await desk.next()
    ringing = await phone.reply()
    while ringing.status != 180:
        ringing = await phone.reply()
    assert "100rel" in ringing.header("Require")
    again = await phone.reply()
    assert again.header("RSeq") == ringing.header("RSeq")
    parts: dict[str, Any] = {"to_tag": ringing.to_tag}
    wrong = (f"RAck: {int(ringing.header('RSeq')) + 1} 1 INVITE",)
    phone.send(phone.message("PRACK", cseq=2, branch="z9hG4bKp1", headers=wrong, **parts))
    assert (await phone.final("PRACK")).status == 481
    right = (f"RAck: {ringing.header('RSeq')} 1 INVITE",)
    phone.send(phone.message("PRACK", cseq=3, branch="z9hG4bKp2", headers=right, **parts))
    assert (await phone.final("PRACK")).status == 200
    assert await phone.falls_quiet(quiet_s=1.2)
    await call.answer()
    assert (await phone.final("INVITE")).status == 200


# Hold from our side


async def test_the_caller_is_told_to_wait_and_to_go_on(phone: Phone, desk: Desk) -> None:
    call, _ = await answered(phone, desk)
    for held, said, back in ((True, "sendonly", "recvonly"), (False, "sendrecv", "sendrecv")):
        holding = asyncio.create_task(call.hold(held))
        invite = await phone.request("INVITE")
        assert f"a={said}" in invite.body
        assert int(invite.body.split("o=- ")[1].split()[1]) > 1  # a new version
        phone.send(reply_to(invite, "200 OK", body=OFFER.replace("sendrecv", back)))
        await phone.request("ACK")
        await asyncio.wait_for(holding, 5)


async def test_both_ask_at_once_and_we_ask_again(phone: Phone, desk: Desk) -> None:
    """Glare (RFC 3261 section 14.1): 491 to theirs, 491 to ours, then ours once more."""
    call, tag = await answered(phone, desk)
    holding = asyncio.create_task(call.hold(True))
    ours = await phone.request("INVITE")
    phone.send(phone.invite(cseq=2, branch="z9hG4bKglare", to_tag=tag))
    theirs = await phone.final("INVITE")
    assert theirs.status == 491
    phone.send(phone.message("ACK", cseq=2, branch="z9hG4bKglare", to_tag=tag))
    phone.send(reply_to(ours, "491 Request Pending"))
    again = await phone.request("INVITE")
    while again.header("CSeq") == ours.header("CSeq"):
        again = await phone.request("INVITE")
    phone.send(reply_to(again, "200 OK", body=OFFER.replace("sendrecv", "recvonly")))
    await asyncio.wait_for(holding, 5)
    assert not call.ended.is_set()


async def test_a_hold_that_is_refused_leaves_the_call(phone: Phone, desk: Desk) -> None:
    call, _ = await answered(phone, desk)
    holding = asyncio.create_task(call.hold(True))
    phone.send(reply_to(await phone.request("INVITE"), "488 Not Acceptable Here"))
    with pytest.raises(OfferRefused):
        await asyncio.wait_for(holding, 5)
    assert not call.ended.is_set()


@pytest.mark.parametrize("direction", ["sendonly", "inactive", "0.0.0.0"])
async def test_the_caller_holds_and_resumes(phone: Phone, desk: Desk, direction: str) -> None:
    call, tag = await answered(phone, desk)
    endpoint = call._voice.endpoint  # type: ignore[attr-defined]
    old_way = direction == "0.0.0.0"
    held = (
        OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0")
        if old_way
        else OFFER.replace("sendrecv", direction)
    )
    for number, (body, muted) in enumerate(((held, True), (OFFER, False)), start=2):
        branch = f"z9hG4bKhold{number}"
        phone.send(phone.invite(cseq=number, branch=branch, to_tag=tag, body=body))
        ok = await phone.final("INVITE")
        assert ok.status == 200 and endpoint._muted is muted
        phone.send(phone.message("ACK", cseq=number, branch=branch + "a", to_tag=tag))


# Keys (RFC 4733)


class Wire:
    """Two endpoints facing each other, and everything the second receives."""

    def __init__(self, codec: CodecName) -> None:
        self.codec = codec
        self.packets: list[RtpPacket] = []

    async def open(self) -> tuple[RtpEndpoint, RtpEndpoint]:
        near = await RtpEndpoint.open("127.0.0.1", (44500, 44999))
        far = await RtpEndpoint.open("127.0.0.1", (44500, 44999))
        for one, other in ((near, far), (far, near)):
            one.connect(
                other.local, codec=self.codec, payload_types={96: self.codec}, dtmf_payload_type=101
            )
        receive = far._receive

        def watch(data: bytes, source: tuple[str, int]) -> None:
            packet = parse_rtp(data)
            if packet is not None and data[1] & 0x7F == 101:
                self.packets.append(packet)
            receive(data, source)

        far._rtp._on_datagram = watch
        return near, far


@pytest.mark.parametrize("codec", ["PCMA", "opus"])
async def test_keys_are_heard_once_each_with_true_durations(codec: CodecName) -> None:
    wire = Wire(codec)
    near, far = await wire.open()
    digits: list[str] = []
    far.on_digit = digits.append
    sequences: list[int] = []
    far.on_packet = lambda packet: sequences.append(packet.sequence)
    silence = CODECS[codec].silence
    for number in range(3):
        near.send(silence, sequence=number, timestamp=number * 160)
    await near.send_keys("1#")
    for number in range(30, 33):
        near.send(silence, sequence=number, timestamp=number * 160)
    await asyncio.sleep(0.1)
    assert digits == ["1", "#"]
    clock = CODECS[codec].clock_rate_hz
    first = [packet for packet in wire.packets if packet.timestamp == wire.packets[0].timestamp]
    durations = [struct.unpack("!BBH", packet.payload)[2] for packet in first]
    assert durations == [clock * ms // 1000 for ms in (*range(20, 160, 20), 160, 160, 160)]
    assert [packet.marker for packet in first] == [True] + [False] * (len(first) - 1)
    assert [packet.payload[1] >> 7 for packet in first][-3:] == [1, 1, 1]
    everything = sequences[:3] + [p.sequence_number for p in wire.packets] + sequences[3:]
    steps = {ahead(b, a, bits=16) for a, b in itertools.pairwise(everything)}
    assert steps == {1}, "one unbroken series, voice and keys together"
    assert far.stats.packets_lost == 0
    await near.close()
    await far.close()


async def test_keys_that_are_none_and_peers_that_take_none_are_told() -> None:
    near, far = await Wire("PCMA").open()
    with pytest.raises(KeysRefused):
        await near.send_keys("12x")
    near._dtmf_payload_type = None
    with pytest.raises(KeysRefused):
        await near.send_keys("1")
    await near.close()
    await far.close()


def test_numbers_inserted_and_a_series_begun_anew_do_not_meet() -> None:
    numbering = Numbering()
    sent = [
        numbering.follow(10, 1600, 0.0)[0],
        numbering.insert(0.02)[0],
        numbering.insert(0.04)[0],
    ]
    sent.append(numbering.follow(40000, 99, 0.06)[0])
    assert [b - a for a, b in itertools.pairwise(sent)] == [1, 1, 1]


# Codecs


def test_ticks_of_a_faster_clock_do_not_jump_where_it_wraps() -> None:
    clock = Ticks(6)
    seen = [clock.of((2**32 - 960 + step * 960) % 2**32) for step in range(4)]
    assert [b - a for a, b in itertools.pairwise(seen)] == [160, 160, 160]


@pytest.mark.parametrize(
    ("payload", "length"),
    [
        (b"\xb8\xff\xfe", 160), (b"\x00", 80), (b"\x19\x00", 960), (b"\x83\x04", 80),
        (b"\x83", 0), (b"", 0), (b"\x1b\x30", 0),
    ],
)  # fmt: skip
def test_how_long_an_opus_packet_lasts(payload: bytes, length: int) -> None:
    assert ticks(payload, "opus") == length


def test_changing_the_rate_and_back_keeps_the_voice() -> None:
    said = read_prompt(CALLER_SAYS, seconds=2)
    there, back = Interpolator(2), Decimator(2)
    pieces = [said[at : at + 160] for at in range(0, len(said) - 159, 160)]
    heard = np.concatenate([back.take(there.take(piece)) for piece in pieces])
    assert len(heard) == len(pieces) * 160
    assert find_speech(said[:14000], heard).correlation > 0.995


ALL: list[CodecName] = ["PCMA", "PCMU", "G722", "opus"]


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("source", ALL)
def test_a_voice_survives_every_change_of_codec(source: CodecName, target: CodecName) -> None:
    said = read_prompt(CALLER_SAYS, seconds=2)
    faster = CODECS[source].sample_rate_hz // 8000
    wide = Interpolator(2).take(said) if faster == 2 else said
    encoder, coder = Encoder(source), Transcoder(source, target)
    decoder = Decoder(target, sample_rate_hz=8000)
    heard = []
    for number in range(len(said) // 160):
        payload = encoder.encode(wide[number * 160 * faster : (number + 1) * 160 * faster])
        assert ticks(payload, source) == 160
        if source != target:
            ((timestamp, payload),) = coder.convert(payload, number * 160)
            assert timestamp == number * 160
        heard.append(decoder.decode(payload))
        assert len(heard[-1]) == 160
    assert find_speech(said[:14000], np.concatenate(heard)).correlation > 0.9


def test_thirty_milliseconds_become_frames_of_twenty() -> None:
    coder, encoder = Transcoder("PCMA", "opus"), Encoder("PCMA")
    sent = []
    for number in range(6):
        sent += coder.convert(encoder.encode(np.zeros(240, np.int16)), number * 240)
    assert [timestamp for timestamp, _ in sent] == [number * 160 for number in range(9)]
    assert {ticks(payload, "opus") for _, payload in sent} == {160}


async def test_a_wideband_voice_is_listened_to_at_16_khz_also_after_a_change() -> None:
    near, far = await Wire("PCMA").open()
    bridge = Bridge(near)
    loop = asyncio.get_running_loop()
    assert near.on_packet is not None
    for number in range(20):
        codec: CodecName = "PCMA" if number < 10 else "G722"
        voice = CODECS[codec].silence
        packet = VoicePacket(
            payload=voice, codec=codec, sequence=number, timestamp=number * 160, ssrc=1,
            arrived_s=loop.time(),
        )  # fmt: skip
        near.on_packet(packet)
    await bridge.close()
    await far.close()
    frames = [frame async for frame in bridge.caller.frames()]
    rates = [(frame.sample_rate_hz, len(frame.pcm)) for frame in frames]
    assert rates == [(8000, 160)] * 10 + [(16000, 320)] * 10
