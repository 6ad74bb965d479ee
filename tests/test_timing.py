"""When messages leave: paces, quiet hours, clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.timing import (
    BadPolicyError,
    DeliveryPolicy,
    Pace,
    checked_policy,
    clock,
    content_of,
    departure,
    read_policy,
    within,
)

PARIS = ZoneInfo("Europe/Paris")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
CLOCKS = st.times().map(lambda value: f"{value.hour:02d}:{value.minute:02d}")
PACES: st.SearchStrategy[Pace] = st.sampled_from(("now", "hourly", "daily"))
URGENCIES = st.sampled_from(["normal", "urgent", "critique"])


@st.composite
def policies(draw: st.DrawFn) -> DeliveryPolicy:
    start, end = draw(CLOCKS), draw(CLOCKS)
    quiet = start != end and draw(st.booleans())
    return checked_policy(
        DeliveryPolicy(
            normal=draw(PACES),
            urgent=draw(PACES),
            digest_at=draw(CLOCKS),
            quiet_from=start if quiet else None,
            quiet_until=end if quiet else None,
            quiet_urgent=draw(st.booleans()),
        )
    )


@given(policies(), URGENCIES, MOMENTS)
def test_nothing_leaves_early_late_or_in_quiet_hours_it_keeps(
    policy: DeliveryPolicy, urgency: str, at: datetime
) -> None:
    leaves = departure(policy, urgency, at, PARIS)
    assert at <= leaves.at <= at + timedelta(days=3)
    assert leaves == departure(policy, urgency, at, PARIS)
    waits = urgency == "normal" or (urgency == "urgent" and policy.quiet_urgent)
    local = leaves.at.astimezone(PARIS)
    if policy.quiet_from and policy.quiet_until and waits and local.hour not in (2, 3):
        assert not within(clock(policy.quiet_from), clock(policy.quiet_until), local.time())
    if urgency == "critique":
        assert (leaves.at, leaves.pace) == (at, "now")


@given(MOMENTS)
def test_messages_of_one_hour_leave_together(at: datetime) -> None:
    policy = DeliveryPolicy(normal="hourly")
    first, second = (
        departure(policy, "normal", at.replace(minute=minute), PARIS).at for minute in (0, 59)
    )
    assert first == second > at.replace(minute=59, second=59, microsecond=0)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-17T12:00", "2026-03-17T17:00"),  # winter: 18:00 in Paris is 17:00 UTC
        ("2026-03-17T17:00", "2026-03-18T17:00"),  # the moment itself: the next day
        ("2026-03-28T17:30", "2026-03-29T16:00"),  # the clocks change in the night
    ],
)
def test_the_daily_digest_leaves_when_clocks_show_it(at: str, expected: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    leaves = departure(DeliveryPolicy(normal="daily"), "normal", moment, PARIS)
    assert leaves.at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_quiet_hours_hold_what_is_normal_and_let_urgencies_through() -> None:
    policy = DeliveryPolicy(quiet_from="20:00", quiet_until="08:00")
    night = datetime(2026, 3, 17, 21, 30, tzinfo=UTC)
    morning = datetime(2026, 3, 18, 7, 0, tzinfo=UTC)
    assert departure(policy, "normal", night, PARIS).at == morning
    assert departure(policy, "urgent", night, PARIS).at == night


@given(st.times(), st.times(), st.times())
def test_a_stretch_of_the_day_and_its_rest_share_no_moment(a: time, b: time, now: time) -> None:
    if a != b:
        assert within(a, b, now) != within(b, a, now)


@pytest.mark.parametrize(
    ("sector", "content"),
    [("plomberie", "full"), ("Cabinet médical", "link"), ("étude notariale / notaire", "link"),
     ("dentiste", "link"), ("avocats", "link"), ("syndic", "full")],
)  # fmt: skip
def test_health_and_law_send_links_unless_told_otherwise(sector: str, content: str) -> None:
    assert content_of(DeliveryPolicy(), sector) == content
    assert content_of(DeliveryPolicy(content="full"), sector) == "full"


@pytest.mark.parametrize(
    "policy",
    [
        DeliveryPolicy(digest_at="25:00"), DeliveryPolicy(quiet_from="20:00"),
        DeliveryPolicy(quiet_from="20:00", quiet_until="20:00"), DeliveryPolicy(link_days=0),
        DeliveryPolicy(normal="weekly"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_followed_is_refused(policy: DeliveryPolicy) -> None:
    with pytest.raises(BadPolicyError):
        checked_policy(policy)


def test_a_policy_of_a_later_version_is_read() -> None:
    assert read_policy({"normal": "daily", "moon": "full"}) == DeliveryPolicy(normal="daily")


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_the_same_night() -> None:
    quiet = DeliveryPolicy(quiet_from="22:00", quiet_until="02:30")
    again = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    leaves = departure(quiet, "normal", again, PARIS).at
    assert leaves == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    spring = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)  # 02:30 does not come
    assert departure(quiet, "normal", spring, PARIS).at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
