"""Sparse tables read entry by entry and term by term."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.postings import Contents, Postings, highest, in_both

DOCUMENTS = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 4).map(float)), min_size=1
)


@given(documents=DOCUMENTS, chosen=st.sets(st.integers(0, 9)))
def test_products_are_those_of_the_terms_held(
    documents: list[dict[str, float]], chosen: set[int]
) -> None:
    held = Contents(documents)
    entries = np.array(sorted(at for at in chosen if at < len(documents)), dtype=np.int64)
    wanted = np.arange(1.0, len(held.place) + 1)
    expected = [
        sum(weight * wanted[held.place[term]] for term, weight in documents[at].items())
        for at in entries
    ]
    assert held.products(wanted, entries).tolist() == expected


@given(documents=DOCUMENTS, chosen=st.sets(st.integers(0, 9)), term=st.sampled_from("abcdex"))
def test_postings_know_who_holds_a_term(
    documents: list[dict[str, float]], chosen: set[int], term: str
) -> None:
    postings = Postings(documents)
    holding = {at: held[term] for at, held in enumerate(documents) if term in held}
    rows, weights = postings.rows(term)
    assert dict(zip(rows.tolist(), weights.tolist(), strict=True)) == holding
    assert postings.held_by(term) == len(holding)
    entries = np.array(sorted(at for at in chosen if at < len(documents)), dtype=np.int64)
    places, weights_there = postings.among(term, entries)
    assert dict(zip(entries[places].tolist(), weights_there.tolist(), strict=True)) == {
        at: weight for at, weight in holding.items() if at in chosen
    }


@given(first=st.sets(st.integers(0, 20)), second=st.sets(st.integers(0, 20)))
def test_what_both_hold_stands_where_it_is_said_to(first: set[int], second: set[int]) -> None:
    one, other = (np.array(sorted(held), dtype=np.int64) for held in (first, second))
    places, found = in_both(one, other)
    assert one[places].tolist() == other[found].tolist() == sorted(first & second)


def test_the_highest_scores_are_above_nothing() -> None:
    assert highest(np.array([0.0, 3.0, 0.0, 1.0, 2.0]), 2).tolist() == [1, 4]
    assert highest(np.array([0.0, 3.0]), 2).tolist() == [1]
    assert highest(np.zeros(3), 2).tolist() == []


def test_rare_terms_say_more() -> None:
    postings = Postings([{"a": 1.0}, {"a": 1.0, "b": 2.0}])
    assert postings.idf("a") < postings.idf("b") < postings.idf("never")
    assert postings.lengths.tolist() == [1.0, 3.0]
    assert postings.beginning("a") == ["a"]
    assert Postings([]).rows("a")[0].tolist() == []
    assert Postings([{}]).idf("a") == pytest.approx(np.log(1 + 1.5 / 0.5))
