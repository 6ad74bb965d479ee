"""Whether a phrase sounds finished."""

from __future__ import annotations

import pytest

from models.phrases import phrase_of
from models.segmenter import Phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Je voudrais prendre un rendez-vous.", "complete"),
        ("Est-ce que vous êtes ouverts demain ?", "complete"),
        ("Oui.", "unsure"),
        ("", "unsure"),
        ("Je voudrais parler à", "open"),
        ("Je vous appelle de la part de monsieur", "open"),
        ("Mon numéro c'est le 06 39 98", "open"),
        ("Mon numéro c'est le 06 39 98 12 34.", "complete"),
        # Ten digits are written, eight are said: "zéro un, quatre-vingt-dix-neuf, ...".
        ("0, 1, 80, 19, 0, 0, 49.", "open"),
        ("zéro six trente-neuf", "unsure"),
        ("c'est le zéro six", "open"),
        ("ça s'écrit D E L", "open"),
        ("ça s'écrit D-E-L", "open"),
        ("Et alors je me suis dit que...", "open"),
        ("Alors je…", "open"),
    ],
)
def test_phrases(text: str, phrase: Phrase) -> None:
    assert phrase_of(text) == phrase


def test_words_the_model_doubts_do_not_end_a_phrase() -> None:
    assert phrase_of("Je vous rappelle demain.", logprob=-0.2) == "complete"
    assert phrase_of("Je vous rappelle demain.", logprob=-0.8) == "unsure"
    assert phrase_of("Mon numéro est le 06 39", logprob=-0.8) == "open"
