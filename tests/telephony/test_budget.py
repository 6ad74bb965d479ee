"""Budgets of messages by source: the arithmetic on a clock of the test's own, for any traffic."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.budget import MAX_VOUCHED, MessageBudget, MessageLimits, Rate
from telephony.sip.message import Address

LIMITS = MessageLimits(
    known=Rate(per_s=10, burst=20),
    known_peaks=Rate(per_s=20, burst=30),
    known_new=Rate(per_s=4, burst=8),
    stranger=Rate(per_s=2, burst=5),
    strangers=Rate(per_s=6, burst=12),
    sources=16,
)
TRUNK: Address = ("192.0.2.1", 5060)

sources = st.builds(
    lambda inside, host, port: (f"192.0.2.{host}" if inside else f"198.51.100.{host}", port),
    st.booleans(), st.integers(2, 40), st.integers(5060, 5070),
)  # fmt: skip
traffic = st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.02, 0.3]), sources), max_size=300)


def budget(limits: MessageLimits = LIMITS) -> MessageBudget:
    return MessageBudget(limits, may_call=lambda host: host.startswith("192.0.2."), now_s=0)


def most(rate: Rate, seconds: float) -> float:
    return rate.burst + rate.per_s * seconds + 1e-6


@given(traffic)
def test_nothing_goes_beyond_its_budget(arrivals: list[tuple[float, Address]]) -> None:
    line, now_s = budget(), 0.0
    by_source: dict[Address, int] = {}
    for delay_s, source in arrivals:
        now_s += delay_s
        if line.take(source, now_s):
            by_source[source] = by_source.get(source, 0) + 1
        assert len(line) <= 2 * LIMITS.sources
    outside = {key: count for key, count in by_source.items() if not line.knows(key[0])}
    assert sum(outside.values()) <= most(LIMITS.strangers, now_s)
    inside = by_source.keys() - outside.keys()
    beyond = 0.0
    for source in inside:
        beyond += max(0.0, by_source[source] - most(LIMITS.known, now_s))
    if len(inside) <= LIMITS.sources:  # none was forgotten and came as new
        assert beyond <= most(LIMITS.known_peaks, now_s)


@given(traffic)
def test_a_trunk_within_its_own_budget_is_always_heard(
    arrivals: list[tuple[float, Address]],
) -> None:
    line, now_s, next_s = budget(), 0.0, 0.0
    assert line.take(TRUNK, now_s)
    for delay_s, source in arrivals:
        now_s += delay_s
        while next_s <= now_s:  # as much as it may, for ever
            next_s += 1 / LIMITS.known.per_s
            assert line.take(TRUNK, now_s)
        line.take(source, now_s)


def test_a_thousand_a_second_from_one_port_leave_the_others_theirs() -> None:
    line, read = budget(MessageLimits()), 0
    flooder: Address = ("192.0.2.9", 40000)
    for millisecond in range(60_000):
        now_s = millisecond / 1000
        read += line.take(flooder, now_s)
        if millisecond % 50 == 0:
            assert line.take(TRUNK, now_s)
        if millisecond % 1000 == 0:
            assert line.take(("192.0.2.77", 10_000 + millisecond // 1000), now_s)
    limits = MessageLimits()
    assert read <= most(limits.known, 60) + most(limits.known_peaks, 60)


def test_a_flood_that_changes_its_port_gains_nothing() -> None:
    line = budget()
    assert line.take(TRUNK, 0)
    read = sum(line.take(("192.0.2.9", port), 0) for port in range(1024, 9000))
    assert read <= LIMITS.known_new.burst
    assert line.take(TRUNK, 0)


def test_a_stranger_who_was_let_in_is_known() -> None:
    line = budget()
    stranger: Address = ("198.51.100.7", 5060)
    while line.take(stranger, 0):
        pass
    line.vouch(stranger[0])
    assert line.knows(stranger[0])
    assert all(line.take(stranger, 0) for _ in range(int(LIMITS.known.burst)))


def test_a_host_vouched_for_again_outlives_the_others() -> None:
    line = budget()
    line.vouch("198.51.100.7")
    for number in range(MAX_VOUCHED - 1):
        line.vouch(f"203.0.113.{number}")
    line.vouch("198.51.100.7")
    line.vouch("203.0.113.9999")
    assert line.knows("198.51.100.7") and not line.knows("203.0.113.0")


def test_a_clock_that_goes_back_gives_nothing() -> None:
    line = budget()
    stranger: Address = ("198.51.100.7", 5060)
    while line.take(stranger, 10):
        pass
    assert not line.take(stranger, 5)
    assert not line.take(stranger, 10.1)


def test_one_line_a_minute_tells_what_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    line = budget()
    with caplog.at_level(logging.WARNING):
        for second in range(125):
            for _ in range(10):
                line.drop(("198.51.100.7", 5060), second)
    assert line.dropped == 1250
    assert [record.args for record in caplog.records] == [
        ("198.51.100.7", 5060, 1), ("198.51.100.7", 5060, 601), ("198.51.100.7", 5060, 1201)
    ]  # fmt: skip
