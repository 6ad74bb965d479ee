"""One contract for both buses; then what only the one between processes promises."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot import redis_bus
from copilot.bus import Bus, InProcessBus, Subscription
from copilot.events import Event, PartialHeard, Trouble, UtteranceHeard
from copilot.redis_bus import BusTrouble, RedisBus
from tests.servers import RedisServer, redis_server

AT = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)


def trouble(seq: int, call_id: str = "c1") -> Trouble:
    return Trouble(call_id=call_id, seq=seq, at=AT, part="audio", code="x", detail="y")


def partial(seq: int, utterance: str = "caller-1", call_id: str = "c1") -> PartialHeard:
    return PartialHeard(
        call_id=call_id, seq=seq, at=AT, leg="caller", utterance_id=utterance,
        settled="bon", provisional="jour", start_s=0.0, end_s=1.0,
    )  # fmt: skip


def final(seq: int, utterance: str = "caller-1", call_id: str = "c1") -> UtteranceHeard:
    return UtteranceHeard(
        call_id=call_id, seq=seq, at=AT, leg="caller", utterance_id=utterance, text="bonjour",
        heard="bonjour", start_s=0.0, end_s=1.0, language="fr", confidence=0.9,
    )  # fmt: skip


async def take(subscription: Subscription, count: int, *, limit_s: float = 10.0) -> list[Event]:
    async with asyncio.timeout(limit_s):
        return [await anext(subscription) for _ in range(count)]


async def rest(subscription: Subscription, *, limit_s: float = 10.0) -> list[Event]:
    async with asyncio.timeout(limit_s):
        return [event async for event in subscription]


async def until(true: Callable[[], bool], *, limit_s: float = 15.0) -> None:
    async with asyncio.timeout(limit_s):
        while not true():  # noqa: ASYNC110 - the far side has no event to wait for
            await asyncio.sleep(0.01)


@dataclass
class Wire:
    """Where tests publish and where they listen: the same bus, or two processes' buses."""

    near: Bus
    far: Bus


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["in-process", pytest.param("redis", marks=pytest.mark.peer)])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        if request.param == "in-process":
            bus = await stack.enter_async_context(InProcessBus())
            yield Wire(near=bus, far=bus)
        else:
            url = request.getfixturevalue("shared_redis").url
            stream = f"test:{request.node.name}"
            near = await stack.enter_async_context(RedisBus(url, stream=stream))
            far = await stack.enter_async_context(RedisBus(url, stream=stream))
            yield Wire(near=near, far=far)


async def test_events_arrive_whole_and_in_order(wire: Wire) -> None:
    said: list[Event] = [trouble(seq) for seq in range(1, 400)]
    async with wire.far.subscribe() as far, wire.near.subscribe() as near:
        for event in said:
            wire.near.publish(event)
        assert await take(far, len(said)) == said
        assert await take(near, len(said)) == said


async def test_a_subscription_may_follow_one_call(wire: Wire) -> None:
    async with wire.far.subscribe("c2") as far:
        for seq in range(1, 4):
            wire.near.publish(trouble(seq, "c1"))
            wire.near.publish(trouble(seq, "c2"))
        assert [event.call_id for event in await take(far, 3)] == ["c2"] * 3


async def test_of_the_partials_that_wait_only_the_newest_is_given(wire: Wire) -> None:
    async with wire.far.subscribe() as far:
        for seq in range(1, 50):
            wire.near.publish(partial(seq))
        wire.near.publish(trouble(50))
        events = [event async for event in _up_to(far, 50)]
        assert [event.seq for event in events if isinstance(event, PartialHeard)] in ([], [49])


async def test_a_final_takes_the_place_of_its_partials(wire: Wire) -> None:
    async with wire.far.subscribe() as far:
        wire.near.publish(partial(1))
        wire.near.publish(final(2))
        wire.near.publish(partial(3, "caller-2"))
        assert [event.seq for event in await take(far, 2)] == [2, 3]


