from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from copilot.delivery.backoff import Backoff
from tests.delivery.examples import NOON


@given(st.integers(1, 200), st.text(max_size=8))
def test_waits_grow_within_bounds_until_the_last_try(attempts: int, key: str) -> None:
    backoff = Backoff(first_s=30, longest_s=3600, tries=30)
    at = backoff.next_try(attempts=attempts, key=key, at=NOON)
    if attempts >= 30:
        assert at is None
        return
    assert at is not None
    least = min(30 * 2 ** (attempts - 1), 3600)
    assert timedelta(seconds=least) <= at - NOON <= timedelta(seconds=least * 1.1)
    assert at == backoff.next_try(attempts=attempts, key=key, at=NOON)


def test_letters_that_failed_together_do_not_come_back_together() -> None:
    moments = {Backoff().next_try(attempts=5, key=str(key), at=NOON) for key in range(100)}
    assert len(moments) > 50


def test_the_default_keeps_trying_for_about_a_day() -> None:
    at = NOON
    for attempts in range(1, 100):
        later = Backoff().next_try(attempts=attempts, key="k", at=at)
        if later is None:
            break
        at = later
    assert timedelta(hours=20) < at - NOON < timedelta(hours=28)
