"""Programs that act for a client or for the provider: tokens with scopes.

BadTokenError          unknown, revoked, expired, or its client is closed: never says which
ScopeNeededError       the token may not do this
TooManyRequestsError   more than its share; `retry_after_s` says how long to wait
BadScopeError          the scopes asked for do not exist, or not for the provider

The secret (`sfl_` and 256 bits) is shown once; the database has its SHA-256. A program is seen by
the rest of the service as a signed-in person of the role that its routes expect.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from copilot.accounts import AccountError, SignedIn, TooManyAttemptsError, token_hash
from copilot.attempts import AttemptLimiter
from copilot.store.audit import Act, Actor
from copilot.store.records.accounts import User, WebSession
from copilot.store.records.identifiers import new_id
from copilot.store.tokens import ApiToken

if TYPE_CHECKING:
    from copilot.store.store import Store

Scope = Literal[
    "messages:read", "messages:acknowledge", "calls:read", "transcripts:search",
    "knowledge:read", "knowledge:write", "consignes:read", "consignes:write", "panel:open",
]  # fmt: skip

SCOPES: tuple[Scope, ...] = get_args(Scope)
PANEL: Scope = "panel:open"
OF_THE_PROVIDER: frozenset[Scope] = frozenset(
    {"messages:read", "calls:read", "transcripts:search", PANEL}
)
"""What a token over every client may have."""
OF_A_CLIENT: frozenset[Scope] = frozenset(SCOPES) - {PANEL}
"""What a client's token may have: the panel is an operator's, who answers for every client."""

PREFIX = "sfl_"
LONGEST_LIFE = timedelta(days=366)
PER_MINUTE = 120
BURST = 60
SEEN_EVERY = timedelta(minutes=1)


class BadTokenError(AccountError):
    code = "bad_token"


class BadScopeError(AccountError):
    code = "bad_scope"


class ScopeNeededError(AccountError):
    code = "scope_needed"


class TooManyRequestsError(TooManyAttemptsError):
    code = "too_many_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(SignedIn):
    """A token in use."""

    token: ApiToken

    @property
    def actor(self) -> Actor:
        return Actor(
            id=self.user.id, name=self.token.name, role="token", address=self.session.address
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made; its secret is known here and nowhere else."""

    token: ApiToken
    secret: str


class RequestShare:
    """A bucket for each key: `burst` requests at once, then `per_minute`. Time is an argument."""

    def __init__(self, *, per_minute: int, burst: int, keys: int = 10_000) -> None:
        self._per_s = per_minute / 60
        self._burst = float(burst)
        self._keys = keys  # bounded: the least recently seen has a full bucket again
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, key: str, *, at: datetime) -> float:
        """Zero when one more may be served; else the seconds to wait, and nothing is taken."""
        left, since = self._left.pop(key, (self._burst, at))
        left = min(self._burst, left + max((at - since).total_seconds(), 0.0) * self._per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / self._per_s
        self._left[key] = (left - 1 if not wait_s else left, at)
        if len(self._left) > self._keys:
            self._left.popitem(last=False)
        return wait_s


class ApiTokens:
    """Makes, checks and ends tokens."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        share: RequestShare | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._share = share or RequestShare(per_minute=PER_MINUTE, burst=BURST)
        self._by_address = AttemptLimiter(free=20)

    async def issue(
        self,
        *,
        name: str,
        client_id: str | None,
        scopes: Sequence[Scope],
        days: int,
        actor: Actor,
    ) -> NewToken:
        """Raises BadScopeError; the store's `NotFoundError` for an unknown client."""
        if client_id is not None:
            await self._store.for_client(client_id).client()
            if beyond := sorted(set(scopes) - OF_A_CLIENT):
                raise BadScopeError(f"{', '.join(beyond)}: the provider's token only")
        elif beyond := sorted(set(scopes) - OF_THE_PROVIDER):
            raise BadScopeError(f"{', '.join(beyond)}: a client's token only")
        if not scopes:
            raise BadScopeError("a token without a scope can do nothing")
        now = self._now()
        token = ApiToken(
            id=new_id(),
            name=name,
            client_id=client_id,
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            created_at=now,
            created_by=actor.id,
            created_by_name=actor.name,
            expires_at=now + min(timedelta(days=days), LONGEST_LIFE),
        )
        secret = PREFIX + secrets.token_urlsafe(32)
        act = Act(
            actor=actor, action="token.issued", at=now, client_id=client_id, subject=token.id,
            detail={"name": name, "scopes": list(token.scopes)},
        )  # fmt: skip
        await self._store.tokens.add(token, token_hash=token_hash(secret), act=act)
        return NewToken(token=token, secret=secret)

    async def revoke(self, token_id: str, *, actor: Actor) -> None:
        """At once, for every process. Idempotent. Raises the store's `NotFoundError`."""
        now = self._now()
        act = Act(actor=actor, action="token.revoked", at=now, subject=token_id)
        await self._store.tokens.revoke(token_id, at=now, act=act)

    async def program(self, secret: str, scope: Scope, *, address: str = "") -> Program:
        """Who a secret stands for, for one request that needs this scope.

        Raises BadTokenError, ScopeNeededError, TooManyRequestsError.
        """
        now = self._now()
        if (wait_s := self._by_address.wait_s(address, at=now)) > 0:
            raise TooManyRequestsError(wait_s)
        token = await self._store.tokens.by_hash(token_hash(secret))
        if token is None or not await self._holds(token, now):
            self._by_address.failed(address, at=now)
            raise BadTokenError("the token is unknown, revoked or expired")
        if (wait_s := self._share.take(token.id, at=now)) > 0:
            raise TooManyRequestsError(wait_s)
        if scope not in token.scopes:
            raise ScopeNeededError(scope)
        if token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY:
            await self._store.tokens.used(token.id, at=now)
        return _program(token, address)

    async def holds(self, token_id: str) -> bool:
        """Whether a token is good still."""
        token = await self._store.tokens.by_id(token_id)
        return token is not None and await self._holds(token, self._now())

    async def _holds(self, token: ApiToken, now: datetime) -> bool:
        if token.revoked_at is not None or token.expires_at <= now:
            return False
        if token.client_id is None:
            return True
        return not (await self._store.for_client(token.client_id).client()).disabled


def _program(token: ApiToken, address: str) -> Program:
    user = User(
        id=f"token:{token.id}",
        email="",
        name=token.name,
        role="supervisor" if token.client_id is None else "client",
        client_id=token.client_id,
        language="en",
        disabled=False,
        created_at=token.created_at,
    )
    session = WebSession(
        id=user.id,
        user_id=user.id,
        csrf="",
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=None,
        address=address,
        agent="token",
    )
    return Program(user=user, session=session, token=token)
