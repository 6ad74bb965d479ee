"""Work that is due goes on after whatever befell one look at it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from copilot.duework import DueWork
from copilot.store.errors import StoreError, UnavailableError


@pytest.mark.parametrize("error", [UnavailableError("away"), RuntimeError("nobody thought of it")])
async def test_an_error_ends_no_work_for_good(error: StoreError | RuntimeError) -> None:
    looks = 0
    again = asyncio.Event()

    async def begin_due() -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise error
        again.set()
        return 0

    async def next_due() -> datetime | None:
        return None

    async with DueWork(
        "test",
        begin_due=begin_due,
        next_due=next_due,
        now=lambda: datetime.now(UTC),
        at_once=1,
        longest_sleep_s=0.01,
    ):
        await asyncio.wait_for(again.wait(), 5)
