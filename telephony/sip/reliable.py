"""Provisional answers that are acknowledged, where the caller can (100rel, RFC 3262)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from aiosipua.message import SipRequest

from telephony.sip.headers import option_tags
from telephony.sip.message import sequence_of

T1_S = 0.5
GIVE_UP_S = 64 * T1_S

Send = Callable[[dict[str, str]], None]
"""Sends a provisional answer with these headers added."""


class ReliableProvisionals:
    """Provisional answers to one INVITE, plain or repeated until their PRACK comes, one at a time.

    `on_unheard` is called when no PRACK came for 32 s.
    """

    def __init__(self, on_unheard: Callable[[], None]) -> None:
        self._on_unheard = on_unheard
        self._number = random.randrange(1, 2**31 - 1000)
        self._invite_number = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._repeat: asyncio.TimerHandle | None = None
        self.acknowledged = False
        """The last one was sent to be acknowledged, and was."""

    def send(self, invite: SipRequest, send: Send, *, if_supported: bool = False) -> None:
        """Send one. Acknowledged where the caller requires it, and `if_supported` where it can:
        a plain one may be lost, with the sound that it announces.

        Without an offer in the INVITE a reliable one would have to bring ours (section 5): none
        is sent then, which is as right, and the 200 brings it.
        """
        self.acknowledged = False
        required = "100rel" in option_tags(invite, "require")
        able = if_supported and "100rel" in option_tags(invite, "supported")
        if not required and not able:
            send({})
        elif self._settled.is_set() and invite.body.strip():
            self._number += 1
            self._invite_number = sequence_of(invite)[0]
            self._settled.clear()
            self._send_until_heard(send, T1_S, 0.0)

    def heard(self, prack: SipRequest) -> bool:
        """Whether this PRACK is for ours, which is not repeated any more then."""
        words = (prack.get_header("rack") or "").split()
        known = [str(self._number), str(self._invite_number), "INVITE"]
        if words != known or self._settled.is_set():
            return False
        self.stop()
        self.acknowledged = True
        return True

    async def settled(self) -> None:
        """Wait until nothing waits for its PRACK: one that brought an answer to the offer must be
        acknowledged before the call is (section 5)."""
        await self._settled.wait()

    def stop(self) -> None:
        """Repeat no more. Idempotent."""
        self._settled.set()
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def _send_until_heard(self, send: Send, interval_s: float, waited_s: float) -> None:
        if waited_s >= GIVE_UP_S:
            self._on_unheard()
            return
        send({"Require": "100rel", "RSeq": str(self._number)})
        loop = asyncio.get_running_loop()
        self._repeat = loop.call_later(
            interval_s, self._send_until_heard, send, 2 * interval_s, waited_s + interval_s
        )
