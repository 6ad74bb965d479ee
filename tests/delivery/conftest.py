"""A store with one client, a call, and an SMTP server to send to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from copilot.store import Store
from tests.databases import migrated
from tests.delivery.examples import CLIENT, NOON
from tests.keys import KEYS
from tests.servers import SmtpSink, smtp_sink


@pytest.fixture
async def url(tmp_path: Path) -> str:
    address = migrated(tmp_path)
    async with Store(address, keyring=KEYS) as store:
        await store.provider.save_client(CLIENT, at=NOON)
    return address


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store(url, keyring=KEYS) as store:
        yield store


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as server:
        yield server
