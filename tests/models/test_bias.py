"""Names expected only where something sounds like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bias import worth_expecting, written_in

VOCABULARY = (
    "Lefebvre",
    "Garage Delorme",
    "Docteur Martel",
    "rue des Acacias",
    "Kowalczyk",
    "Le Goff",
)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Je voudrais parler à monsieur le fèvre", "Lefebvre"),
        ("C'est le garage de l'orme", "Garage Delorme"),
        ("le docteur Martelle est là ?", "Docteur Martel"),
        ("rue des acassiats", "rue des Acacias"),
        ("madame Koval chic", "Kowalczyk"),
        ("de la part de le gauffre", "Le Goff"),
    ],
)
def test_what_sounds_like_a_name_is_worth_expecting_it(text: str, term: str) -> None:
    assert worth_expecting(text, VOCABULARY)[0] == term


@pytest.mark.parametrize(
    "text",
    [
        "Je voudrais un rendez-vous lundi matin",
        "Vous pouvez maintenant parler.",
        "Veuillez composer votre mot de passe.",
        "",
    ],
)
def test_other_speech_expects_nothing(text: str) -> None:
    assert worth_expecting(text, VOCABULARY) == ()


def test_a_name_written_right_is_left_alone() -> None:
    assert written_in("Lefebvre", "Monsieur LEFEBVRE, bonjour")
    assert worth_expecting("Monsieur Lefebvre, bonjour", ("Lefebvre",)) == ()


def test_short_names_are_never_expected() -> None:
    assert worth_expecting("oui je lis", ("Ly",)) == ()


@given(st.text(max_size=80))
def test_any_text_may_be_looked_at(text: str) -> None:
    assert set(worth_expecting(text, VOCABULARY)) <= set(VOCABULARY)
