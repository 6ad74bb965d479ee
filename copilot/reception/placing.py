"""Calls that go out, as the reception wants them: by whom, for which client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from copilot.store.audit import Actor
from copilot.store.records.accounts import User
from telephony.call import CodecName, OutgoingCall, Presented


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """For whom a call goes out, and who wants it."""

    client_id: str
    operator: User

    @property
    def actor(self) -> Actor:
        """Who is named in the audit trail."""
        return Actor(id=self.operator.id, name=self.operator.name, role=self.operator.role)


class Dial(Protocol):
    """Begins a call (`telephony.sip.SipServer.dial`). Raises TelephonyError."""

    async def __call__(
        self, number: str, *, presented: Presented, prefer: CodecName | None = None
    ) -> OutgoingCall: ...


class Place(Protocol):
    """The same within the limits of who wants it (`copilot.reception.tolls`)."""

    async def __call__(
        self,
        number: str,
        *,
        presented: Presented,
        prefer: CodecName | None = None,
        placement: Placement,
    ) -> OutgoingCall: ...
