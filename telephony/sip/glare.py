"""When an offer within a call comes at the wrong moment (RFC 3261 14.2, RFC 3311 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

RETRY_AFTER_S = 2

Untimely: TypeAlias = Literal["pending", "later"]
"""491, both asked at once; or 500 with Retry-After, one thing at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is under way in a dialog when a request comes."""

    inviting: bool = False
    """An INVITE of ours waits for its final answer."""
    offered: bool = False
    """An offer of ours, by whichever message, waits for its answer."""
    invited: bool = False
    """An INVITE of theirs waits for our final answer, or that for its ACK."""
    asked: bool = False
    """An offer of theirs waits for an answer that is sure to arrive."""

    def judge(self, method: str, *, offers: bool) -> Untimely | None:
        """Why this request cannot be taken now; None when it can.

        An UPDATE without an offer only refreshes, and is never untimely.
        """
        if method == "INVITE":
            if self.inviting or self.offered:
                return "pending"
            return "later" if self.invited or self.asked else None
        if not offers:
            return None
        if self.offered:
            return "pending"
        return "later" if self.asked else None
