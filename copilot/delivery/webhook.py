"""Messages posted to a client's own system, signed after Standard Webhooks (standardwebhooks.com).

    webhook-id          the idempotency key: the same for every try
    webhook-timestamp   seconds since 1970, of this try
    webhook-signature   v1,BASE64(HMAC-SHA256(secret, "id.timestamp.body"))

Any 2xx is an acknowledgement. Redirects are not followed, nor are private addresses: what a client
writes in its settings must not reach the house's own network.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 15.0
PASSING = frozenset({408, 409, 425, 429})
"""Refusals (4xx) that may pass."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with


class WebhookChannel:
    """Posts a message as JSON."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        tls: ssl.SSLContext | bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`allow_private`: receivers on the house's own network, for those who run one.

        `tls`: whose certificates are trusted; true: the usual authorities'.
        """
        self._allow_private = allow_private
        self._tls = tls
        self._now = now

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError` (no answer, 429, 5xx) or `PermanentFailureError`."""
        import httpx

        url, key = dispatch.item.recipient, dispatch.key
        secret = next(
            (route.secret for route in dispatch.client.settings.routes if route.to == url), None
        )
        if secret is None:
            raise PermanentFailureError("ce webhook n'est plus dans les réglages du client")
        addresses = await self._checked(url)
        body = json.dumps(payload(dispatch), ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed(secret, key, self._now(), body)
        try:
            answer = await self._post(httpx.URL(url), addresses, body, headers)
        except httpx.InvalidURL as error:
            raise PermanentFailureError(f"adresse de webhook invalide : {url}") from error
        except httpx.HTTPError as error:
            raise TemporaryFailureError(
                f"webhook injoignable ({urlsplit(url).netloc}) : {type(error).__name__}"
            ) from error
        _judge(answer)

    async def _post(
        self, url: httpx.URL, addresses: Sequence[str], body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        """To the first address that connects. Only those that were checked are connected to: a
        name may lead elsewhere a moment later. Certificates are the name's all the same."""
        import httpx

        headers = {**headers, "host": url.netloc.decode()}
        name = {"sni_hostname": url.raw_host.decode()}
        async with httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=self._tls
        ) as client:
            for address in addresses[:-1]:
                try:
                    return await client.post(
                        url.copy_with(host=address), content=body, headers=headers, extensions=name
                    )
                except httpx.ConnectError:
                    continue
            last = url.copy_with(host=addresses[-1])
            return await client.post(last, content=body, headers=headers, extensions=name)

    async def _checked(self, url: str) -> list[str]:
        """The addresses of its host, each fit to be connected to."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise PermanentFailureError(f"adresse de webhook invalide : {url}") from error
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise PermanentFailureError(f"adresse de webhook invalide : {url}")
        if parts.scheme != "https" and not self._allow_private:
            raise PermanentFailureError("un webhook doit être en https")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise TemporaryFailureError(f"webhook introuvable ({parts.hostname})") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        public = all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses)
        if not public and not self._allow_private:
            raise PermanentFailureError("un webhook ne peut pas viser une adresse privée")
        return addresses


def payload(dispatch: Dispatch) -> dict[str, Any]:
    """What is posted: the approved message, nothing of the transcript; or the link alone."""
    message, call = dispatch.message, dispatch.call
    said = {
        "fields": {name: value for name, value in message.fields.items() if value},
        "note": message.note,
        "call": {
            "at": call.ringing_at.isoformat(),
            "caller_number": call.caller_number,
            "duration_s": call.duration_s,
        },
    }
    return {
        "type": "message.approved",
        "timestamp": message.approved_at.isoformat(),
        "data": {
            "message_id": message.id,
            "client_id": message.client_id,
            "call_id": message.call_id,
            "urgency": message.urgency,
            "approved_by": message.approved_by_name,
            "link": dispatch.link or None,
            **({} if dispatch.discreet else said),
        },
    }


def signed(secret: str, key: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one try."""
    stamp = str(int(at.timestamp()))
    content = b".".join((key.encode(), stamp.encode(), body))
    raw = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signature = base64.b64encode(hmac.new(raw, content, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Souffleur",
        "idempotency-key": key,
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def _judge(answer: httpx.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    said = f"refusé par le webhook ({status})"
    if status >= 500 or status in PASSING:
        raise TemporaryFailureError(said)
    raise PermanentFailureError(said)
