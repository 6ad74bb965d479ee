"""Messages that would break a reader or deafen a socket: none does."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from aiosipua.message import SipRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.errors import SipSyntaxError
from telephony.sip import SipServer
from telephony.sip.budget import UNLIMITED
from telephony.sip.message import check_request, parse_message
from tests.telephony.desk import Desk, answered
from tests.telephony.phone import OFFER, Phone, udp


@pytest.mark.parametrize("port", ["99999", "0", "-1", "65536", "5060x", ""])
async def test_a_port_that_cannot_be_kills_nothing(phone: Phone, desk: Desk, port: str) -> None:
    """asyncio closes the socket for good when it is told to send to port 99999."""
    via = f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKport"
    phone.send(phone.invite(via=via, headers=(f"Record-Route: <sip:127.0.0.1:{port};lr>",)))
    await asyncio.sleep(0.05)
    assert await phone.is_answered()
    assert desk.calls == [] or port == ""


async def test_a_contact_that_cannot_be_reached_kills_nothing(phone: Phone, desk: Desk) -> None:
    contact = f"@127.0.0.1:{phone.address[1]}>"
    phone.send(phone.invite().replace(contact, "@127.0.0.1:99999>"))
    assert (await phone.final("INVITE")).status == 400
    assert await phone.is_answered()


async def test_a_contact_with_a_name_is_reached_where_it_called_from(
    phone: Phone, desk: Desk
) -> None:
    contact = f"@127.0.0.1:{phone.address[1]}>"
    parts: dict[str, Any] = {"call_id": "named", "branch": "z9hG4bKnamed"}
    phone.send(phone.invite(**parts).replace(contact, "@phone.invalid>"))
    call = await desk.next()
    await call.answer()
    phone.send(phone.ack(await phone.final("INVITE")))
    await asyncio.sleep(0.05)
    await call.hang_up()
    assert (await phone.request("BYE")).text.startswith("BYE sip:0199001122@phone.invalid ")


async def test_rport_brings_the_answer_to_the_real_port(phone: Phone) -> None:
    via = "SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bKnat"
    phone.send(phone.message("OPTIONS", via=via))
    top = (await phone.final("OPTIONS")).header("Via")
    assert f"rport={phone.address[1]}" in top and "received=127.0.0.1" in top


VALID = (
    "INVITE sip:0261910001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKx\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:0261910001@127.0.0.1>\r\n"
    "Call-ID: fuzz\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:5071>\r\n"
    f"Content-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER}"
).encode()


SPOILS = [b"", b"\r\n", b":", b"99999", b";", b'"', b"<", b"%", b"-1", b"\x00", b",", b"\xff"]


def mutate(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, cut, insert in edits:
        at = place % (len(data) + 1)
        data = data[:at] + insert + data[at + cut :]
    return data


edits = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"\r\n", b":", b"99999", b";", b'"', b"<", b"%", b"-1", b"\x00", b","]
            ),
        ),
    ),
    min_size=1,
    max_size=8,
)


@given(edits)
@settings(max_examples=400)
def test_a_message_is_read_or_refused_but_never_breaks_the_reader(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = mutate(VALID, changes)
    try:
        message = parse_message(data)
    except SipSyntaxError:
        return
    if isinstance(message, SipRequest):
        status = 200
        try:
            check_request(message, data)
        except SipSyntaxError as error:
            status = error.status
        assert status in (200, 400, 416, 505)


@pytest.mark.parametrize("limits", [UNLIMITED])  # every one is read
async def test_no_datagram_deafens_the_server(phone: Phone, desk: Desk, server: SipServer) -> None:
    """Two thousand spoiled messages through the real socket; then a real call."""
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: raised.append(context.get("exception"))
    )
    generator = random.Random(5)
    for number in range(2000):
        changes = [
            (
                generator.randrange(1200),
                generator.randrange(30),
                generator.choice(SPOILS),
            )
            for _ in range(generator.randrange(1, 6))
        ]
        data = mutate(VALID, changes) if number % 3 else generator.randbytes(number % 900)
        phone.send(data)
        if number % 100 == 99:
            await asyncio.sleep(0.01)
    while not phone.inbox.empty():
        phone.inbox.get_nowait()
    assert await phone.is_answered()
    desk.arrived = asyncio.Queue()
    await answered(phone, desk, call_id="after-all", branch="z9hG4bKafter")
    assert udp(server).is_open
    assert raised == []
