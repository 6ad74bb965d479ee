"""Several processes over one database and a real Redis: whose calls are whose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from copilot.bus import InProcessBus
from copilot.events import CallEnded
from copilot.heldcalls import HeldCalls
from tests.end_to_end.scenes import answered, ringing
from tests.servers import RedisServer, redis_server
from tests.web.running import OPERATOR, Running, running

pytestmark = pytest.mark.peer

PATIENCE_S = 2.0


def process(service: Running, redis: RedisServer, ids: set[str], closed: list[str]) -> HeldCalls:
    """One of them, that has these calls."""

    async def ended() -> None:
        closed.append("recordings")

    return HeldCalls(
        redis.url, held=lambda: ids, store=service.house.store, bus=service.house.bus,
        now=service.house.journal.now, ended=ended, every_s=0.05, believed_s=2.0,
        patience_s=PATIENCE_S,
    )  # fmt: skip


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is told to nobody
            await asyncio.sleep(0.05)


async def test_a_call_that_no_process_has_any_more_is_over_for_everybody(tmp_path: Path) -> None:
    closed: list[str] = []
    async with running(tmp_path) as service:
        assert isinstance(service.house.bus, InProcessBus)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me, "of-the-other")
        await scene.talk()
        await ringing(service, "of-this-one")
        board = service.house.board
        await until(lambda: len(board.calls()) == 2)
        with redis_server() as redis:
            mine = process(service, redis, {"of-this-one"}, closed)
            async with mine.running():
                async with process(service, redis, {"of-the-other"}, closed).running():
                    await asyncio.sleep(3 * PATIENCE_S)
                    assert len(board.calls()) == 2, "each has its own"
                async with service.house.bus.subscribe("of-the-other") as events:
                    # The other process is gone without a word.
                    async with asyncio.timeout(20):
                        ended = await anext(aiter(events))
                assert isinstance(ended, CallEnded)
                assert (ended.ended_by, ended.reason) == ("system", "restarted")
                await until(lambda: [call.id for call in board.calls()] == ["of-this-one"])
                await until(lambda: closed)
                call = await service.house.store.provider.call("of-the-other")
                assert call.state == "ended"
                await asyncio.sleep(2 * PATIENCE_S)
                assert [call.id for call in board.calls()] == ["of-this-one"]


async def test_while_redis_is_away_nobodys_call_is_ended(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        await ringing(service, "unknown")
        with redis_server() as redis:
            async with process(service, redis, set(), []).running():
                await asyncio.sleep(PATIENCE_S / 3)
                redis.stop(kill=True)
                await asyncio.sleep(3 * PATIENCE_S)
                assert (await service.house.store.provider.call("unknown")).state == "ringing"
                redis.start()
                await until(lambda: not service.house.board.calls())


async def test_a_call_in_which_something_happens_is_somebodys(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me, "talking")
        with redis_server() as redis:
            async with process(service, redis, set(), []).running():
                for _ in range(12):
                    scene.say("caller", "une fuite sous l'évier")
                    await asyncio.sleep(PATIENCE_S / 4)
                assert (await service.house.store.provider.call("talking")).state == "live"
                await until(lambda: not service.house.board.calls())
