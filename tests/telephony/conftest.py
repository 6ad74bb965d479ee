"""A line on loopback, the desk behind it and a telephone of raw datagrams before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from telephony.sip import SipServer
from tests.telephony.desk import FAST, RTP_PORTS, Desk
from tests.telephony.phone import Phone


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[SipServer]:
    server = SipServer(
        host="127.0.0.1", port=0, on_call=desk.take, rtp_ports=RTP_PORTS, timers=FAST
    )
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def phone(server: SipServer) -> AsyncIterator[Phone]:
    phone = await Phone.open(server.address)
    yield phone
    phone.close()
