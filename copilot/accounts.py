"""Who somebody is: passwords, sign-in, browser sessions.

AccountError
 +-- SignInRefusedError      wrong address or password, or a disabled account: never says which
 +-- TooManyAttemptsError    too many failures; `retry_after_s` says how long to wait
 +-- WeakPasswordError       a password too short, too long or too common to be accepted

A token is known to its browser only; the store keeps its SHA-256. Passwords are argon2id hashes,
computed in a worker thread: some 50 ms that the event loop does not have.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from copilot.store.people import normal_email
from copilot.store.records import Language, Role, User, WebSession

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from copilot.store.people import People

SESSION_LIFE = timedelta(hours=12)
"""A working day: nobody is signed out in the middle of a call."""

PASSWORD_LENGTH = (12, 1024)
"""Characters, least and most. The upper bound keeps hashing cheap."""

COMMON_PASSWORDS = frozenset(
    {
        "123456789012",
        "azertyuiop12",
        "azertyuiopqsd",
        "motdepasse123",
        "motdepassemotdepasse",
        "password1234",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiopasd",
        "souffleur123",
        "souffleursouffleur",
    }
)
"""Long enough and still among the first that anyone tries."""


class AccountError(Exception):
    """Base of the refusals about accounts. `code` is stable."""

    code = "account"


class SignInRefusedError(AccountError):
    code = "sign_in_refused"


class TooManyAttemptsError(AccountError):
    code = "too_many_attempts"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many attempts: try again in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class WeakPasswordError(AccountError):
    code = "weak_password"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A user in a browser."""

    user: User
    session: WebSession


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A sign-in that worked. `token` goes into the browser's cookie and nowhere else."""

    signed_in: SignedIn
    token: str


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: datetime


class AttemptLimiter:
    """Counts failures by key and says how long to wait. Pure: time is an argument.

    `free` failures cost nothing; each one after doubles the wait, from one second up to
    `longest_wait`. A quiet `longest_wait` forgets them.
    """

    def __init__(
        self,
        *,
        free: int = 5,
        longest_wait: timedelta = timedelta(minutes=15),
        keys: int = 10_000,
    ) -> None:
        self._free = free
        self._longest_wait = longest_wait
        # Bounded: whoever tries millions of addresses pushes out the oldest, not the process.
        self._keys = keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, key: str, *, at: datetime) -> float:
        """Seconds before the next attempt is looked at; zero when it may be made now."""
        failures = self._failures.get(key)
        if failures is None or failures.count < self._free:
            return 0.0
        longest_s = self._longest_wait.total_seconds()
        wait_s = min(2.0 ** min(failures.count - self._free, 30), longest_s)
        return max(wait_s - (at - failures.last_at).total_seconds(), 0.0)

    def failed(self, key: str, *, at: datetime) -> None:
        failures = self._failures.pop(key, None)
        if failures is None or at - failures.last_at > self._longest_wait:
            failures = _Failures(count=0, last_at=at)
        failures.count += 1
        failures.last_at = at
        self._failures[key] = failures
        if len(self._failures) > self._keys:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)


