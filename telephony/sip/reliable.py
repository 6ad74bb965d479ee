"""Ringing that is acknowledged, where the caller requires it (100rel, RFC 3262)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from aiosipua.message import SipRequest

from telephony.sip.headers import option_tags
from telephony.sip.message import sequence_of

T1_S = 0.5
GIVE_UP_S = 64 * T1_S


class ReliableRinging:
    """180, plain or repeated until its PRACK comes.

    `send` is given the headers to add; `on_unheard` is called when no PRACK came for 32 s.
    """

    def __init__(
        self, send: Callable[[dict[str, str]], None], on_unheard: Callable[[], None]
    ) -> None:
        self._send = send
        self._on_unheard = on_unheard
        self._number = random.randrange(1, 2**31 - 1000)
        self._invite_number = 0
        self._waiting = False
        self._repeat: asyncio.TimerHandle | None = None

    def ring(self, invite: SipRequest) -> None:
        """Send a 180. Without an offer in the INVITE a reliable one would have to bring ours
        (section 5): none is sent then, which is as right, and the 200 brings it."""
        if "100rel" not in option_tags(invite, "require"):
            self._send({})
        elif not self._waiting and invite.body.strip():
            self._number += 1
            self._invite_number = sequence_of(invite)[0]
            self._waiting = True
            self._send_until_heard(T1_S, 0.0)

    def heard(self, prack: SipRequest) -> bool:
        """Whether this PRACK is for our ringing; it is not repeated any more then."""
        words = (prack.get_header("rack") or "").split()
        if words != [str(self._number), str(self._invite_number), "INVITE"] or not self._waiting:
            return False
        self._waiting = False
        self.stop()
        return True

    def stop(self) -> None:
        """Repeat no more."""
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def _send_until_heard(self, interval_s: float, waited_s: float) -> None:
        if waited_s >= GIVE_UP_S:
            self._on_unheard()
            return
        self._send({"Require": "100rel", "RSeq": str(self._number)})
        loop = asyncio.get_running_loop()
        self._repeat = loop.call_later(
            interval_s, self._send_until_heard, 2 * interval_s, waited_s + interval_s
        )
