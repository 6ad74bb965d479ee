"""Notifications in the browsers of a client's people (RFC 8030), while no page of ours is open.

A message is taken when a push service took it for one of them. Where another service was busy, all
are told again a few times: a repeat replaces what is shown, without a sound (`Topic`, `tag`).
Browsers that no longer exist (404, 410) are forgotten.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from copilot.delivery.channel import (
    DeliveryError,
    Dispatch,
    PermanentFailureError,
    TemporaryFailureError,
)
from copilot.delivery.guarded import GuardedRequests
from copilot.delivery.pushkey import BadSubscriptionError, PushKey, sealed_for
from copilot.delivery.shortnote import note_of
from copilot.routing import EVERYBODY

if TYPE_CHECKING:
    from copilot.store.records.push import PushSubscription
    from copilot.store.store import Store

TIMEOUT_S = 15.0
AT_ONCE = 10
LONGEST_BODY = 400
"""Characters: services take 4096 bytes sealed (RFC 8030 section 7.2), screens show two lines."""
KEPT_S = {"normal": 86_400, "urgent": 28_800, "critique": 3_600}
"""How long a push service keeps it for a browser that is off (TTL)."""
HASTE = {"normal": "normal", "urgent": "high", "critique": "high"}
PASSING = frozenset({408, 425, 429})
GONE = frozenset({404, 410})
PATIENT_TRIES = 4
"""Tries until those who were reached are enough."""

Outcome = Literal["taken", "gone", "busy", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What became of one browser's notification."""

    subscription: PushSubscription
    outcome: Outcome
    detail: str = ""


class PushChannel:
    """Notifies the browsers that people of the client added in the portal."""

    def __init__(
        self,
        store: Store,
        key: PushKey,
        *,
        allow_private: bool = False,
        tls: ssl.SSLContext | bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`allow_private`, `tls`: as for `GuardedRequests`."""
        self._store = store
        self.key = key
        self._requests = GuardedRequests(
            "service de notification", allow_private=allow_private, tls=tls
        )
        self._now = now

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        scope = self._store.for_client(dispatch.client.id)
        browsers = await scope.push_targets(email=_person(dispatch.item.recipient))
        if not browsers:
            raise PermanentFailureError(
                "aucun navigateur n'est abonné : activez les notifications dans l'espace client"
            )
        content = json.dumps(payload(dispatch), ensure_ascii=False).encode()
        room = asyncio.Semaphore(AT_ONCE)

        async def one(browser: PushSubscription) -> _Said:
            async with room:
                return await self._notify(browser, content, dispatch)

        said = await asyncio.gather(*(one(browser) for browser in browsers))
        await scope.note_pushed(
            reached=[each.subscription.id for each in said if each.outcome == "taken"],
            gone=[each.subscription.id for each in said if each.outcome == "gone"],
            at=self._now(),
        )
        _judge(said, attempts=dispatch.item.attempts)

    async def _notify(self, browser: PushSubscription, content: bytes, dispatch: Dispatch) -> _Said:
        urgency = dispatch.message.urgency
        try:
            body = sealed_for(browser, content)
        except (BadSubscriptionError, ValueError):
            return _Said(subscription=browser, outcome="gone", detail="clés illisibles")
        headers = {
            "authorization": self.key.authorization(browser.address, at=self._now()),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(KEPT_S.get(urgency, KEPT_S["normal"])),
            "urgency": HASTE.get(urgency, "normal"),
            "topic": dispatch.key[:32],
        }
        try:
            answer = await self._requests.post(browser.address, body, headers, timeout_s=TIMEOUT_S)
        except TemporaryFailureError as error:
            return _Said(subscription=browser, outcome="busy", detail=str(error))
        except DeliveryError as error:
            return _Said(subscription=browser, outcome="refused", detail=str(error))
        status = answer.status_code
        return _Said(
            subscription=browser,
            outcome=_outcome(status),
            detail=f"le service de notification répond {status}",
        )


def payload(dispatch: Dispatch) -> dict[str, str]:
    """What the service worker shows; where only a link may leave, that there is a message."""
    note = note_of(dispatch)
    link = dispatch.link
    said = note.body.replace(link, "").strip() if link else note.body
    return {
        "title": note.title,
        "body": "" if dispatch.discreet else said[:LONGEST_BODY],
        "link": link,
        "tag": dispatch.key,
    }


def _person(recipient: str) -> str | None:
    """Whose browsers are meant; null: everybody's."""
    return None if recipient == EVERYBODY else recipient


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return "taken"
    if status in GONE:
        return "gone"
    return "busy" if status >= 500 or status in PASSING else "refused"


def _judge(said: Sequence[_Said], *, attempts: int) -> None:
    taken = any(one.outcome == "taken" for one in said)
    busy = [one for one in said if one.outcome == "busy"]
    if busy and (not taken or attempts < PATIENT_TRIES):
        raise TemporaryFailureError(busy[0].detail)
    if taken:
        return
    refused = [one.detail for one in said if one.outcome == "refused"]
    raise PermanentFailureError(
        refused[0]
        if refused
        else "les navigateurs abonnés n'existent plus : activez de nouveau les notifications"
    )
