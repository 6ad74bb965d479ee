"""French words made comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.wording import content_words, plain, sound, sound_grams, spelled_words, stems, words


def test_elision_accents_and_apostrophes() -> None:
    assert words("L’été, qu'il n'ouvre jusqu'à 19h30 !") == [
        "ete", "il", "ouvre", "a", "19h30",
    ]  # fmt: skip
    assert plain("Œuf à NOËL") == "oeuf a noel"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fermez", "fermé"),
        ("horaire", "horaires"),
        ("paiement", "payer"),
        ("annulation", "annuler"),
        ("vingt", "20"),
        ("30 euros", "trente euros"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stems(one)[0] == stems(other)[0]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("payé", "payer"), ("garé", "garer"), ("chauffe", "chauffes"), ("quai", "quais")],
)
def test_homophones_sound_alike(heard: str, meant: str) -> None:
    assert sound(plain(heard)) == sound(plain(meant))


def test_digits_are_kept_as_they_sound() -> None:
    assert sound("1100") == "1100"


def test_courtesy_words_carry_no_meaning() -> None:
    assert content_words("bonjour euh est-ce que vous avez un parking") == ["parking"]
    assert spelled_words("Bonjour, c'est fermé à Noël ?") == ["fermé", "noël"]


@given(st.text(max_size=200))
def test_any_text_gives_words_that_are_stable(text: str) -> None:
    found = words(text)
    for word in found:
        assert " " not in word
        assert word
    stems(text)
    sound_grams(text)
