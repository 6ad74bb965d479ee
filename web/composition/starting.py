"""A built house begins to take calls; what it then does in the background is given an owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from copilot.privacy.retention import RetentionJob
from web.composition.backends import Backends
from web.house import House

logger = logging.getLogger(__name__)


async def start(
    house: House,
    stack: AsyncExitStack,
    backends: Backends,
    *,
    audit_days: int,
    on_warm: Callable[[], None],
) -> None:
    """Open the lines, then learn in the background, and tell when that is over. Raises what a
    line that cannot open raises."""
    await house.accounts.forget_old_sessions()
    others = house.held is not None
    if cut := await house.recordings.close_interrupted(others=others):
        logger.warning("%d recordings were cut off by the last stop", cut)
    if house.held is not None:
        await stack.enter_async_context(house.held.running())
    await stack.enter_async_context(
        RetentionJob(house.store, audit_days=audit_days, purged=house.recordings.sweep)
    )
    await stack.enter_async_context(house.alerts.following())
    if house.sip is not None:
        await house.sip.start()
        stack.push_async_callback(house.sip.stop)
    if house.audiosocket is not None:
        await house.audiosocket.start()
        stack.push_async_callback(house.audiosocket.stop)
    if house.turn_watch is not None:
        await stack.enter_async_context(house.turn_watch.running())
    stack.push_async_callback(house.streams.close)
    if house.demo is not None:
        stack.push_async_callback(house.demo.close)
    stack.push_async_callback(house.supervision.close)
    _warm(house, stack, backends, on_warm)


def _warm(
    house: House, stack: AsyncExitStack, backends: Backends, on_warm: Callable[[], None]
) -> None:
    """Index clients and learn in the background, then test the machine, alone."""

    async def warm() -> None:
        await house.shelf.warm()
        await asyncio.to_thread(backends.prepare_drafting)
        if backends.test_machine is not None:
            await backends.test_machine()
        on_warm()

    warming = asyncio.create_task(warm(), name="warm")

    async def stop() -> None:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)

    stack.push_async_callback(stop)
