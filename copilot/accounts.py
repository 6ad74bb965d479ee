"""Who somebody is: sign-in and browser sessions.

AccountError
 +-- SignInRefusedError      wrong address or password, or a disabled account: never says which
 +-- CodeRequiredError       the password is right; the second factor's code is missing
 +-- TooManyAttemptsError    too many failures; `retry_after_s` says how long to wait
 +-- WrongPasswordError      the present password, asked again before a change, is wrong
 +-- SignInAgainError        the same, of somebody without a password: the sign-in is not fresh

A token is known to its browser only; the store keeps its SHA-256. Passwords are argon2id hashes,
computed in a worker thread: some 50 ms that the event loop does not have.

Failures make an account wait, and an address. A browser that signed in before (its device key, in
a signed cookie) is counted apart: whoever fails on purpose from elsewhere cannot keep a colleague
out (OWASP, "Device cookies").
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot import passwords
from copilot.attempts import AttemptLimiter
from copilot.passwords import check_password
from copilot.store.audit import Act, Actor
from copilot.store.people import normal_email
from copilot.store.records.accounts import Language, Role, User, WebSession

if TYPE_CHECKING:
    from copilot.secondfactor import SecondFactors
    from copilot.store.people import People, UserWithHash
    from copilot.store.records.identities import ProviderSession

SESSION_LIFE = timedelta(hours=12)
"""A working day: nobody is signed out in the middle of a call."""

SESSION_IDLE = timedelta(hours=2)
"""Without a request or an open page a session ends sooner: a browser that somebody left."""

FRESH = timedelta(minutes=10)
"""How long a sign-in stands for the password of somebody who has none (single sign-on)."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the list of sessions says when one was last used."""


class AccountError(Exception):
    """Base of the refusals about accounts. `code` is stable."""

    code = "account"


class SignInRefusedError(AccountError):
    code = "sign_in_refused"


class CodeRequiredError(AccountError):
    code = "code_required"


class WrongPasswordError(AccountError):
    code = "wrong_password"


class SignInAgainError(AccountError):
    code = "sign_in_again"


class TooManyAttemptsError(AccountError):
    code = "too_many_attempts"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many attempts: try again in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A user in a browser."""

    user: User
    session: WebSession

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return actor_of(self.user, address=self.session.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A sign-in that worked. `token` goes into the browser's cookie and nowhere else."""

    signed_in: SignedIn
    token: str


def actor_of(user: User, *, address: str = "") -> Actor:
    """A user as the audit trail names one."""
    return Actor(id=user.id, name=user.name, role=user.role, address=address)


