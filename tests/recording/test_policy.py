"""Whether a call is recorded: pure, and never before its caller was told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.recording.errors import BadRecordingError
from copilot.recording.policy import (
    DAYS_CAP,
    RecordingPolicy,
    beginning,
    checked_policy,
    drawn,
    policy_values,
    read_policy,
)


def test_nothing_is_recorded_unless_the_client_says_so() -> None:
    assert beginning(RecordingPolicy(), "c1", announced=True) == "no"
    assert read_policy({}) == RecordingPolicy()


@pytest.mark.parametrize(
    ("policy", "announced", "expected"),
    [
        (RecordingPolicy(mode="all"), True, "at_once"),
        (RecordingPolicy(mode="all"), False, "not_announced"),
        (RecordingPolicy(mode="all", told="elsewhere"), False, "at_once"),
        (RecordingPolicy(mode="on_demand"), True, "on_demand"),
        (RecordingPolicy(mode="on_demand"), False, "not_announced"),
        (RecordingPolicy(mode="sampled", share=100), True, "at_once"),
        (RecordingPolicy(mode="off", told="elsewhere"), True, "no"),
    ],
)
def test_how_a_recording_begins(policy: RecordingPolicy, announced: bool, expected: str) -> None:
    assert beginning(policy, "c1", announced=announced) == expected


@pytest.mark.parametrize("share", [1, 10, 50])
def test_a_sample_is_its_share_and_the_same_everywhere(share: int) -> None:
    ids = [f"call-{number}" for number in range(20_000)]
    taken = [one for one in ids if drawn(one, share)]
    assert len(taken) / len(ids) == pytest.approx(share / 100, abs=0.01)
    assert taken == [one for one in ids if drawn(one, share)]


@pytest.mark.parametrize(
    "policy",
    [
        RecordingPolicy(mode="all", share=0),
        RecordingPolicy(mode="all", told="elsewhere", days=DAYS_CAP + 1),
        RecordingPolicy(mode="on_demand"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy: RecordingPolicy) -> None:
    with pytest.raises(BadRecordingError):
        checked_policy(policy, announces=False)


@given(
    st.builds(
        RecordingPolicy,
        mode=st.sampled_from(["off", "all", "sampled", "on_demand"]),
        share=st.integers(1, 100),
        told=st.sampled_from(["announcement", "elsewhere"]),
        days=st.integers(1, DAYS_CAP),
        portal=st.booleans(),
    )
)
def test_a_policy_is_read_as_it_was_written(policy: RecordingPolicy) -> None:
    assert read_policy(policy_values(policy)) == policy
