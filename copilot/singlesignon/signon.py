"""Signing in by the house's identity provider: authorization code flow with PKCE (RFC 7636).

    begin ──> the provider's page ──> complete: code ──> ID token ──> claims ──> account

The browser keeps one random value, signed and for ten minutes. `state`, `nonce` and the PKCE
verifier are derived from it with the house's secret: an answer fits the browser that asked, and
nothing is kept here until one comes back, which is taken once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from itsdangerous import BadSignature, TimestampSigner

from copilot.accounts import actor_of
from copilot.singlesignon.backchannel import LONGEST, BackChannel
from copilot.singlesignon.errors import (
    AnswerRefusedError,
    FactorMissingError,
    NoRoleError,
    ProviderUnreachableError,
    SignOnDeclinedError,
    TokenRefusedError,
)
from copilot.singlesignon.fetching import ask
from copilot.singlesignon.idtoken import key_id, proven, proves_two_factors
from copilot.singlesignon.linking import Links
from copilot.singlesignon.provider import Metadata, Provider
from copilot.singlesignon.roles import RolesByClaim
from copilot.store.audit import Act, Actor
from copilot.store.records.accounts import CLIENT_ROLES, Role, User
from copilot.store.records.identities import ProviderSession

if TYPE_CHECKING:
    from copilot.store.store import Store

logger = logging.getLogger(__name__)

LIFE_S = 600
"""How long somebody may take at the provider."""
SCOPE = "openid email profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How the provider knows the house."""

    issuer: str
    client_id: str
    client_secret: str
    """Empty: a public client, which PKCE alone protects."""
    name: str
    """What people call the provider."""
    redirect_uri: str
    """Where answers come: must be registered with the provider, letter for letter."""
    roles: RolesByClaim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send a browser, and what it must keep."""

    address: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Whose account opens, and how well that was proved."""

    user: User
    two_factors: bool
    id_token: str
    """For ending the provider's session too (`id_token_hint`)."""
    provider_session: ProviderSession
    """What the provider ends by itself (`back_channel`)."""


