"""Mailboxes at Google and Microsoft, read by somebody's consent (XOAUTH2) instead of a password.

consent ──> refresh token, sealed ──> access token, an hour ──> AUTHENTICATE XOAUTH2

Google's XOAUTH2 mechanism, as both publish it; the application is the house's (ADR 0236, 0253).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from copilot.agenda import microsoft
from copilot.agenda.accounts import CONSENTED, Application, Providers
from copilot.agenda.calendar import CalendarError, ExpiredError, RefusedError
from copilot.agenda.reaching import Reach
from copilot.agenda.tokens import KeptToken, RefreshGrant, Tokens
from copilot.inquiries.imap import MailboxAwayError, MailboxConsentError
from copilot.store.records.agenda import Provider
from copilot.store.records.mailboxes import Mailbox

PLACES: Mapping[Provider, tuple[str, int, str]] = {
    "google": ("imap.gmail.com", 993, "tls"),
    "microsoft": ("outlook.office365.com", 993, "tls"),
}
"""Where their mailboxes are: server, port, security."""

MOST_TOKENS = 500


def consented_access(provider: Provider, address: str, refresh_token: str) -> dict[str, str]:
    """The access that is kept of a mailbox that its owner consented to."""
    host, port, security = PLACES[provider]
    return {
        "by": CONSENTED, "provider": provider, "refresh_token": refresh_token,
        "host": host, "port": str(port), "security": security, "user": address, "folder": "INBOX",
    }  # fmt: skip


def provider_of(mailbox: Mailbox) -> Provider | None:
    """Whose consent it is read by; null: by a password."""
    for provider in PLACES:
        if mailbox.access.get("by") == CONSENTED and mailbox.access.get("provider") == provider:
            return provider
    return None


@dataclass(frozen=True, kw_only=True)
class MailboxTokens:
    """Access tokens for mailboxes, from one reading to the next."""

    reach: Reach
    keep: Callable[[Mailbox, str], Awaitable[None]]
    """Makes a refresh token durable that the provider put in the place of another."""
    providers: Providers = field(default_factory=Providers)
    applications: Mapping[Provider, Application] = field(default_factory=dict)
    tokens: OrderedDict[tuple[str, str], KeptToken] = field(default_factory=OrderedDict, repr=False)
    """By mailbox and refresh token; the least used of `MOST_TOKENS` is dropped."""

    async def bearer(self, provider: Provider, mailbox: Mailbox, *, other_than: str = "") -> str:
        """A token to sign in with now. `other_than`: one that was just refused.

        Raises `MailboxConsentError` when only a new consent can mend it, `MailboxAwayError`.
        """
        application = self.applications.get(provider)
        if application is None:
            raise MailboxConsentError(f"the house has no application at {provider}")
        refresh_token = mailbox.access["refresh_token"]

        async def keep(renewed: str) -> None:
            await self.keep(mailbox, renewed)

        grant = RefreshGrant(
            client_id=application.client_id,
            client_secret=application.client_secret,
            refresh_token=refresh_token,
            keep=keep,
            scope=microsoft.MAIL_SCOPE if provider == "microsoft" else "",
        )
        url = (
            self.providers.google_tokens
            if provider == "google"
            else self.providers.microsoft_tokens.replace("{tenant}", application.tenant)
        )
        try:
            async with self.reach.opened() as http:
                tokens = Tokens(http, url, grant, self._kept(mailbox.id, refresh_token))
                return await tokens.bearer(other_than=other_than)
        except (ExpiredError, RefusedError) as error:
            raise MailboxConsentError(str(error)) from error
        except (CalendarError, TimeoutError) as error:
            raise MailboxAwayError(str(error)) from error

    def _kept(self, mailbox_id: str, refresh_token: str) -> KeptToken:
        place = (mailbox_id, refresh_token)
        kept = self.tokens.setdefault(place, KeptToken())
        self.tokens.move_to_end(place)
        if len(self.tokens) > MOST_TOKENS:
            self.tokens.popitem(last=False)
        return kept
