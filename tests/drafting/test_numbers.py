"""Numbers in words: text2num is the oracle where it can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_to_num import text2num

from copilot.drafting.numbers import cardinals, digit_readings, numerals

UNITS = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def in_words(number: int) -> str:
    """A number under 1,000 as a French speaker says it, without hyphens."""
    if number >= 100:
        head = "cent" if number < 200 else f"{UNITS[number // 100]} cent"
        return head if number % 100 == 0 else f"{head} {in_words(number % 100)}"
    if number < 17:
        return UNITS[number]
    if number < 20:
        return f"dix {UNITS[number - 10]}"
    if number >= 80:
        return "quatre vingt" if number == 80 else f"quatre vingt {in_words(number - 80)}"
    if number >= 60:
        rest = number - 60
        joint = " et " if rest in (1, 11) else " "
        return "soixante" if not rest else f"soixante{joint}{in_words(rest)}"
    base, rest = number // 10 * 10, number % 10
    joint = " et " if rest == 1 else " "
    return TENS[base] if not rest else f"{TENS[base]}{joint}{in_words(rest)}"


@given(st.integers(0, 999))
def test_every_cardinal_is_read_whole(number: int) -> None:
    words = in_words(number).replace("é", "e").split()
    assert next(cardinals(words, 0)) == (number, len(words))


@given(st.integers(2, 999))
def test_text2num_agrees_on_single_numbers(number: int) -> None:
    spoken = in_words(number)
    assert numerals(spoken.replace("é", "e")) == str(number) == str(text2num(spoken, "fr"))


@given(st.lists(st.integers(10, 99), min_size=1, max_size=4))
def test_groups_between_pauses_are_never_joined(pairs: list[int]) -> None:
    groups = [in_words(pair).split() for pair in pairs]
    assert digit_readings(groups)[0] == "".join(map(str, pairs))


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("septante deux", "72"),
        ("huitante et un", "81"),
        ("octante trois", "83"),
        ("nonante neuf", "99"),
        ("double zero", "00"),
        ("trois fois sept", "777"),
        ("quatre vingts douze", "8012"),
        ("trois cent douze", "312"),
    ],
)
def test_forms_people_use(said: str, digits: str) -> None:
    assert digit_readings([said.split()])[0] == digits


def test_articles_stay() -> None:
    assert numerals("une fuite et un chien, vingt et un jours") == "une fuite et un chien, 21 jours"
