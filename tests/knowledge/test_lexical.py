"""What entries share with what is typed, whatever the beginning."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexical import LexicalIndex
from knowledge.passages import Entry
from knowledge.wording import content_words, stem

WORDS = ("parking", "parc", "part", "horaires", "samedi", "samedis", "tarif", "tarifs", "2024")


def entry(number: int, words: list[str]) -> Entry:
    return Entry(entry_id=str(number), question=" ".join(words[:2]), answer=" ".join(words[2:]))


def held_by(one: Entry, typed: str) -> float:
    """By the definition, word by word."""
    words = content_words(f"{one.question} {one.answer}")
    stems = {stem(word) for word in words}
    *said, begun = content_words(typed)
    last = stem(begun) in stems or any(word.startswith(begun) for word in words)
    return (sum(stem(word) in stems for word in said) + last) / (len(said) + 1)


@given(
    entries=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1),
    typed=st.lists(st.sampled_from((*WORDS, "pa", "sam", "inconnu")), min_size=1, max_size=3),
)
def test_what_is_typed_is_found_in_every_entry_that_holds_it(
    entries: list[list[str]], typed: list[str]
) -> None:
    made = [entry(number, words) for number, words in enumerate(entries)]
    _, held = LexicalIndex(made).completed(" ".join(typed))
    assert held.tolist() == [held_by(one, " ".join(typed)) for one in made]


def test_the_last_word_is_completed_by_the_most_usual_ones() -> None:
    index = LexicalIndex([entry(0, ["parking", "parc"]), entry(1, ["parking", "part"])])
    assert index.completed("tarif pa")[0] == "tarif pa parking parc"
    assert index.completed("parc")[0] == "parc"
    assert index.completed("pa ")[0] == "pa "
    assert index.completed("")[0] == ""


@given(
    entries=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1),
    said=st.lists(st.sampled_from((*WORDS, "inconnu")), max_size=4),
    chosen=st.sets(st.integers(0, 9)),
)
def test_some_entries_are_compared_as_all_are(
    entries: list[list[str]], said: list[str], chosen: set[int]
) -> None:
    index = LexicalIndex([entry(number, words) for number, words in enumerate(entries)])
    rows = np.array(sorted(at for at in chosen if at < len(entries)), dtype=np.int64)
    some = index.look_up(" ".join(said), rows)
    every = index.look_up(" ".join(said), np.arange(len(entries)))
    for field in fields(some):
        assert np.allclose(getattr(some, field.name), getattr(every, field.name)[rows])
    assert np.allclose(every.bm25, index.bm25(" ".join(said)))


def test_what_shares_words_or_sounds_is_put_forward() -> None:
    made = [entry(number, ["tarif", f"numéro{number}"]) for number in range(50)]
    index = LexicalIndex([*made, entry(50, ["parking", "part"])])
    assert index.candidates("le parking", 3).tolist() == [50]
    assert index.candidates("le parkin", 3).tolist() == [50]
    assert len(index.candidates("tarif", 3)) <= 6
    assert index.candidates("", 3).tolist() == []
