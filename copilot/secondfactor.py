"""The second factor: time-based codes (RFC 6238) and recovery codes.

A secret is sealed with the house's key; a code counts once (the time step used is kept), so that
one read over a shoulder is of no use. Recovery codes are random, used once, and kept as slow
digests: whoever copied the database does not come by them.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from copilot.keyfile import about_second_factor
from copilot.store.audit import Act, Actor
from copilot.store.records.accounts import User

if TYPE_CHECKING:
    from copilot.keyfile import Keyring
    from copilot.store.people import People

STEP_S = 30
STEPS_AROUND = 1
"""A phone's clock may be half a minute off."""

RECOVERY_CODES = 10
SHORTEST_RECOVERY_CODE = 10
"""Characters of those given out by earlier versions."""
ISSUER = "Souffleur"


class SecondFactorError(Exception):
    """The code is wrong, used already, or there is nothing to confirm."""

    code = "wrong_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator application needs, once."""

    secret: str = field(repr=False)
    """Base32, to be typed."""
    uri: str = field(repr=False)
    """`otpauth://`, to be scanned."""


class SecondFactors:
    """Enrolling, checking and removing second factors."""

    def __init__(
        self,
        people: People,
        keyring: Keyring,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._people = people
        self._keyring = keyring
        self._now = now

    async def enrol(self, user: User) -> Enrolment:
        """A new secret, of no effect until `confirm`. Raises SecondFactorError when one is on."""
        import pyotp

        if user.second_factor:
            raise SecondFactorError("a second factor is on already: remove it first")
        secret = pyotp.random_base32()
        sealed = self._keyring.seal(secret.encode(), about=about_second_factor(user.id))
        await self._people.change_user(user.id, totp_secret=sealed, totp_last_step=None)
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
        return Enrolment(secret=secret, uri=uri)

    async def confirm(self, user: User, code: str, *, actor: Actor) -> tuple[str, ...]:
        """Turn it on with a first code; the recovery codes. Raises SecondFactorError."""
        if user.second_factor or not await self._is_current(user.id, code):
            raise SecondFactorError("the code is not the one that the application shows now")
        codes = tuple(_readable_code() for _ in range(RECOVERY_CODES))
        act = Act(actor=actor, action="second_factor.on", at=self._now(), subject=user.id)
        digests = await asyncio.to_thread(_digests, user.id, codes)
        await self._people.replace_recovery_codes(user.id, digests, act=act, totp_since=self._now())
        return codes

    async def remove(self, user_id: str, *, actor: Actor) -> None:
        """Turn it off, whatever its state."""
        act = Act(actor=actor, action="second_factor.off", at=self._now(), subject=user_id)
        await self._people.replace_recovery_codes(
            user_id, (), act=act, totp_secret=None, totp_since=None, totp_last_step=None
        )

    async def accepts(self, user: User, code: str, *, actor: Actor) -> bool:
        """Whether a code lets this user in; it is used up."""
        if await self._is_current(user.id, code):
            return True
        if len(code) < SHORTEST_RECOVERY_CODE:
            return False
        (digest,) = await asyncio.to_thread(_digests, user.id, [code])
        act = Act(
            actor=actor, action="second_factor.recovery_code", at=self._now(), subject=user.id
        )
        return await self._people.take_recovery_code(user.id, digest, at=self._now(), act=act)

    async def _is_current(self, user_id: str, code: str) -> bool:
        import pyotp

        state = await self._people.totp(user_id)
        typed = "".join(code.split())
        if state.secret is None or not typed.isdecimal():
            return False
        secret = self._keyring.unseal(state.secret, about=about_second_factor(user_id)).decode()
        step = int(self._now().timestamp()) // STEP_S
        for candidate in range(step - STEPS_AROUND, step + STEPS_AROUND + 1):
            shown = pyotp.TOTP(secret).generate_otp(candidate)
            if secrets.compare_digest(shown, typed):
                return await self._people.take_totp_step(user_id, candidate)
        return False


def _readable_code() -> str:
    """Fifteen random characters of 31: 74 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(3))


def _digests(user_id: str, codes: Sequence[str]) -> list[str]:
    """How recovery codes are kept: scrypt over SHA-256, some 50 ms and 16 MB each.

    The salt is the account's random identifier: one digest is computed for what somebody typed,
    whichever of their codes it is. SHA-256 inside, so that what earlier versions kept under it
    alone could be brought along (migration 0021).
    """
    typed = ["".join(code.lower().split()).replace("-", "") for code in codes]
    return [
        hashlib.scrypt(
            hashlib.sha256(code.encode()).hexdigest().encode(),
            salt=user_id.encode(),
            n=2**14,
            r=8,
            p=1,
            dklen=32,
        ).hex()
        for code in typed
    ]
