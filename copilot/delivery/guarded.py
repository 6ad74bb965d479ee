"""Requests to addresses that clients write in their settings: never to the house's own network.

The addresses of the name are looked at first, and only those are connected to: a name may lead
elsewhere a moment later. Certificates are the name's all the same; redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError

if TYPE_CHECKING:
    import httpx

MOST_ANSWER_BYTES = 1_000_000
LONGEST_RETRY_AFTER_S = 6 * 3600.0
"""A receiver that wants to be left alone for days is asked sooner: somebody may have mended it."""


class GuardedRequests:
    """Posts to others' systems. `what` names them in refusals ("webhook", "CRM")."""

    def __init__(
        self, what: str, *, allow_private: bool = False, tls: ssl.SSLContext | bool = True
    ) -> None:
        """`allow_private`: receivers on the house's own network, in clear too, for those who run
        one. `tls`: whose certificates are trusted; true: the usual authorities'."""
        self._what = what
        self._allow_private = allow_private
        self._tls = tls

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float
    ) -> httpx.Response:
        """The answer, whatever its status. Raises `TemporaryFailureError` without one,
        `PermanentFailureError` for an address that must not or cannot be posted to."""
        import httpx

        addresses = await self._checked(url)
        try:
            return await self._post(httpx.URL(url), addresses, body, headers, timeout_s)
        except httpx.InvalidURL as error:
            raise PermanentFailureError(f"adresse de {self._what} invalide : {url}") from error
        except httpx.HTTPError as error:
            raise TemporaryFailureError(
                f"{self._what} injoignable ({urlsplit(url).netloc}) : {type(error).__name__}"
            ) from error

    async def _post(
        self,
        url: httpx.URL,
        addresses: Sequence[str],
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
    ) -> httpx.Response:
        """To the first address that connects."""
        import httpx

        named = {**headers, "host": url.netloc.decode()}
        name = {"sni_hostname": url.raw_host.decode()}
        async with httpx.AsyncClient(
            timeout=timeout_s, follow_redirects=False, trust_env=False, verify=self._tls
        ) as client:
            for address in addresses:
                request = client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    content=body,
                    headers=named,
                    extensions=name,
                )
                try:
                    answer = await client.send(request, stream=True)
                except httpx.ConnectError:
                    if address == addresses[-1]:
                        raise
                    continue
                return await self._read(answer)
        raise TemporaryFailureError(f"{self._what} introuvable")

    async def _read(self, answer: httpx.Response) -> httpx.Response:
        """The answer with its content, which must be small."""
        import httpx

        content = b""
        try:
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MOST_ANSWER_BYTES:
                    raise PermanentFailureError(f"la réponse du {self._what} est démesurée")
        finally:
            await answer.aclose()
        return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=content)

    async def _checked(self, url: str) -> list[str]:
        """The addresses of its host, each fit to be connected to."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise PermanentFailureError(f"adresse de {self._what} invalide : {url}") from error
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise PermanentFailureError(f"adresse de {self._what} invalide : {url}")
        if parts.scheme != "https" and not self._allow_private:
            raise PermanentFailureError(f"un {self._what} doit être en https")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise TemporaryFailureError(f"{self._what} introuvable ({parts.hostname})") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        public = all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses)
        if not public and not self._allow_private:
            raise PermanentFailureError(f"un {self._what} ne peut pas viser une adresse privée")
        return addresses


def _plain(headers: httpx.Headers) -> list[tuple[str, str]]:
    """Without what told how the content was packed: it is unpacked now."""
    packed = ("content-encoding", "content-length", "transfer-encoding")
    return [(name, value) for name, value in headers.multi_items() if name.lower() not in packed]


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that a receiver wants to be left alone (RFC 9110 section 10.2.3); 0 where it does
    not say so in seconds."""
    said = headers.get("retry-after", "").strip()
    return min(float(said), LONGEST_RETRY_AFTER_S) if said.isdecimal() and len(said) < 10 else 0.0
