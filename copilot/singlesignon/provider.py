"""What an identity provider publishes: its metadata (OpenID Connect Discovery 1.0) and its keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from copilot.singlesignon.errors import ProviderUnreachableError
from copilot.singlesignon.fetching import ask, is_safe

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

LIFE_S = 3600.0
"""How long what was published counts."""
PAUSE_S = 5.0
"""After a failure, how long nobody asks again: a slow provider is not waited for in a queue."""
MOST_KEYS = 64

Clock = Callable[[], float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What we use of a provider's metadata."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    """OpenID Connect RP-Initiated Logout 1.0."""
    takes_secret_in_form: bool
    """`client_secret_post`, and not `client_secret_basic`."""
    names_itself: bool
    """Its answers carry `iss` (RFC 9207)."""


def metadata_of(said: dict[str, Any], *, issuer: str) -> Metadata:
    """Read a provider's metadata. Raises ProviderUnreachableError when it is not `issuer`'s."""
    if said.get("issuer") != issuer:
        raise ProviderUnreachableError(f"the metadata at {issuer} are of {said.get('issuer')!r}")
    addresses: dict[str, str] = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = said.get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise ProviderUnreachableError(f"{name} is no HTTPS address: {address!r}")
        addresses[name] = address
    end = said.get("end_session_endpoint")
    # OpenID Connect Discovery 1.0, section 3: client_secret_basic where nothing is said.
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        **addresses,
        end_session_endpoint=end if isinstance(end, str) and is_safe(end) else None,
        takes_secret_in_form="client_secret_post" in methods
        and "client_secret_basic" not in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def keys_of(said: dict[str, Any]) -> KeySet:
    """The keys that verify signatures; secrets, and keys of kinds unknown here, are left out."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    given = said.get("keys")
    if not isinstance(given, list):
        raise ProviderUnreachableError("the provider publishes no keys")
    keys = []
    for each in given[:MOST_KEYS]:
        if not isinstance(each, dict) or each.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        if each.get("use", "sig") != "sig":
            continue
        try:
            keys.append(JWKRegistry.import_key(each))
        except (JoseError, ValueError, TypeError):
            # One key that cannot be read takes none of the others away (RFC 7517, section 5).
            continue
    return KeySet(keys)


class Provider:
    """One identity provider, asked again when what it published is old."""

    def __init__(self, issuer: str, *, clock: Clock = time.monotonic) -> None:
        self.issuer = issuer
        self._metadata = _Kept(self._ask_metadata, clock)
        self._keys = _Kept(self._ask_keys, clock)

    async def metadata(self) -> Metadata:
        """Raises ProviderUnreachableError."""
        return await self._metadata.get()

    async def keys(self, *, renewed: bool = False) -> KeySet:
        """Its signing keys; `renewed`: as it publishes them now. Raises
        ProviderUnreachableError."""
        return await self._keys.get(renewed=renewed)

    async def _ask_metadata(self) -> Metadata:
        from authlib.oidc.discovery import get_well_known_url

        status, said = await ask(get_well_known_url(self.issuer, external=True))
        if status != 200:
            raise ProviderUnreachableError(f"{self.issuer}: its metadata answer {status}")
        return metadata_of(said, issuer=self.issuer)

    async def _ask_keys(self) -> KeySet:
        where = (await self.metadata()).jwks_uri
        status, said = await ask(where)
        if status != 200:
            raise ProviderUnreachableError(f"{where} answers {status}")
        return keys_of(said)


class _Kept(Generic[T]):
    """One thing that was asked for; whoever needs it meanwhile waits for the same answer."""

    def __init__(self, wanted: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._ask = wanted
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._asked_at = 0.0
        self._failure: ProviderUnreachableError | None = None
        self._failed_at = 0.0

    async def get(self, *, renewed: bool = False) -> T:
        """Raises ProviderUnreachableError."""
        async with self._lock:
            now = self._clock()
            if self._value is not None and not renewed and now - self._asked_at < LIFE_S:
                return self._value
            if self._failure is not None and now - self._failed_at < PAUSE_S:
                raise ProviderUnreachableError(str(self._failure))
            try:
                value = await self._ask()
            except ProviderUnreachableError as error:
                self._failure, self._failed_at = error, self._clock()
                raise
            self._value, self._asked_at, self._failure = value, self._clock(), None
            return value
