"""What every other part stands on: the store, accounts, the bus and the journal, who is present."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from copilot.accounts import Accounts
from copilot.board import LiveBoard
from copilot.bus import Bus, InProcessBus
from copilot.callrecord import CallRecord
from copilot.delivery.accountletter import AccountLetters
from copilot.delivery.smtp import EmailChannel
from copilot.demo.seed import DemoAccounts, retire_demo, seed_demo
from copilot.interrupted import end_interrupted
from copilot.journal import Journal
from copilot.keyfile import Keyring
from copilot.settings import Settings
from copilot.store.masterkeys import open_keys
from copilot.store.store import Store
from copilot.store.tombstones import TombstoneFile
from copilot.waiting.attendance import Attendance
from web.composition.places import (
    database_url,
    erasures_file,
    installation,
    key_file,
    public_url,
    signing_secret,
)
from web.composition.signon import registration
from web.delivering import open_email, sender
from web.trust import Trust, open_trust, roles_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Foundations:
    """Open parts; the stack they were entered on takes them down."""

    store: Store
    keyring: Keyring
    accounts_shown: DemoAccounts | None
    email: EmailChannel | None
    trust: Trust
    accounts: Accounts
    bus: Bus
    journal: Journal
    board: LiveBoard
    attendance: Attendance


async def open_foundations(
    settings: Settings, stack: AsyncExitStack, *, demonstration: bool, telephony: bool
) -> Foundations:
    """Enter them in order. Raises what `open_keys` and the store raise when they cannot open."""
    url = database_url(settings)
    keyring = await open_keys(url, key_file(settings))
    store = await stack.enter_async_context(Store(url, keyring=keyring))
    if telephony and await store.database.goes_past_row_security():
        logger.warning("the database account is a superuser: row security does not hold it")
    shown = await _demo_accounts(store, demonstration=demonstration, telephony=telephony)
    email = await open_email(settings, stack, demonstration=demonstration)
    trust = await stack.enter_async_context(
        open_trust(
            store,
            keyring,
            letters=AccountLetters(email, sender(settings)) if email else None,
            public_url=public_url(settings),
            secret=signing_secret(settings),
            registration=registration(settings),
            second_factor_roles=roles_of(settings.second_factor_roles),
            erasures=TombstoneFile(erasures_file(settings)),
            installation=installation(settings),
            set_up=telephony and not demonstration,
        )
    )
    if telephony and not settings.redis_url:
        await _end_interrupted(store)
    bus = await stack.enter_async_context(_bus(settings))
    journal = await stack.enter_async_context(Journal(bus=bus, log=CallRecord(store)).running())
    board = await stack.enter_async_context(LiveBoard(store=store, bus=bus).following())
    attendance = await stack.enter_async_context(
        Attendance(
            store=store,
            bus=bus,
            now=journal.now,
            wrap_up_s=settings.wrap_up_s,
            changed=board.touch,
        ).following()
    )
    return Foundations(
        store=store,
        keyring=keyring,
        accounts_shown=shown,
        email=email,
        trust=trust,
        accounts=Accounts(
            store.people,
            second_factors=trust.second_factors,
            session_idle=timedelta(minutes=settings.session_idle_min),
        ),
        bus=bus,
        journal=journal,
        board=board,
        attendance=attendance,
    )


async def _demo_accounts(
    store: Store, *, demonstration: bool, telephony: bool
) -> DemoAccounts | None:
    if demonstration:
        return await seed_demo(store)
    if telephony and (retired := await retire_demo(store)):
        logger.warning("%d accounts of the demonstration were disabled", retired)
    return None


async def _end_interrupted(store: Store) -> None:
    """Before anything follows calls: what is taken for live here would stay so. Other processes'
    calls are looked after by `copilot.heldcalls`."""
    if interrupted := await end_interrupted(store, reason="restarted"):
        logger.warning("%d calls were cut off by the last stop", interrupted)


@asynccontextmanager
async def _bus(settings: Settings) -> AsyncIterator[Bus]:
    if settings.redis_url:
        from copilot.redis_bus import RedisBus

        async with RedisBus(settings.redis_url) as shared:
            yield shared
    else:
        async with InProcessBus() as alone:
            yield alone
