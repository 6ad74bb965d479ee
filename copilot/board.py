"""The calls ringing and live, everywhere, as they stand: a view kept up to date by events.

It starts from the database and follows the bus, so that it shows calls of other processes too.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from copilot.bus import Bus
from copilot.codec import event_of, kind_of
from copilot.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallRinging,
    CallSupervised,
    CallWaiting,
    DraftChanged,
    Event,
    TransferChanged,
    Trouble,
)
from copilot.inboxevents import InboxChanged
from copilot.messageevents import MessageApproved
from copilot.recordingevents import RecordingChanged
from copilot.store.errors import StoreError
from copilot.store.records.calls import Call
from copilot.store.store import Store
from copilot.waiting.policy import WaitingCall

logger = logging.getLogger(__name__)

RETRY_S = 1.0
Transferring: TypeAlias = Literal["under_way", "completed"]
LINE_EVENTS = (CallHeld, CallSupervised, RecordingChanged, TransferChanged, Trouble)
LINE_KINDS = frozenset(map(kind_of, LINE_EVENTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """What the log alone tells of a call in progress."""

    held: bool = False
    transfer: Transferring | None = None
    supervised: Literal["listen", "whisper", "barge"] | None = None
    recording: Literal["recording", "paused"] | None = None
    """None: nothing is kept of its sound, or no more."""
    troubles: frozenset[str] = frozenset()
    """Codes of what does not work now."""

    def after(self, event: Event) -> LineState:
        """The state once this happened."""
        match event:
            case CallHeld():
                return replace(self, held=event.held)
            case TransferChanged():
                return replace(self, transfer=transferring(event))
            case CallSupervised():
                return replace(self, supervised=event.part)
            case RecordingChanged(state="recording" | "paused" as state):
                return replace(self, recording=state)
            case RecordingChanged():
                return replace(self, recording=None)
            case Trouble(recovered=True):
                return replace(self, troubles=self.troubles - {event.code})
            case Trouble():
                return replace(self, troubles=self.troubles | {event.code})
            case _:
                return self


class LiveBoard:
    """Calls by id, and a version that changes with them."""

    def __init__(self, *, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus
        self._calls: dict[str, Call] = {}
        self._waiting: dict[str, WaitingCall] = {}
        self._lines: dict[str, LineState] = {}
        self._changed = asyncio.Condition()
        self.version = 0
        # What is written is no part of the board: it says only when to ask for it again. The token
        # tells this process from the one a browser was connected to before.
        self._process = secrets.token_hex(4)
        self._inbox = 0

    @property
    def inbox(self) -> str:
        """Another value: what is written to clients changed, or may have."""
        return f"{self._process}-{self._inbox}"

    def calls(self) -> tuple[Call, ...]:
        """Ringing and live calls, the longest waiting first."""
        return tuple(sorted(self._calls.values(), key=lambda call: call.ringing_at))

    def waiting(self) -> tuple[WaitingCall, ...]:
        """Calls that wait for an operator, the longest waiting first."""
        return tuple(sorted(self._waiting.values(), key=lambda call: (call.since, call.call_id)))

    async def touch(self) -> None:
        """Something that is shown beside the calls changed."""
        await self._tell()

    def line(self, call_id: str) -> LineState:
        """How the line of a call in progress is."""
        return self._lines.get(call_id, LineState())

    async def changed_since(self, version: int, *, timeout_s: float) -> int:
        """Wait for a newer version, at most so long; the version as it is then."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self.version != version)
        except TimeoutError:
            pass
        return self.version

    @asynccontextmanager
    async def following(self) -> AsyncIterator[LiveBoard]:
        """Keep up to date while inside."""
        follower = asyncio.create_task(self._follow(), name="board")
        try:
            yield self
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                async with self._bus.subscribe(partials=False) as events:
                    await self._seed()
                    async for event in events:
                        await self._apply(event)
            except StoreError as error:
                logger.warning("the board cannot read the database: %s", error)
            except Exception:  # it begins anew from what the database says
                logger.exception("the board met an unexpected error")
            await asyncio.sleep(RETRY_S)

    async def _seed(self) -> None:
        self._calls = {call.id: call for call in await self._store.provider.board()}
        # Their log is not read for it: what rang before this process began waits by now.
        groups = {c.id: c.settings.welcome.group for c in await self._store.provider.clients()}
        self._waiting = {
            call.id: WaitingCall(
                call_id=call.id, since=call.ringing_at, group=groups.get(call.client_id, "")
            )
            for call in self._calls.values()
            if call.state == "ringing" and call.source != "outgoing"
        }
        self._inbox += 1
        self._lines = {}
        for call in self._calls.values():
            self._lines[call.id] = await self._line_so_far(call)
        await self._tell()

    async def _line_so_far(self, call: Call) -> LineState:
        line = LineState()
        for stored in await self._store.for_client(call.client_id).events_since(call.id):
            if stored.kind in LINE_KINDS:
                event = event_of(
                    kind=stored.kind,
                    call_id=stored.call_id,
                    seq=stored.seq,
                    at=stored.at,
                    data=stored.data,
                )
                line = line.after(event)
        return line

    async def _apply(self, event: Event) -> None:
        match event:
            case CallRinging():
                self._calls[event.call_id] = await self._store.provider.call(event.call_id)
            case CallWaiting():
                if event.call_id in self._calls:
                    self._waiting[event.call_id] = WaitingCall(
                        call_id=event.call_id, since=event.at, group=event.group_id
                    )
            case CallAnswered():
                self._waiting.pop(event.call_id, None)
                self._update(
                    event.call_id,
                    state="live",
                    answered_at=event.at,
                    operator_id=event.operator_id,
                    operator_name=event.operator_name,
                )
            case CallEnded():
                self._calls.pop(event.call_id, None)
                self._waiting.pop(event.call_id, None)
                self._lines.pop(event.call_id, None)
            case CallHeld() | CallSupervised() | RecordingChanged() | TransferChanged() | Trouble():
                if event.call_id not in self._calls:
                    return
                self._lines[event.call_id] = self.line(event.call_id).after(event)
            case InboxChanged():
                self._inbox += 1
            case MessageApproved():
                self._update(event.call_id, message_state="approved")
            case DraftChanged():
                call = self._calls.get(event.call_id)
                if call is None or call.message_state != "none":
                    return
                self._update(event.call_id, message_state="draft")
            case _:
                return
        await self._tell()

    def _update(self, call_id: str, **changes: object) -> None:
        if call := self._calls.get(call_id):
            self._calls[call_id] = replace(call, **changes)  # type: ignore[arg-type]

    async def _tell(self) -> None:
        async with self._changed:
            self.version += 1
            self._changed.notify_all()


def transferring(event: TransferChanged) -> Transferring | None:
    """What a transfer makes of its call, None once the caller is back or gone."""
    if event.state in ("returned", "abandoned"):
        return None
    return "completed" if event.state == "completed" else "under_way"