class SingleSignOn:
    """Asks the provider, and takes its answers."""

    def __init__(
        self,
        registration: Registration,
        store: Store,
        *,
        secret: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        provider: Provider | None = None,
    ) -> None:
        self.registration = registration
        self._store = store
        self._links = Links(store)
        self._signer = TimestampSigner(secret, salt="single sign-on", digest_method=hashlib.sha256)
        self._key = hashlib.sha256(f"single sign-on {secret}".encode()).digest()
        self._now = now
        self._provider = provider or Provider(registration.issuer)
        self.back_channel = BackChannel(
            self._provider, store, client_id=registration.client_id, now=now
        )

    async def begin(self) -> Begun:
        """Send somebody to the provider. Raises ProviderUnreachableError."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata = await self._provider.metadata()
        kept = self._signer.sign(secrets.token_urlsafe(24)).decode()
        address = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self.registration.client_id,
            response_type="code",
            redirect_uri=self.registration.redirect_uri,
            scope=SCOPE,
            state=self._derived(kept, "state"),
            nonce=self._derived(kept, "nonce"),
            code_challenge=create_s256_code_challenge(self._derived(kept, "verifier")),
            code_challenge_method="S256",
        )
        return Begun(address=address, kept=kept)

    async def complete(
        self, answer: Mapping[str, str], kept: str | None, *, address: str = ""
    ) -> Proven:
        """Whose account an answer opens: the parameters that came back, and what the browser kept.

        Raises SingleSignOnError, whatever was sent.
        """
        kept = await self._taken(answer, kept)
        metadata = await self._provider.metadata()
        # RFC 9207: another provider's answer is not taken to ours.
        if (metadata.names_itself or "iss" in answer) and answer.get("iss") != (
            self.registration.issuer
        ):
            raise AnswerRefusedError("the answer is another provider's")
        if "error" in answer:
            raise SignOnDeclinedError(f"the provider says {answer['error'][:80]!r}")
        if not answer.get("code"):
            raise AnswerRefusedError("the answer has no code")
        token, access_token = await self._exchanged(metadata, answer["code"], kept)
        claims = await self._claims(token, access_token, nonce=self._derived(kept, "nonce"))
        user = await self._links.bearer(
            claims, issuer=self.registration.issuer, at=self._now(), address=address
        )
        two_factors = proves_two_factors(claims)
        if user.second_factor and not two_factors:
            # Otherwise a password at the provider would open what needs a password and a code.
            error = FactorMissingError("the provider proved one factor, the account has two")
            await self._links.refuse(error, user, at=self._now(), address=address)
        user = await self._with_role(user, claims, address=address)
        sid = claims.get("sid")
        session = ProviderSession(
            issuer=self.registration.issuer,
            id=sid if isinstance(sid, str) and 0 < len(sid) <= LONGEST else None,
        )
        return Proven(user=user, two_factors=two_factors, id_token=token, provider_session=session)

    async def end_address(self, id_token: str, *, back: str) -> str | None:
        """Where the provider ends its own session; null when it cannot, or does not answer."""
        from authlib.common.urls import add_params_to_uri

        try:
            where = (await self._provider.metadata()).end_session_endpoint
        except ProviderUnreachableError:
            logger.warning("the provider's own session stays open: it does not answer")
            return None
        if where is None:
            return None
        wanted = {
            "client_id": self.registration.client_id,
            "post_logout_redirect_uri": back,
            **({"id_token_hint": id_token} if id_token else {}),
        }
        return str(add_params_to_uri(where, list(wanted.items())))

    async def unlink(self, user: User, *, actor: Actor) -> None:
        """Whoever signs on next by the account's address is linked to it."""
        await self._links.remove(user, actor=actor, at=self._now())

    async def _taken(self, answer: Mapping[str, str], kept: str | None) -> str:
        """What the browser kept, once it is sure that it asked for this, in time, and only now."""
        kept = kept or ""
        try:
            asked = self._signer.unsign(kept, max_age=LIFE_S).decode()
        except BadSignature as error:
            raise AnswerRefusedError("nothing was asked here, or too long ago") from error
        state = self._derived(kept, "state")
        if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
            raise AnswerRefusedError("the answer is to another question")
        until = self._now() + timedelta(seconds=LIFE_S)
        if not await self._store.passkeys.take(f"sign-on {asked}", at=self._now(), until=until):
            raise AnswerRefusedError("answered already")
        return kept

    async def _exchanged(self, metadata: Metadata, code: str, kept: str) -> tuple[str, str | None]:
        """The ID token and the access token for a code. Raises SingleSignOnError."""
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        ours = self.registration
        form = prepare_token_request(
            "authorization_code",
            redirect_uri=ours.redirect_uri,
            code=code,
            code_verifier=self._derived(kept, "verifier"),
        )
        method = "client_secret_post" if metadata.takes_secret_in_form else "client_secret_basic"
        client = ClientAuth(
            ours.client_id, ours.client_secret, method if ours.client_secret else "none"
        )
        address, headers, body = client.prepare(
            "POST",
            metadata.token_endpoint,
            {"Content-Type": "application/x-www-form-urlencoded"},
            form,
        )
        status, said = await ask(address, form=body, headers=headers)
        if status >= 500:
            raise ProviderUnreachableError(f"the token endpoint answers {status}")
        token, access_token = said.get("id_token"), said.get("access_token")
        if status != 200 or not isinstance(token, str):
            why = json.dumps(said.get("error"))[:80]
            raise TokenRefusedError(f"the token endpoint answers {status} {why}")
        return token, access_token if isinstance(access_token, str) else None

    async def _claims(self, token: str, access_token: str | None, *, nonce: str) -> dict[str, Any]:
        kid = key_id(token)
        keys = await self._provider.keys()
        if kid is not None and kid not in {key.kid for key in keys}:
            # The provider changed its keys since they were asked for.
            keys = await self._provider.keys(renewed=True)
        return proven(
            token,
            keys,
            issuer=self.registration.issuer,
            client_id=self.registration.client_id,
            nonce=nonce,
            access_token=access_token,
            now=self._now(),
        )

    async def _with_role(self, user: User, claims: Mapping[str, Any], *, address: str) -> User:
        """The account with the role that the provider gives, where the house lets it."""
        rules = self.registration.roles
        if rules is None or user.role in CLIENT_ROLES:
            return user
        role = rules.role(claims)
        if role is None:
            error = NoRoleError("the provider gives none of our roles")
            await self._links.refuse(error, user, at=self._now(), address=address)
        if role == user.role:
            return user
        return await self._change_role(user, role, address=address)

    async def _change_role(self, user: User, role: Role, *, address: str) -> User:
        at, people = self._now(), self._store.people
        detail = {"by": "sign_on", "from": user.role, "to": role}
        act = Act(
            actor=actor_of(user, address=address),
            action="user.role",
            at=at,
            subject=user.id,
            detail=detail,
        )
        last = not user.invited and await people.open_administrators() == 1
        if user.role == "administrator" and last:
            # The way in when the provider is down is never closed by the provider.
            await people.record(replace(act, action="user.role_kept"))
            return user
        await people.change_user(user.id, act=act, role=role)
        await people.revoke_sessions_of(user.id, at=at)
        return replace(user, role=role)

    def _derived(self, kept: str, use: str) -> str:
        """43 characters that whoever has `kept` alone cannot tell."""
        mac = hmac.digest(self._key, f"{use} {kept}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
