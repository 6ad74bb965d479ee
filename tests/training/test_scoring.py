"""A trainee's message scored: what is exact, near, wrong, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.draft import FIELD_NAMES
from copilot.store.records.training import Exercise, Grade, Line
from copilot.training.exercises import BadExerciseError, checked
from copilot.training.scoring import MISSED_EMERGENCY, score

EXPECTED: dict[str, str | None] = {
    "caller_name": "Hélène Marchand",
    "phone": "+33199005512",
    "email": None,
    "urgency": "urgent",
    "callback": "true",
    "callback_when": "2026-03-18T14:00/18:00",
    "category": "urgence",
}
POINTS = ("fuite d'eau dans la cuisine", "le compteur est fermé")
RIGHT = EXPECTED | {"reason": "Une fuite d'eau dans la cuisine, compteur fermé."}


def exercise(**changes: object) -> Exercise:
    values: dict[str, object] = {
        "id": "x", "title": "Fuite", "origin": "written",
        "lines": (Line(speaker="caller", text="J'ai une fuite."),), "expected": EXPECTED,
        "points": POINTS, "target_s": 60, "created_at": datetime(2026, 3, 17, tzinfo=UTC),
        "created_by_name": "n",
    }  # fmt: skip
    return Exercise(**{**values, **changes})  # type: ignore[arg-type]


def nothing_alike(_: str, known: Sequence[str]) -> Sequence[float]:
    return [0.0] * len(known)


def grades(given_fields: dict[str, str | None]) -> dict[str, Grade]:
    found = score(exercise(), given_fields, checklist={}, took_s=10, likeness=nothing_alike)
    return {field.name: field.grade for field in found.fields}


def test_a_right_message_has_everything() -> None:
    found = score(
        exercise(), RIGHT, checklist={"Demander l'étage": True}, took_s=30, likeness=nothing_alike
    )
    assert found.percent == 100 and found.in_time and not found.emergency_missed
    assert set(found.covered) == set(POINTS) and found.uncovered == ()


@pytest.mark.parametrize(
    ("name", "typed", "grade"),
    [
        ("caller_name", "Mme Helene MARCHAND", "exact"),
        ("caller_name", "Hélène Marchant", "near"),
        ("caller_name", "Paul Durand", "wrong"),
        ("caller_name", None, "missing"),
        ("phone", "+33199005513", "near"),
        ("phone", "+33199005531", "wrong"),
        ("email", "x@example.fr", "extra"),
        ("urgency", "critique", "near"),
        ("urgency", None, "wrong"),
        ("callback", "false", "missing"),
        ("callback_when", "2026-03-18T09:00", "near"),
        ("callback_when", "2026-03-19T14:00/18:00", "wrong"),
        ("category", "rappel", "wrong"),
    ],
)
def test_each_field_has_its_way_of_being_near(name: str, typed: str | None, grade: Grade) -> None:
    assert grades({**RIGHT, name: typed})[name] == grade


def test_an_emergency_taken_for_less_holds_the_whole_down() -> None:
    found = score(
        exercise(), {**RIGHT, "urgency": "normal"}, checklist={}, took_s=5, likeness=nothing_alike
    )
    assert found.emergency_missed and found.percent == MISSED_EMERGENCY


def test_a_point_is_said_in_other_words() -> None:
    def alike(said: str, known: Sequence[str]) -> Sequence[float]:
        return [0.9 if "inondé" in said and "fuite" in point else 0.1 for point in known]

    found = score(
        exercise(), {**RIGHT, "reason": "Son évier a tout inondé."}, checklist={}, took_s=5,
        likeness=alike,
    )  # fmt: skip
    assert found.covered == POINTS[:1] and found.uncovered == POINTS[1:]


def test_consignes_and_time_count() -> None:
    late = score(exercise(), RIGHT, checklist={"a": True, "b": False}, took_s=120,
                 likeness=nothing_alike)  # fmt: skip
    assert late.percent == 90 and not late.in_time
    assert (late.asked, late.unasked) == (("a",), ("b",))


VALUES = st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["urgent", "+33199005512"]))


@given(
    st.dictionaries(st.sampled_from(FIELD_NAMES), VALUES),
    st.dictionaries(st.sampled_from(FIELD_NAMES), VALUES),
    st.floats(0, 5000),
)
def test_any_message_has_a_score(
    wanted: dict[str, str | None], taken: dict[str, str | None], took_s: float
) -> None:
    try:
        sound = checked(exercise(expected=wanted))
    except BadExerciseError:
        return
    found = score(sound, taken, checklist={}, took_s=took_s, likeness=nothing_alike)
    assert 0 <= found.percent <= 100
    perfect = sound.expected | {"reason": " ".join(POINTS)}
    best = score(sound, perfect, checklist={}, took_s=0, likeness=nothing_alike)
    assert best.percent == 100 or best.emergency_missed, best


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": ()},
        {"lines": (Line(speaker="operator", text="Bonjour"),)},
        {"lines": (Line(speaker="caller", text=" "),)},
        {"lines": (Line(speaker="caller", text="x", pause_s=99),)},
        {"expected": {"nonsense": "x"}},
        {"expected": {}, "points": ()},
        {"points": ("x" * 300,)},
        {"target_s": 1},
        {"title": " "},
    ],
)
def test_what_cannot_be_played_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadExerciseError):
        checked(exercise(**changes))
