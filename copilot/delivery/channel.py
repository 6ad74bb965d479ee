"""What a channel is to the worker, and the two ways in which sending goes wrong.

DeliveryError
 +-- TemporaryFailureError    worth another try later
 +-- PermanentFailureError    no try will change it: for people
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from copilot.store.records import Call, Client, Message, OutboxItem


class DeliveryError(Exception):
    """Base of what goes wrong in delivery. `str()` is for the desk, in French."""

    code = "delivery"


class TemporaryFailureError(DeliveryError):
    code = "temporary_failure"


class PermanentFailureError(DeliveryError):
    code = "permanent_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Everything a channel needs to send one message to one recipient."""

    item: OutboxItem
    message: Message
    client: Client
    call: Call


class Channel(Protocol):
    """A way to reach a recipient."""

    async def send(self, dispatch: Dispatch) -> None:
        """Return once the other side has taken responsibility for the message.

        Raises `TemporaryFailureError`, `PermanentFailureError`. Bounded in time.
        """
        ...
