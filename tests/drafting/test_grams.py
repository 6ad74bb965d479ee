"""N-grams are weighed as scikit-learn weighs them, and words met before as new ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

from copilot.drafting.situations.grams import Counted, Grams, HashedLetters, Kind
from copilot.drafting.speech import fold

SAID = [
    "Bonjour, j'ai une fuite d'eau dans la cave",
    "l'eau coule du plafond . oui . a Noël ça a déjà coulé",
    "je voudrais un devis pour la cave",
    "un devis, un rendez-vous et un devis",
    "a",
    "",
]
KINDS: dict[Kind, tuple[str, tuple[int, int]]] = {
    "letters": ("char_wb", (2, 5)),
    "words": ("word", (1, 2)),
}


def reference(kind: Kind) -> Any:
    analyzer, lengths = KINDS[kind]
    return TfidfVectorizer(
        analyzer=analyzer, ngram_range=lengths, sublinear_tf=True, min_df=2, preprocessor=fold
    ).fit(SAID)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_and_what_it_weighs(kind: Kind) -> None:
    grams, other = Grams.learn(kind, KINDS[kind][1], SAID), reference(kind)
    assert grams.known == list(other.get_feature_names_out())
    assert grams.rarity == pytest.approx(other.idf_)
    assert grams.rows(SAID).toarray() == pytest.approx(other.transform(SAID).toarray())


@pytest.mark.parametrize("kind", KINDS)
def test_some_texts_teach_what_they_would_alone(kind: Kind) -> None:
    some = [0, 2, 3, 5]
    grams, rows = Counted(kind, KINDS[kind][1], SAID).learn(np.array(some))
    texts = [SAID[at] for at in some]
    alone = Grams.learn(kind, KINDS[kind][1], texts)
    assert grams.known == alone.known
    assert grams.rarity == pytest.approx(alone.rarity)
    assert rows.toarray() == pytest.approx(alone.rows(texts).toarray())


@given(st.lists(st.text(alphabet="abcdéèœ'- .\t\n09", max_size=30), min_size=1, max_size=8))
def test_a_call_turn_by_turn_is_the_call_read_anew(turns: list[str]) -> None:
    for kind, (_, lengths) in KINDS.items():
        other = reference(kind)
        turn_by_turn = Grams.learn(kind, lengths, SAID)
        for end in range(len(turns)):
            whole = " . ".join(turns[: end + 1])
            row = turn_by_turn.rows([whole]).toarray()
            assert row == pytest.approx(other.transform([whole]).toarray(), abs=1e-12)


@given(st.lists(st.text(alphabet="abcdéèœ'- .09", max_size=30), min_size=1, max_size=4))
def test_letters_are_hashed_as_they_were(texts: list[str]) -> None:
    other = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=64, preprocessor=fold, dtype=np.float32
    )
    found = HashedLetters((2, 4), 64).rows(texts)
    assert found.dtype == np.float32
    assert found.toarray() == pytest.approx(other.transform(texts).toarray(), abs=1e-6)


def test_the_product_is_that_of_the_row() -> None:
    grams = Grams.learn("letters", (2, 5), SAID)
    slopes = np.random.default_rng(0).normal(size=(len(grams), 3)).astype(np.float32)
    assert grams.weigh(SAID[1]).times(slopes) == pytest.approx((grams.rows(SAID[1:2]) @ slopes)[0])
