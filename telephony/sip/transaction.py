"""What is kept of a SIP transaction (RFC 3261 section 17), and what may come of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from aiosipua.message import SipRequest, SipResponse

from telephony.sip.message import (
    Address,
)

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """Base timers, seconds (RFC 3261 table 4)."""

    t1: float = 0.5
    """Round-trip estimate."""
    t2: float = 4.0
    """Longest interval between retransmissions."""
    t4: float = 5.0
    """Longest a message stays in the network."""

    @property
    def give_up(self) -> float:
        """64 T1: timers B, D, F, H, J, L."""
        return 64 * self.t1


class State(Enum):
    """States of both machines; each uses those that RFC 3261 figures 5 to 8 draw for it."""

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@dataclass(eq=False, slots=True, kw_only=True)
class ServerTransaction:
    """A request received and what was answered to it."""

    key: Key
    request: SipRequest
    source: Address
    destination: Address
    state: State
    last_response: bytes = b""
    acknowledged: bool = False
    """The ACK of our 2xx has come: it need not be sent again."""
    alarms: tuple[int, ...] = ()
    token: object = field(default_factory=object)
    """Stays when the transaction is let go for what is left of it (`Spent`)."""


@dataclass(eq=False, slots=True, kw_only=True)
class Spent:
    """All that is kept of a request once nothing but its last answer can matter.

    That is for up to 32 s (timers H and J), and a flood makes thousands: what the garbage
    collector has to go through is one object each.
    """

    key: Key
    destination: Address
    state: State
    last_response: bytes
    alarms: tuple[int, ...] = ()
    token: object


@dataclass(eq=False, slots=True, kw_only=True)
class ClientTransaction:
    """A request sent and what came back."""

    key: Key
    request: SipRequest
    data: bytes
    destination: Address
    state: State
    ack: bytes = b""
    on_answer: Callable[[SipResponse | None], None] | None = None
    """Whose request it is; not used here."""
    alarms: tuple[int, ...] = ()


Transaction: TypeAlias = ServerTransaction | Spent | ClientTransaction


@dataclass(frozen=True, slots=True)
class Send:
    """Put these bytes on the wire."""

    data: bytes
    destination: Address


@dataclass(frozen=True, slots=True)
class RequestArrived:
    """A request not seen before (never ACK)."""

    transaction: ServerTransaction


@dataclass(frozen=True, slots=True)
class AckArrived:
    """The ACK of a 2xx, which is a transaction of its own (RFC 3261 section 13.2.2.4)."""

    request: SipRequest
    source: Address


@dataclass(frozen=True, slots=True)
class ResponseArrived:
    """An answer to a request of ours, each once (but every 2xx to an INVITE)."""

    transaction: ClientTransaction
    response: SipResponse


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nothing came: no answer to our request (B, F), or no ACK to our final answer (H, L)."""

    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A server transaction is over: its request would now be a new one."""

    token: object


Effect: TypeAlias = Send | RequestArrived | AckArrived | ResponseArrived | TimedOut | Forgotten
