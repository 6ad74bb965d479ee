"""Copies of calls that a PBX keeps: taken, paused, resumed, refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import IncomingCall
from telephony.errors import MetadataUnreadable, OfferRefused
from telephony.leg import Frame, Leg
from telephony.listening import Listening
from telephony.sip import SipServer
from telephony.sip.recording import RecordedCall
from telephony.sip.recordingmetadata import read_metadata
from telephony.sip.transaction import Timers
from tests.telephony.pbx import METADATA, RS_METADATA, Pbx, description, multipart
from tests.telephony.speech import (
    CALLER_SAYS,
    OPERATOR_SAYS,
    concatenate,
    likeness,
    read_prompt,
)

TELLING = METADATA.format(caller="+33199001122", operator="0261910001").encode()


class Desk:
    """Takes every copy; the second stream is the operator's."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[tuple[RecordedCall, Listening]] = asyncio.Queue()
        self.refusals: list[str] = []
        self.frames: dict[str, list[Frame]] = {"caller": [], "operator": []}
        self.tasks: list[asyncio.Task[None]] = []

    async def call(self, call: IncomingCall) -> None:
        call.refuse(404, "Not Found")

    async def recording(self, recording: RecordedCall) -> None:
        try:
            recording.read()
        except OfferRefused as error:
            self.refusals.append(str(error))
            return
        listening = await recording.listen(operator=1)
        legs = (listening.caller, listening.operator)
        self.tasks += [asyncio.create_task(self._hear(leg)) for leg in legs]
        self.taken.put_nowait((recording, listening))
        await recording.ended.wait()
        await listening.close()

    async def _hear(self, leg: Leg) -> None:
        async for frame in leg.frames():
            self.frames[leg.role] += [frame]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[SipServer]:
    server = SipServer(
        host="127.0.0.1", port=0, on_call=desk.call, on_recording=desk.recording,
        rtp_ports=(43500, 43999), timers=Timers(t1=0.05, t2=0.4, t4=0.5),
    )  # fmt: skip
    await server.start()
    yield server
    await server.stop()
    await asyncio.gather(*desk.tasks)


@pytest.fixture
async def pbx(server: SipServer) -> AsyncIterator[Pbx]:
    pbx = await Pbx.open(server.address)
    yield pbx
    pbx.close()


async def test_both_voices_are_heard_and_known(pbx: Pbx, desk: Desk) -> None:
    ok = await pbx.copy()
    assert ";+sip.srs" in ok.header("Contact")
    assert ok.body.count("a=recvonly") == 2
    assert [ok.body.index("a=label:96") < ok.body.index("a=label:97")] == [True]
    recording, listening = await asyncio.wait_for(desk.taken.get(), 5)
    caller, operator = recording.metadata.speaker("96"), recording.metadata.speaker("97")
    assert caller is not None and operator is not None
    assert (caller.number, caller.name) == ("+33199001122", "Jeanne Martin")
    assert (operator.number, operator.name) == ("0261910001", "Camille")
    said = read_prompt(CALLER_SAYS, seconds=3), read_prompt(OPERATOR_SAYS, seconds=3)
    await pbx.speak(*said)
    assert listening.silent_s("caller") is not None
    assert (await pbx.within("BYE")).status == 200
    await asyncio.wait_for(recording.ended.wait(), 5)
    assert (recording.ended_by, recording.end_reason) == ("caller", "hung_up")
    await asyncio.gather(*desk.tasks)
    for role, voice in zip(("caller", "operator"), said, strict=True):
        heard = concatenate([frame.pcm for frame in desk.frames[role]])
        assert likeness(voice, heard) > 0.95


async def test_a_pause_is_no_silence_and_a_resume_is_heard(pbx: Pbx, desk: Desk) -> None:
    await pbx.copy()
    recording, listening = await asyncio.wait_for(desk.taken.get(), 5)
    assert listening.silent_s("caller") is None and not recording.paused
    paused = await pbx.redirect("inactive")
    assert paused.status == 200 and paused.body.count("a=inactive") == 2
    assert recording.paused and listening.silent_s("caller") == 0.0
    resumed = await pbx.redirect("sendonly")
    assert resumed.status == 200 and resumed.body.count("a=recvonly") == 2
    assert not recording.paused
    await pbx.speak(read_prompt(CALLER_SAYS, seconds=0.4), read_prompt(OPERATOR_SAYS, seconds=0.4))
    silent_s = listening.silent_s("operator")
    assert silent_s is not None and silent_s < 1


