"""Connections to calendars: to checked addresses only, bounded in time and in size.

Each name is resolved once a request; every address it has must be of the open Internet, or of a
network the administrator allows; the connection goes to an address that was checked, under the
name's own certificate. What a client writes in its settings must not reach the house's own network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from copilot.agenda.calendar import (
    CalendarError,
    ExpiredError,
    ForbiddenPlaceError,
    MissingError,
    RefusedError,
    ThrottledError,
    UnreachableError,
)
from knowledge.documents.fetching import Network, is_public

TIMEOUT_S = 10.0
TOTAL_S = 25.0
MOST_BYTES = 8 * 1024 * 1024
LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where calendars may be."""

    allowed: tuple[Network, ...] = ()
    """Private networks that may be reached, in clear too."""
    tls: ssl.SSLContext | bool = True
    """Whose certificates are trusted; true: the usual authorities'."""

    def opened(self) -> httpx.AsyncClient:
        """Follows no redirect, keeps no cookie, uses no proxy of the environment."""
        return httpx.AsyncClient(
            transport=_Checked(self, httpx.AsyncHTTPTransport(verify=self.tls, trust_env=False)),
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Souffleur"},
        )

    def permits(self, address: str) -> bool:
        """Whether one address may be connected to."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        if any(ip.version == net.version and ip in net for net in self.allowed):
            return True
        return is_public(ip)


class _Checked(httpx.AsyncBaseTransport):
    """Connects to addresses that were checked, and to no other."""

    def __init__(self, reach: Reach, inner: httpx.AsyncBaseTransport) -> None:
        self._reach = reach
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https") or not url.host:
            raise ForbiddenPlaceError("not an address of the web")
        found = await self._addresses(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not all(self._reach.permits(address) for address in found):
            raise ForbiddenPlaceError(url.host)
        if url.scheme == "http" and any(
            is_public(ipaddress.ip_address(address.partition("%")[0])) for address in found
        ):
            raise ForbiddenPlaceError(f"{url.host}: not over https")
        for address in found[:-1]:  # a name may have an address that has no way from here
            try:
                return await self._inner.handle_async_request(_at(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_at(found[-1], request))

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise UnreachableError(f"{host[:100]}: no such name") from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _at(address: str, request: httpx.Request) -> httpx.Request:
    """The same request, to one address, under the name's own certificate."""
    url = request.url
    return httpx.Request(
        request.method,
        url.copy_with(host=address),
        headers={**dict(request.headers), "host": url.netloc.decode()},
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": url.raw_host.decode()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said, whole."""

    status: int
    headers: httpx.Headers
    content: bytes
    url: httpx.URL

    def json(self) -> dict[str, Any]:
        """Raises `UnreachableError` on what is no JSON object: some page on the way."""
        import json

        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise UnreachableError("an answer that is no JSON") from error
        if not isinstance(value, dict):
            raise UnreachableError("an answer that is no JSON object")
        return value


async def ask(
    http: httpx.AsyncClient,
    method: str,
    url: str | httpx.URL,
    *,
    takes: Sequence[int] = (),
    **given: Any,
) -> Answer:
    """One request. `takes`: statuses from 300 on that are an answer all the same.

    Raises `CalendarError` by the status, on no answer, on one too large or too slow.
    """
    try:
        async with asyncio.timeout(TOTAL_S), http.stream(method, url, **given) as response:
            content = b"".join([piece async for piece in _bounded(response)])
    except CalendarError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        host = httpx.URL(url).host if isinstance(url, httpx.URL) else str(url)[:200]
        raise UnreachableError(f"{host}: {type(error).__name__}") from error
    answer = Answer(
        status=response.status_code, headers=response.headers, content=content, url=response.url
    )
    if answer.status >= 300 and answer.status not in takes:
        raise refusal(answer)
    return answer


async def _bounded(response: httpx.Response) -> AsyncIterator[bytes]:
    size = 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > MOST_BYTES:
            raise UnreachableError("an answer larger than is read")
        yield piece


def refusal(answer: Answer) -> CalendarError:
    """What a status means."""
    said = f"HTTP {answer.status}"
    if answer.status == 401:
        return ExpiredError(said)
    if answer.status in (404, 410):
        return MissingError(said)
    if answer.status == 429:
        return ThrottledError(said, retry_after_s=retry_after_s(answer.headers))
    if answer.status >= 500 or answer.status == 408:
        return UnreachableError(said)
    return RefusedError(said)


def retry_after_s(headers: httpx.Headers) -> float:
    """Seconds to wait; a date or nonsense counts as a minute."""
    try:
        return min(max(float(headers.get("retry-after", "60")), 1.0), LONGEST_RETRY_AFTER_S)
    except ValueError:
        return 60.0
