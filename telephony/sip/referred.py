"""Being asked to call somebody else in the place of who we talk to (REFER, RFC 3515)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from aiosipua.message import SipRequest

from telephony.call import CodecName, OutgoingCall, Presented
from telephony.errors import SipSyntaxError
from telephony.sip.replacing import Replaces, read_replaces
from telephony.sip.uri import parse_uri, uri_in

_NUMBER = re.compile(r"\+?[0-9]{2,15}")

Notify: TypeAlias = Callable[[dict[str, str], str], None]
"""Sends a NOTIFY with these headers and this body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferTarget:
    """Whom Refer-To names: a number for our own ways out, or somebody in a dialog."""

    number: str
    """Digits and a plus sign at most; empty when the user of a dialog's URI is none."""
    uri: str = ""
    """Where the dialog is, without what the URI adds; empty for a number."""
    replaces: Replaces | None = None
    referred_by: str = ""
    """Who asks, as they say (RFC 3892): their PBX may want to know."""


Join: TypeAlias = Callable[[ReferTarget, Presented, CodecName | None], Awaitable[OutgoingCall]]
"""Calls into the dialog that a target names. Raises TelephonyError."""


class ReferAsked:
    """A REFER that was taken; `telephony.call.Referred`."""

    def __init__(self, target: ReferTarget, *, event: str, notify: Notify, join: Join) -> None:
        self.number = target.number
        self.consulted = target.replaces is not None
        self._target = target
        self._event = event
        self._notify = notify
        self._join = join
        self.settled = False
        """Nothing more will be told."""

    async def join(self, *, presented: Presented, prefer: CodecName | None = None) -> OutgoingCall:
        """Call who was consulted, in the place of who asks."""
        return await self._join(self._target, presented, prefer)

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


def replacing_headers(target: ReferTarget) -> dict[str, str]:
    """Of the INVITE into a dialog: whoever knows nothing of Replaces must not ring anew."""
    headers = {"Replaces": str(target.replaces), "Require": "replaces"}
    return headers | ({"Referred-By": target.referred_by} if target.referred_by else {})


def refer_asked_for(refer: SipRequest) -> ReferTarget | None:
    """The one number, or the one dialog, that Refer-To names; None for anything else.

    Of what a URI adds only `Replaces` is read (and the `Require` that goes with it); of a number
    the host is not where we call, our own ways out are.
    """
    targets = refer.headers.get("refer-to") or refer.headers.get("r")
    text = uri_in(targets[0]) if len(targets) == 1 else ""
    address, question, added = text.partition("?")
    uri = parse_uri(address)
    if uri is None or "method" in uri.parameters:
        return None
    called = re.sub(r"[\s.\-()]", "", uri.user.partition(";")[0])
    number = called if _NUMBER.fullmatch(called) else ""
    if not question:
        return ReferTarget(number=number) if number else None
    replaces = _replaced(added)
    if replaces is None or not uri.host or uri.scheme not in ("sip", "sips"):
        return None
    by = refer.get_header("referred-by") or refer.get_header("b") or ""
    return ReferTarget(number=number, uri=address, replaces=replaces, referred_by=by)


def _replaced(added: str) -> Replaces | None:
    """The headers of a URI: one Replaces, and nothing that asks for more."""
    headers: dict[str, str] = {}
    for part in added.split("&"):
        name, _, value = part.partition("=")
        if name.lower() in headers:
            return None
        headers[name.lower()] = unquote(value)
    value = headers.pop("replaces", "")
    required = headers.pop("require", "replaces").strip().lower()
    if headers or required != "replaces":
        return None
    try:
        return read_replaces(value)
    except SipSyntaxError:
        return None
