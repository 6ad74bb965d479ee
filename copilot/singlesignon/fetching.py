"""Asking a provider, bounded: its addresses, the time and the size of its answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from copilot.singlesignon.errors import ProviderUnreachableError

ANSWER_S = 5.0
"""Somebody looks at the sign-in page meanwhile, and has a password."""
MOST_BYTES = 256 * 1024
"""Metadata and key sets of the large providers are some 2 to 20 KB."""


def is_safe(address: str) -> bool:
    """Whether an address may be trusted with a sign-in: HTTPS, or this very machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def ask(
    address: str, *, form: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object at an address: got, or posted a form to.

    No redirect is followed. Raises ProviderUnreachableError.
    """
    if not is_safe(address):
        raise ProviderUnreachableError(f"not an HTTPS address: {address}")
    # Uncompressed: the bound holds for what is kept.
    sent = {**(headers or {}), "Accept": "application/json", "Accept-Encoding": "identity"}
    method = "GET" if form is None else "POST"
    try:
        async with (
            asyncio.timeout(ANSWER_S),
            httpx.AsyncClient(timeout=ANSWER_S) as http,
            http.stream(method, address, content=form, headers=sent) as response,
        ):
            content = bytearray()
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ProviderUnreachableError(f"{address} answers too much")
    except TimeoutError as error:
        raise ProviderUnreachableError(f"{address}: no answer in {ANSWER_S:.0f} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderUnreachableError(f"{address}: {error!r}") from error
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProviderUnreachableError(
            f"{address} answers {response.status_code} without JSON"
        ) from error
    if not isinstance(said, dict):
        raise ProviderUnreachableError(f"{address} answers no JSON object")
    return response.status_code, said
