"""Extensions of ours at a registrar: a scripted one for its moods, kamailio for the real thing."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from aiosipua.message import SipRequest

from telephony.call import IncomingCall
from telephony.sip import SipServer
from telephony.sip.digest import Guard
from telephony.sip.message import parse_message
from telephony.sip.registration import Extension
from telephony.sip.transaction import Timers
from tests.servers import free_port
from tests.telephony.authority import Authority
from tests.telephony.softphone import baresip
from tests.telephony.speech import write_wav

RTP_PORTS = (47000, 47499)
MODULES = sorted(Path("/usr/lib").glob("*/kamailio/modules"))
FAST = Timers(t1=0.02, t2=0.1, t4=0.1)
PASSWORD = "un mot de passe"


@dataclass
class Registrar(asyncio.DatagramProtocol):
    """Answers each REGISTER as the test says: a status, and headers to add."""

    answer: Callable[[SipRequest, int], tuple[str, list[str]] | None]
    asked: list[SipRequest] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pings: int = 0
    transport: asyncio.DatagramTransport | None = None

    @property
    def port(self) -> int:
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    @property
    def uri(self) -> str:
        return f"sip:127.0.0.1:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip():
            self.pings += 1
            return
        request = parse_message(data)
        assert isinstance(request, SipRequest) and request.method == "REGISTER"
        self.asked.append(request)
        self.changed.set()
        answer = self.answer(request, len(self.asked))
        if answer is None:
            return
        status, headers = answer
        copied = [
            f"{name}: {request.headers.get_first(name)}"
            for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact")
        ]
        lines = [f"SIP/2.0 {status}", *copied, *headers, "Content-Length: 0", "", ""]
        assert self.transport is not None
        self.transport.sendto("\r\n".join(lines).encode(), addr)


@contextlib.asynccontextmanager
async def registrar(
    answer: Callable[[SipRequest, int], tuple[str, list[str]] | None],
) -> AsyncIterator[Registrar]:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(
        lambda: Registrar(answer), local_addr=("127.0.0.1", 0)
    )
    yield peer
    transport.close()


@contextlib.asynccontextmanager
async def line(*uris: str, **options: Any) -> AsyncIterator[SipServer]:
    """A server with one extension registered at these."""

    async def on_call(call: IncomingCall) -> None:
        call.refuse(404, "Not Found")

    extension = Extension(user="201", password=PASSWORD, registrars=uris, expires_s=120)
    server = SipServer(
        host="127.0.0.1", port=0, on_call=options.pop("on_call", on_call), rtp_ports=RTP_PORTS,
        extensions=[extension], trunks=[], timers=FAST, **options,
    )  # fmt: skip
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (a peer has no event)
            await asyncio.sleep(0.01)


def state(server: SipServer) -> str:
    return server.registrations[0].state


def guarded(guard: Guard) -> Callable[[SipRequest, int], tuple[str, list[str]]]:
    """A registrar that wants the password."""

    def answer(request: SipRequest, _number: int) -> tuple[str, list[str]]:
        if guard.check(request, 0) == "accepted":
            return "200 OK", ["Expires: 60", "Service-Route: <sip:edge.example.com;lr>"]
        return "401 Unauthorized", [f"WWW-Authenticate: {v}" for v in guard.challenges(0)]

    return answer


async def test_the_strongest_challenge_is_answered() -> None:
    async with registrar(guarded(Guard({"201": PASSWORD}))) as peer, line(peer.uri) as server:
        await until(lambda: state(server) == "registered")
        first, second = peer.asked
        assert first.get_header("authorization") is None
        assert "SHA-256" in (second.get_header("authorization") or "")
        assert first.call_id == second.call_id
        assert server.registrations[0].registered_for_s == 60
        contact = second.get_header("contact") or ""
        assert contact == f"<sip:201@127.0.0.1:{server.address[1]}>"
    # Leaving takes the registration back, with the same nonce used once more.
    assert peer.asked[-1].get_header("expires") == "0"
    assert "nc=00000002" in (peer.asked[-1].get_header("authorization") or "")


async def test_a_wrong_password_is_told_and_not_repeated_at_once() -> None:
    async with registrar(guarded(Guard({"201": "autre"}))) as peer, line(peer.uri) as server:
        await until(lambda: state(server) == "refused")
        assert "user or password" in server.registrations[0].detail
        await asyncio.sleep(0.3)
        assert len(peer.asked) <= 4


async def test_a_longer_interval_is_taken_when_asked_for() -> None:
    def answer(request: SipRequest, number: int) -> tuple[str, list[str]]:
        if number == 1:
            return "423 Interval Too Brief", ["Min-Expires: 900"]
        return "200 OK", [f"Expires: {request.get_header('expires')}"]

    async with registrar(answer) as peer, line(peer.uri) as server:
        await until(lambda: state(server) == "registered")
        assert [request.get_header("expires") for request in peer.asked] == ["120", "900"]


async def test_an_interval_that_is_no_number_is_the_one_asked_for() -> None:
    async with (
        registrar(lambda _request, _number: ("200 OK", ["Expires: ¹²"])) as peer,
        line(peer.uri) as server,
    ):
        await until(lambda: state(server) == "registered")


async def test_the_next_registrar_is_tried_when_the_first_is_silent_or_unwell() -> None:
    async with (
        registrar(lambda _request, _number: None) as silent,
        registrar(lambda _request, _number: ("503 Service Unavailable", [])) as unwell,
        registrar(lambda _request, _number: ("200 OK", ["Expires: 60"])) as well,
        line(silent.uri, "sip:nowhere.invalid", unwell.uri, well.uri) as server,
    ):
        await until(lambda: state(server) == "registered")
        assert server.registrations[0].registrar == well.uri


async def test_a_registrar_that_never_answers_is_told() -> None:
    async with registrar(lambda _request, _number: None) as peer, line(peer.uri) as server:
        await until(lambda: state(server) == "unreachable")
        assert server.registrations[0].detail == "no answer"


async def test_tls_without_a_certificate_is_told() -> None:
    async with line("sip:127.0.0.1;transport=tls") as server:
        await until(lambda: state(server) == "unreachable")
        assert "certificate" in server.registrations[0].detail


KAMAILIO = """
debug=1
log_stderror=yes
fork=no
children=1
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
listen=tls:127.0.0.1:{tls_port}
enable_tls=yes
tcp_children=1
mpath="{modules}"
loadmodule "tls.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("registrar", "min_expires", 60)
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "ca_list", "{authority}")
request_route {{
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("pbx.example.com", "{password}", "0")) {{
      www_challenge("pbx.example.com", "1");
      exit;
    }}
    save("location");
    exit;
  }}
  if (has_totag()) {{
    loose_route();
    t_relay();
    exit;
  }}
  if (is_method("CANCEL")) {{ t_relay(); exit; }}
  record_route();
  append_hf("P-Called-Party-ID: <sip:0261910001@pbx.example.com>\\r\\n");
  if (!lookup("location")) {{ sl_send_reply("404", "Not Here"); exit; }}
  t_relay();
}}
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@contextlib.asynccontextmanager
async def kamailio(
    folder: Path, authority: Authority, algorithm: str
) -> AsyncIterator[tuple[int, int]]:
    """A registrar and proxy; its port for UDP and TCP, and for TLS."""
    port, tls_port = free_port(), free_port()
    identity = authority.identity("kamailio")
    config = write(
        folder / "kamailio.cfg",
        KAMAILIO.format(
            port=port, tls_port=tls_port, modules=MODULES[0],
            algorithm=algorithm, password=PASSWORD,
            certificate=identity.certificate, key=identity.key, authority=authority.path,
        )
    )  # fmt: skip
    with (folder / "kamailio.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "kamailio", "-f", str(config), "-DD", "-E", "-Y", str(folder), "-m", "64", "-M", "32",
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    _, writer = await asyncio.open_connection("127.0.0.1", tls_port)
                    writer.close()
                    break
                assert process.returncode is None, "kamailio did not start"
                await asyncio.sleep(0.1)
        yield port, tls_port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("kamailio") is None, reason="kamailio is not installed")
