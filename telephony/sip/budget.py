"""How many messages a source is heard with, judged before anything is parsed. No I/O, no clock.

Reading a SIP message and answering it costs 0.15 to 0.35 ms of the loop that moves the voices;
looking here costs about 2 µs. Sources of the networks that may call have a budget each, by
address and port, and one for peaks between them: one that floods leaves the others theirs, and
those that come new have a budget of their own. Strangers have a small one by address, and one
between them all that nothing goes beyond.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from telephony.sip.message import Address

log = logging.getLogger(__name__)

TOLD_S = 60.0
"""One line in the log for all that happened within this long."""
MAX_VOUCHED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a second, and so many at once after a silence."""

    per_s: float
    burst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLimits:
    """Messages that are read. A call is four to eight, both ways of hanging up included."""

    known: Rate = Rate(per_s=50, burst=200)
    """Each address and port of a network that may call."""
    known_peaks: Rate = Rate(per_s=200, burst=600)
    """What these may send beyond their own, all together."""
    known_new: Rate = Rate(per_s=20, burst=200)
    """First messages of such addresses and ports, all together."""
    stranger: Rate = Rate(per_s=10, burst=40)
    """Each address outside."""
    strangers: Rate = Rate(per_s=40, burst=160)
    """All addresses outside, together."""
    sources: int = 4096
    """Of either kind that are remembered; the one unheard of for longest is forgotten."""


UNLIMITED = MessageLimits(known=Rate(per_s=1e9, burst=1e9), known_new=Rate(per_s=1e9, burst=1e9))
"""Whoever is known may send what it wants: to find what that costs."""


class Bucket:
    """Tokens that come back with time (a token bucket)."""

    __slots__ = ("_at_s", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """One token, if there is one. A clock that goes back gives nothing."""
        if now_s > self._at_s:
            filled = self._tokens + (now_s - self._at_s) * self._rate.per_s
            self._tokens = min(self._rate.burst, filled)
            self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class OnceAMinute:
    """Keeps a flood out of the log."""

    def __init__(self) -> None:
        self._told_s = float("-inf")

    def due(self, now_s: float) -> bool:
        """Whether it is time for a line again; then the next one is a minute away."""
        if now_s - self._told_s < TOLD_S:
            return False
        self._told_s = now_s
        return True


class MessageBudget:
    """Whether the next message of a source is read at all; one for every transport of a server."""

    def __init__(
        self, limits: MessageLimits, *, may_call: Callable[[str], bool], now_s: float
    ) -> None:
        """`may_call` says whether an IP address is of a network that may."""
        self._limits = limits
        self._may_call = may_call
        self._known: OrderedDict[Address, Bucket] = OrderedDict()
        self._known_peaks = Bucket(limits.known_peaks, now_s)
        self._known_new = Bucket(limits.known_new, now_s)
        self._strangers: OrderedDict[str, Bucket] = OrderedDict()
        self._all_strangers = Bucket(limits.strangers, now_s)
        self._vouched: OrderedDict[str, None] = OrderedDict()
        self._telling = OnceAMinute()
        self.dropped = 0
        """Messages dropped unread."""

    def __len__(self) -> int:
        """Sources remembered."""
        return len(self._known) + len(self._strangers)

    def knows(self, host: str) -> bool:
        """Whether it is of a network that may call, or was vouched for."""
        return host in self._vouched or self._may_call(host)

    def vouch(self, host: str) -> None:
        """Know a host from now on: we asked it something, or it knew a password."""
        self._vouched[host] = None
        self._vouched.move_to_end(host)
        self._strangers.pop(host, None)
        if len(self._vouched) > MAX_VOUCHED:
            self._vouched.popitem(last=False)

    def take(self, source: Address, now_s: float) -> bool:
        """Whether there is a message left for this source; it is taken."""
        own = self._known.get(source)
        if own is not None:
            self._known.move_to_end(source)
            return own.take(now_s) or self._known_peaks.take(now_s)
        host = source[0]
        stranger = self._strangers.get(host)
        if stranger is None:
            if self.knows(host):
                return self._welcome(source, now_s)
            stranger = self._strangers[host] = Bucket(self._limits.stranger, now_s)
            if len(self._strangers) > self._limits.sources:
                self._strangers.popitem(last=False)
        else:
            self._strangers.move_to_end(host)
        return stranger.take(now_s) and self._all_strangers.take(now_s)

    def drop(self, source: Address, now_s: float) -> None:
        """Count a message that was not read, and tell now and then."""
        self.dropped += 1
        if self._telling.due(now_s):
            log.warning(
                "SIP messages from %s:%d dropped unread: more than a source may send "
                "(%d dropped so far, of any source)", *source, self.dropped,
            )  # fmt: skip

    def _welcome(self, source: Address, now_s: float) -> bool:
        """A known host's port that was not heard before: ports that change gain nothing."""
        if not self._known_new.take(now_s):
            return False
        own = self._known[source] = Bucket(self._limits.known, now_s)
        if len(self._known) > self._limits.sources:
            self._known.popitem(last=False)
        return own.take(now_s)
