"""The provider says that a session of its own is over (OpenID Connect Back-Channel Logout 1.0).

It comes from the provider's server, not from a browser: only its signature says whose word it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from copilot.singlesignon.errors import LogoutRefusedError, TokenRefusedError
from copilot.singlesignon.idtoken import ALGORITHMS, OLDEST_S, SKEW_S, key_id
from copilot.singlesignon.provider import Provider
from copilot.store.audit import SYSTEM, Act, Actor

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from copilot.store.store import Store

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = (None, "JWT", "logout+jwt", "application/logout+jwt")
"""`typ` of logout tokens (section 2.4): recommended, and never another kind's."""
LONGEST = 255
"""Characters of `sub`, `sid` and `jti`."""
LONGEST_LIFE_S = 3600
"""Of a logout token: so long its `jti` is remembered. Section 4 recommends two minutes at most."""
RENEW_S = 60.0
"""Whoever sends tokens of made-up keys does not have the provider asked for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """Whose session is over there; `subject`, `session`, or both are said."""

    subject: str | None
    session: str | None
    jti: str
    until: datetime
    """When the token stops being good for anything."""


def logout_of(token: str, keys: KeySet, *, issuer: str, client_id: str, now: datetime) -> Logout:
    """What a logout token of `issuer` for us says (section 2.6). Raises LogoutRefusedError."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=SKEW_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    )
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        registry.validate(read.claims)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise LogoutRefusedError(f"the logout token is refused: {error}") from error
    claims = read.claims
    if read.header.get("typ") not in TYPES:
        raise LogoutRefusedError("a token of another kind")
    if "nonce" in claims:
        raise LogoutRefusedError("a logout token has no nonce: this is an ID token's")
    events = claims["events"]
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise LogoutRefusedError("the token does not say that a session is over")
    age = now.timestamp() - claims["iat"]
    # Not the other way round: whatever is compared with NaN is false.
    if not (age <= OLDEST_S + SKEW_S and claims["exp"] - claims["iat"] <= LONGEST_LIFE_S):
        raise LogoutRefusedError("the token was made long ago, or lives too long")
    subject, session, jti = (_name(claims, name) for name in ("sub", "sid", "jti"))
    if jti is None or (subject is None and session is None):
        raise LogoutRefusedError("the token names nobody and no session")
    until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=SKEW_S)
    return Logout(subject=subject, session=session, jti=jti, until=until)


def _name(claims: Mapping[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        raise LogoutRefusedError(f"{claim} is no identifier")
    return value


class BackChannel:
    """Ends here what the provider ended."""

    def __init__(
        self,
        provider: Provider,
        store: Store,
        *,
        client_id: str,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._store = store
        self._client_id = client_id
        self._now = now
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._renewed_at: float | None = None

    async def end(self, token: str, *, address: str = "") -> int:
        """End the sessions that a logout token is about; how many there were.

        Raises LogoutRefusedError, ProviderUnreachableError.
        """
        logout = logout_of(
            token,
            await self._keys(token),
            issuer=self._provider.issuer,
            client_id=self._client_id,
            now=self._now(),
        )
        question = hashlib.sha256(f"{self._provider.issuer} {logout.jti}".encode()).hexdigest()
        actor = Actor(id=SYSTEM.id, name=SYSTEM.name, role=SYSTEM.role, address=address)
        ended = await self._store.identities.end_sessions(
            issuer=self._provider.issuer,
            subject=logout.subject,
            provider_session=logout.session,
            question=f"logout {question}",
            until=logout.until,
            act=Act(
                actor=actor,
                action="session.ended_by_provider",
                at=self._now(),
                detail={"by": "session" if logout.session else "subject"},
            ),
        )
        if ended is None:
            raise LogoutRefusedError("this token was used already")
        return ended

    async def _keys(self, token: str) -> KeySet:
        """The provider's keys, asked for again (now and then) when the token's is unknown."""
        try:
            kid = key_id(token)
        except TokenRefusedError as error:
            raise LogoutRefusedError(str(error)) from error
        keys = await self._provider.keys()
        if kid is None or kid in {key.kid for key in keys}:
            return keys
        async with self._renewing:
            last = self._renewed_at
            if last is not None and self._clock() - last < RENEW_S:
                return await self._provider.keys()
            self._renewed_at = self._clock()
            return await self._provider.keys(renewed=True)
