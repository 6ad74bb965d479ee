"""A line on loopback, the desk behind it and a telephone of raw datagrams before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from ipaddress import IPv4Network, IPv6Network

import pytest

from telephony.sip import SipServer
from telephony.sip.budget import MessageLimits
from telephony.sip.transaction import Timers
from tests.telephony.desk import FAST, RTP_PORTS, Desk
from tests.telephony.phone import Phone


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def timers() -> Timers:
    return FAST


@pytest.fixture
def referrers() -> Sequence[IPv4Network | IPv6Network]:
    """Who may move a call."""
    return ()


@pytest.fixture
def limits() -> MessageLimits | None:
    """How many messages of a source are read; the usual."""
    return None


@pytest.fixture
async def server(
    desk: Desk,
    timers: Timers,
    referrers: Sequence[IPv4Network | IPv6Network],
    limits: MessageLimits | None,
) -> AsyncIterator[SipServer]:
    server = SipServer(
        host="127.0.0.1", port=0, on_call=desk.take, rtp_ports=RTP_PORTS, timers=timers,
        referrers=referrers, limits=limits,
    )  # fmt: skip
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def phone(server: SipServer) -> AsyncIterator[Phone]:
    phone = await Phone.open(server.address)
    yield phone
    phone.close()
