"""The waiting line: who is rung, from any calls, operators and groups."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from copilot.waiting.policy import (
    Operator,
    RingGroup,
    WaitingCall,
    admission,
    reached,
    rung,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def operator(name: str, idle_s: float, *, free: bool = True, knows: str = "") -> Operator:
    skills = tuple(word for word in knows.split() if len(word) > 2)
    languages = tuple(word for word in knows.split() if len(word) == 2)
    return Operator(
        user_id=name, free=free, idle_since=ago(idle_s), skills=skills, languages=languages
    )


def group(name: str, knows: str = "", **more: object) -> RingGroup:
    asks = operator("", 0, knows=knows)
    return RingGroup(id=name, name=name, skills=asks.skills, languages=asks.languages, **more)  # type: ignore[arg-type]


def groups(*those: RingGroup) -> dict[str, RingGroup]:
    return {one.id: one for one in those}


ANNE, BRUNO, CHLOE = operator("anne", 300), operator("bruno", 200), operator("chloe", 100)


def test_without_groups_every_free_operator_is_rung() -> None:
    busy = operator("denis", 900, free=False)
    call = WaitingCall(call_id="c", since=ago(1))
    assert rung([call], [CHLOE, busy, ANNE], {}, NOW) == {"c": ("anne", "chloe")}


def test_the_longest_idle_first_then_one_more_after_each_step() -> None:
    those = groups(group("g", step_s=15))
    for waited_s, expected in (
        (0, ("anne",)),
        (14.9, ("anne",)),
        (15, ("anne", "bruno")),
        (31, ("anne", "bruno", "chloe")),
    ):
        call = WaitingCall(call_id="c", since=ago(waited_s), group="g")
        assert rung([call], [CHLOE, BRUNO, ANNE], those, NOW)["c"] == expected


def test_skills_and_languages_say_who_is_in_a_group() -> None:
    nurse = operator("nurse", 10, knows="santé fr")
    both = operator("both", 5, knows="santé fr en")
    those = groups(group("english", "santé en", strategy="all"))
    call = WaitingCall(call_id="c", since=ago(60), group="english")
    assert rung([call], [nurse, both, ANNE], those, NOW) == {"c": ("both",)}


def test_a_second_call_gets_its_first_operator_before_the_first_a_second() -> None:
    those = groups(group("g", strategy="all"))
    first = WaitingCall(call_id="1", since=ago(50), group="g")
    second = WaitingCall(call_id="2", since=ago(5), group="g")
    assert rung([second, first], [ANNE, BRUNO, CHLOE], those, NOW) == {
        "1": ("anne", "chloe"),
        "2": ("bruno",),
    }
    assert rung([second, first], [ANNE], those, NOW) == {"1": ("anne",), "2": ()}


def test_an_overflow_rings_the_other_group_after_its_time_and_goes_on_from_there() -> None:
    those = groups(
        group("a", "plomberie", overflow_to="b", overflow_after_s=20),
        group("b", "général", overflow_to="c", overflow_after_s=30),
        group("c", overflow_to="a"),
    )
    people = [operator("bea", 10, knows="général"), operator("cyr", 999)]
    for waited_s, expected in ((19, ()), (20, ("bea",)), (49, ("bea",)), (50, ("bea", "cyr"))):
        call = WaitingCall(call_id="1", since=ago(waited_s), group="a")
        assert rung([call], people, those, NOW)["1"] == expected
    assert [(one.id, after_s) for one, after_s in reached("a", those)] == [
        ("a", 0),
        ("b", 20),
        ("c", 50),
    ]


def test_the_calls_of_a_group_that_is_gone_ring_everybody() -> None:
    call = WaitingCall(call_id="1", since=NOW, group="gone")
    assert rung([call], [ANNE, BRUNO], {}, NOW)["1"] == ("anne", "bruno")


def test_who_is_let_in() -> None:
    assert admission(is_open=True, waiting=3, most_waiting=4) == "take"
    assert admission(is_open=True, waiting=4, most_waiting=4) == "full"
    assert admission(is_open=False, waiting=0, most_waiting=4) == "closed"


SKILLS = st.lists(st.sampled_from(["soin", "devis", "agenda"]), max_size=2, unique=True).map(tuple)
LANGUAGES = st.lists(st.sampled_from(["fr", "en"]), max_size=2, unique=True).map(tuple)
IDS = ("g0", "g1", "g2")
GROUPS = st.lists(
    st.builds(
        RingGroup,
        id=st.sampled_from(IDS),
        name=st.just("group"),
        skills=SKILLS,
        languages=LANGUAGES,
        strategy=st.sampled_from(["longest_idle", "all"]),
        step_s=st.integers(0, 40),
        overflow_to=st.sampled_from([None, *IDS, "gone"]),
        overflow_after_s=st.integers(0, 60),
    ),
    max_size=3,
    unique_by=lambda one: one.id,
).map(lambda those: {one.id: one for one in those})
OPERATORS = st.lists(
    st.builds(
        Operator,
        user_id=st.uuids().map(str),
        free=st.booleans(),
        idle_since=st.integers(0, 500).map(ago),
        skills=SKILLS,
        languages=LANGUAGES,
    ),
    max_size=6,
    unique_by=lambda one: one.user_id,
)
CALLS = st.lists(
    st.builds(
        WaitingCall,
        call_id=st.uuids().map(str),
        since=st.integers(0, 300).map(ago),
        group=st.sampled_from(["", *IDS, "gone"]),
    ),
    max_size=5,
    unique_by=lambda one: one.call_id,
)


@given(CALLS, OPERATORS, GROUPS)
def test_whoever_is_rung_is_free_may_take_it_and_is_rung_once(
    calls: list[WaitingCall], operators: list[Operator], those: dict[str, RingGroup]
) -> None:
    chosen = rung(calls, operators, those, NOW)
    everyone = {one.user_id: one for one in operators}
    called = [user for users in chosen.values() for user in users]
    assert len(called) == len(set(called))
    for call in calls:
        waited_s = (NOW - call.since).total_seconds()
        may = [one for one, after_s in reached(call.group, those) if waited_s >= after_s]
        for user in chosen[call.call_id]:
            assert everyone[user].free
            assert any(everyone[user].is_in(one) for one in may)


@given(CALLS, OPERATORS, GROUPS, st.randoms())
def test_it_is_the_same_in_every_process(
    calls: list[WaitingCall],
    operators: list[Operator],
    those: dict[str, RingGroup],
    shuffler: random.Random,
) -> None:
    expected = rung(calls, operators, those, NOW)
    shuffler.shuffle(calls)
    shuffler.shuffle(operators)
    assert rung(calls, operators, dict(reversed(those.items())), NOW) == expected


@given(CALLS, OPERATORS, GROUPS)
def test_the_oldest_call_rings_its_longest_idle_operator(
    calls: list[WaitingCall], operators: list[Operator], those: dict[str, RingGroup]
) -> None:
    chosen = rung(calls, operators, those, NOW)
    for oldest in sorted(calls, key=lambda call: (call.since, call.call_id))[:1]:
        first, _ = reached(oldest.group, those)[0]
        able = [one for one in operators if one.free and one.is_in(first)]
        able.sort(key=lambda one: (one.idle_since, one.user_id))
        assert list(chosen[oldest.call_id][:1]) == [one.user_id for one in able[:1]] or not able


@given(CALLS, OPERATORS, GROUPS)
def test_no_call_waits_unrung_beside_one_who_could_take_it(
    calls: list[WaitingCall], operators: list[Operator], those: dict[str, RingGroup]
) -> None:
    chosen = rung(calls, operators, those, NOW)
    called = {user for users in chosen.values() for user in users}
    for call in calls:
        if chosen[call.call_id]:
            continue
        first, _ = reached(call.group, those)[0]
        assert not [
            one for one in operators if one.free and one.user_id not in called and one.is_in(first)
        ]


@given(CALLS.filter(bool), OPERATORS, GROUPS, st.integers(1, 200))
def test_the_oldest_call_never_rings_fewer_as_it_waits_alone(
    calls: list[WaitingCall], operators: list[Operator], those: dict[str, RingGroup], more_s: int
) -> None:
    call = calls[0]
    sooner = rung([call], operators, those, NOW)[call.call_id]
    later = rung([call], operators, those, NOW + timedelta(seconds=more_s))[call.call_id]
    assert set(sooner) <= set(later)
