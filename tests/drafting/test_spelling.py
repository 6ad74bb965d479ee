"""Spelled names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.remarks import with_letters
from copilot.drafting.speech import fold, hear
from copilot.drafting.spelling import respell, spellings


@given(st.text("BCDFGHJKLMNPQRSTVWXZ", min_size=3, max_size=12))
def test_capital_letters_one_by_one(letters: str) -> None:
    found = spellings(hear(" ".join(letters)))
    assert [item.letters for item in found] == [letters.lower()]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("je m'appelle Lefèvre L E F E B V R E", "je m'appelle Lefebvre"),
        ("madame lefevre ça s'écrit L, E, F, E, B, V, R, E", "madame Lefebvre"),
        ("goufier g o u deux f i e r", "Gouffier"),
        (
            "mon nom c'est Bernard B comme Bernard, E, R, N, A, R, D et je vous appelle",
            "mon nom c'est Bernard et je vous appelle",
        ),
        ("chmite S C H M I double T", "Schmitt"),
        ("kerjan ka e erre ji e a enne", "Kerjean"),
        ("c'est Vagner double V A G N E R de la société Rive", "c'est Wagner de la société Rive"),
        ("quéré q u e accent aigu r e accent aigu", "Quéré"),
    ],
)
def test_the_spelling_takes_the_place_of_the_word(said: str, written: str) -> None:
    speech, orphans, placed = respell(hear(said))
    assert (speech.text, orphans, len(placed)) == (written, [], 1)


@pytest.mark.parametrize("text", ["il y a une fuite", "a l'appareil", "l'eau y est", "M. et Mme"])
def test_speech_is_not_spelling(text: str) -> None:
    assert spellings(hear(text)) == []


@pytest.mark.parametrize(
    ("name", "remark", "written"),
    [
        ("Dupont", "avec un D à la fin", "Dupond"),
        ("Dupon", "avec un T à la fin", "Dupont"),
        ("Leroi", "avec un Y", "Leroy"),
        ("Mathieu", "avec deux T", "Matthieu"),
        ("Thomas", "sans H", "Tomas"),
        ("Lefèvre", "avec un B", "Lefebvre"),
        ("Hartmann", "avec deux N à la fin", "Hartmann"),
        ("Rivoal", "on ne sort pas avec les petits", "Rivoal"),
        ("Guitton", "il y a de l'omelette", "Guitton"),
        ("Regis", "depuis pas une goutte, pas de souci", "Regis"),
        ("Tanguy", "un grand avec une moustache, je verrai avec elle", "Tanguy"),
    ],
)
def test_remarks(name: str, remark: str, written: str) -> None:
    assert with_letters(name, fold(remark)) == written


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=10), st.text(max_size=40))
def test_any_remark_leaves_a_name(name: str, remark: str) -> None:
    assert with_letters(name.title(), fold(remark))