class Accounts:
    """Users, sign-in and sessions."""

    def __init__(
        self,
        people: People,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        session_life: timedelta = SESSION_LIFE,
        by_account: AttemptLimiter | None = None,
        by_address: AttemptLimiter | None = None,
    ) -> None:
        self._people = people
        self._now = now
        self._session_life = session_life
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
    ) -> User:
        """Raises `WeakPasswordError`; the store's `ConflictError` when the address is taken."""
        check_password(password, email=email)
        return await self._people.create_user(
            email=email,
            name=name,
            role=role,
            password_hash=await asyncio.to_thread(_hash, password),
            at=self._now(),
            client_id=client_id,
            language=language,
        )

    async def change_password(self, user_id: str, password: str) -> None:
        """Set a password and sign the user out everywhere. Raises `WeakPasswordError`."""
        user = await self._people.user(user_id)
        check_password(password, email=user.email)
        await self._people.set_password_hash(user_id, await asyncio.to_thread(_hash, password))
        await self._people.revoke_sessions_of(user_id, at=self._now())

    async def sign_in(self, email: str, password: str, *, address: str = "") -> NewSession:
        """Check a password and open a session. `address` is the browser's, for rate limits.

        Takes as long for an unknown address as for a wrong password.
        Raises `SignInRefusedError`, `TooManyAttemptsError`.
        """
        account = normal_email(email)
        self._refuse_if_waiting(account, address)
        known = await self._people.by_email(account)
        nobodys_hash = await asyncio.to_thread(_nobodys_hash)
        password_hash = known.password_hash if known else nobodys_hash
        right = await asyncio.to_thread(_matches, password_hash, password)
        if known is None or not right or known.user.disabled:
            self._by_account.failed(account, at=self._now())
            self._by_address.failed(address, at=self._now())
            raise SignInRefusedError("wrong address or password")
        self._by_account.succeeded(account)
        if _hasher().check_needs_rehash(password_hash):
            fresh = await asyncio.to_thread(_hash, password)
            await self._people.set_password_hash(known.user.id, fresh)
        return await self._open_session(known.user)

    async def signed_in(self, token: str) -> SignedIn | None:
        """Who this token stands for; null when it is unknown, expired or revoked, or the
        account is disabled."""
        found = await self._people.session_of_token(_token_hash(token))
        if found is None:
            return None
        session, user = found
        over = session.revoked_at is not None or session.expires_at <= self._now()
        return None if over or user.disabled else SignedIn(user=user, session=session)

    async def sign_out(self, session_id: str) -> None:
        """End one session. Idempotent."""
        await self._people.revoke_session(session_id, at=self._now())

    async def sign_out_everywhere(self, user_id: str) -> None:
        await self._people.revoke_sessions_of(user_id, at=self._now())

    async def forget_old_sessions(self) -> int:
        """Delete what expired more than a day ago; how many there were."""
        return await self._people.forget_sessions(expired_before=self._now() - timedelta(days=1))

    def _refuse_if_waiting(self, account: str, address: str) -> None:
        now = self._now()
        wait_s = max(
            self._by_account.wait_s(account, at=now), self._by_address.wait_s(address, at=now)
        )
        if wait_s > 0:
            raise TooManyAttemptsError(wait_s)

    async def _open_session(self, user: User) -> NewSession:
        token = secrets.token_urlsafe(32)
        now = self._now()
        session = await self._people.add_session(
            user_id=user.id,
            token_hash=_token_hash(token),
            csrf=secrets.token_urlsafe(32),
            at=now,
            expires_at=now + self._session_life,
        )
        return NewSession(signed_in=SignedIn(user=user, session=session), token=token)


def check_password(password: str, *, email: str) -> None:
    """Raises `WeakPasswordError` with what to do about it."""
    shortest, longest = PASSWORD_LENGTH
    if len(password) < shortest:
        raise WeakPasswordError(f"a password has at least {shortest} characters")
    if len(password) > longest:
        raise WeakPasswordError(f"a password has at most {longest} characters")
    plain = password.lower()
    if plain in COMMON_PASSWORDS or len(set(plain)) < 4 or plain == normal_email(email):
        raise WeakPasswordError("this password is among the first that anyone would try")


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # loads a native library: only when somebody signs in

    # 46 MiB, one pass, one lane: of the equally strong choices of OWASP's password storage
    # sheet, the one that takes least from the cores that are listening to calls.
    return PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown address is compared with: no password has it."""
    return _hash(secrets.token_urlsafe(32))


def _hash(password: str) -> str:
    return _hasher().hash(password)


def _matches(password_hash: str, password: str) -> bool:
    from argon2.exceptions import VerificationError

    try:
        return _hasher().verify(password_hash, password)
    except VerificationError:
        return False


def _token_hash(token: str) -> str:
    # A token has 256 bits of chance: a plain digest cannot be searched, and is quick.
    return hashlib.sha256(token.encode()).hexdigest()
