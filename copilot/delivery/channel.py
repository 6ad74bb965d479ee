"""What a channel is to the worker, and the two ways in which sending goes wrong.

DeliveryError
 +-- TemporaryFailureError    worth another try later
 +-- PermanentFailureError    no try will change it: for people
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from copilot.delivery.letterwords import WORDS, LetterWords
from copilot.store.records.calls import Call
from copilot.store.records.clients import Client
from copilot.store.records.messages import Message, OutboxItem
from copilot.timing import content_of


class DeliveryError(Exception):
    """Base of what goes wrong in delivery. `str()` is for the desk, in French."""

    code = "delivery"


class TemporaryFailureError(DeliveryError):
    code = "temporary_failure"

    def __init__(self, said: str = "", *, retry_after_s: float = 0.0) -> None:
        """`retry_after_s`: how long the receiver wants to be left alone; 0: it does not say."""
        super().__init__(said)
        self.retry_after_s = retry_after_s


class PermanentFailureError(DeliveryError):
    code = "permanent_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Everything a channel needs to send one message to one recipient, or a digest of several."""

    item: OutboxItem
    message: Message
    client: Client
    call: Call
    link: str = ""
    """Opens and acknowledges the message; empty where no page answers."""
    answer_to: str = ""
    """Where an answer by e-mail acknowledges it; empty where none comes in."""
    also: tuple[Dispatch, ...] = ()
    """The other messages of a digest, to the same recipient."""

    @property
    def key(self) -> str:
        """The same for every try of what leaves."""
        return self.item.bundle or self.item.idempotency_key

    @property
    def parts(self) -> tuple[Dispatch, ...]:
        """Every message of it, oldest first."""
        return (self, *self.also)

    @property
    def words(self) -> LetterWords:
        """What is said around the message, in the language of the client's messages."""
        return WORDS[self.client.settings.written_in]

    @property
    def discreet(self) -> bool:
        """Nothing of what was said may leave: only the link."""
        settings = self.client.settings
        return content_of(settings.delivery, self.client.sector) == "link"


class Channel(Protocol):
    """A way to reach a recipient."""

    async def send(self, dispatch: Dispatch) -> None:
        """Return once the other side has taken responsibility for the message.

        Raises `TemporaryFailureError`, `PermanentFailureError`. Bounded in time.
        """
        ...
