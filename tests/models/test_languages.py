"""The language of a leg: evidence that adds up, and words that tell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.languages import ENOUGH, Leaning, telling

HOUSE = Leaning(languages=("fr", "en"))
FRENCH = {"fr": 0.95, "en": 0.02}
ENGLISH = {"fr": 0.01, "en": 0.95}
LIKELY_ENGLISH = {"fr": 0.15, "en": 0.65}


def test_one_long_utterance_without_doubt_is_enough() -> None:
    assert HOUSE.likely(ENGLISH, duration_s=3.0) == "en"
    assert HOUSE.likely(FRENCH, duration_s=3.0) == "fr"


@pytest.mark.parametrize("duration_s", [0.5, 1.0, 1.5])
def test_short_words_never_change_anything(duration_s: float) -> None:
    leaning = HOUSE
    for _ in range(50):
        assert leaning.likely(ENGLISH, duration_s=duration_s) == "fr"
        leaning = leaning.after(ENGLISH, language="fr", duration_s=duration_s)
    assert leaning.likely({"fr": 0.3, "en": 0.65}, duration_s=2.4) == "fr"


def test_doubtful_utterances_add_up() -> None:
    assert HOUSE.likely(LIKELY_ENGLISH, duration_s=4.0) == "fr"
    after = HOUSE.after(LIKELY_ENGLISH, language="fr", duration_s=4.0)
    assert after.likely(LIKELY_ENGLISH, duration_s=4.0) == "en"


def test_a_language_that_is_hardly_heard_has_nothing_for_it() -> None:
    third = {"fr": 0.001, "en": 0.3}
    assert HOUSE.likely(third, duration_s=9.0) == "fr"


def test_it_takes_twice_the_evidence_to_leave_a_language() -> None:
    french = HOUSE
    for _ in range(3):
        french = french.after(FRENCH, language="fr", duration_s=3.0)
    doubt = {"fr": 0.02, "en": 0.7}
    assert HOUSE.likely(doubt, duration_s=3.0) == "en"
    assert french.likely(doubt, duration_s=3.0) == "fr"
    english = HOUSE.after(ENGLISH, language="en", duration_s=3.0)
    assert english.languages == ("en", "fr")
    assert english.likely({"fr": 0.7, "en": 0.02}, duration_s=3.0) == "en"


def test_a_leg_may_change_back() -> None:
    leaning = HOUSE.after(ENGLISH, language="en", duration_s=3.0)
    for _ in range(3):
        spoken = leaning.likely(FRENCH, duration_s=3.0)
        leaning = leaning.after(FRENCH, language=spoken, duration_s=3.0)
    assert leaning.current == "fr"


@given(
    st.lists(
        st.tuples(
            st.fixed_dictionaries({"fr": st.floats(0, 1), "en": st.floats(0, 1)}),
            st.floats(0, 30),
        ),
        max_size=20,
    )
)
def test_whatever_is_heard_a_leg_has_one_of_its_languages(
    heard: list[tuple[dict[str, float], float]],
) -> None:
    leaning = HOUSE
    for scores, duration_s in heard:
        spoken = leaning.likely(scores, duration_s=duration_s)
        leaning = leaning.after(scores, language=spoken, duration_s=duration_s)
        assert leaning.current == spoken
        assert sorted(leaning.languages) == ["en", "fr"]
        assert all(value <= ENOUGH for value in leaning.against.values())


def test_a_leg_of_one_language_is_never_asked() -> None:
    assert Leaning(languages=("fr",)).likely({}, duration_s=9.0) == "fr"


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Hello, I would like to speak to the manager.", True),
        ("Je voudrais un rendez-vous.", True),
        ("Allô ?", False),
        ("O.K. yes", False),
        ("M-A-R-T-I-N", False),
        ("06 39 98 12 34", False),
        ("D W T R comme Robert", False),
        ("", False),
    ],
)
def test_what_tells_a_language(text: str, tells: bool) -> None:
    assert telling(text) is tells
