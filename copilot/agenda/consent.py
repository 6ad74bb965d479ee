"""Somebody's consent to use their calendar, or to read their mailbox: authorization code flow with
PKCE (RFC 6749, 7636).

    begin ──> the provider's page ──> complete: code ──> refresh token, sealed ──> an account

As in single sign-on the browser keeps one signed value, for ten minutes; `state` and the PKCE
verifier are derived from it. It names the person and the company: an answer brought by somebody
else, or a second time, connects nothing.

ConsentError
 +-- ConsentOffError          the house has no application at this provider
 +-- ConsentAnswerError       not an answer to what this person asked just now
 +-- ConsentDeclinedError     the person, or their administrator, said no
 +-- ConsentIncompleteError   the calendars were not ticked, or no lasting access was given
 +-- ConsentRefusedError      the provider does not take the house's application
 +-- ConsentUnreachableError  the provider does not answer
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from copilot.agenda import google, microsoft
from copilot.agenda.accounts import CONSENTED, Application, CalendarDoor
from copilot.agenda.calendar import CalendarError, UnreachableError
from copilot.agenda.reaching import ask
from copilot.store.records.agenda import Provider

if TYPE_CHECKING:
    from copilot.store.store import Store

LIFE_S = 600
"""How long somebody may take at the provider."""


class ConsentError(Exception):
    """Nothing was connected. `code` is stable; the text is for the log."""

    code = "consent"


class ConsentOffError(ConsentError):
    code = "consent_off"


class ConsentAnswerError(ConsentError):
    code = "consent_answer"


class ConsentDeclinedError(ConsentError):
    code = "consent_declined"


class ConsentIncompleteError(ConsentError):
    code = "consent_incomplete"


class ConsentRefusedError(ConsentError):
    code = "consent_refused"


class ConsentUnreachableError(ConsentError):
    code = "consent_unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked for which company's access."""

    provider: Provider
    client_id: str
    user_id: str
    account_id: str
    """An account, or a mailbox, to connect again; empty for a new one."""
    mailbox: str = ""
    """The address of the mailbox that is to be read; empty: it is about calendars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send a browser, and what it must keep."""

    address: str
    kept: str


