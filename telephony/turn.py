"""TURN servers for browsers that cannot reach us (RFC 8656), with passwords that expire.

The scheme of "A REST API For Access To TURN Services" (draft-uberti-behave-turn-rest), which coturn
calls `use-auth-secret`: the user name carries its end, the password is its HMAC.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAccess:
    """What a browser is told of them (RTCIceServer)."""

    urls: tuple[str, ...]
    username: str
    credential: str
    expires_s: int
    """Seconds from now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnServers:
    """TURN servers that share a secret with us."""

    urls: tuple[str, ...]
    secret: str
    life_s: int

    def __repr__(self) -> str:
        return f"TurnServers({', '.join(self.urls)})"  # no secret in logs

    def access(self, user: str, *, now_s: float) -> TurnAccess:
        """A password for this user from now on; `now_s` is seconds since 1970."""
        username = f"{int(now_s) + self.life_s}:{user}"
        # SHA-1 because every TURN server of this scheme has it so; an HMAC does not suffer.
        digest = hmac.new(self.secret.encode(), username.encode(), hashlib.sha1).digest()
        return TurnAccess(
            urls=self.urls,
            username=username,
            credential=base64.b64encode(digest).decode(),
            expires_s=self.life_s,
        )
