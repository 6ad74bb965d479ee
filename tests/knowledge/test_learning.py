"""Marks, weights, kept vectors: what is shown and learnt beside the answer itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.grouping import SAME, likeness
from knowledge.marking import mark
from knowledge.passages import Entry
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics
from knowledge.usage import MAX_WEIGHT, Use
from knowledge.vectors import KeptVectors, folder_of
from models.embeddings import FloatMatrix

counts = st.integers(min_value=0, max_value=10_000)


@given(st.builds(Use, opened=counts, copied=counts, used=counts, dismissed=counts, not_this=counts))
def test_a_weight_is_bounded_whatever_the_use(use: Use) -> None:
    assert -MAX_WEIGHT <= use.weight <= MAX_WEIGHT
    assert "0,75" in use.explained()
    assert "0.75" in use.explained(in_english=True)


def test_use_gains_and_repeated_refusals_lose() -> None:
    assert Use(shown=50).weight == 0
    assert Use(dismissed=2).weight == 0
    assert Use(dismissed=6).weight < 0 < Use(used=3).weight < Use(used=9).weight
    assert Use(used=5, dismissed=4).weight > 0
    assert Use(used=3).explained().startswith("+0,")


class Counted:
    """Embeds texts by their length and remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> FloatMatrix:
        self.asked.extend(texts)
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_only_what_changed_is_embedded_again(tmp_path: Path) -> None:
    embed = Counted()
    first = KeptVectors(tmp_path).of("m", ["a", "bb", "a"], embed, part="p")
    assert first[:, 0].tolist() == [1, 2, 1]
    assert embed.asked == ["a", "bb"]
    again = KeptVectors(tmp_path).of("m", ["bb", "ccc"], embed, part="p")
    assert again[:, 0].tolist() == [2, 3]
    assert embed.asked == ["a", "bb", "ccc"]
    KeptVectors(tmp_path).of("m", ["a"], embed, part="p")  # gone with the second index
    assert embed.asked[-1] == "a"
    KeptVectors(tmp_path).of("other", ["a"], embed, part="p")
    assert len(embed.asked) == 5
    assert KeptVectors(tmp_path).of("m", [], embed, part="p").shape == (0, 2)


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_damaged_vectors_are_made_again(tmp_path: Path, damage: bytes) -> None:
    KeptVectors(tmp_path).of("m", ["a"], Counted(), part="p")
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage)
    assert KeptVectors(tmp_path).of("m", ["a"], Counted(), part="p").tolist() == [[1, 1]]


def test_a_client_s_folder_says_nothing_of_it() -> None:
    assert folder_of("a/../b") != folder_of("b")
    assert folder_of("delorme").isalnum()


ENTRY = Entry(entry_id="p", question="Où peut-on se garer ?", answer="Parking derrière l'école.")


@pytest.mark.models
def test_marks_stand_where_the_words_do(semantics: Semantics) -> None:
    said = "Bonjour, l’école a un parking ?"
    found = mark(said, ENTRY.question, ENTRY.answer, semantics.words)
    assert [said[a:b] for a, b in found.said] == ["école", "parking"]
    assert {ENTRY.answer[a:b] for a, b in found.answer} == {"Parking", "école"}
    assert found.words == ("ecole", "parking")


@pytest.mark.models
@given(st.text(max_size=80), st.text(max_size=80))
def test_marks_never_leave_the_text(semantics: Semantics, said: str, answer: str) -> None:
    found = mark(said, "Horaires ?", answer, semantics.words)
    assert all(0 <= a < b <= len(said) for a, b in found.said)
    assert all(0 <= a < b <= len(answer) for a, b in found.answer)


@pytest.mark.models
def test_a_weight_moves_confidence_and_is_told(semantics: Semantics) -> None:
    entries = [ENTRY, Entry(entry_id="h", question="Horaires ?", answer="9 h à 18 h.")]
    said = "vous fermez à quelle heure"
    plain = ClientPrompter(entries, semantics).decide(said)
    used = ClientPrompter(entries, semantics, weights={"h": 0.75, "gone": 0.5}).decide(said)
    best = used.ranked[0]
    assert (best.entry.entry_id, best.weight) == ("h", 0.75)
    assert best.confidence > plain.ranked[0].confidence
    assert [hit.entry.entry_id for hit in used.alternatives] == ["p"]


@pytest.mark.models
def test_a_question_nobody_answers_is_a_gap_and_small_talk_is_not(semantics: Semantics) -> None:
    prompter = ClientPrompter([ENTRY], semantics)
    assert prompter.decide("est-ce que vous remboursez les frais de notaire ?").unanswered
    for said in ("merci au revoir", "c'est madame Lefebvre", "où est-ce qu'on peut se garer ?"):
        assert not prompter.decide(said).unanswered, said


@pytest.mark.models
def test_questions_of_one_meaning_are_found_alike(semantics: Semantics) -> None:
    known = ["est-ce que vous livrez le dimanche ?", "vous vendez des vélos électriques ?"]
    same, other = likeness("vous faites des livraisons le dimanche", known, semantics)
    assert same >= SAME > other
    assert likeness("x", [], semantics) == []


@pytest.mark.models
def test_a_word_being_typed_is_completed(semantics: Semantics) -> None:
    entries = [ENTRY, Entry(entry_id="h", question="Horaires ?", answer="9 h à 18 h.")]
    prompter = ClientPrompter(entries, semantics)
    for typed in ("hor", "horai", "Horaires", "18"):
        assert prompter.ask(typed)[0].entry.entry_id == "h", typed


@pytest.mark.models
def test_kept_vectors_give_the_same_answers(semantics: Semantics, tmp_path: Path) -> None:
    made = ClientPrompter([ENTRY], semantics, kept=KeptVectors(tmp_path))
    read = ClientPrompter([ENTRY], semantics, kept=KeptVectors(tmp_path))
    said = "je mets la voiture où"
    assert made.decide(said) == read.decide(said)
    assert made.size_bytes > 0


@pytest.mark.models
def test_nothing_is_kept_of_a_base_that_was_emptied(semantics: Semantics, tmp_path: Path) -> None:
    ClientPrompter([ENTRY], semantics, kept=KeptVectors(tmp_path))
    assert any(tmp_path.iterdir())
    ClientPrompter([], semantics, kept=KeptVectors(tmp_path))
    assert not any(tmp_path.iterdir())
