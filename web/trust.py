"""What lets people in: one-time links, second factors, letters about accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from copilot.apitokens import ApiTokens
from copilot.delivery.accountletter import AccountLetters
from copilot.invitations import Invitations
from copilot.panelsessions import PanelSessions
from copilot.passkeys import Passkeys
from copilot.privacy.register import Installation
from copilot.secondfactor import SecondFactors
from copilot.singlesignon.signon import Registration, SingleSignOn
from copilot.store.records.accounts import Role
from copilot.store.tombstones import TombstoneFile
from web.resets import Resets

if TYPE_CHECKING:
    from copilot.keyfile import Keyring
    from copilot.store.store import Store


class UnknownRoleError(ValueError):
    """A setting names a role that does not exist."""

    code = "unknown_role"


@dataclass(frozen=True, kw_only=True)
class Trust:
    """The parts that accounts need beside `Accounts`."""

    invitations: Invitations
    second_factors: SecondFactors
    passkeys: Passkeys
    sign_on: SingleSignOn | None
    """None without an identity provider."""
    second_factor_roles: frozenset[Role]
    """Roles that must have a second factor."""
    letters: AccountLetters | None
    """None without a mail server: links are copied by hand."""
    resets: Resets
    tokens: ApiTokens
    panels: PanelSessions
    erasures: TombstoneFile
    """What a restored backup must forget again."""
    installation: Installation
    """What papers about personal data say of it."""
    public_url: str
    """Where browsers find the service, without a slash at the end."""
    set_up_link: str | None
    """Makes the first administrator; to be printed at start, while there is none."""

    def address(self, token: str) -> str:
        """The link of a token: after the `#`, which browsers send to nobody."""
        return welcome_address(self.public_url, token)


def welcome_address(public_url: str, token: str) -> str:
    """The page that takes a one-time link."""
    return f"{public_url}/welcome#{token}"


def roles_of(setting: str) -> frozenset[Role]:
    """Roles separated by commas. Raises UnknownRoleError."""
    known: tuple[Role, ...] = get_args(Role)
    wanted = {part.strip() for part in setting.split(",") if part.strip()}
    if unknown := wanted - set(known):
        raise UnknownRoleError(
            f"SOUFFLEUR_SECOND_FACTOR_ROLES: {', '.join(sorted(unknown))}: "
            f"the roles are {', '.join(known)}"
        )
    return frozenset(role for role in known if role in wanted)


@asynccontextmanager
async def open_trust(
    store: Store,
    keyring: Keyring,
    *,
    letters: AccountLetters | None,
    public_url: str,
    secret: str,
    registration: Registration | None,
    second_factor_roles: frozenset[Role],
    erasures: TombstoneFile,
    installation: Installation,
    set_up: bool,
) -> AsyncIterator[Trust]:
    """`secret` signs challenges; `registration`: of single sign-on; `set_up`: issue a set-up link
    when nobody can administer yet."""
    invitations = Invitations(store)
    link: str | None = None
    await erasures.sync(store)
    if set_up:
        await invitations.forget_old_links()
        if await invitations.needs_set_up():
            link = welcome_address(public_url, (await invitations.set_up()).token)
    resets = Resets(
        people=store.people, invitations=invitations, letters=letters, public_url=public_url
    )
    tokens = ApiTokens(store)
    try:
        yield Trust(
            invitations=invitations,
            second_factors=SecondFactors(store.people, keyring),
            passkeys=Passkeys(store.passkeys, store.people, secret=secret),
            sign_on=SingleSignOn(registration, store, secret=secret) if registration else None,
            second_factor_roles=second_factor_roles,
            letters=letters,
            resets=resets,
            tokens=tokens,
            panels=PanelSessions(store, tokens),
            erasures=erasures,
            installation=installation,
            public_url=public_url,
            set_up_link=link,
        )
    finally:
        await resets.close()
