"""An operator's presence through a day of calls, pauses and wrap-ups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from copilot.waiting.presence import Presence, after_call, said, shown

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IN = Presence(user_id="u", state="available", since=NOW)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_wrap_up_follows_a_call_and_ends_by_itself() -> None:
    wrapping = after_call(IN, NOW, wrap_up_s=30)
    assert wrapping.at(later(29)).state == "wrap_up"
    free = wrapping.at(later(30))
    assert (free.state, free.since) == ("available", later(30))


def test_a_pause_asked_for_during_a_call_follows_it() -> None:
    pausing = said(IN, "pause", NOW)
    assert after_call(pausing, later(60), wrap_up_s=30) == pausing


def test_ready_before_the_wrap_up_is_over() -> None:
    wrapping = after_call(IN, NOW, wrap_up_s=30)
    assert said(wrapping, "available", later(5)).since == later(5)


def test_without_wrap_up_a_call_makes_one_the_last_in_the_line() -> None:
    assert after_call(IN, later(90), wrap_up_s=0).since == later(90)


def test_saying_the_same_again_does_not_cost_ones_place() -> None:
    assert said(IN, "available", later(50)) == IN


def test_what_colleagues_see() -> None:
    assert shown(IN, in_call=True, at_desk=False) == "in_call"
    assert shown(IN, in_call=False, at_desk=False) == "away"
    assert shown(said(IN, "pause", NOW), in_call=False, at_desk=True) == "pause"


class Day(RuleBasedStateMachine):
    """Whatever happens in whatever order, the state says what was last asked or due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.presence = IN
        self.paused = False

    @rule(seconds=st.integers(0, 120))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(state=st.sampled_from(["available", "pause", "wrap_up"]))
    def chooses(self, state: str) -> None:
        self.presence = said(self.presence, state, self.now)  # type: ignore[arg-type]
        self.paused = state == "pause"

    @rule(wrap_up_s=st.integers(0, 90))
    def call_ends(self, wrap_up_s: int) -> None:
        self.presence = after_call(self.presence, self.now, wrap_up_s=wrap_up_s)

    @invariant()
    def a_pause_lasts_until_it_is_ended(self) -> None:
        assert (self.presence.at(self.now).state == "pause") == self.paused

    @invariant()
    def nothing_is_dated_from_the_future(self) -> None:
        assert self.presence.at(self.now).since <= self.now


TestDay = Day.TestCase
