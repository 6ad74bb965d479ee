"""Putting the demonstration into a store. Only ever called in demonstration mode."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from copilot.accounts import Accounts
from copilot.demo.clients import CLIENTS, DELORME, DemoClient
from copilot.store.difference import Incoming
from copilot.store.records.accounts import Role
from copilot.store.records.clients import Client
from copilot.store.records.versions import Author
from copilot.store.store import Store

FOLDER = Path(__file__).parent

USERS: tuple[tuple[str, str, Role, str | None], ...] = (
    ("administration@souffleur.example.fr", "Léa Montreuil", "administrator", None),
    ("operatrice@souffleur.example.fr", "Inès Carpentier", "operator", None),
    ("superviseur@souffleur.example.fr", "Marc Aubertin", "supervisor", None),
    ("client@plomberie-delorme.example.fr", "Maud Delorme", "client", DELORME.client.id),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody who can sign in."""

    email: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLineNumber:
    """A number that can be called."""

    number: str
    """E.164."""
    client_id: str
    client_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccounts:
    """What to print at start."""

    administrator: DemoAccount
    operator: DemoAccount
    supervisor: DemoAccount
    client: DemoAccount
    lines: tuple[DemoLineNumber, ...]
    """DIDs, the main client's first."""

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        return self.operator, self.supervisor, self.client, self.administrator


async def seed_demo(store: Store, *, password: str | None = None) -> DemoAccounts:
    """Create the demonstration's clients and accounts where they are missing.

    Idempotent: clients that exist are left as people changed them. The accounts share one
    password, `password` or a new random one; it is set at every start, so that the one printed
    works and an old one does not.
    """
    now = datetime.now(UTC)
    present = {client.id for client in await store.provider.clients()}
    for demo in CLIENTS:
        if demo.client.id not in present:
            await _add_client(store, demo, now)
    shared = password or readable_password()
    accounts = [
        await _account(store, email, name, role, client_id, shared)
        for email, name, role, client_id in USERS
    ]
    administrator, operator, supervisor, client = accounts
    return DemoAccounts(
        administrator=administrator,
        operator=operator,
        supervisor=supervisor,
        client=client,
        lines=demo_lines(),
    )


async def retire_demo(store: Store) -> int:
    """Disable the demonstration's accounts where they are: their password was on a screen."""
    retired = 0
    for email, *_ in USERS:
        known = await store.people.by_email(email)
        if known is not None and not known.user.disabled:
            await store.people.set_disabled(known.user.id, True)
            retired += 1
    return retired


def demo_lines() -> tuple[DemoLineNumber, ...]:
    """The numbers to call, the main client's first."""
    return tuple(
        DemoLineNumber(number=number.number, client_id=demo.client.id, client_name=demo.client.name)
        for demo in CLIENTS
        for number in demo.numbers
        if number.kind == "did"
    )


def readable_password() -> str:
    """Random, easy to type: four groups of four letters and digits that look unlike each other."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def faq_path(client: Client) -> Path:
    """The CSV file of a demonstration client's FAQ, as a portal upload would be."""
    return FOLDER / next(demo.faq for demo in CLIENTS if demo.client.id == client.id)


async def _add_client(store: Store, demo: DemoClient, at: datetime) -> None:
    from knowledge.importing import import_faq

    imported = await asyncio.to_thread(import_faq, faq_path(demo.client))
    scope = store.for_client(demo.client.id)
    await store.provider.save_client(demo.client, at=at)
    for number in demo.numbers:
        await scope.add_number(number.number, number.kind)
    await scope.replace_contacts(demo.contacts)
    await scope.replace_consignes(demo.consignes, at=at)
    if demo.agenda is not None:
        await scope.save_agenda(demo.agenda, latest=0, at=at)
    incoming = Incoming(entries=imported.entries, given=imported.given)
    await scope.apply_import(incoming, label=demo.faq, author=Author(), at=at)


async def _account(
    store: Store, email: str, name: str, role: Role, client_id: str | None, password: str
) -> DemoAccount:
    accounts = Accounts(store.people)
    known = await store.people.by_email(email)
    if known is None:
        await accounts.create_user(
            email=email, name=name, role=role, password=password, client_id=client_id
        )
    else:
        await store.people.set_disabled(known.user.id, False)
        await accounts.change_password(known.user.id, password)
    return DemoAccount(email=email, name=name, role=role, password=password)
