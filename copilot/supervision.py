"""The supervisor's ear: a supervisor of the provider listens to a call, whispers, or barges in.

Each begins with a stated reason and an entry in the audit trail, kept before anything is heard, and
ends with another. At most one supervisor a call. What their browser does touches neither the
caller nor the operator: the bridge lets it go, and it may come back within `COME_BACK_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from copilot.accounts import SignedIn
from copilot.events import CallSupervised
from copilot.reception.errors import NoSuchCallError, NotCarriedError, ReceptionError
from copilot.reception.ongoing import AcceptBrowser, OngoingCall
from copilot.store.audit import Act
from copilot.store.errors import StoreError
from telephony.floor import Part

if TYPE_CHECKING:
    from copilot.store.audit import AuditTrail

logger = logging.getLogger(__name__)

COME_BACK_S = 20.0
"""A page that reloads, a network that changes: after that the supervisor has left."""
KEEP_EVERY_S = 3.0
KEEP_TRIES = 100
"""The end of an ear is written down again and again while the database is away: five minutes."""


class SupervisedError(ReceptionError):
    """Another supervisor is already on the call."""

    code = "supervised"


class SupervisionForbiddenError(ReceptionError):
    """The client does not want its calls listened to."""

    code = "supervision_forbidden"


@dataclass(slots=True, kw_only=True)
class _Ear:
    """One supervisor on one call."""

    by: SignedIn
    part: Part
    since: datetime
    told: bool = False
    """The operator's desk shows it."""
    gone: asyncio.Event
    """Of the endpoint now."""
    again: asyncio.Event = field(default_factory=asyncio.Event)
    """Another endpoint has come."""
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Supervision:
    """Every supervisor's ear in this process. Close it before the calls are ended."""

    def __init__(
        self,
        *,
        find: Callable[[str], OngoingCall | None],
        audit: AuditTrail,
        accept: AcceptBrowser,
        now: Callable[[], datetime],
        come_back_s: float = COME_BACK_S,
    ) -> None:
        self._find = find
        self._audit = audit
        self._accept = accept
        self._now = now
        self._come_back_s = come_back_s
        self._ears: dict[str, _Ear] = {}
        self._changing = asyncio.Lock()

    async def join(self, call_id: str, *, by: SignedIn, offer: str, part: Part, reason: str) -> str:
        """Join a supervisor's browser to a call, or join it again; the SDP answer.

        Raises:
            NoSuchCallError, NotCarriedError, SupervisedError, SupervisionForbiddenError,
            OfferRefused; StoreError when it cannot be audited, which nobody then hears.
        """
        call = self._open_to_supervision(call_id)
        bridge, incoming = call.bridge, call.incoming
        if bridge is None or incoming is None:
            raise NotCarriedError(call_id)
        async with self._changing:
            ear = self._ears.get(call_id)
            if ear is not None and ear.by.user.id != by.user.id:
                raise SupervisedError(ear.by.user.name)
            endpoint, answer = await self._accept(offer, incoming.codec)
            try:
                if ear is None:
                    await self._note(call, by, "call.supervision.begun", reason, part=part)
                elif ear.part != part:
                    await self._note(call, by, "call.supervision.changed", reason, part=part)
                if incoming.ended.is_set():
                    raise NoSuchCallError(call_id)
            except BaseException:
                await endpoint.close()
                raise
            await bridge.connect_supervisor(endpoint, part)
            if ear is None:
                ear = _Ear(by=by, part=part, since=self._now(), gone=endpoint.ended)
                self._ears[call_id] = ear
                ear.task = asyncio.create_task(self._watch(call, ear), name=f"ear-{call_id}")
            ear.gone = endpoint.ended
            ear.again.set()
            self._take(call, ear, part)
            return answer

    async def change(self, call_id: str, *, by: SignedIn, part: Part) -> None:
        """Listen, whisper or barge in from now on. Raises NoSuchCallError, StoreError."""
        async with self._changing:
            ear = self._own(call_id, by)
            call = self._find(call_id)
            if call is None or call.bridge is None:
                raise NoSuchCallError(call_id)
            if ear.part == part:
                return
            await self._note(call, by, "call.supervision.changed", part=part)
            call.bridge.supervise(part)
            self._take(call, ear, part)

    async def leave(self, call_id: str, *, by: SignedIn) -> None:
        """Hear no more of it; returns once that is written down. Raises NoSuchCallError."""
        ear = self._own(call_id, by)
        ear.leaving.set()
        if ear.task is not None:
            await asyncio.wait({ear.task}, timeout=KEEP_EVERY_S)

    async def close(self) -> None:
        """Take every ear away and wait until that is written down."""
        tasks = [ear.task for ear in self._ears.values() if ear.task is not None]
        for ear in self._ears.values():
            ear.leaving.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=2 * KEEP_EVERY_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _open_to_supervision(self, call_id: str) -> OngoingCall:
        call = self._find(call_id)
        if call is None or call.state == "ended":
            raise NoSuchCallError(call_id)
        if call.sheet.client.settings.supervision == "forbidden":
            raise SupervisionForbiddenError(call.sheet.client.name)
        return call

    def _own(self, call_id: str, by: SignedIn) -> _Ear:
        ear = self._ears.get(call_id)
        if ear is None or ear.by.user.id != by.user.id:
            raise NoSuchCallError(call_id)
        return ear

    def _take(self, call: OngoingCall, ear: _Ear, part: Part) -> None:
        """Tell the desk, unless the client wants silent listening: a voice is never anonymous."""
        known, ear.part = ear.told and ear.part == part, part
        shown = part != "listen" or call.sheet.client.settings.supervision == "shown"
        if known or not (shown or ear.told):
            return
        self._tell(call, ear, part if shown else None)

    def _tell(self, call: OngoingCall, ear: _Ear, part: Part | None) -> None:
        ear.told = part is not None
        call.log.tell(
            CallSupervised(
                **call.log.stamp(),
                part=part,
                supervisor_id=ear.by.user.id,
                supervisor_name=ear.by.user.name,
            )
        )

    async def _watch(self, call: OngoingCall, ear: _Ear) -> None:
        """Until the supervisor leaves, is lost, or the call is over."""
        why = "stopped"
        try:
            why = await self._until_over(call, ear)
        finally:
            self._ears.pop(call.call_id, None)
            if call.bridge is not None:
                await call.bridge.drop("supervisor")
            if ear.told and call.state != "ended":
                self._tell(call, ear, None)
            await self._keep_end(call, ear, why)

    async def _until_over(self, call: OngoingCall, ear: _Ear) -> str:
        assert call.incoming is not None  # noqa: S101 - a call with a bridge has one
        while True:
            ear.again.clear()
            if await _first(call.incoming.ended, ear.leaving, ear.gone) < 2:
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._come_back_s):
                    await _first(call.incoming.ended, ear.leaving, ear.again)
                continue
            return "lost"
        return "call_ended" if call.incoming.ended.is_set() else "left"

    async def _keep_end(self, call: OngoingCall, ear: _Ear, why: str) -> None:
        seconds = round((self._now() - ear.since).total_seconds())
        for _ in range(KEEP_TRIES):
            try:
                await self._note(
                    call, ear.by, "call.supervision.ended", part=ear.part, why=why, seconds=seconds
                )
            except StoreError:
                logger.warning("the end of supervision of call %s waits", call.call_id)
                await asyncio.sleep(KEEP_EVERY_S)
            else:
                return
        logger.error("the end of supervision of call %s was not audited", call.call_id)

    async def _note(
        self, call: OngoingCall, by: SignedIn, action: str, reason: str = "", **detail: object
    ) -> None:
        await self._audit.record(
            Act(
                actor=by.actor,
                action=action,
                at=self._now(),
                client_id=call.sheet.client.id,
                subject=call.call_id,
                reason=reason,
                detail=detail,
            )
        )


async def _first(*events: asyncio.Event) -> int:
    """Wait until one of these is set; its place, the first of several."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return next(place for place, event in enumerate(events) if event.is_set())