@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed")
@pytest.mark.parametrize(
    ("transport", "algorithm"), [("udp", "MD5"), ("tcp", "SHA-256"), ("tls", "SHA-256")]
)
async def test_a_call_comes_through_kamailio_to_our_extension(
    tmp_path: Path, transport: str, algorithm: str
) -> None:
    authority = Authority.open(tmp_path / "ca")
    arrived: asyncio.Queue[IncomingCall] = asyncio.Queue()

    async def on_call(call: IncomingCall) -> None:
        call.ring()
        arrived.put_nowait(call)

    microphone = write_wav(tmp_path / "mic.wav", np.zeros(160_000, np.int16))
    async with kamailio(tmp_path, authority, algorithm) as (port, tls_port):
        place = f"127.0.0.1:{tls_port if transport == 'tls' else port};transport={transport}"
        options: dict[str, Any] = {"tls": authority.identity("line"), "tls_port": 0}
        async with (
            line(f"sip:{place}", on_call=on_call, **options) as server,
            baresip(tmp_path, microphone, "PCMA") as phone,
        ):
            await until(lambda: state(server) == "registered")
            await phone.command("dial", f"sip:201@127.0.0.1:{port}")
            call = await asyncio.wait_for(arrived.get(), 10)
            assert (call.dialled, call.caller_number) == ("0261910001", "0199001122")
            await call.answer()
            await until(lambda: call._phase == "confirmed")  # type: ignore[attr-defined]
            assert re.search(transport, call.dialog.contact) or transport == "udp"  # type: ignore[attr-defined]
            await phone.command("hangup")
            await asyncio.wait_for(call.ended.wait(), 5)
            assert (call.ended_by, call.end_reason) == ("caller", "hung_up")
