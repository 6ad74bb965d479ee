"""How urgent a whole call is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from copilot.drafting.situations.wholecalls import (
    FARTHEST,
    Heard,
    Numbers,
    both_levels,
    case_odds,
    critical_odds,
    likeliest,
)
from tests.drafting.learnt import situations

ODDS = arrays(np.float64, (2, 3, 2), elements=st.floats(0, 1e9))


@given(ODDS)
def test_evidence_is_bounded_and_of_one_number(odds: Numbers) -> None:
    assert -FARTHEST <= case_odds(odds) <= FARTHEST
    assert critical_odds(odds) == pytest.approx(-critical_odds(odds[:, :, ::-1]))


@given(ODDS)
def test_another_case_takes_nothing_away(odds: Numbers) -> None:
    more = np.concatenate([odds, np.ones((2, 1, 2))], axis=1)
    assert case_odds(more) >= case_odds(odds)


def test_the_likeliest_reading_is_told_by_all_networks() -> None:
    odds = np.zeros((2, 3, 2, 2))
    odds[0, 0], odds[:, 1] = 3.0, 2.0
    assert np.array_equal(likeliest(odds), odds[:, 1])


def test_a_rule_s_own_level_leaves_the_other_closed() -> None:
    odds = np.ones((4, 2, 2))
    assert both_levels(odds)
    odds[:, :, 1] = 0
    assert not both_levels(odds)


@given(st.lists(st.text(max_size=40), max_size=20), st.lists(st.text(max_size=40), max_size=20))
def test_anything_said_has_a_probability(told: list[str], answered: list[str]) -> None:
    reader = situations().cases.calls
    for weighing in (reader.urgent, reader.critical):
        assert (
            0
            <= weighing.chance(Heard(evidence=0.0, decisive=0.0, told=told, answered=answered))
            <= 1
        )


def test_more_evidence_is_likelier() -> None:
    weighing = situations().cases.calls.urgent
    chances = [
        weighing.chance(Heard(evidence=odds, decisive=odds, told=["ça coule"], answered=()))
        for odds in (-FARTHEST, 0.0, FARTHEST)
    ]
    assert chances == sorted(chances) and chances[0] < chances[-1]


def test_what_a_call_came_to_counts_again() -> None:
    weighing = situations().cases.calls.urgent
    chances = [
        weighing.chance(Heard(evidence=3.0, decisive=odds, told=["ça coule"], answered=()))
        for odds in (-FARTHEST, 0.0, 3.0)
    ]
    assert chances == sorted(chances) and chances[0] < chances[-1]


def test_only_the_latest_is_what_a_call_came_to() -> None:
    weighing = situations().cases.calls.urgent
    told = ["ça coule du plafond", "le voisin a fermé l'eau", "lundi c'est très bien"]
    numbers = weighing.apart.numbers(
        [
            Heard(evidence=0.0, decisive=0.0, told=each, answered=each)
            for each in (told, ["bonjour", *told[1:]], told[1:])
        ]
    )
    assert np.ptp(numbers[:, [3, 5]], axis=0) == pytest.approx(0)
    assert np.all(np.ptp(numbers[:, [2, 4]], axis=0) > 0)
