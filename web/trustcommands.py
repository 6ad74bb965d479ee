"""Commands about accounts and the audit trail, run beside the service on its database."""

from __future__ import annotations

import asyncio
import re

from copilot.invitations import Invitations
from copilot.settings import Settings
from copilot.store.audit import Verification
from copilot.store.masterkeys import open_keys
from copilot.store.store import Store
from web.composition.places import database_url, key_file, public_url
from web.trust import welcome_address


class ExpectedBadlyError(ValueError):
    """`--expect` is not what an earlier verification printed."""

    code = "expected_badly"


def run_set_up_link(settings: Settings) -> str:
    """A fresh set-up link. Raises AlreadySetUpError."""

    async def issue() -> str:
        async with await _store(settings) as store:
            issued = await Invitations(store).set_up()
        return welcome_address(public_url(settings), issued.token)

    return asyncio.run(issue())


def run_audit_verify(settings: Settings, *, expect: str = "") -> Verification:
    """Follow the chain. Raises ExpectedBadlyError."""
    noted: tuple[int, str] | None = None
    if expect:
        parts = re.fullmatch(r"(\d+):([0-9a-f]{64})", expect)
        if parts is None:
            raise ExpectedBadlyError("--expect takes SEQ:DIGEST as an earlier verification printed")
        noted = (int(parts[1]), parts[2])

    async def verify() -> Verification:
        async with await _store(settings) as store:
            return await store.audit.verify(expect=noted)

    return asyncio.run(verify())


async def _store(settings: Settings) -> Store:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    url = database_url(settings)
    return Store(url, keyring=await open_keys(url, key_file(settings)))