async def test_a_subscription_may_do_without_partials(wire: Wire) -> None:
    async with wire.far.subscribe(partials=False) as far:
        wire.near.publish(partial(1))
        await asyncio.sleep(0)
        wire.near.publish(trouble(2))
        assert [event.seq for event in await take(far, 1)] == [2]


async def test_a_slow_reader_is_closed_and_nobody_waits_for_it(wire: Wire) -> None:
    async with wire.far.subscribe(capacity=10) as slow, wire.far.subscribe() as quick:
        began = time.perf_counter()
        for seq in range(1, 501):
            wire.near.publish(trouble(seq))
        assert time.perf_counter() - began < 0.5
        assert len(await take(quick, 500)) == 500
        assert await rest(slow) == []
        assert slow.close_reason == "slow"
        assert quick.close_reason is None


async def test_partials_alone_never_make_a_reader_slow(wire: Wire) -> None:
    async with wire.far.subscribe(capacity=1) as far:
        for seq in range(1, 200):
            wire.near.publish(partial(seq, call_id=f"c{seq % 7}"))
        wire.near.publish(trouble(200, "end"))
        assert (await take(far, 1))[0].call_id
        assert far.close_reason is None


async def test_what_was_published_before_subscribing_is_not_given(wire: Wire) -> None:
    async with wire.far.subscribe() as early:
        wire.near.publish(trouble(1))
        await take(early, 1)
    async with wire.far.subscribe() as late:
        wire.near.publish(trouble(2))
        assert [event.seq for event in await take(late, 1)] == [2]


async def test_a_closed_subscription_gives_what_is_pending_then_ends() -> None:
    async with InProcessBus() as bus, bus.subscribe() as reader:
        bus.publish(trouble(1))
        reader.close()
        reader.close("slow")
        bus.publish(trouble(2))
        assert [event.seq for event in await rest(reader)] == [1]
        assert reader.close_reason == "closed"


async def test_closing_the_bus_ends_its_subscriptions() -> None:
    bus = InProcessBus()
    async with bus:
        reading = asyncio.create_task(_read_until_closed(bus))
        await asyncio.sleep(0)
    assert await asyncio.wait_for(reading, 5) == "closed"
    async with bus.subscribe() as late:
        assert await rest(late) == []


MAKE: dict[str, Callable[[int, str], Event]] = {
    "p": lambda seq, call_id: partial(seq, call_id=call_id),
    "f": lambda seq, call_id: final(seq, call_id=call_id),
    "t": trouble,
}


@given(st.lists(st.tuples(st.sampled_from("pfto"), st.integers(1, 3)), max_size=60))
def test_a_reader_sees_seqs_grow_and_misses_nothing_but_partials(
    script: list[tuple[str, int]],
) -> None:
    """p: a partial, f: a final, t: another event, o: the reader takes one."""

    async def play() -> None:
        subscription = Subscription(capacity=1000)
        published: list[Event] = []
        read: list[Event] = []
        for seq, (step, call) in enumerate(script, 1):
            if step == "o":
                if subscription.pending:
                    read.append(await anext(subscription))
                continue

            published.append(MAKE[step](seq, f"c{call}"))
            subscription.offer(published[-1])
            assert subscription.pending <= len(published)
        subscription.close()
        read += [event async for event in subscription]
        assert [event.seq for event in read] == sorted(event.seq for event in read)
        kept = [event for event in published if not isinstance(event, PartialHeard)]
        assert [event for event in read if not isinstance(event, PartialHeard)] == kept

    asyncio.run(play())


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "RETRY_S", (0.02, 0.1))


