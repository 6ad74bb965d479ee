"""Words that stand for each other cover less than the words themselves, and only within a group."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.associations import Rarity
from knowledge.synonyms import SynonymIndex, read_groups
from knowledge.wording import stem

TEXTS = ("Peut-on remplacer une chaudière au fioul ?", "Quels sont vos horaires ?", "")
INDEX = SynonymIndex(TEXTS, Rarity(TEXTS))
ALL = np.arange(len(TEXTS))


def test_a_synonym_counts_less_than_the_word_and_more_than_nothing() -> None:
    by_word = INDEX.cover("fioul", ALL)
    by_group = INDEX.cover("mazout", ALL)
    assert by_word[0] == 1.0 > by_group[0] > 0.0 == by_group[1] == by_group[2]


def test_some_texts_are_asked_about() -> None:
    assert INDEX.cover("fioul", np.array([0, 2])).tolist() == [1.0, 0.0]


def test_every_group_joins_two_words_at_least() -> None:
    groups = read_groups()
    sizes: dict[int, int] = {}
    for belongs in groups.values():
        for group in belongs:
            sizes[group] = sizes.get(group, 0) + 1
    assert groups[stem("mazout")] & groups[stem("fioul")]
    assert {group for group, size in sizes.items() if size < 2} == set()


@given(st.text(max_size=200))
def test_whatever_is_said_covers_between_nothing_and_all(said: str) -> None:
    shares = INDEX.cover(said, ALL)
    assert shares.shape == (3,)
    assert ((shares >= 0) & (shares <= 1 + 1e-9)).all()