class Consents:
    """Asks providers for access, takes their answers, gives access back."""

    def __init__(
        self,
        store: Store,
        door: CalendarDoor,
        *,
        key: bytes,
        redirect_uri: str,
        now: Callable[[], datetime],
    ) -> None:
        """`key`: 32 bytes of the house's; `redirect_uri`: registered with each provider."""
        self._store = store
        self._door = door
        self._key = key
        self._redirect_uri = redirect_uri
        self._now = now

    @property
    def offered(self) -> tuple[Literal["google", "microsoft"], ...]:
        """The providers that the house has an application at."""
        known: tuple[Literal["google", "microsoft"], ...] = ("google", "microsoft")
        return tuple(one for one in known if one in self._door.applications)

    def begin(self, asked: Asked) -> Begun:
        """Send somebody to the provider. Raises `ConsentOffError`."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        application = self._application(asked.provider)
        parts = (asked.provider, asked.client_id, asked.user_id, asked.account_id, asked.mailbox)
        kept = self._signed([*parts, secrets.token_urlsafe(24)])
        endpoint, extra = self._page(asked)
        query = {
            "client_id": application.client_id,
            "response_type": "code",
            "redirect_uri": self._redirect_uri,
            "state": self._derived("state", kept),
            "code_challenge": create_s256_code_challenge(self._derived("verifier", kept)),
            "code_challenge_method": "S256",
            **extra,
        }
        return Begun(address=f"{endpoint}?{urlencode(query)}", kept=kept)

    async def complete(
        self, answer: Mapping[str, str], kept: str | None, *, user_id: str
    ) -> tuple[Asked, dict[str, str]]:
        """The access that an answer gives, to be kept, and for which company.

        `answer`: the parameters that came back; `kept`: what the browser kept; `user_id`: who is
        signed in there. Raises `ConsentError`, `StoreError`.
        """
        asked, kept = await self._taken(answer, kept, user_id)
        if error := answer.get("error"):
            raise ConsentDeclinedError(f"the provider says {error[:80]!r}")
        if not answer.get("code"):
            raise ConsentAnswerError("the answer has no code")
        said = await self._exchanged(asked.provider, answer["code"], kept)
        refresh_token, scope = said.get("refresh_token"), said.get("scope", "")
        wanted = _scope(asked).split()[-1]
        if asked.provider == "microsoft":  # it may say the permission alone
            wanted = wanted.rpartition("/")[2]
        granted = any(one.endswith(wanted) for one in str(scope).split())
        if not isinstance(refresh_token, str) or not refresh_token or not granted:
            raise ConsentIncompleteError(f"granted: {scope!r:.200}")
        return asked, {"by": CONSENTED, "refresh_token": refresh_token}

    def about(self, kept: str | None) -> Literal["calendar", "mailbox"]:
        """What the browser was sent for, as far as it still knows."""
        try:
            return "mailbox" if self._read(kept or "")[0].mailbox else "calendar"
        except ConsentAnswerError:
            return "calendar"

    async def revoke(self, provider: str, access: Mapping[str, str]) -> bool | None:
        """Give a consented access back to its provider; false when it could not be told, null
        when there is nobody to tell: another kind of access, or a provider that takes no word."""
        if access.get("by") != CONSENTED or provider != "google":
            return None
        form = {"token": access["refresh_token"]}
        try:
            async with self._door.reach.opened() as http:
                # 400: it was over already (RFC 7009 section 2.2 would say 200).
                url = self._door.providers.google_revocation
                await ask(http, "POST", url, data=form, takes=(400,))
        except (CalendarError, TimeoutError):
            return False
        return True

    def _application(self, provider: Provider) -> Application:
        found = self._door.applications.get(provider)
        if found is None:
            raise ConsentOffError(f"no application at {provider}")
        return found

    def _page(self, asked: Asked) -> tuple[str, dict[str, str]]:
        """Where consent is given, and what that provider wants to be asked."""
        places = self._door.providers
        # Of a mailbox the address is known: the page shows that account first.
        hint = {"login_hint": asked.mailbox} if asked.mailbox else {}
        if asked.provider == "google":
            # `consent`: Google gives a refresh token at the first consent only, otherwise.
            return places.google_consent, {
                "scope": _scope(asked), "access_type": "offline", "prompt": "consent", **hint,
            }  # fmt: skip
        tenant = self._application(asked.provider).tenant
        return places.microsoft_consent.replace("{tenant}", tenant), {
            "scope": _scope(asked), "prompt": "select_account", "response_mode": "query", **hint,
        }  # fmt: skip

    async def _exchanged(self, provider: Provider, code: str, kept: str) -> dict[str, Any]:
        application = self._application(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "code_verifier": self._derived("verifier", kept),
        }
        url = self._door.token_address(provider, application.tenant)
        try:
            async with self._door.reach.opened() as http:
                answer = await ask(http, "POST", url, data=form, takes=(400, 401, 403))
            said = answer.json()
        except (UnreachableError, TimeoutError) as error:
            raise ConsentUnreachableError(str(error)) from error
        except CalendarError as error:
            raise ConsentRefusedError(str(error)) from error
        if answer.status != 200:
            why = str(said.get("error", ""))[:80]
            late = why == "invalid_grant"
            raise ConsentAnswerError(why) if late else ConsentRefusedError(why)
        return said

    async def _taken(
        self, answer: Mapping[str, str], kept: str | None, user_id: str
    ) -> tuple[Asked, str]:
        """What was asked, once it is sure that they asked it here, in time, and only now."""
        asked, nonce = self._read(kept or "")
        kept = str(kept)
        state = self._derived("state", kept)
        if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
            raise ConsentAnswerError("the answer is to another question")
        if asked.user_id != user_id:
            raise ConsentAnswerError("somebody else asked")
        until = self._now() + timedelta(seconds=LIFE_S)
        if not await self._store.passkeys.take(f"consent {nonce}", at=self._now(), until=until):
            raise ConsentAnswerError("answered already")
        return asked, kept

    def _signed(self, parts: list[str]) -> str:
        body = json.dumps([int(self._now().timestamp()), *parts])
        return f"{_encoded(body.encode())}.{self._derived('kept', body)}"

    def _read(self, kept: str) -> tuple[Asked, str]:
        """What the browser kept. Raises `ConsentAnswerError` on another's, or an old one."""
        encoded, _, mark = kept.partition(".")
        try:
            body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        except ValueError as error:
            raise ConsentAnswerError("nothing was asked here") from error
        if not hmac.compare_digest(mark.encode(), self._derived("kept", body).encode()):
            raise ConsentAnswerError("nothing was asked here")
        at, provider, client_id, user_id, account_id, mailbox, nonce = json.loads(body)
        if self._now().timestamp() - at > LIFE_S:
            raise ConsentAnswerError("asked too long ago")
        asked = Asked(
            provider=provider,
            client_id=client_id,
            user_id=user_id,
            account_id=account_id,
            mailbox=mailbox,
        )
        return asked, nonce

    def _derived(self, purpose: str, about: str) -> str:
        """43 characters: a verifier's least (RFC 7636 section 4.1)."""
        mark = hmac.new(self._key, f"{purpose}/{about}".encode(), hashlib.sha256).digest()
        return _encoded(mark)


def _scope(asked: Asked) -> str:
    """What is asked for; what must be granted comes last."""
    if asked.mailbox:
        return google.MAIL_SCOPE if asked.provider == "google" else microsoft.MAIL_SCOPE
    return google.SCOPE if asked.provider == "google" else microsoft.REFRESH_SCOPE


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