class Accounts:
    """Users, sign-in and sessions."""

    def __init__(
        self,
        people: People,
        *,
        second_factors: SecondFactors | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        session_life: timedelta = SESSION_LIFE,
        session_idle: timedelta = SESSION_IDLE,
        by_account: AttemptLimiter | None = None,
        by_address: AttemptLimiter | None = None,
    ) -> None:
        """Without `second_factors` nobody who has one can sign in."""
        self._people = people
        self._second_factors = second_factors
        self._now = now
        self._session_life = session_life
        self._session_idle = session_idle
        self._by_account = by_account or AttemptLimiter()
        # A whole office may sit behind one address.
        self._by_address = by_address or AttemptLimiter(free=50)

    async def create_user(
        self,
        *,
        email: str,
        name: str,
        role: Role,
        password: str,
        client_id: str | None = None,
        language: Language = "fr",
        act: Act | None = None,
    ) -> User:
        """Raises `WeakPasswordError`; the store's `ConflictError` when the address is taken."""
        check_password(password, email=email, about=[name])
        return await self._people.create_user(
            email=email,
            name=name,
            role=role,
            password_hash=await asyncio.to_thread(passwords.hash_password, password),
            at=self._now(),
            client_id=client_id,
            language=language,
            act=act,
        )

    async def change_password(
        self, user_id: str, password: str, *, actor: Actor | None = None
    ) -> None:
        """Set a password and sign the user out everywhere. Raises `WeakPasswordError`."""
        user = await self._people.user(user_id)
        check_password(password, email=user.email, about=[user.name])
        act = Act(
            actor=actor or actor_of(user), action="user.password", at=self._now(), subject=user_id
        )
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        await self._people.set_password_hash(user_id, hashed, act=act)
        await self._people.revoke_sessions_of(user_id, at=self._now())

    async def confirm(self, person: SignedIn, password: str) -> None:
        """Ask who it is again before a change that matters: by the present password, or for those
        who have none by a sign-in of a few minutes ago.

        Raises `WrongPasswordError`, `SignInAgainError`, `TooManyAttemptsError`.
        """
        user = person.user
        key = f"confirm {user.id}"
        self._refuse_if_waiting(key, "")
        known = await self._people.by_email(user.email)
        password_hash = known.password_hash if known else ""
        if not password_hash:
            if self._now() - person.session.created_at > FRESH:
                raise SignInAgainError("no password, and signed in long ago")
            return
        if not await asyncio.to_thread(passwords.matches, password_hash, password):
            self._by_account.failed(key, at=self._now())
            raise WrongPasswordError("the present password is another")
        self._by_account.succeeded(key)

    async def sign_in(
        self,
        email: str,
        password: str,
        *,
        code: str | None = None,
        address: str = "",
        agent: str = "",
        device: str | None = None,
        replaces: str | None = None,
    ) -> NewSession:
        """Check a password, and the code of those who have a second factor; open a session.

        `address` is the browser's, for rate limits; `device` the key of one that signed in to
        this account before; `replaces` as in `open_session`. Takes as long for an unknown address
        as for a wrong password. Raises `SignInRefusedError`, `CodeRequiredError`,
        `TooManyAttemptsError`.
        """
        account = normal_email(email)
        key = f"{account} {device}" if device else account
        self._refuse_if_waiting(key, address)
        known = await self._people.by_email(account)
        right = await self._is_right(known, password)
        if known is None or not right or known.user.disabled:
            await self._failed(key, address, known)
            raise SignInRefusedError("wrong address or password")
        if known.user.second_factor:
            await self._check_code(known, code, key, address)
        self._by_account.succeeded(key)
        if passwords.is_outdated(known.password_hash):
            fresh = await asyncio.to_thread(passwords.hash_password, password)
            await self._people.set_password_hash(known.user.id, fresh)
        return await self.open_session(
            known.user,
            address=address,
            agent=agent,
            two_factors=known.user.second_factor,
            replaces=replaces,
        )

    async def signed_in(self, token: str) -> SignedIn | None:
        """Who this token stands for; null when it is unknown, expired, unused for too long or
        revoked, or the account is disabled."""
        found = await self._people.session_of_token(token_hash(token))
        if found is None:
            return None
        session, user = found
        now = self._now()
        if session.revoked_at is not None or session.expires_at <= now or user.disabled:
            return None
        unused = now - (session.last_seen_at or session.created_at)
        if unused > self._session_idle:
            return None
        if session.last_seen_at is None or unused >= SEEN_EVERY:
            await self._people.seen(session.id, at=now)
        return SignedIn(user=user, session=session)

    async def sign_out(self, session_id: str, *, actor: Actor | None = None) -> None:
        """End one session. Idempotent."""
        act = self._act(actor, "session.ended", session_id)
        await self._people.revoke_session(session_id, at=self._now(), act=act)

    async def sign_out_everywhere(self, user_id: str, *, actor: Actor | None = None) -> None:
        act = self._act(actor, "session.all_ended", user_id)
        await self._people.revoke_sessions_of(user_id, at=self._now(), act=act)

    async def open_sessions(self, user_id: str) -> tuple[WebSession, ...]:
        """Where a user is signed in, the newest first."""
        now = self._now()
        return tuple(
            session
            for session in await self._people.sessions(user_id)
            if session.revoked_at is None and session.expires_at > now
        )

    async def forget_old_sessions(self) -> int:
        """Delete what expired more than a day ago; how many there were."""
        return await self._people.forget_sessions(expired_before=self._now() - timedelta(days=1))

    async def open_session(
        self,
        user: User,
        *,
        address: str = "",
        agent: str = "",
        two_factors: bool = False,
        opened_by: ProviderSession | None = None,
        replaces: str | None = None,
    ) -> NewSession:
        """Sign somebody in whose right to it was checked.

        `opened_by`: the provider's session, for single sign-on; `replaces`: the token that the
        browser had before, whosever session it was: that ends. Raises `SignInRefusedError`.
        """
        if user.disabled:
            raise SignInRefusedError("this account is closed")
        token = secrets.token_urlsafe(32)
        now = self._now()
        session = await self._people.add_session(
            user_id=user.id,
            token_hash=token_hash(token),
            csrf=secrets.token_urlsafe(32),
            at=now,
            expires_at=now + self._session_life,
            address=address,
            agent=agent,
            two_factors=two_factors,
            opened_by=opened_by,
            replaces=token_hash(replaces) if replaces else None,
            act=self._act(actor_of(user, address=address), "session.opened", user.id),
        )
        return NewSession(signed_in=SignedIn(user=user, session=session), token=token)

    async def _is_right(self, known: UserWithHash | None, password: str) -> bool:
        nobodys = await asyncio.to_thread(passwords.nobodys_hash)
        password_hash = (known.password_hash if known else "") or nobodys
        return await asyncio.to_thread(passwords.matches, password_hash, password)

    async def _check_code(
        self, known: UserWithHash, code: str | None, key: str, address: str
    ) -> None:
        if not code:
            raise CodeRequiredError("the second factor's code is missing")
        actor = actor_of(known.user, address=address)
        factors = self._second_factors
        if factors is None or not await factors.accepts(known.user, code, actor=actor):
            await self._failed(key, address, known)
            raise SignInRefusedError("wrong code")

    async def _failed(self, key: str, address: str, known: UserWithHash | None) -> None:
        self._by_account.failed(key, at=self._now())
        self._by_address.failed(address, at=self._now())
        if known is not None:
            act = self._act(actor_of(known.user, address=address), "session.refused", known.user.id)
            await self._people.record(act)

    def _refuse_if_waiting(self, account: str, address: str) -> None:
        now = self._now()
        wait_s = max(
            self._by_account.wait_s(account, at=now), self._by_address.wait_s(address, at=now)
        )
        if wait_s > 0:
            raise TooManyAttemptsError(wait_s)

    def _act(self, actor: Actor | None, action: str, subject: str) -> Act | None:
        if actor is None:
            return None
        return Act(actor=actor, action=action, at=self._now(), subject=subject)


def token_hash(token: str) -> str:
    """How a random token is kept: it has 256 bits of chance, so a plain digest will do."""
    return hashlib.sha256(token.encode()).hexdigest()
