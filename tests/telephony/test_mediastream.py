"""Media streams without a socket: messages that make sense, and all the others."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.carried import CarriedCall
from telephony.mediastream import BadMessageError, CopiedStream, MediaStream
from telephony.mediastream.admission import _signature, bearer, is_signed, knows_token
from telephony.mediastream.messages import (
    MAX_MESSAGE,
    Connected,
    Digit,
    Mark,
    Media,
    Started,
    Stopped,
    read_message,
)
from telephony.mediastream.stream import BURST
from tests.telephony.platform import media, start
from tests.telephony.wire import packet

SILENCE = np.zeros(160, dtype=np.int16)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
events = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "clear", 7, None])


@given(
    st.text(max_size=200)
    | st.builds(
        lambda e, p: json.dumps({"event": e, e or "": p} if isinstance(e, str) else {"event": e}),
        events,
        anything,
    )
)
def test_any_text_is_a_message_nothing_or_one_error(text: str) -> None:
    known = Connected | Started | Media | Digit | Mark | Stopped | None
    try:
        assert isinstance(read_message(text), known)
    except BadMessageError:
        return


def test_the_messages_of_a_platform_are_read() -> None:
    begun = read_message(json.dumps(start("inbound", To="0199001234", from_="x")))
    assert begun == Started(
        stream_id="MZ1", tracks=("inbound",), parameters={"to": "0199001234", "from_": "x"}
    )
    piece = read_message(json.dumps(media(SILENCE)))
    assert isinstance(piece, Media) and len(piece.payload) == 160
    assert read_message('{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"#"}}') == Digit(
        digit="#"
    )
    assert read_message('{"event":"mark","mark":{"name":"a"}}') == Mark(name="a")
    assert read_message('{"event":"stop","stop":{}}') == Stopped()
    assert read_message('{"event":"clear"}') is None, "newer than this"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[" * 30_000, "not JSON"),
        ("[]", "no JSON object"),
        ("{}", "without an event"),
        ("x" * (MAX_MESSAGE + 1), "the most"),
        ('{"event":"media","media":{"payload":"***"}}', "not base64"),
        ('{"event":"media","media":{"payload":"AAA"}}', "not base64"),
        ('{"event":"media","media":{"payload":""}}', "payload is missing"),
        ('{"event":"media","media":{"track":"sideways","payload":"AAAA"}}', "the track"),
        (json.dumps({"event": "media", "media": {"payload": "AAAA" * 3000}}), "bytes"),
        ('{"event":"media"}', "no media object"),
        ('{"event":"dtmf","dtmf":{"digit":"12"}}', "keys"),
        (json.dumps(start()), "tracks"),
        (json.dumps(start("inbound", "inbound")), "tracks"),
        (json.dumps(start("inbound", media_format={"encoding": "audio/l16"})), "encoding"),
        (json.dumps(start("inbound", media_format={"sampleRate": 16000})), "sampleRate"),
        (json.dumps(start("inbound", media_format="mulaw")), "mediaFormat"),
        (json.dumps(start("inbound", stream_id="")), "streamSid"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(text: str, says: str) -> None:
    with pytest.raises(BadMessageError, match=says):
        read_message(text)


class Side:
    """A stream, and what came of it."""

    def __init__(self, *, admits: bool = True) -> None:
        self.calls: list[CarriedCall] = []
        self.copies: list[CopiedStream] = []
        self.written: list[dict[str, Any]] = []
        self.stream = MediaStream(
            write=lambda text: self.written.append(json.loads(text)),
            on_call=self.calls.append,
            on_copy=self.copies.append,
            admits=lambda _: admits,
        )

    def says(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            self.stream.receive(json.dumps(message))


async def test_one_track_is_a_call_whose_voice_goes_back() -> None:
    side = Side()
    side.says(start("inbound", to="0199001234", **{"from": "0639980001", "name": "Jeanne"}))
    (call,) = side.calls
    assert (call.dialled, call.caller_number, call.caller_name) == (
        "0199001234", "0639980001", "Jeanne",
    )  # fmt: skip
    assert call.source == "mediastream" and call.codec == "PCMU"
    endpoint = await call.answer()
    got: list[int] = []
    digits: list[str] = []
    endpoint.on_packet = lambda voice: got.append(voice.timestamp)
    endpoint.on_digit = digits.append
    side.says(media(SILENCE), media(SILENCE), {"event": "dtmf", "dtmf": {"digit": "5"}})
    side.says(media(SILENCE, "outbound"))  # an echo of ours
    assert got == [0, 160] and digits == ["5"]
    for number in (1, 3, 2):
        voice = packet(number)
        endpoint.send(voice.payload, sequence=voice.sequence, timestamp=voice.timestamp)
    assert [m["event"] for m in side.written] == ["media", "media"], "a stream cannot go back"
    endpoint.send(b"\xff" * 160, sequence=40_000, timestamp=1 << 31)  # a bridge after a tone
    assert len(side.written) == 3, "another series goes on where the first one ended"
    assert {m["streamSid"] for m in side.written} == {"MZ1"}
    side.says({"event": "stop"})
    await asyncio.wait_for(call.ended.wait(), 5)
    assert (call.ended_by, call.end_reason) == ("caller", "hung_up")
    assert side.stream.over.is_set()


async def test_two_tracks_are_a_copy_that_is_only_listened_to() -> None:
    side = Side()
    side.says(start("inbound", "outbound", to="0199001234", operator="201"))
    (copy,) = side.copies
    assert copy.operator == "201" and not side.calls
    voices = await copy.listen()
    side.says(media(SILENCE, "outbound"))
    assert voices.silent_s("operator") is not None and voices.silent_s("caller") is None
    await voices.close()
    assert side.stream.over.is_set() and not side.written


async def test_hanging_up_closes_the_stream() -> None:
    side = Side()
    side.says(start("inbound", to="0199001234"))
    await side.calls[0].hang_up()
    assert side.stream.over.is_set()
    other = Side()
    other.says(start("inbound", "outbound", to="0199001234"))
    other.copies[0].refuse(404, "No client has these numbers")
    assert other.stream.over.is_set()


async def test_what_comes_at_the_wrong_time_or_from_a_stranger_is_refused() -> None:
    for admits, messages, says in (
        (True, [media(SILENCE)], "before the start"),
        (True, [start("inbound", to="1"), start("inbound", to="1")], "second start"),
        (True, [start("inbound")], "customParameters.to"),
        (False, [start("inbound", to="1")], "token"),
    ):
        side = Side(admits=admits)
        with pytest.raises(BadMessageError, match=says):
            side.says(*messages)
        side.stream.lost()
        for call in side.calls:
            await call.hang_up()


async def test_a_flood_of_messages_or_of_sound_is_refused() -> None:
    side = Side()
    with pytest.raises(BadMessageError, match="a second"):
        side.says(*[{"event": "mark", "mark": {"name": "x"}}] * (BURST + 100))
    side = Side()
    side.says(start("inbound", to="1"))
    with pytest.raises(BadMessageError, match="faster than anybody speaks"):
        side.says(*[media(np.zeros(4000, dtype=np.int16))] * 100)
    side.stream.lost()
    await side.calls[0].hang_up()


def test_tokens_and_signatures() -> None:
    assert knows_token("secret", "secret")
    assert not knows_token("secret", "secrets") and not knows_token("secret", None)
    assert not knows_token("", ""), "no token is nobody's"
    assert bearer({"authorization": "Bearer abc"}) == "abc"
    assert bearer({"authorization": "Basic abc"}) is None
    address = "https://line.example.com/api/line/stream"
    signed = _signature("key", "wss://line.example.com/api/line/stream").decode()
    assert is_signed("key", address, signed)
    assert not is_signed("other", address, signed) and not is_signed("", address, signed)
    assert not is_signed("key", address + "?x=1", signed)
