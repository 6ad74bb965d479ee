"""Of which rule what is said is a case: learnt, kept, read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from copilot.drafting.situations import cases
from copilot.drafting.situations.calls import read_calls, taught_calls
from copilot.drafting.situations.cases import learn_cases
from copilot.drafting.situations.caseskept import keep
from copilot.drafting.situations.lessons import (
    Lesson,
    beside_others,
    call_lesson,
    in_another_tone,
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
    """Two trades and two sets of calls to learn from."""
    lessons = [*trade_lessons(read_trades()[:2])]
    monkeypatch.setattr(cases, "packaged_trade_lessons", lambda: lessons)
    monkeypatch.setattr(cases, "taught_calls", lambda: taught_calls()[:60])
    monkeypatch.setattr(cases, "SEEDS", (0, 1))
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


def test_what_cannot_be_kept_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Any, **arrays: Any) -> None:
        file.write(b"PK")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        keep(tmp_path / "cases.npz", SimpleNamespace(arrays=dict))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


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


def test_each_utterance_is_read_with_the_one_before() -> None:
    assert utterances(["bonjour", "ça fuit partout", "", "au plafond"]) == (
        "bonjour ça fuit partout",
        "ça fuit partout au plafond",
    )


def test_a_call_teaches_its_level_alone() -> None:
    urgent, calm = read_calls(
        [
            "= urgent urgence a", "? Fuite : critique", "? Panne : urgent", "? Froid",
            "- tout est arrêté", "+ j'envoie quelqu'un",
            "= normal devis b", "? Fuite : critique", "- je voudrais un devis",
        ]
    )  # fmt: skip
    assert (urgent.answered, calm.category) == (("j'envoie quelqu'un",), "devis")
    told, asked = call_lesson(urgent), call_lesson(calm)
    assert told and told.right == {(1, "urgent"), (2, "urgent")}
    assert asked and (asked.right, asked.source) == (frozenset(), "b")


def test_an_urgent_call_no_rule_can_explain_teaches_nothing() -> None:
    (call,) = read_calls(["= urgent urgence a", "? Fuite : critique", "- tout est arrêté"])
    assert call_lesson(call) is None


def test_a_call_without_a_level_teaches_nothing_of_urgency() -> None:
    (call,) = read_calls(["= ? devis a", "? Fuite : critique", "- je voudrais un devis"])
    assert call_lesson(call) is None


def test_other_clients_rules_change_nothing_of_what_is_right() -> None:
    calls = read_calls(
        [
            "= critique urgence a", "? Fuite : critique", "- ça coule partout",
            "= normal devis b", "? Feu : critique", "? Panne : urgent", "- je voudrais un devis",
        ]
    )  # fmt: skip
    lessons = [lesson for lesson in map(call_lesson, calls) if lesson]
    found = [each for seed in range(20) for each in beside_others(lessons, seed)]
    assert {each.source for each in found} == {"a", "b"}
    for each in found:
        (own,) = (lesson for lesson in lessons if lesson.source == each.source)
        assert each.rules[: len(own.rules)] == own.rules and len(each.rules) > len(own.rules)
        assert (each.right, each.said) == (own.right, own.said)
    assert found == [each for seed in range(20) for each in beside_others(lessons, seed)]


def test_tone_changes_what_is_said_and_not_what_is_right() -> None:
    lessons = [*trade_lessons(read_trades()[:3])]
    for number, told in enumerate(in_another_tone(lessons)):
        plain = lessons[number * 5]
        assert told.said[0].startswith(plain.said[0]) and told.said != plain.said
        assert (told.right, told.rules) == (plain.right, plain.rules)


def test_every_lesson_can_be_right() -> None:
    lessons = [*trade_lessons(read_trades()), *map(call_lesson, taught_calls())]
    for lesson in filter(None, lessons):
        assert lesson.said and lesson.rules
        for row, level in lesson.right:
            assert lesson.rules[row].level in (None, level)
