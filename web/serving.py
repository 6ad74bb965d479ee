"""The service as a process, and commands that talk to it when it runs."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NoReturn

import httpx

from copilot.codec import decode
from copilot.events import Event
from copilot.privacy.logs import open_log
from copilot.settings import Settings
from telephony.errors import RecordingUnreadable
from web.house import House

logger = logging.getLogger(__name__)


SOCKET_MESSAGE_BYTES = 256 * 1024
"""Platforms send some hundred bytes of voice; our own pages send nothing."""


class ServingError(Exception):
    """The service cannot start, or refused a command."""

    code = "serving"


def run_service(settings: Settings, *, demonstration: bool) -> NoReturn:
    """Serve until interrupted, then end the process. Raises ServingError when a port is taken,
    LineSettingError and TlsUnusable when the line cannot be."""
    import uvicorn

    from telephony.collecting import settle
    from web.admission import Admission
    from web.app import create_app
    from web.line import check_line
    from web.panel import panel_origins

    check_line(settings)
    check_exposure(settings)
    panel_origins(settings.panel_origins)
    if settings.sip_tls_certificate:
        _require_free(settings.sip_host, settings.sip_tls_port, socket.SOCK_STREAM, "SIP_TLS_PORT")
    _require_free(settings.http_host, settings.http_port, socket.SOCK_STREAM, "HTTP_PORT")
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        _require_free(settings.sip_host, settings.sip_port, kind, "SIP_PORT")
    open_log(settings.log_level, shape=settings.log_format)
    app = create_app(
        settings,
        demonstration=demonstration,
        on_ready=lambda house: print(welcome(settings, house), flush=True),
        on_warm=settle,
    )
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,  # its lines go where ours go, masked
        access_log=False,
        http=Admission,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or None,
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_BYTES,
        ws_ping_interval=20,
        timeout_graceful_shutdown=10,
    )
    # All is closed and durable. A model may still be loading in native code, which the
    # interpreter's own way out would wait for, or abort.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def check_exposure(settings: Settings) -> None:
    """Whatever is said here is confidential: beyond this machine it goes encrypted.

    Raises ServingError.
    """
    if settings.trusted_proxy:
        for address in settings.trusted_proxy.split(","):
            try:
                ip_network(address.strip())
            except ValueError as error:
                raise ServingError(f"SOUFFLEUR_TRUSTED_PROXY: {error}") from error
    elif not settings.plain_http and not _is_loopback(settings.http_host):
        raise ServingError(
            f"SOUFFLEUR_HTTP_HOST={settings.http_host} would serve passwords and calls in clear "
            "beyond this machine: put a TLS proxy in front and set SOUFFLEUR_TRUSTED_PROXY to its "
            "address (on a test network only: SOUFFLEUR_PLAIN_HTTP=true)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def welcome(settings: Settings, house: House) -> str:
    """What a newcomer needs to know, once the service answers."""
    url = house.trust.public_url
    lines = ["", "  Souffleur", "", f"  Desk, gallery, portal   {url}/"]
    if house.demo is not None:
        lines.append(f"  Call from a browser     {url}/demo/caller")
    if house.sip is not None:
        _, port = house.sip.address
        host = "127.0.0.1" if settings.sip_host == "0.0.0.0" else settings.sip_host  # noqa: S104
        lines.append(f"  Call from a softphone   sip:<number>@{host}:{port} (UDP or TCP)")
    if house.trust.set_up_link is not None:
        lines += ["", "  Nobody can administer yet. Open this link within a day, once:", ""]
        lines += [f"    {house.trust.set_up_link}"]
    if house.accounts_shown is not None:
        shown = house.accounts_shown
        lines += ["", "  Numbers"]
        lines += [f"    {line.number}   {line.client_name}" for line in shown.lines]
        lines += ["", f"  Accounts (password {shown.operator.password})"]
        lines += [f"    {person.role:<13} {person.email}" for person in shown.accounts]
        lines += ["", f"  Letters of approved messages are kept in {settings.data_dir / 'mail'}"]
    lines += ["", "  Stop with Ctrl+C", ""]
    return "\n".join(lines)


def _require_free(host: str, port: int, kind: socket.SocketKind, setting: str) -> None:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ServingError(f"SOUFFLEUR_{setting}: {host}:{port}: {error}") from error
            raise ServingError(
                f"port {port} is taken: stop what uses it, or set SOUFFLEUR_{setting}"
            ) from error


def run_replay(
    settings: Settings,
    recording: Path,
    *,
    number: str | None,
    fast: bool,
    on_event: Callable[[Event], None],
) -> str:
    """Play a recording on the running service, else in this process; the call's id.

    Raises RecordingUnreadable, ServingError.
    """
    if not recording.is_file():
        raise RecordingUnreadable(f"{recording}: no such file")
    from web.composition.places import public_url

    running = _service_runs(settings)
    where = f"the service at {public_url(settings)}" if running else "this process"
    print(f"playing {recording} in {where}", file=sys.stderr, flush=True)
    events = (
        _replay_there(settings, recording, number=number, fast=fast)
        if running
        else _replay_here(settings, recording, number=number, fast=fast)
    )

    async def follow() -> str:
        call_id = ""
        async for event in events:
            call_id = event.call_id
            on_event(event)
        return call_id

    return asyncio.run(follow())


def _service_runs(settings: Settings) -> bool:
    try:
        answer = httpx.get(f"http://{settings.http_host}:{settings.http_port}/healthz", timeout=2)
    except httpx.HTTPError:
        return False
    return answer.is_success


async def _replay_there(
    settings: Settings, recording: Path, *, number: str | None, fast: bool
) -> AsyncIterator[Event]:
    from web.composition.places import house_cookie

    proof = house_cookie(settings).local_proof()
    parameters = {"fast": str(fast).lower()} | ({"number": number} if number else {})
    content = await asyncio.to_thread(recording.read_bytes)
    async with (
        httpx.AsyncClient(timeout=None) as http,  # noqa: S113 - it lasts as long as the call
        http.stream(
            "POST",
            f"http://{settings.http_host}:{settings.http_port}/api/replay",
            params=parameters,
            headers={"X-Local-Proof": proof, "Accept-Language": "en"},
            content=content,
        ) as answer,
    ):
        if not answer.is_success:
            await answer.aread()
            problem = answer.json()
            raise ServingError(f"{recording}: {problem.get('message', answer.status_code)}")
        async for line in answer.aiter_lines():
            if line:
                yield decode(line)


async def _replay_here(
    settings: Settings, recording: Path, *, number: str | None, fast: bool
) -> AsyncIterator[Event]:
    from web.composition.opening import open_house
    from web.replay import prepare

    async with open_house(settings, demonstration=True) as house:
        ready = await prepare(house, recording, number=number, paced=not fast)
        async for event in ready.events():
            yield event
