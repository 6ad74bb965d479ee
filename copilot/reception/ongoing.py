"""A call in progress: what it is made of, and all of them in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from copilot.journal import CallLog
from copilot.linecontrols import JoinedVoices, LineControls
from copilot.messagedraft import MessageDraft
from copilot.reception.errors import NoSuchCallError, TakenError, TransferringError
from copilot.reception.placing import Place
from copilot.session import CallSession
from copilot.store.records.accounts import User
from copilot.store.records.calls import EndedBy
from copilot.store.records.clients import ClientSheet
from telephony.announcement import Piece, Playing
from telephony.call import (
    CallLine,
    CodecName,
    Endpoint,
    IncomingCall,
)
from telephony.floor import Part, Person
from telephony.leg import Leg, LegRole

if TYPE_CHECKING:
    from copilot.reception.moving import Move
    from copilot.reception.transferring import Transfer
    from copilot.reception.welcoming import Welcoming
    from copilot.recording.recorder import CallRecorder


class CallVoices(Protocol):
    """The two voices of a call, wherever they are carried (`telephony.listening.Listening`)."""

    @property
    def caller(self) -> Leg: ...

    @property
    def operator(self) -> Leg: ...

    @property
    def packets_foreign(self) -> int:
        """Packets refused because they came from none of the people of the call."""
        ...

    def silent_s(self, role: LegRole) -> float | None:
        """Seconds since this person's last packet; None before the first."""
        ...

    async def close(self) -> None: ...


class CallBridge(CallVoices, JoinedVoices, Protocol):
    """Two joined endpoints and their legs (`telephony.bridge.Bridge`)."""

    def silent_s(self, role: Person) -> float | None: ...

    async def connect_operator(self, endpoint: Endpoint) -> None: ...

    async def connect_caller(self, endpoint: Endpoint) -> None: ...

    def begin(self) -> None:
        """The conversation starts now: nobody listens to what came before."""
        ...

    async def connect_guest(self, endpoint: Endpoint, *, held: bool = False) -> None: ...

    async def connect_supervisor(self, endpoint: Endpoint, part: Part = "listen") -> None: ...

    def supervise(self, part: Part) -> None: ...

    def hold(self, held: bool, *, person: Person = "caller") -> None: ...

    def play(self, person: Person, piece: Piece) -> Playing: ...

    async def drop(self, person: Person) -> None: ...

    async def hand_over(self) -> None: ...


class CallEnd(Protocol):
    """How a call ends, of `IncomingCall` and of a recording."""

    @property
    def ended(self) -> asyncio.Event: ...

    @property
    def ended_by(self) -> EndedBy | None: ...

    @property
    def end_reason(self) -> str: ...


AcceptBrowser: TypeAlias = Callable[[str, CodecName], Awaitable[tuple[Endpoint, str]]]
"""SDP offer of a browser and preferred codec, to endpoint and SDP answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """How calls are joined, given by the composition root."""

    bridge: Callable[[Endpoint], CallBridge]
    accept_operator: AcceptBrowser
    place: Place
    waiting: Callable[[str], Awaitable[Piece]]
    """What a client's callers hear while they wait."""
    announcement: Callable[[str], Awaitable[Piece | None]]
    """What somebody hears to whom a client's call is transferred, before they take it."""
    refers: bool = False
    """Whether the caller's side may be asked to take a transferred call over by itself."""


@dataclass(slots=True, kw_only=True)
class OngoingCall:
    """A call from its first ring to the last word transcribed."""

    call_id: str
    sheet: ClientSheet
    log: CallLog
    draft: MessageDraft
    ringing_at: datetime
    state: Literal["ringing", "live", "ended"] = "ringing"
    operator: User | None = None
    answered_at: datetime | None = None
    incoming: IncomingCall | None = None
    """While it rings."""
    line: CallLine | None = None
    """Its other end, whoever called; None for recordings and a PBX's copies."""
    move: Move | None = None
    """The other side had us call somebody else, or has."""
    transfer: Transfer | None = None
    """Under way, or completed: then nobody has the call in hand."""
    bridge: CallBridge | None = None
    voices: CallVoices | None = None
    """The bridge's, or a PBX's copies of them."""
    controls: LineControls | None = None
    """Of the bridge, from the answer on."""
    session: CallSession | None = None
    recorder: CallRecorder | None = None
    """Where the client may have the call recorded."""
    welcoming: Welcoming | None = None
    """Of a call that came in."""
    claimed_by: User | None = None
    """Who is picking up: the caller may still be hearing what must be heard."""
    answerable: bool = True
    """False once nobody may answer any more: it waited too long."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """The operator hung up on a recording."""

    @property
    def given_away(self) -> bool:
        """Somebody else has the caller: the operator's part was over before the call's end."""
        return self.transfer is not None and self.transfer.operator_released


class OngoingCalls:
    """Every call in progress in this process, by id."""

    def __init__(self, *, left: Callable[[OngoingCall], None] = lambda _: None) -> None:
        """`left` is told of each call after its last word; it must not block."""
        self._calls: dict[str, OngoingCall] = {}
        self._left = left

    def __iter__(self) -> Iterator[OngoingCall]:
        """The longest waiting first."""
        return iter(tuple(self._calls.values()))

    def find(self, call_id: str) -> OngoingCall | None:
        """A call in progress."""
        return self._calls.get(call_id)

    def add(self, call: OngoingCall) -> None:
        """From its first ring on."""
        self._calls[call.call_id] = call

    def remove(self, call: OngoingCall) -> None:
        """After its last word. Idempotent."""
        if self._calls.pop(call.call_id, None) is not None:
            self._left(call)

    def in_progress(self, call_id: str) -> OngoingCall:
        """A call in progress. Raises NoSuchCallError."""
        call = self._calls.get(call_id)
        if call is None:
            raise NoSuchCallError(call_id)
        return call

    def of(self, call_id: str, operator: User) -> OngoingCall:
        """A call that this operator answered. Raises NoSuchCallError, TakenError."""
        call = self.in_progress(call_id)
        if call.operator is None or call.operator.id != operator.id:
            raise TakenError(call.operator.name if call.operator else "")
        return call

    def in_hand(self, call_id: str, operator: User) -> OngoingCall:
        """A call in progress that this operator has, and nobody else is given.

        Raises NoSuchCallError, TakenError, TransferringError.
        """
        call = self.of(call_id, operator)
        if call.transfer is not None:
            raise TransferringError(call_id)
        return call
