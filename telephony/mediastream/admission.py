"""Who may open a media stream: whoever knows the token, or signs the address with the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def knows_token(token: str, shown: str | None) -> bool:
    """Whether this is the token; no token is known to anybody."""
    return bool(token) and shown is not None and hmac.compare_digest(shown.encode(), token.encode())


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an Authorization header."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def is_signed(key: str, address: str, signature: str | None) -> bool:
    """Whether `signature` is the platform's for an address that it connects to.

    HMAC-SHA1 of the whole address in base64, as platforms sign a request without a body. The
    scheme may be written either way (wss, https).
    """
    if not key or signature is None:
        return False
    rest = address.partition("://")[2]
    return any(
        hmac.compare_digest(signature.encode(), _signature(key, f"{scheme}://{rest}"))
        for scheme in ("wss", "https", "ws", "http")
    )


def _signature(key: str, address: str) -> bytes:
    digest = hmac.new(key.encode(), address.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest)
