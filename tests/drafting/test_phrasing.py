"""Reasons are written like sentences, of what was said and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.phrasing import Part, tidy, written

PIECES = """euh ben voilà du coup en fait je je voudrais , une une fuite sous l'évier c'est pour
        vous dire que parce qu' il y a de l'eau partout s'il vous plaît merci Mon voisin est-ce que
        combien ? à le 06 39 la chaudière et qui goutte bonjour madame j'ai alors hein , ,"""
SPOKEN = st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def is_within(found: list[str], said: list[str]) -> bool:
    rest = iter(said)
    return all(word in rest for word in found)


@given(SPOKEN)
def test_tidying_adds_no_word_and_is_done_once(said: str) -> None:
    found = tidy(said)
    assert is_within(words(found), words(said))
    assert tidy(found) == found
    assert "  " not in found and found == found.strip(" ,")


@given(st.lists(st.builds(Part, SPOKEN.map(tidy).filter(bool), st.booleans()), max_size=6))
def test_what_is_written_is_what_was_said(parts: list[Part]) -> None:
    text = written(parts)
    assert is_within(words(text), [word for part in parts for word in words(part.text)])
    assert bool(text) == bool(parts)
    if text:
        assert text[0] == text[0].upper() and text[-1] in ".?!"
        assert not re.search(r"[.,?!]\s*[.,]|\s{2}", text)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("euh alors voilà j'ai une une fuite", "j'ai une fuite"),
        ("c'est pour vous dire qu'il y a des étincelles", "il y a des étincelles"),
        ("je vous appelle parce que la porte est bloquée", "la porte est bloquée"),
        ("maître j'ai eu votre courrier", "j'ai eu votre courrier"),
        ("Maître Blanc s'il vous plaît", "Maître Blanc"),
        ("elle viendrait à neuf heures au lieu,", "elle viendrait à neuf heures"),
        ("il en manque une", "il en manque une"),
        ("j'ai mis la bague sur l'appui", "j'ai mis la bague sur l'appui"),
        ("vous livrez en combien de temps", "vous livrez en combien de temps ?"),
        ("je voudrais savoir combien ça coûte", "je voudrais savoir combien ça coûte"),
        ("je comprends", ""),
        ("dites-lui de me rappeler", "dites-lui de me rappeler"),
    ],
)
def test_a_clause_without_what_is_only_spoken(said: str, found: str) -> None:
    assert tidy(said) == found


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            [("le chauffe-eau fuit", True), ("Mon voisin du dessous est inondé", True)],
            "Le chauffe-eau fuit. Mon voisin du dessous est inondé.",
        ),
        (
            [("il ne répondait plus", True), ("J'étais inquiète", False)],
            "Il ne répondait plus, j'étais inquiète.",
        ),
        ([("j'appelle", True), ("Bernard me l'a dit", False)], "J'appelle, Bernard me l'a dit."),
        (
            [("les calissons c'est à quoi ?", True), ("parce que mon père enfle", False)],
            "Les calissons c'est à quoi ? Mon père enfle.",
        ),
        ([], ""),
    ],
)
def test_clauses_become_sentences(parts: list[tuple[str, bool]], text: str) -> None:
    assert written([Part(*part) for part in parts]) == text