@pytest.mark.peer
@pytest.mark.usefixtures("quick")
async def test_redis_dies_and_comes_back(redis: RedisServer) -> None:
    troubles: list[BusTrouble] = []
    async with RedisBus(redis.url, on_trouble=troubles.append) as near, RedisBus(redis.url) as far:
        async with far.subscribe() as before:
            near.publish(trouble(1))
            await take(before, 1)
            redis.stop(kill=True)
            await until(lambda: not near.healthy and not far.healthy)
            # The call's own process goes on as if nothing had happened.
            async with near.subscribe() as own:
                began = time.perf_counter()
                for seq in range(2, 300):
                    near.publish(trouble(seq))
                # To wait for a server that is away, were it 20 ms an event, would take longer.
                assert time.perf_counter() - began < 5
                assert len(await take(own, 298)) == 298
            redis.start()
            await until(lambda: near.healthy and far.healthy)
            await rest(before)
            assert before.close_reason == "lost"
        async with far.subscribe() as after:
            await asyncio.sleep(0.3)
            near.publish(trouble(300))
            events = [event async for event in _up_to(after, 300)]
            seqs = [event.seq for event in events]
            assert seqs == sorted(set(seqs))
    assert [(item.code, item.recovered) for item in troubles] == [
        ("redis_unreachable", False), ("redis_unreachable", True),
    ]  # fmt: skip


@pytest.mark.peer
@pytest.mark.usefixtures("quick")
async def test_a_connection_cut_for_a_moment_loses_and_doubles_nothing(redis: RedisServer) -> None:
    from redis.asyncio import Redis

    async with RedisBus(redis.url) as near, RedisBus(redis.url) as far, far.subscribe() as reader:
        async with Redis.from_url(redis.url) as surgeon:
            for seq in range(1, 301):
                near.publish(trouble(seq))
                if seq % 60 == 0:
                    await surgeon.client_kill_filter(_type="normal", skipme=True)
                await asyncio.sleep(0.001)
        assert [event.seq for event in await take(reader, 300)] == list(range(1, 301))
        assert reader.close_reason is None


@pytest.mark.peer
@pytest.mark.usefixtures("quick")
async def test_a_frozen_redis_never_blocks_a_publisher(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "ANSWER_S", 0.5)
    monkeypatch.setattr(redis_bus, "READ_BLOCK_MS", 200)
    monkeypatch.setattr(redis_bus, "BACKLOG", 100)
    async with RedisBus(redis.url) as near, RedisBus(redis.url) as far, far.subscribe() as reader:
        redis.freeze()
        began = time.perf_counter()
        for seq in range(1, 2001):
            near.publish(trouble(seq))
        assert time.perf_counter() - began < 1.0
        await until(lambda: not near.healthy)
        redis.thaw()
        # More than the backlog holds was published: the far side must be told of the gap.
        events = await rest(reader)
        assert reader.close_reason == "lost"
        assert len(events) < 2000


@pytest.mark.peer
@pytest.mark.usefixtures("quick")
async def test_a_bus_starts_without_redis_and_finds_it_later(redis: RedisServer) -> None:
    redis.stop()
    troubles: list[BusTrouble] = []
    async with RedisBus(redis.url, on_trouble=troubles.append) as near:
        async with near.subscribe() as own:
            near.publish(trouble(1))
            assert len(await take(own, 1)) == 1
        assert not near.healthy
        redis.start()
        await until(lambda: near.healthy)
        async with RedisBus(redis.url) as far, far.subscribe() as reader:
            near.publish(trouble(2))
            assert (await take(reader, 1))[0].seq == 2
    assert [item.recovered for item in troubles] == [False, True]


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme"):
        async with RedisBus("postgresql://here"):
            pass


async def test_the_password_stays_out_of_what_people_read() -> None:
    troubles: list[BusTrouble] = []
    async with RedisBus("redis://user:hush@127.0.0.1:1/0", on_trouble=troubles.append):
        pass
    assert "127.0.0.1:1" in troubles[0].detail and "hush" not in troubles[0].detail


async def _up_to(subscription: Subscription, seq: int) -> AsyncIterator[Event]:
    async with asyncio.timeout(10):
        async for event in subscription:
            yield event
            if event.seq == seq:
                return


async def _read_until_closed(bus: Bus) -> str | None:
    async with bus.subscribe() as reader:
        async for _ in reader:
            pass
        return reader.close_reason
