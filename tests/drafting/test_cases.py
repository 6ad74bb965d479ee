"""Of which rule what is said is a case: learnt, kept, read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from copilot.drafting.situations import cases
from copilot.drafting.situations.cases import learn_cases
from copilot.drafting.situations.lessons import (
    Lesson,
    call_lessons,
    in_another_tone,
    read_lessons,
    trade_lessons,
    utterances,
)
from copilot.drafting.trades.corpus import read_trades
from models.embeddings import FloatMatrix


class Letters:
    """An embedder that counts letters."""

    name, dimension = "letters", 26

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        counts = np.array(
            [[text.count(chr(97 + at)) for at in range(26)] for text in texts], dtype=np.float32
        ).reshape(len(texts), 26)
        return np.asarray(
            counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-6),
            dtype=np.float32,
        )

    passages = queries


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """Two trades to learn from."""
    lessons = [*trade_lessons(read_trades()[:2])]
    monkeypatch.setattr(cases, "read_lessons", lambda: lessons)
    monkeypatch.setattr(cases, "SEEDS", (0,))
    return lessons


def test_what_was_learnt_is_kept_and_damage_is_mended(few: list[Lesson], tmp_path: Path) -> None:
    def odds() -> list[float]:
        reader = learn_cases((Letters(),), tmp_path)
        rules = [reader.rule("Fuite d'eau", "critique"), reader.rule("Panne", None)]
        return [float(each) for each in reader.odds(["il y a de l'eau partout"], rules).ravel()]

    learnt = odds()
    (kept,) = tmp_path.glob("cases-*.npz")
    stamp = kept.stat().st_mtime_ns
    assert odds() == pytest.approx(learnt)
    assert kept.stat().st_mtime_ns == stamp, "it was not learnt again"
    whole = kept.stat().st_size
    kept.write_bytes(kept.read_bytes()[:1000])
    # To rounding: sums over threads come in any order.
    assert odds() == pytest.approx(learnt, rel=1e-3), "the same texts teach the same"
    assert kept.stat().st_size == whole


def test_a_rule_s_own_level_bounds_its_cases(few: list[Lesson], tmp_path: Path) -> None:
    reader = learn_cases((Letters(),), tmp_path)
    rules = [
        reader.rule("Fuite", "urgent"),
        reader.rule("Feu", "critique"),
        reader.rule("Bruit", "normal"),
        reader.rule("Froid", None),
    ]
    (urgent, critical) = np.moveaxis(reader.odds(["ça coule"], rules)[0, 0], 1, 0)
    assert (urgent > 0).tolist() == [True, False, False, True]
    assert (critical > 0).tolist() == [False, True, False, True]


def test_a_call_is_read_utterance_by_utterance_and_two_by_two() -> None:
    assert utterances(["bonjour", "ça fuit partout", "au plafond"]) == (
        "ça fuit partout",
        "bonjour ça fuit partout",
        "au plafond",
        "ça fuit partout au plafond",
    )


def test_a_call_teaches_its_level_alone() -> None:
    (urgent, calm) = call_lessons(
        [
            "= urgent a", "? Fuite : critique", "? Panne : urgent", "? Froid", "- tout est arrêté",
            "= normal b", "? Fuite : critique", "- je voudrais un devis",
        ]
    )  # fmt: skip
    assert urgent.right == {(1, "urgent"), (2, "urgent")}
    assert (calm.right, calm.source) == (frozenset(), "b")


def test_an_urgent_call_no_rule_can_explain_teaches_nothing() -> None:
    assert [*call_lessons(["= urgent a", "? Fuite : critique", "- tout est arrêté"])] == []


def test_tone_changes_what_is_said_and_not_what_is_right() -> None:
    lessons = [*trade_lessons(read_trades()[:3])]
    for number, told in enumerate(in_another_tone(lessons)):
        plain = lessons[number * 5]
        assert told.said[0].startswith(plain.said[0]) and told.said != plain.said
        assert (told.right, told.rules) == (plain.right, plain.rules)


def test_every_lesson_can_be_right() -> None:
    for lesson in read_lessons():
        assert lesson.said and lesson.rules
        for row, level in lesson.right:
            assert lesson.rules[row].level in (None, level)
