"""The conversation with a mail server: encrypted, signed in, refused."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError
from copilot.delivery.smtp import EmailChannel, Security, SmtpServer
from tests.delivery.examples import SENDER, dispatch
from tests.servers import SmtpSink, free_port, smtp_sink
from tests.telephony.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "authority")


def server_context(authority: Authority) -> ssl.SSLContext:
    identity = authority.identity("mail")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


class Encrypted(Controller):
    """aiosmtpd's own look at whether it is ready takes the server's context for a client's."""

    def _trigger_server(self) -> None:
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            anybody.wrap_socket(plain) as encrypted,
        ):
            encrypted.recv(1024)


@contextmanager
def implicit_tls(context: ssl.SSLContext) -> Iterator[SmtpSink]:
    """A server that speaks TLS from the first byte (RFC 8314)."""
    sink = SmtpSink(port=free_port())
    controller = Encrypted(sink, hostname="127.0.0.1", port=sink.port, ssl_context=context)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def channel(port: int, security: Security, **options: Any) -> EmailChannel:
    server = SmtpServer(host="127.0.0.1", port=port, security=security, timeout_s=5, **options)
    return EmailChannel(server, SENDER)


async def test_starttls_with_our_own_authority_and_credentials(authority: Authority) -> None:
    with smtp_sink(credentials=("desk", "secret"), tls=server_context(authority)) as sink:
        known = str(authority.path)
        await channel(
            sink.port, "starttls", authority=known, username="desk", password="secret"
        ).send(dispatch())
        assert len(sink.envelopes) == 1
        with pytest.raises(TemporaryFailureError, match="identifiants") as refused:
            await channel(
                sink.port, "starttls", authority=known, username="desk", password="wrong"
            ).send(dispatch())
        assert "wrong" not in str(refused.value)


async def test_tls_from_the_first_byte(authority: Authority) -> None:
    with implicit_tls(server_context(authority)) as sink:
        await channel(sink.port, "tls", authority=str(authority.path)).send(dispatch())
        assert len(sink.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_nobody_we_know_gets_no_letter(
    authority: Authority, security: Security
) -> None:
    context = server_context(authority)
    server = smtp_sink(tls=context) if security == "starttls" else implicit_tls(context)
    with server as sink:
        with pytest.raises(TemporaryFailureError, match="certificat"):
            await channel(sink.port, security).send(dispatch())
        assert not sink.envelopes


async def test_starttls_is_not_given_up_for_a_server_without_it() -> None:
    with smtp_sink() as sink:
        with pytest.raises(TemporaryFailureError, match="STARTTLS"):
            await channel(sink.port, "starttls").send(dispatch())
        assert not sink.envelopes


async def test_a_refused_recipient_is_named_with_the_server_s_words() -> None:
    with smtp_sink() as sink:
        sink.recipient_answers["atelier@example.fr"] = "550 5.1.1 No such user here"
        with pytest.raises(PermanentFailureError, match=r"550.*No such user"):
            await channel(sink.port, "none").send(dispatch())
        sink.recipient_answers["atelier@example.fr"] = "452 4.2.2 Mailbox full"
        with pytest.raises(TemporaryFailureError, match="Mailbox full"):
            await channel(sink.port, "none").send(dispatch())
