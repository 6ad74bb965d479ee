"""Access tokens of OAuth 2.0 (RFC 6749): fetched when needed, kept until shortly before they end.

refresh token        section 6; some providers hand out a new one each time, which is kept
client credentials   section 4.4: an application of the client's own tenant
service account      RFC 7523: a statement signed with its private key
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from copilot.agenda.calendar import ExpiredError, RefusedError, UnreachableError
from copilot.agenda.reaching import Answer, ask

if TYPE_CHECKING:
    import httpx

EARLY_S = 60.0
"""A token is not used in the last minute of its time."""

HEADER = {"alg": "RS256", "typ": "JWT"}

OVER = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", "access_denied"})
"""RFC 6749 section 5.2: what only a person can mend."""

Renewed = Callable[[str], Awaitable[None]]


class Grant(Protocol):
    """What a token is asked for with."""

    def form(self) -> dict[str, str]:
        """Of the request. Raises `RefusedError` on credentials that make no sense."""
        ...

    async def renewed(self, refresh_token: str) -> None:
        """The provider replaced it."""
        ...


@dataclass(kw_only=True)
class RefreshGrant:
    """Somebody's consent, as a refresh token of an application of the client's."""

    client_id: str
    client_secret: str
    refresh_token: str
    keep: Renewed
    """Makes a new refresh token durable."""
    scope: str = ""

    def form(self) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            **({"scope": self.scope} if self.scope else {}),
        }

    async def renewed(self, refresh_token: str) -> None:
        if refresh_token != self.refresh_token:
            await self.keep(refresh_token)
            self.refresh_token = refresh_token


@dataclass(frozen=True, kw_only=True)
class ClientGrant:
    """An application of the client's own tenant."""

    client_id: str
    client_secret: str
    scope: str

    def form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }

    async def renewed(self, refresh_token: str) -> None:
        """This grant has none."""


@dataclass(frozen=True, kw_only=True)
class ServiceGrant:
    """A service account, by the JSON file of its key."""

    key: Mapping[str, Any]
    scope: str
    audience: str

    def form(self) -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": self.key.get("client_email", ""),
            "scope": self.scope,
            "aud": self.audience,
            "iat": now,
            "exp": now + 3600,
        }
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": signed(claims, str(self.key.get("private_key", ""))),
        }

    async def renewed(self, refresh_token: str) -> None:
        """This grant has none."""


def signed(claims: Mapping[str, Any], private_key: str) -> str:
    """A JSON web token, RS256 (RFC 7519, 7518 section 3.3). Raises `RefusedError`."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise RefusedError("the service account's key cannot be read") from error
    if not isinstance(key, RSAPrivateKey):
        raise RefusedError("the service account's key is no RSA key")
    parts = [_encoded(json.dumps(part).encode()) for part in (HEADER, claims)]
    signature = key.sign(".".join(parts).encode(), PKCS1v15(), SHA256())
    return ".".join((*parts, _encoded(signature)))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(kw_only=True)
class KeptToken:
    """An account's access token, from one use of the account to the next."""

    token: str = field(default="", repr=False)
    until: float = 0.0
    """By the monotonic clock."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Asked for once however many wait for it."""


class Tokens:
    """Where one account's access token comes from."""

    def __init__(self, http: httpx.AsyncClient, url: str, grant: Grant, kept: KeptToken) -> None:
        self._http = http
        self._url = url
        self._grant = grant
        self._kept = kept

    async def bearer(self, *, other_than: str = "") -> str:
        """A token to use now. `other_than`: one that was just refused. Raises `CalendarError`."""
        kept = self._kept
        async with kept.turn:
            if not kept.token or kept.token == other_than or time.monotonic() >= kept.until:
                await self._fetch()
            return kept.token

    async def _fetch(self) -> None:
        answer = await ask(
            self._http, "POST", self._url, data=self._grant.form(), takes=(400, 401, 403)
        )
        said = answer.json()
        if answer.status != 200:
            raise _refused(answer, str(said.get("error", "")))
        token = said.get("access_token")
        if not isinstance(token, str) or not token:
            raise UnreachableError("an answer without a token")
        if refresh := said.get("refresh_token"):
            await self._grant.renewed(str(refresh))
        self._kept.token = token
        try:
            lasts_s = float(said.get("expires_in", 3600))
        except (TypeError, ValueError):
            lasts_s = 3600.0
        self._kept.until = time.monotonic() + max(lasts_s - EARLY_S, 0.0)


def _refused(answer: Answer, error: str) -> ExpiredError | RefusedError:
    if error in OVER or answer.status == 401:
        return ExpiredError(error or f"HTTP {answer.status}")
    return RefusedError(error or f"HTTP {answer.status}")


class Authorised:
    """Requests with the account's token; a refused one is replaced once."""

    def __init__(self, http: httpx.AsyncClient, tokens: Tokens) -> None:
        self._http = http
        self._tokens = tokens

    async def ask(
        self,
        method: str,
        url: str,
        *,
        takes: tuple[int, ...] = (),
        headers: dict[str, str] | None = None,
        **given: Any,
    ) -> Answer:
        """Raises `CalendarError`; `ExpiredError` when a fresh token is refused too."""
        token = await self._tokens.bearer()
        for last in (False, True):
            answer = await ask(
                self._http,
                method,
                url,
                takes=takes if last else (*takes, 401),
                headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                **given,
            )
            if answer.status != 401 or last:
                return answer
            token = await self._tokens.bearer(other_than=token)
        raise AssertionError("the second answer is given back")