async def test_metadata_are_added_to_within_the_call(pbx: Pbx, desk: Desk) -> None:
    await pbx.copy()
    recording, _ = await asyncio.wait_for(desk.taken.get(), 5)
    update = (
        '<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>partial</datamode>'
        '<participant participant_id="third"><nameID aor="tel:+33465710001"/></participant>'
        '<participantstreamassoc participant_id="third"><send>two</send></participantstreamassoc>'
        "</recording>"
    )
    assert (await pbx.within("UPDATE", update, RS_METADATA)).status == 200
    operator = recording.metadata.speaker("97")
    assert operator is not None and operator.number == "+33465710001"
    assert recording.metadata.speaker("96") is not None
    assert (await pbx.within("UPDATE", "<nonsense", RS_METADATA)).status == 488
    assert not recording.ended.is_set()


ONE = description((4000, 4002)).split("m=audio 4002")[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (multipart(("application/sdp", description((4000, 4002)))), 415),
        (multipart(("application/sdp", description((4000, 4002))), (RS_METADATA, "<x/>")), 400),
        (multipart(("application/sdp", description((4000, 4002))), (RS_METADATA, "<x")), 400),
        (multipart(("application/sdp", ONE), (RS_METADATA, TELLING.decode())), 488),
    ],
)
async def test_what_cannot_be_taken_is_refused(
    pbx: Pbx, desk: Desk, server: SipServer, body: str, status: int
) -> None:
    pbx.phone.send(pbx.invite(body))
    refused = await pbx.phone.final("INVITE")
    assert refused.status == status and refused.header("Warning")
    assert len(desk.refusals) == 1 and server.calls == 0


async def test_without_anybody_to_listen_copies_are_refused(desk: Desk) -> None:
    server = SipServer(host="127.0.0.1", port=0, on_call=desk.call)
    await server.start()
    pbx = await Pbx.open(server.address)
    pbx.phone.send(pbx.invite())
    assert (await pbx.phone.final("INVITE")).status == 488
    pbx.close()
    await server.stop()


async def test_many_copies_at_once(server: SipServer, desk: Desk) -> None:
    copies = [await Pbx.open(server.address, call_id=f"copy-{n}") for n in range(25)]
    await asyncio.gather(*(copy.copy() for copy in copies))
    assert server.calls == 25
    await asyncio.gather(*(copy.within("BYE") for copy in copies))
    assert server.calls == 0
    for copy in copies:
        copy.close()


def test_older_documents_are_read() -> None:
    """As drafts of RFC 7865 had them: other namespace, plain ids, associations inside."""
    metadata = read_metadata(
        b'<recording xmlns="urn:ietf:params:xml:ns:recording"><dataMode>complete</dataMode>'
        b'<participant id="p"><nameID aor="sip:201@x"/><send>s</send></participant>'
        b'<stream id="s"><label>1</label></stream></recording>'
    )
    speaker = metadata.speaker("1")
    assert speaker is not None and speaker.number == "201"
    assert metadata.speaker("2") is None


BOMB = b'<!DOCTYPE r [<!ENTITY a "x">]><recording>&a;</recording>'
OUTSIDE = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><recording>&a;</recording>'


@pytest.mark.parametrize("data", [BOMB, OUTSIDE, b"", b"<a/>", b"\xff", b"<recording" * 9])
def test_documents_with_something_up_their_sleeve_are_refused(data: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        read_metadata(data)


@given(st.integers(0, len(TELLING)), st.binary(max_size=6))
def test_any_spoiled_document_is_read_or_refused(at: int, spoil: bytes) -> None:
    try:
        read_metadata(TELLING[:at] + spoil + TELLING[at + len(spoil) :]).speaker("96")
    except MetadataUnreadable:
        return
