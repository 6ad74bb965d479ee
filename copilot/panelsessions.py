"""An operator in a panel that stands inside the provider's other software.

BadPanelSessionError   unknown, over, another page's, or its token or operator is shut out

That software proves itself with a token of the scope `panel:open`, on its own server, and gets a
secret (`sfp_` and 256 bits) for one operator, one page's origin and half an hour. The page keeps
it in memory: no cookie is needed, which browsers refuse to pages inside other sites' pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot.accounts import AccountError, SignedIn, token_hash
from copilot.apitokens import ApiTokens, Program, TooManyRequestsError
from copilot.attempts import AttemptLimiter
from copilot.store.audit import Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.panelsessions import PanelSession
from copilot.store.records.accounts import User, WebSession
from copilot.store.records.identifiers import new_id

if TYPE_CHECKING:
    from copilot.store.store import Store

PREFIX = "sfp_"
LIFE = timedelta(minutes=30)
"""Longer than most calls; a page asks its server for another before it is over."""


class BadPanelSessionError(AccountError):
    code = "bad_panel_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPanelSession:
    """One just opened; its secret is known here and nowhere else."""

    session: PanelSession
    operator: User
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelVisitor(SignedIn):
    """An operator in a panel."""

    panel: PanelSession


class PanelSessions:
    """Opens, checks and ends them."""

    def __init__(
        self,
        store: Store,
        tokens: ApiTokens,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._now = now
        self._by_address = AttemptLimiter(free=50)  # a whole office sits behind one address

    async def open(self, program: Program, operator: User, *, origin: str) -> NewPanelSession:
        """For an operator, as a program that may asks. Raises the store's `NotFoundError`."""
        if operator.role != "operator" or operator.disabled:
            raise NotFoundError("no such operator")
        now = self._now()
        session = PanelSession(
            id=new_id(),
            user_id=operator.id,
            api_token_id=program.token.id,
            origin=origin,
            created_at=now,
            expires_at=now + LIFE,
        )
        secret = PREFIX + secrets.token_urlsafe(32)
        act = Act(
            actor=program.actor, action="panel.opened", at=now, subject=session.id,
            detail={"operator": operator.id, "origin": origin},
        )  # fmt: skip
        await self._store.panel_sessions.add(session, token_hash=token_hash(secret), act=act)
        return NewPanelSession(session=session, operator=operator, secret=secret)

    async def visitor(
        self, secret: str, *, origin: str | None = None, address: str = ""
    ) -> PanelVisitor:
        """Who a secret stands for. `origin` of the page where it is not the service's own.

        Raises BadPanelSessionError, TooManyRequestsError.
        """
        now = self._now()
        if (wait_s := self._by_address.wait_s(address, at=now)) > 0:
            raise TooManyRequestsError(wait_s)
        session = await self._store.panel_sessions.by_hash(token_hash(secret))
        if session is None or origin not in (None, session.origin):
            self._by_address.failed(address, at=now)
            raise BadPanelSessionError("no such panel session")
        operator = await self._operator(session)
        over = session.expires_at <= now or not await self._tokens.holds(session.api_token_id)
        if operator is None or over:
            raise BadPanelSessionError("the panel session is over")
        return _visitor(session, operator, address)

    async def end(self, session: PanelSession, *, actor: Actor) -> None:
        """The operator left. Idempotent."""
        act = Act(actor=actor, action="panel.closed", at=self._now(), subject=session.id)
        await self._store.panel_sessions.end(session.id, act=act)

    async def _operator(self, session: PanelSession) -> User | None:
        user = await self._store.people.user(session.user_id)
        return None if user.disabled or user.role != "operator" else user


def _visitor(session: PanelSession, operator: User, address: str) -> PanelVisitor:
    return PanelVisitor(
        user=operator,
        session=WebSession(
            id=session.id,
            user_id=operator.id,
            csrf="",
            created_at=session.created_at,
            expires_at=session.expires_at,
            revoked_at=None,
            address=address,
            agent="panel",
        ),
        panel=session,
    )
