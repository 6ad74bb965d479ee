"""Calls told beforehand: a connection says nothing of its call but a UUID."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from telephony.errors import TelephonyError

ANNOUNCED_S = 60.0
ANNOUNCED_AT_MOST = 1000


class AnnouncementRefused(TelephonyError):  # noqa: N818
    """What is announced makes no sense, is announced already, or too many never come."""

    code = "announcement_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the dial plan told of a call that is about to connect."""

    dialled: str
    caller_number: str | None = None
    caller_name: str | None = None
    forwarded_from: str | None = None


class AnnouncedCalls:
    """Calls told beforehand, by their UUID: each is taken once, within a minute."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: dict[uuid.UUID, tuple[float, Announced]] = {}

    def add(self, identity: uuid.UUID, call: Announced) -> None:
        """Expect it. Raises AnnouncementRefused when there are too many, or it is already."""
        self._forget_old()
        if identity in self._calls or len(self._calls) >= ANNOUNCED_AT_MOST:
            raise AnnouncementRefused(str(identity))
        self._calls[identity] = (self._now() + ANNOUNCED_S, call)

    def take(self, identity: uuid.UUID) -> Announced | None:
        """The call of this UUID, which is then no longer expected."""
        self._forget_old()
        _, call = self._calls.pop(identity, (0.0, None))
        return call

    def _forget_old(self) -> None:
        now = self._now()
        for identity in [one for one, (until, _) in self._calls.items() if until < now]:
            del self._calls[identity]
