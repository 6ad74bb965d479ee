"""Messages posted to a client's own system, signed after Standard Webhooks (standardwebhooks.com).

    webhook-id          the idempotency key: the same for every try
    webhook-timestamp   seconds since 1970, of this try
    webhook-signature   v1,BASE64(HMAC-SHA256(secret, "id.timestamp.body"))

Any 2xx is an acknowledgement. Redirects are not followed, nor are private addresses: what a client
writes in its settings must not reach the house's own network.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.guarded import GuardedRequests, retry_after_s

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
        self._requests = GuardedRequests("webhook", allow_private=allow_private, tls=tls)
        self._now = now

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError` (no answer, 429, 5xx) or `PermanentFailureError`."""
        url, key = dispatch.item.recipient, dispatch.key
        secret = next(
            (route.secret for route in dispatch.client.settings.routes if route.to == url), None
        )
        if secret is None:
            raise PermanentFailureError("ce webhook n'est plus dans les réglages du client")
        body = json.dumps(payload(dispatch), ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed(secret, key, self._now(), body)
        answer = await self._requests.post(url, body, headers, timeout_s=TIMEOUT_S)
        _judge(answer)


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
        raise TemporaryFailureError(said, retry_after_s=retry_after_s(answer.headers))
    raise PermanentFailureError(said)
