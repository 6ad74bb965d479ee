"""The database, mailbox and mail server of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.store import Store
from tests.databases import migrated
from tests.delivery.examples import CLIENT
from tests.inquiries.mailboxreading import Reading
from tests.inquiries.mailserver import MailServer, mail_server
from tests.keys import KEYS


@pytest.fixture
async def url(tmp_path: Path) -> str:
    address = migrated(tmp_path)
    async with Store(address, keyring=KEYS) as store:
        await store.provider.save_client(CLIENT, at=datetime.now(UTC))
    return address


@pytest.fixture
async def reading(url: str) -> AsyncIterator[Reading]:
    async with Store(url, keyring=KEYS) as store:
        yield Reading(store)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path / "mail") as server:
        yield server
