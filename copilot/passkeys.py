"""Passkeys (W3C Web Authentication, level 3): signing in with a device instead of a password.

A passkey is two factors in one: the device, and the finger, face or code that opens it (user
verification is required). Its signature names our origin, so that no other site can ask for it.

PasskeyError
 +-- PasskeysUnavailableError   browsers have none for an address like this one
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from copilot.store.audit import Act, Actor
from copilot.store.records.accounts import Passkey, User
from copilot.store.records.identifiers import new_id

if TYPE_CHECKING:
    from copilot.store.passkeys import PasskeyRows
    from copilot.store.people import People

LIFE_S = 300
"""How long a browser may take to answer."""
MOST = 20
"""Passkeys of one person."""
ANYBODY = ""
"""A sign-in names nobody: the device knows whose it is."""


class PasskeyError(Exception):
    """The answer does not prove what was asked. `status` is HTTP's."""

    code = "passkey_refused"
    status = 403


class PasskeysUnavailableError(PasskeyError):
    """Browsers keep passkeys for a name over HTTPS, or for localhost."""

    code = "passkeys_unavailable"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where people sign in: what a passkey is bound to."""

    origin: str
    name: str
    """The host name; the relying party's identifier."""


def site_of(url: str) -> Site:
    """The site at an address. Raises PasskeysUnavailableError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ip_address(host)
        named = False
    except ValueError:
        named = bool(host)
    if not named or (parts.scheme != "https" and host != "localhost"):
        raise PasskeysUnavailableError(
            f"browsers keep no passkey for {parts.scheme}://{host}: serve over HTTPS under a name"
        )
    return Site(origin=f"{parts.scheme}://{parts.netloc}", name=host)


class Passkeys:
    """Adding, using and removing passkeys.

    A challenge is random and signed, so that asking writes nothing; it is answered once.
    """

    def __init__(
        self,
        rows: PasskeyRows,
        people: People,
        *,
        secret: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows = rows
        self._people = people
        self._signer = TimestampSigner(secret, salt="passkey", digest_method=hashlib.sha256)
        self._now = now

    async def of(self, user: User) -> tuple[Passkey, ...]:
        """A person's passkeys, the newest first."""
        return await self._rows.of_user(user.id)

    async def offer(self, user: User, site: Site) -> dict[str, Any]:
        """What the browser needs to make one (PublicKeyCredentialCreationOptionsJSON)."""
        from webauthn import generate_registration_options
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        known = await self._rows.of_user(user.id)
        if len(known) >= MOST:
            raise PasskeyError(f"{MOST} passkeys already: remove one first")
        options = generate_registration_options(
            rp_id=site.name,
            rp_name="Souffleur",
            user_id=user.id.encode(),
            user_name=user.email,
            user_display_name=user.name,
            challenge=self._challenge(user.id),
            timeout=LIFE_S * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id))
                for each in known
            ],
        )
        return _plain(options)

    async def add(
        self, user: User, site: Site, credential: dict[str, Any], *, name: str, actor: Actor
    ) -> Passkey:
        """Keep what the browser made (RegistrationResponseJSON). Raises PasskeyError."""
        from webauthn import verify_registration_response
        from webauthn.helpers import bytes_to_base64url
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = await self._answered(credential, user.id)
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise PasskeyError(f"the passkey cannot be added: {error}") from error
        passkey = Passkey(
            id=new_id(),
            user_id=user.id,
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name.strip(),
            created_at=self._now(),
            last_used_at=None,
        )
        await self._rows.add(passkey, act=self._act(actor, "passkey.added", passkey.id))
        return passkey

    def ask(self, site: Site) -> dict[str, Any]:
        """What the browser needs to sign in (PublicKeyCredentialRequestOptionsJSON)."""
        from webauthn import generate_authentication_options
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=site.name,
            challenge=self._challenge(ANYBODY),
            timeout=LIFE_S * 1000,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _plain(options)

    async def bearer(self, site: Site, credential: dict[str, Any]) -> User:
        """Who proves to hold a passkey (AuthenticationResponseJSON). Raises PasskeyError.

        The account may be disabled: whoever opens the session asks.
        """
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = await self._answered(credential, ANYBODY)
        passkey = await self._rows.by_credential(str(credential.get("id", "")))
        if passkey is None:
            raise PasskeyError("this passkey is not known here, or was removed")
        try:
            proof = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise PasskeyError(f"the passkey does not open this account: {error}") from error
        await self._rows.used(passkey.id, sign_count=proof.new_sign_count, at=self._now())
        return await self._people.user(passkey.user_id)

    async def remove(self, user: User, passkey_id: str, *, actor: Actor) -> None:
        """Raises `NotFoundError`."""
        act = self._act(actor, "passkey.removed", passkey_id)
        await self._rows.remove(passkey_id, user_id=user.id, act=act)

    def _challenge(self, whose: str) -> bytes:
        return self._signer.sign(f"{secrets.token_urlsafe(16)} {whose}".encode())

    async def _answered(self, credential: dict[str, Any], whose: str) -> bytes:
        """The challenge that an answer names: ours, of this person, in time, and used up now.

        Raises PasskeyError.
        """
        from webauthn.helpers import base64url_to_bytes, parse_client_data_json
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            said = base64url_to_bytes(str(credential["response"]["clientDataJSON"]))
            challenge = parse_client_data_json(said).challenge
            asked = self._signer.unsign(challenge, max_age=LIFE_S).decode()
        except SignatureExpired as error:
            raise PasskeyError("too late: try again") from error
        except (WebAuthnException, BadSignature, KeyError, TypeError, ValueError) as error:
            raise PasskeyError("this is no answer to what was asked") from error
        if asked.partition(" ")[2] != whose:
            raise PasskeyError("this was asked of somebody else")
        if not await self._rows.take(
            asked, at=self._now(), until=self._now() + timedelta(seconds=LIFE_S)
        ):
            raise PasskeyError("answered already: try again")
        return challenge

    def _act(self, actor: Actor, action: str, subject: str) -> Act:
        return Act(actor=actor, action=action, at=self._now(), subject=subject)


def _plain(options: Any) -> dict[str, Any]:
    from webauthn.helpers import options_to_json_dict

    return dict(options_to_json_dict(options))
