"""The SIP line built from the settings."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from copilot.reception import Reception
from copilot.settings import Settings
from telephony.audiosocket import AnnouncedCalls, AudioSocketServer
from telephony.call import CodecName, OutgoingCall, Presented
from telephony.codec import CODECS
from telephony.errors import CallFailed
from telephony.sip import SipServer
from telephony.sip.dialler import OutgoingPolicy
from telephony.sip.media import MediaPolicy
from telephony.sip.tls import TlsIdentity, server_context
from telephony.turn import TurnServers
from telephony.turnwatch import turn_address
from web.dialling import dial_plan, tariff
from web.sipaccounts import LineSettingError, SipAccounts, read_accounts


def check_line(settings: Settings) -> None:
    """Find what would keep the line from starting. Raises LineSettingError, TlsUnusable."""
    _ports(settings.rtp_ports)
    networks(settings.sip_allow, setting="SIP_ALLOW")
    networks(settings.audiosocket_allow, setting="AUDIOSOCKET_ALLOW")
    networks(settings.sip_refer, setting="SIP_REFER")
    if settings.audiosocket_port and not settings.line_token:
        raise LineSettingError(
            "SOUFFLEUR_AUDIOSOCKET_PORT needs SOUFFLEUR_LINE_TOKEN: calls are announced with it"
        )
    _codecs(settings.sip_codecs)
    line_accounts(settings)
    dial_plan(settings)
    tariff(settings)
    turn_servers(settings)
    identity = _identity(settings)
    if identity is not None:
        server_context(identity)


def open_line(settings: Settings, accounts: SipAccounts, reception: Reception) -> SipServer:
    """Built, not started. Raises LineSettingError."""
    return SipServer(
        host=settings.sip_host,
        port=settings.sip_port,
        on_call=reception.arrivals.receive,
        on_recording=reception.follower.follow,
        public_host=settings.media_host or None,
        rtp_ports=_ports(settings.rtp_ports),
        trunks=networks(settings.sip_allow, setting="SIP_ALLOW"),
        tls=_identity(settings),
        tls_port=settings.sip_tls_port,
        passwords=accounts.trunks,
        extensions=accounts.extensions,
        outgoing=OutgoingPolicy(
            gateways=accounts.gateways,
            plan=dial_plan(settings),
            max_calls=settings.outgoing_calls,
            ring_s=settings.outgoing_ring_s,
        ),
        referrers=networks(settings.sip_refer, setting="SIP_REFER"),
        media=MediaPolicy(
            codecs=_codecs(settings.sip_codecs),
            encrypted_only=settings.sip_encryption == "required",
        ),
    )


class WayOut:
    """Places calls by the line, once there is one."""

    def __init__(self) -> None:
        self.line: SipServer | None = None

    async def dial(
        self, number: str, *, presented: Presented, prefer: CodecName | None = None
    ) -> OutgoingCall:
        """As `SipServer.dial`."""
        if self.line is None:
            raise CallFailed("unreachable", detail="there is no line")
        return await self.line.dial(number, presented=presented, prefer=prefer)


def turn_servers(settings: Settings) -> TurnServers | None:
    """For browsers on strict networks, None without any. Raises LineSettingError."""
    urls = tuple(part.strip() for part in settings.turn_urls.split(",") if part.strip())
    if not urls:
        return None
    for url in urls:
        try:
            turn_address(url)
        except ValueError:
            raise LineSettingError(
                f"SOUFFLEUR_TURN_URLS: {url!r}: write turn:turn.example.com:3478?transport=udp"
            ) from None
    if not settings.turn_secret:
        raise LineSettingError("SOUFFLEUR_TURN_URLS needs SOUFFLEUR_TURN_SECRET")
    return TurnServers(urls=urls, secret=settings.turn_secret, life_s=settings.turn_hours * 3600)


def open_audiosocket(settings: Settings, reception: Reception) -> AudioSocketServer | None:
    """Built, not started; None without a port for it. Raises LineSettingError."""
    if not settings.audiosocket_port:
        return None
    return AudioSocketServer(
        host=settings.sip_host,
        port=settings.audiosocket_port,
        on_call=reception.arrivals.receive,
        announced=AnnouncedCalls(),
        networks=networks(settings.audiosocket_allow, setting="AUDIOSOCKET_ALLOW"),
    )


def line_accounts(settings: Settings) -> SipAccounts:
    """The file of SIP passwords, empty without one. Raises LineSettingError."""
    return read_accounts(Path(settings.sip_accounts)) if settings.sip_accounts else SipAccounts()


def _ports(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    try:
        return int(first), int(last or first)
    except ValueError:
        raise LineSettingError(
            f"SOUFFLEUR_RTP_PORTS is {text!r}; write first-last, as in 30000-30999"
        ) from None


def networks(text: str, *, setting: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Networks separated by commas. Raises LineSettingError, naming the setting."""
    try:
        return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise LineSettingError(
            f"SOUFFLEUR_{setting}: {error}; write networks as in 192.0.2.0/24,198.51.100.7"
        ) from None


def _codecs(text: str) -> tuple[CodecName, ...]:
    known: dict[str, CodecName] = {name.lower(): name for name in CODECS}
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise LineSettingError(
            f"SOUFFLEUR_SIP_CODECS is {text!r}; the codecs are {', '.join(CODECS)}"
        )
    return tuple(known[name] for name in names)


def _identity(settings: Settings) -> TlsIdentity | None:
    if not settings.sip_tls_certificate:
        if settings.sip_encryption == "required":
            raise LineSettingError(
                "SOUFFLEUR_SIP_ENCRYPTION is required, which needs SOUFFLEUR_SIP_TLS_CERTIFICATE "
                "and SOUFFLEUR_SIP_TLS_KEY"
            )
        return None
    return TlsIdentity(
        certificate=Path(settings.sip_tls_certificate),
        key=Path(settings.sip_tls_key or settings.sip_tls_certificate),
        client_authorities=_path(settings.sip_tls_client_ca),
        server_authorities=_path(settings.sip_tls_ca),
    )


def _path(text: str) -> Path | None:
    return Path(text) if text else None
