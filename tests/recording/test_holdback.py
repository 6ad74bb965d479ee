"""Sound that waits: every frame once, in order, none before it was judged."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.recording.holdback import MARGIN_S, ROLES, Holdback, Stretch, position
from telephony.leg import Frame, LegRole

SILENT = np.zeros(160, dtype=np.int16)


def frame(at: int) -> Frame:
    return Frame(start_s=at * 0.02, pcm=SILENT)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(ROLES), st.integers(1, 30)),
        st.tuples(st.just("skip"), st.sampled_from(ROLES), st.integers(1, 30)),
        st.tuples(st.just("settle"), st.sampled_from(ROLES), st.integers(0, 2000)),
        st.tuples(st.just("due"), st.sampled_from(ROLES), st.just(0)),
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(steps=STEPS, capacity_s=st.sampled_from([0.5, 90.0]))
def test_whatever_comes_each_frame_is_given_once_in_its_place(
    steps: list[tuple[str, LegRole, int]], capacity_s: float
) -> None:
    hold = Holdback(0, capacity_s=capacity_s)
    at = dict.fromkeys(ROLES, 0)
    put: dict[LegRole, list[int]] = {role: [] for role in ROLES}
    judged_s = dict.fromkeys(ROLES, -math.inf)
    given: dict[LegRole, list[int]] = {role: [] for role in ROLES}
    reached = 0

    def take(stretch: Stretch | None) -> None:
        nonlocal reached
        if stretch is None:
            return
        assert stretch.begin == reached < stretch.end
        reached = stretch.end
        assert stretch.end * 0.02 <= min(judged_s.values()) - MARGIN_S + 1e-6
        for role in ROLES:
            for one in stretch.frames[role]:
                assert stretch.begin <= position(one.start_s) < stretch.end
                given[role].append(position(one.start_s))

    for what, role, count in steps:
        if what == "put":
            for _ in range(count):
                hold.put(role, frame(at[role]))
                put[role].append(at[role])
                at[role] += 1
        elif what == "skip":
            at[role] += count
            hold.reach(role, at[role])
        elif what == "settle":
            judged_s[role] = max(judged_s[role], count * 0.02)
            hold.settle(role, judged_s[role])
        else:
            take(hold.due())
    for role in ROLES:
        judged_s[role] = math.inf
        hold.settle(role, math.inf)
    while (stretch := hold.due()) is not None:
        take(stretch)
    assert reached == max(at.values())
    for role in ROLES:
        assert given[role] == sorted(set(given[role])) and set(given[role]) <= set(put[role])
    assert sum(map(len, put.values())) - sum(map(len, given.values())) == hold.lost
    if capacity_s == 90.0:
        assert hold.lost == 0


def test_a_number_under_way_holds_both_legs_back() -> None:
    hold = Holdback(0)
    for at in range(1000):
        for role in ROLES:
            hold.put(role, frame(at))
    hold.settle("caller", 20.0, waits_from_s=7.0)
    hold.settle("operator", 20.0)
    stretch = hold.due()
    assert stretch is not None and stretch.end == 350
    assert hold.due() is None


def test_silence_is_cut_to_what_was_not_given_yet() -> None:
    hold = Holdback(0)
    for at in range(500):
        for role in ROLES:
            hold.put(role, frame(at))
    for role in ROLES:
        hold.settle(role, 5.0)
    first = hold.due()
    assert first is not None and first.end == 200
    hold.silence(3.0, 4.5)
    for role in ROLES:
        hold.settle(role, math.inf)
    second = hold.due()
    assert second is not None and second.silenced == ((200, 225),)


def test_what_is_never_judged_is_not_kept() -> None:
    hold = Holdback(0)
    for at in range(500):
        for role in ROLES:
            hold.put(role, frame(at))
    hold.give_up("caller", 4.0)
    for role in ROLES:
        hold.settle(role, math.inf)
    stretch = hold.due()
    assert stretch is not None and stretch.end == 500
    assert len(stretch.frames["caller"]) == 150 and len(stretch.frames["operator"]) == 500
    assert hold.lost == 350
