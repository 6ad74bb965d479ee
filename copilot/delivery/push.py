"""Notifications in browsers (RFC 8030), while no page of ours is open.

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
from typing import TYPE_CHECKING, Literal, Protocol

from copilot.delivery.channel import (
    DeliveryError,
    Dispatch,
    PermanentFailureError,
    TemporaryFailureError,
)
from copilot.delivery.guarded import GuardedRequests
from copilot.delivery.pushkey import BadSubscriptionError, PushKey, sealed_for
from copilot.delivery.shortnote import note_of
from copilot.oncall import entry_digest
from copilot.routing import EVERYBODY

if TYPE_CHECKING:
    from copilot.store.records.push import NotifiedBrowser
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

    subscription: NotifiedBrowser
    outcome: Outcome
    detail: str = ""


class Audience(Protocol):
    """Whose browsers a channel notifies, and what they are shown."""

    async def browsers(self, dispatch: Dispatch) -> Sequence[NotifiedBrowser]:
        """Raises `PermanentFailureError` when there are none."""
        ...

    async def note(
        self, dispatch: Dispatch, *, reached: Sequence[str], gone: Sequence[str], at: datetime
    ) -> None:
        """Keep whom push services reached, forget the browsers that no longer exist."""
        ...

    def shown(self, dispatch: Dispatch) -> dict[str, str]:
        """What the service worker is given."""
        ...


@dataclass(frozen=True, kw_only=True)
class PeopleOfTheClient:
    """Those who added their browsers in their account: everybody, or one by their e-mail."""

    store: Store

    async def browsers(self, dispatch: Dispatch) -> Sequence[NotifiedBrowser]:
        recipient = dispatch.item.recipient
        email = None if recipient == EVERYBODY else recipient
        found = await self.store.for_client(dispatch.client.id).push_targets(email=email)
        if not found:
            raise PermanentFailureError(
                "aucun navigateur n'est abonné : activez les notifications dans l'espace client"
            )
        return found

    async def note(
        self, dispatch: Dispatch, *, reached: Sequence[str], gone: Sequence[str], at: datetime
    ) -> None:
        scope = self.store.for_client(dispatch.client.id)
        await scope.note_pushed(reached=reached, gone=gone, at=at)

    def shown(self, dispatch: Dispatch) -> dict[str, str]:
        return payload(dispatch)


@dataclass(frozen=True, kw_only=True)
class WhoeverIsOnCall:
    """Those who added their browser from the link of their message, by their name on the list.

    They are shown that there is a message and its link: no more than a link says.
    """

    store: Store

    async def browsers(self, dispatch: Dispatch) -> Sequence[NotifiedBrowser]:
        name = dispatch.item.recipient
        entries = {entry_digest(one) for one in dispatch.client.settings.on_call.contacts}
        found = await self.store.for_client(dispatch.client.id).on_call_browsers(name)
        still = [one for one in found if one.entry in entries]
        if not still:
            raise PermanentFailureError(
                "aucun téléphone n'est abonné : à activer depuis le lien d'un message d'astreinte"
            )
        return still

    async def note(
        self, dispatch: Dispatch, *, reached: Sequence[str], gone: Sequence[str], at: datetime
    ) -> None:
        scope = self.store.for_client(dispatch.client.id)
        await scope.note_on_call_pushed(reached=reached, gone=gone, at=at)

    def shown(self, dispatch: Dispatch) -> dict[str, str]:
        return {**payload(dispatch), "body": ""}


class PushChannel:
    """Notifies the browsers of its audience."""

    def __init__(
        self,
        audience: Audience,
        key: PushKey,
        *,
        allow_private: bool = False,
        tls: ssl.SSLContext | bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`allow_private`, `tls`: as for `GuardedRequests`."""
        self._audience = audience
        self.key = key
        self._requests = GuardedRequests(
            "service de notification", allow_private=allow_private, tls=tls
        )
        self._now = now

    async def send(self, dispatch: Dispatch) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        browsers = await self._audience.browsers(dispatch)
        content = json.dumps(self._audience.shown(dispatch), ensure_ascii=False).encode()
        room = asyncio.Semaphore(AT_ONCE)

        async def one(browser: NotifiedBrowser) -> _Said:
            async with room:
                return await self._notify(browser, content, dispatch)

        said = await asyncio.gather(*(one(browser) for browser in browsers))
        await self._audience.note(
            dispatch,
            reached=[each.subscription.id for each in said if each.outcome == "taken"],
            gone=[each.subscription.id for each in said if each.outcome == "gone"],
            at=self._now(),
        )
        _judge(said, attempts=dispatch.item.attempts)

    async def _notify(self, browser: NotifiedBrowser, content: bytes, dispatch: Dispatch) -> _Said:
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
