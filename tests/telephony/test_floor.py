"""Who hears whom, in every state a call can be in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telephony.floor import PEOPLE, Floor, Part, Person

floors = st.builds(
    Floor,
    present=st.frozensets(st.sampled_from(PEOPLE)),
    held=st.frozensets(st.sampled_from(("caller", "guest"))),
    muted=st.booleans(),
    part=st.sampled_from(("listen", "whisper", "barge")),
)
people = st.sampled_from(PEOPLE)


def hearers(floor: Floor, speaker: Person) -> set[Person]:
    return {listener for listener in PEOPLE if floor.hears(listener, speaker)}


@given(floors, people, people)
def test_only_others_who_are_there_are_heard(
    floor: Floor, listener: Person, speaker: Person
) -> None:
    if floor.hears(listener, speaker):
        assert listener != speaker
        assert {listener, speaker} <= floor.present


@given(floors)
def test_a_supervisor_who_listens_is_heard_by_nobody_and_changes_nothing(floor: Floor) -> None:
    if floor.part != "listen":
        return
    assert not hearers(floor, "supervisor")
    alone = Floor(present=floor.present - {"supervisor"}, held=floor.held, muted=floor.muted)
    for person in set(PEOPLE) - {"supervisor"}:
        assert floor.heard_by(person) == alone.heard_by(person)


@given(floors)
def test_a_whisper_reaches_the_operator_alone(floor: Floor) -> None:
    if floor.part == "whisper":
        assert hearers(floor, "supervisor") <= {"operator"}
        if {"operator", "supervisor"} <= floor.present:
            assert floor.hears("operator", "supervisor")


@given(floors)
def test_nobody_reaches_somebody_on_hold_nor_the_other_way_round(floor: Floor) -> None:
    for person in floor.held:
        assert not floor.heard_by(person)
        assert not hearers(floor, person)


@given(floors)
def test_a_muted_operator_is_heard_by_a_supervisor_who_speaks_with_them_alone(floor: Floor) -> None:
    if floor.muted:
        spoken_with = {"supervisor"} if floor.part != "listen" else set()
        assert hearers(floor, "operator") <= spoken_with


@given(floors)
def test_whoever_only_listens_hears_no_more_than_the_others_do(floor: Floor) -> None:
    """A word said to nobody (on hold, muted) is not overheard."""
    if floor.part == "listen":
        for speaker in floor.heard_by("supervisor"):
            assert hearers(floor, speaker) - {"supervisor"}, speaker


@given(floors)
def test_what_is_transcribed_passed_between_caller_and_operator(floor: Floor) -> None:
    assert floor.transcribed("caller") == floor.hears("operator", "caller")
    assert floor.transcribed("operator") == floor.hears("caller", "operator")
    if "operator" not in floor.present:
        assert not floor.transcribed("caller")


@given(floors)
def test_without_the_operator_a_supervisor_takes_no_part(floor: Floor) -> None:
    if "operator" not in floor.present:
        assert not floor.heard_by("supervisor")
        assert not hearers(floor, "supervisor")


def test_the_table_of_the_module_is_so() -> None:
    everybody = frozenset(PEOPLE)
    told: dict[Part, dict[Person, set[Person]]] = {
        "listen": {"caller": set(), "operator": set(), "guest": set()},
        "whisper": {"caller": set(), "operator": {"supervisor"}, "guest": set()},
        "barge": {
            "caller": {"supervisor"}, "operator": {"supervisor"}, "guest": {"supervisor"},
        },
    }  # fmt: skip
    three: set[Person] = {"caller", "operator", "guest"}
    for part, extra in told.items():
        floor = Floor(present=everybody, part=part)
        assert floor.heard_by("supervisor") == three
        for person, supervisor in extra.items():
            assert floor.heard_by(person) == (three - {person}) | supervisor
