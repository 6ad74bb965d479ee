"""Which decodings are doubted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.gate import Gate, before_loop
from models.recogniser import Decoding


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("Au revoir.", True),
        ("Au revoir. Au revoir.", False),
        ("Pour effacer ce message, appuyez. pour effacer ce message appuyez", False),
        ("Oui, oui.", True),
        ("Allô ? Allô ?", True),
        ("Au revoir, au revoir madame.", True),
        ("", True),
    ],
)
def test_a_phrase_written_twice_is_doubted(text: str, believed: bool) -> None:
    decoding = Decoding(
        text=text, language="fr", average_logprob=-0.2, no_speech=0.0, compression=1.0
    )
    assert Gate().passes(decoding, duration_s=4.0) is believed


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([7, 8, 9], 3),
        ([], 0),
        ([5, 5, 5, 5], 4),  # "non non non non" is said
        ([9, 8] + [1, 4] * 10, 4),
        ([9, 8] + [1, 4] * 10 + [1], 4),  # cut in the middle
        ([3] * 40, 1),
        ([9] + [1, 2, 3] * 3, 10),  # three times is said
        ([9] + [1, 2, 3, 4, 5] * 4, 6),
    ],
)
def test_a_loop_is_kept_once(tokens: list[int], kept: int) -> None:
    assert before_loop(tokens) == kept


@given(
    st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), min_size=1, max_size=5)
)
def test_a_loop_never_costs_what_came_before_it(said: list[int], unit: list[int]) -> None:
    looping = said + unit * 12
    kept = before_loop(looping)
    assert kept < len(looping)
    assert looping[:kept] == (said + unit)[:kept]
