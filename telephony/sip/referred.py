"""Being asked to call somebody else in the place of who we talk to (REFER, RFC 3515)."""

from __future__ import annotations

import re
from collections.abc import Callable

from aiosipua.message import SipRequest

from telephony.sip.uri import parse_uri, uri_in

_NUMBER = re.compile(r"\+?[0-9]{2,15}")

Notify = Callable[[dict[str, str], str], None]
"""Sends a NOTIFY with these headers and this body."""


class ReferAsked:
    """A REFER that was taken; `telephony.call.Referred`."""

    def __init__(self, number: str, *, event: str, notify: Notify) -> None:
        self.number = number
        self._event = event
        self._notify = notify
        self.settled = False
        """Nothing more will be told."""

    def tell(self, status: int, reason: str) -> None:
        """How the call goes that was asked for; 200 and above once, at its end."""
        if self.settled:
            return
        self.settled = status >= 200
        state = "terminated;reason=noresource" if self.settled else "active;expires=120"
        headers = {
            "Event": self._event,
            "Subscription-State": state,
            "Content-Type": "message/sipfrag;version=2.0",
        }
        self._notify(headers, f"SIP/2.0 {status} {reason}\r\n")


def referred_number(refer: SipRequest) -> str | None:
    """The one number that Refer-To names; None for anything else.

    What a URI adds is not followed: `?Replaces=` would have us call into somebody's dialog, and
    the host is not where we call, our own ways out are.
    """
    targets = refer.headers.get("refer-to") or refer.headers.get("r")
    text = uri_in(targets[0]) if len(targets) == 1 else ""
    uri = parse_uri(text)
    if uri is None or "?" in text or "method" in uri.parameters:
        return None
    number = re.sub(r"[\s.\-()]", "", uri.user.partition(";")[0])
    return number if _NUMBER.fullmatch(number) else None
