"""From a client's kept access to calendars that can be asked."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from copilot.agenda import google, microsoft
from copilot.agenda.caldav import CalDavAccount
from copilot.agenda.calendar import CalendarAccount, ExpiredError, RefusedError
from copilot.agenda.google import GoogleAccount
from copilot.agenda.microsoft import MicrosoftAccount
from copilot.agenda.reaching import Reach
from copilot.agenda.tokens import (
    Authorised,
    ClientGrant,
    Grant,
    KeptToken,
    RefreshGrant,
    ServiceGrant,
    Tokens,
)
from copilot.store.records.agenda import Provider, StoredAccount

Keep = Callable[[StoredAccount], Awaitable[None]]

SECRETS = frozenset({"password", "client_secret", "refresh_token", "service_key"})
"""Parts of an access that are never shown again."""

FIELDS: Mapping[Provider, tuple[str, ...]] = {
    "caldav": ("address", "user", "password"),
    "google": ("client_id", "client_secret", "refresh_token", "service_key"),
    "microsoft": ("tenant", "client_id", "client_secret", "refresh_token", "mailbox"),
}
MOST_CHARACTERS = 8000
MOST_TOKENS = 500
CONSENTED = "consent"
"""What an access says under `by` that came by consent: the application is the house's."""


class BadAccessError(ValueError):
    """An access that cannot work. `place`: which part of it."""

    code = "bad_access"

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How a provider knows the house."""

    client_id: str
    client_secret: str = field(repr=False)
    tenant: str = ""
    """Microsoft's: whose accounts may consent (`common`, `organizations`, a directory)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """Where the providers' services are; tests have their own."""

    google_api: str = google.API
    google_tokens: str = google.TOKENS
    google_consent: str = google.CONSENT
    google_revocation: str = google.REVOCATION
    microsoft_api: str = microsoft.API
    microsoft_tokens: str = microsoft.TOKENS
    microsoft_consent: str = microsoft.CONSENT


def checked_access(provider: Provider, access: Mapping[str, str]) -> dict[str, str]:
    """The parts a provider knows, without blanks around them. Raises `BadAccessError`."""
    kept = {name: access.get(name, "").strip() for name in FIELDS[provider]}
    if long := next((name for name, value in kept.items() if len(value) > MOST_CHARACTERS), None):
        raise BadAccessError(long, "too long")
    if provider == "caldav":
        _need(kept, "address", "user", "password")
        if not kept["address"].startswith(("https://", "http://")):
            raise BadAccessError("address", "begins with https://")
    elif provider == "google" and kept["service_key"]:
        _service_key(kept["service_key"])
    elif provider == "google":
        _need(kept, "client_id", "client_secret", "refresh_token")
    else:
        _need(kept, "tenant", "client_id", "client_secret")
        if not set(kept["tenant"]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789.-"):  # fmt: skip
            raise BadAccessError("tenant", "letters, digits, dots and hyphens")
        if not kept["refresh_token"]:
            _need(kept, "mailbox")
    return {name: value for name, value in kept.items() if value}


def _need(kept: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not kept[name]:
            raise BadAccessError(name, "missing")


def _service_key(text: str) -> dict[str, Any]:
    try:
        key = json.loads(text)
        complete = isinstance(key["client_email"], str) and isinstance(key["private_key"], str)
    except (ValueError, KeyError, TypeError) as error:
        raise BadAccessError("service_key", "the JSON file of a service account's key") from error
    if not complete:
        raise BadAccessError("service_key", "the JSON file of a service account's key")
    found: dict[str, Any] = key
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDoor:
    """Opens accounts."""

    reach: Reach
    keep: Keep
    """Makes an access durable whose provider replaced its token."""
    providers: Providers = Providers()
    applications: Mapping[Provider, Application] = field(default_factory=dict)
    """The house's own, for accesses that came by consent."""
    tokens: OrderedDict[tuple[str, str], KeptToken] = field(default_factory=OrderedDict, repr=False)
    """By client and account; the least used of `MOST_TOKENS` is dropped."""

    def forget(self, account: StoredAccount) -> None:
        """Its access was changed, or is to be tried from the beginning."""
        self.tokens.pop((account.client_id, account.id), None)

    def _kept(self, account: StoredAccount) -> KeptToken:
        place = (account.client_id, account.id)
        kept = self.tokens.setdefault(place, KeptToken())
        self.tokens.move_to_end(place)
        if len(self.tokens) > MOST_TOKENS:
            self.tokens.popitem(last=False)
        return kept

    @asynccontextmanager
    async def opened(
        self, account: StoredAccount, zone: ZoneInfo
    ) -> AsyncIterator[CalendarAccount]:
        """An account to ask; its connections go when the block is left.

        Raises `RefusedError` on an access that makes no sense, `ExpiredError` on one whose
        application the house no longer has.
        """
        made = self._made(account, zone)
        try:
            yield made
        finally:
            await made.close()

    def _made(self, account: StoredAccount, zone: ZoneInfo) -> CalendarAccount:
        access = account.access
        if account.provider == "caldav":
            return CalDavAccount(
                self.reach,
                address=access["address"],
                user=access["user"],
                password=access["password"],
                zone=zone,
            )
        http = self.reach.opened()
        if account.provider == "google":
            tokens = Tokens(
                http, self.providers.google_tokens, self._google(account), self._kept(account)
            )
            return GoogleAccount(
                Authorised(http, tokens), zone=zone, closing=http, api=self.providers.google_api
            )
        url = self.token_address("microsoft", self._tenant(account))
        return MicrosoftAccount(
            Authorised(http, Tokens(http, url, self._microsoft(account), self._kept(account))),
            mailbox=access.get("mailbox", ""),
            closing=http,
            api=self.providers.microsoft_api,
        )

    def token_address(self, provider: Provider, tenant: str) -> str:
        """Where a provider gives tokens out."""
        if provider == "google":
            return self.providers.google_tokens
        return self.providers.microsoft_tokens.replace("{tenant}", tenant)

    def _tenant(self, account: StoredAccount) -> str:
        consented = account.access.get("by") == CONSENTED
        return self._application(account).tenant if consented else account.access["tenant"]

    def _application(self, account: StoredAccount) -> Application:
        """Raises `ExpiredError` when the house has none any more: only a person can mend that."""
        found = self.applications.get(account.provider)
        if found is None:
            raise ExpiredError(f"no application at {account.provider}")
        return found

    def _google(self, account: StoredAccount) -> Grant:
        access = account.access
        if text := access.get("service_key"):
            try:
                key = _service_key(text)
            except BadAccessError as error:
                raise RefusedError(str(error)) from error
            return ServiceGrant(key=key, scope=google.SCOPE, audience=self.providers.google_tokens)
        return self._refresh(account, scope="")

    def _microsoft(self, account: StoredAccount) -> Grant:
        access = account.access
        if access.get("refresh_token"):
            return self._refresh(account, scope=microsoft.REFRESH_SCOPE)
        return ClientGrant(
            client_id=access["client_id"],
            client_secret=access["client_secret"],
            scope=microsoft.SCOPE,
        )

    def _refresh(self, account: StoredAccount, *, scope: str) -> RefreshGrant:
        async def keep(refresh_token: str) -> None:
            access = {**account.access, "refresh_token": refresh_token}
            await self.keep(replace(account, access=access))

        if account.access.get("by") == CONSENTED:
            application = self._application(account)
        else:
            application = Application(
                client_id=account.access["client_id"],
                client_secret=account.access["client_secret"],
            )
        return RefreshGrant(
            client_id=application.client_id,
            client_secret=application.client_secret,
            refresh_token=account.access["refresh_token"],
            keep=keep,
            scope=scope,
        )
