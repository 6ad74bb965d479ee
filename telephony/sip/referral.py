"""Asking the other side to take a call over by itself (REFER, RFC 3515) and hearing how it goes."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

from aiosipua.message import SipRequest

from telephony.errors import ReferRefused
from telephony.sip.dialog import Dialog
from telephony.sip.replacing import Replaces
from telephony.sip.uri import parse_uri

OUTCOME_S = 45.0
"""How long the other side may take to tell how it went."""

_FRAGMENT = re.compile(rb"SIP/2\.0 (\d{3})(?: ([^\r\n]*))?")


class Referral:
    """One REFER of ours, until its last NOTIFY."""

    def __init__(self) -> None:
        self._outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def told(self, notify: SipRequest) -> bool:
        """Take a NOTIFY; False when it is about something else."""
        if (notify.get_header("event") or "").partition(";")[0].strip().lower() != "refer":
            return False
        found = _FRAGMENT.match(notify.body.strip())
        status = int(found[1]) if found else 0
        state = (notify.get_header("subscription-state") or "").strip().lower()
        if status >= 200:
            self.settle(status)
        elif state.startswith("terminated"):
            self.settle(500)
        return True

    def settle(self, status: int) -> None:
        """It went so; the first word counts."""
        if not self._outcome.done():
            self._outcome.set_result(status)

    async def outcome(self) -> None:
        """Wait until the other side has the call. Raises ReferRefused: it is still ours."""
        try:
            async with asyncio.timeout(OUTCOME_S):
                status = await asyncio.shield(self._outcome)
        except TimeoutError:
            raise ReferRefused(408, "the other side did not tell how it went") from None
        if status >= 300:
            raise ReferRefused(status, f"the other side could not reach them ({status})")


def refer_target(number: str, dialog: Dialog) -> str:
    """Refer-To: the number, where the other side of this dialog looks numbers up."""
    peer = parse_uri(dialog.remote_target)
    host = peer.host if peer is not None and peer.host else dialog.source[0]
    return f"<sip:{number}@{host}>"


def replacing_target(other: Dialog) -> str:
    """Refer-To: whoever is at the far end of another dialog, in its place (RFC 3891)."""
    replaces = Replaces(call_id=other.call_id, to_tag=other.remote_tag, from_tag=other.local_tag)
    return f"<{other.remote_target}?Replaces={quote(str(replaces), safe='')}>"
