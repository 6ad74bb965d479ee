"""Who may call: networks we know, registrars of ours, and who knows a password."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from typing import Literal, TypeAlias

from aiosipua.message import SipRequest

from telephony.sip.digest import Guard
from telephony.sip.message import Address
from telephony.sip.registration import Registration

log = logging.getLogger(__name__)

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Admitted: TypeAlias = Literal["yes", "ask", "ask again", "no"]

TOLD_S = 60.0
"""One line in the log for all that is refused within this long: scanners must not fill a disk."""


class Admission:
    """Judges a request that begins something, by where it comes from and what it carries."""

    def __init__(
        self,
        *,
        networks: Sequence[Network] | None,
        guard: Guard | None,
        registrations: Sequence[Registration],
    ) -> None:
        """`networks` None lets everybody in, which is for tests and closed networks only."""
        self._networks = networks
        self._guard = guard
        self._registrations = registrations
        self._told_s = float("-inf")
        self.refused = 0

    def judge(self, request: SipRequest, source: Address, now_s: float) -> Admitted:
        """Whether it may go on; "ask" when a password would help, "ask again" when late."""
        if self.knows(source[0]):
            return "yes"
        verdict = "absent" if self._guard is None else self._guard.check(request, now_s)
        if verdict == "accepted":
            return "yes"
        if verdict != "absent" or self._guard is None:
            self._tell(request, source, now_s)
        if self._guard is None:
            return "no"
        return "ask again" if verdict == "stale" else "ask"

    def challenges(self, now_s: float, *, stale: bool) -> list[str]:
        """What to ask with, one header value each."""
        return self._guard.challenges(now_s, stale=stale) if self._guard else []

    def knows(self, host: str) -> bool:
        """Whether an IP address may call without a password."""
        if self._networks is None:
            return True
        address = ipaddress.ip_address(host)
        return any(address in network for network in self._networks) or any(
            host in registration.hosts for registration in self._registrations
        )

    def _tell(self, request: SipRequest, source: Address, now_s: float) -> None:
        self.refused += 1
        if now_s - self._told_s >= TOLD_S:
            self._told_s = now_s
            log.warning(
                "%s from %s:%d refused: not from a network that may call, nor with a password of "
                "a trunk (%d refused so far)",
                request.method, *source, self.refused,
            )  # fmt: skip
