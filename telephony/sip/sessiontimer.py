"""How long a call lives without a sign of the peer's life (RFC 4028). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiosipua.message import SipMessage

from telephony.sip.headers import option_tags

MINIMUM_S = 90
DEFAULT_S = 1800
_EXPIRES = re.compile(r"\s*(\d{1,9})\s*(?:;.*)?", re.DOTALL)


class IntervalTooSmallError(Exception):
    """The peer wants to refresh more often than we accept: 422 (section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimer:
    """What both sides agreed: who refreshes, and when the other side may give the call up."""

    interval_s: int
    we_refresh: bool

    @property
    def due_s(self) -> float:
        """After the last refresh: when we send ours, or stop waiting for theirs (section 10)."""
        if self.we_refresh:
            return self.interval_s / 2
        return self.interval_s - min(32.0, self.interval_s / 3)

    def header(self, *, answering: bool) -> str:
        """Session-Expires: in an answer the asker is `uac`, in a request we are."""
        refresher = "uac" if self.we_refresh is not answering else "uas"
        return f"{self.interval_s};refresher={refresher}"


def agree(request: SipMessage) -> SessionTimer | None:
    """What we answer to an INVITE or UPDATE (section 9); None: the call has no timer.

    Raises IntervalTooSmallError.
    """
    knows_timers = "timer" in option_tags(request, "supported", "require")
    asked_s, refresher = _read(request)
    if asked_s is None:
        if not knows_timers:
            return None
        interval_s = max(DEFAULT_S, _minimum(request))
        return SessionTimer(interval_s=interval_s, we_refresh=True)
    if asked_s < MINIMUM_S and knows_timers:
        raise IntervalTooSmallError
    # Who does not know of timers cannot be asked to refresh.
    we_refresh = refresher == "uas" or not knows_timers
    return SessionTimer(interval_s=max(asked_s, MINIMUM_S), we_refresh=we_refresh)


def agreed(response: SipMessage) -> SessionTimer | None:
    """What the peer answered to a refresh of ours; None: it wants no timer (section 7.2)."""
    interval_s, refresher = _read(response)
    if interval_s is None:
        return None
    return SessionTimer(interval_s=max(interval_s, MINIMUM_S), we_refresh=refresher != "uas")


def minimum_asked(response: SipMessage) -> int:
    """Min-SE of a 422, seconds."""
    return max(_minimum(response), MINIMUM_S)


def _read(message: SipMessage) -> tuple[int | None, str]:
    raw = message.get_header("session-expires") or message.get_header("x") or ""
    match = _EXPIRES.fullmatch(raw)
    refresher = re.search(r";\s*refresher\s*=\s*(uac|uas)", raw, re.IGNORECASE)
    return int(match[1]) if match else None, refresher[1].lower() if refresher else ""


def _minimum(message: SipMessage) -> int:
    match = _EXPIRES.fullmatch(message.get_header("min-se") or "")
    return int(match[1]) if match else 0
