"""Refreshing a session: which request, and what its answer means (RFC 4028 sections 7 and 10)."""

from __future__ import annotations

from typing import Literal

from aiosipua.message import SipMessage, SipResponse

from telephony.sip.headers import option_tags
from telephony.sip.sessiontimer import SessionTimer, agreed, minimum_asked

Outcome = SessionTimer | Literal["gone", "again", "later"] | None


class Refresher:
    """What we learn of a peer's way of being refreshed. No I/O."""

    def __init__(self, peer: SipMessage | None) -> None:
        """`peer` is its INVITE, or its answer to ours; None before that."""
        self._takes_updates = peer is not None and "update" in option_tags(peer, "allow")
        self._minimum_s = 0
        self._session: SessionTimer | None = None

    def request(self, session: SessionTimer) -> tuple[str, dict[str, str]]:
        """Method and headers of a refresh; UPDATE where the peer knows it, without an offer."""
        self._session = SessionTimer(
            interval_s=max(session.interval_s, self._minimum_s), we_refresh=True
        )
        headers = {
            "Supported": "timer",
            "Session-Expires": self._session.header(answering=False),
        }
        if self._minimum_s:
            headers["Min-SE"] = str(self._minimum_s)
        return ("UPDATE" if self._takes_updates else "INVITE"), headers

    def judge(self, response: SipResponse | None) -> Outcome:
        """The timer from now on (None: no more), or that the peer is gone, or to ask once more,
        at once or later."""
        if response is None or response.status_code in (408, 481):
            return "gone"
        status = response.status_code
        if status < 300:
            return agreed(response)
        if status == 422:
            self._minimum_s = minimum_asked(response)
            return "again"
        if status in (491, 500):
            return "later"
        if self._takes_updates:  # it said it knew UPDATE, and does not
            self._takes_updates = False
            return "again"
        # Alive, and unwilling: the call stays as it is until the next time.
        return self._session
