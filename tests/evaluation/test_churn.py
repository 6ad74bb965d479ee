"""Words shown and changed afterwards, counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.evaluation.churn import PartialChurn, Showing
from models.agreement import Agreement


def counted(showings: list[tuple[str, str]], final: str) -> tuple[int, int, int, int]:
    """Settled shown and changed, provisional shown and changed."""
    churn = PartialChurn.none()
    churn.count([Showing(settled=one, provisional=other) for one, other in showings], final)
    settled, provisional = churn.settled, churn.provisional
    return settled.shown, settled.changed, provisional.shown, provisional.changed


@pytest.mark.parametrize(
    ("showings", "final", "counts"),
    [
        ([], "Bonjour.", (0, 0, 0, 0)),
        ([("", "bonjour")], "Bonjour, madame.", (0, 0, 1, 0)),
        ([("", "bonjour ma"), ("bonjour", "madame")], "Bonjour, madame.", (1, 0, 3, 1)),
        ([("", "le chat"), ("le chat", "")], "Le rat.", (2, 1, 2, 0)),
        ([("", "le chat"), ("le", "rat dort")], "", (1, 1, 4, 3)),
        ([("", "un deux"), ("", "un")], "un", (0, 0, 2, 1)),
        ([("a b", "")], "x a b", (2, 0, 2, 0)),
    ],
)
def test_words_changed_are_counted_where_they_were_shown(
    showings: list[tuple[str, str]], final: str, counts: tuple[int, int, int, int]
) -> None:
    assert counted(showings, final) == counts


def test_counts_add_up_over_utterances() -> None:
    churn = PartialChurn.none()
    churn.count([Showing(settled="", provisional="oui")], "Oui.")
    churn.count([Showing(settled="", provisional="non")], "Nom.")
    assert churn.as_json() == {
        "settled": {"shown": 0, "changed": 0, "share": 0.0},
        "provisional": {"shown": 2, "changed": 1, "share": 0.5},
    }


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=5).map(" ".join), max_size=6))
def test_no_more_is_changed_than_was_shown(decodings: list[str]) -> None:
    agreement = Agreement()
    showings = [agreement.hear(text) for text in decodings]
    final = decodings[-1] if decodings else ""
    settled, settled_changed, provisional, provisional_changed = counted(showings, final)
    assert 0 <= settled_changed <= settled
    assert settled <= provisional
    assert settled_changed + provisional_changed <= provisional
    # While it is spoken nothing settled changes.
    assert counted(showings, " ".join(showings[-1]) if showings else "")[1] == 0
