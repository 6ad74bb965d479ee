"""Matching learnt by contrast: from rows made up, and from the written companies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge.evaluation import ClientSet, Query
from knowledge.lessons import lessons_of, texts_of
from knowledge.matching import HIDDEN, WIDTH, Lesson, Matcher, Placement, learn
from knowledge.passages import Entry
from knowledge.semantics import Semantics, kept
from knowledge.spaces import unit_rows
from models.embeddings import FloatMatrix

FEATURES = WIDTH
SHOWN = 226
"""Features in which a wording and its answer differ; the others tell which answer it is."""


def company(seed: int, entries: int = 8, callers: int = 24) -> Lesson:
    """Wordings that resemble the wrong answers at first sight: what tells is small."""
    chance = np.random.default_rng(seed)
    told = chance.normal(0, 1, (entries, FEATURES - SHOWN))
    answers = np.arange(callers) % entries
    noise = chance.normal(0, 1, (callers + 2 * entries, SHOWN))
    telling = np.vstack([told, told, told[answers]])
    rows = unit_rows(np.hstack([noise, telling + chance.normal(0, 0.1, telling.shape)]))
    return Lesson(
        questions=rows[:entries],
        wholes=rows[entries : 2 * entries],
        said=rows[2 * entries :],
        expected=np.eye(entries, dtype=bool)[answers],
    )


def placement_of(chance: np.random.Generator, width: int) -> Placement:
    shapes = ((width, WIDTH), (width, HIDDEN), (HIDDEN, WIDTH))
    projection, inward, outward = (chance.normal(0, 1, s).astype(np.float32) for s in shapes)
    return Placement(projection=projection, inward=inward, outward=outward)


def right(lesson: Lesson, place: Callable[[FloatMatrix], FloatMatrix]) -> float:
    near = place(lesson.said) @ place(lesson.questions).T
    return float(lesson.expected[np.arange(len(near)), near.argmax(axis=1)].mean())


def test_what_is_learnt_holds_for_a_company_never_seen() -> None:
    lessons = [company(seed) for seed in range(12)]
    subjects = [one.said[one.expected[:, 0]] for one in lessons]
    placement = learn(lessons, subjects)
    assert placement.projection.shape == (FEATURES, WIDTH)
    unseen = [company(seed) for seed in range(90, 95)]
    before = np.mean([right(one, unit_rows) for one in unseen])
    assert np.mean([right(one, placement.of) for one in unseen]) > before + 0.1
    np.testing.assert_array_equal(placement.as_rows(), learn(lessons, subjects).as_rows())


@pytest.mark.parametrize("width", [12, FEATURES, 1068])
def test_what_is_learnt_survives_the_disk(width: int) -> None:
    chance = np.random.default_rng(width)
    made = placement_of(chance, width)
    read, rows = Placement.from_rows(made.as_rows()), chance.normal(0, 1, (7, width))
    np.testing.assert_array_equal(made.inward, read.inward)
    np.testing.assert_array_equal(made.of(unit_rows(rows)), read.of(unit_rows(rows)))


def test_texts_are_placed_in_blocks_alike_and_none_is_no_trouble() -> None:
    chance = np.random.default_rng(3)
    matcher = Matcher(placement=placement_of(chance, 8), background=np.empty((0, 4), np.float32))
    parts = [chance.normal(0, 1, (5000, 4)).astype(np.float32) for _ in range(2)]
    placed = matcher.place(*parts)
    assert placed.shape == (5000, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(placed, axis=1), 1, atol=1e-5)
    last = matcher.place(*(part[4990:] for part in parts))
    np.testing.assert_allclose(placed[4990:], last, atol=1e-5)
    assert matcher.place(*(part[:0] for part in parts)).shape == (0, WIDTH)


ENTRIES = (
    Entry(entry_id="h", question="Quels sont vos horaires ?", answer="De 9 h à 18 h."),
    Entry(entry_id="p", question="Y a-t-il un parking ?", answer="Oui."),
)


def said(text: str, *expected: str, previous: tuple[str, ...] = ()) -> Query:
    return Query(
        query_id=text, utterance=text, expected=frozenset(expected), kind="x", previous=previous
    )


def test_lessons_hold_what_can_be_answered_by_itself_without_its_courtesy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queries = (
        said("bonjour madame vous fermez quand", "h"),
        said("merci au revoir"),
        said("et le samedi", "h", previous=("vous fermez quand",)),
    )
    written = ClientSet(name="a", entries=ENTRIES, queries=queries)
    silent = ClientSet(name="b", entries=ENTRIES, queries=queries[1:])
    read: list[str] = []

    def rows(texts: list[str]) -> FloatMatrix:
        read.extend(texts)
        return np.zeros((len(texts), 2), np.float32)

    (lesson,) = lessons_of([written, silent], spoken=rows, written=rows)  # type: ignore[arg-type]
    assert "vous fermez quand" in read
    assert not any("bonjour" in text or "merci" in text or "samedi" in text for text in read)
    assert lesson.expected.tolist() == [[True, False]] * len(lesson.said)
    changed = ClientSet(name="a", entries=ENTRIES[::-1], queries=queries)
    before = texts_of([written])
    assert before != texts_of([changed])
    monkeypatch.setattr("knowledge.lessons.misheard", lambda text: f"{text} au juste")
    assert before != texts_of([written]), "how callers are heard changes what is learnt"


def test_what_is_kept_is_learnt_once_and_again_when_damaged(tmp_path: Path) -> None:
    learnt: list[int] = []

    def learning(texts: object) -> FloatMatrix:
        learnt.append(1)
        return np.ones((2, 2), np.float32)

    first = kept(tmp_path, "matching", ["a", "b"], learning)
    np.testing.assert_array_equal(first, kept(tmp_path, "matching", ["a", "b"], learning))
    assert len(learnt) == 1
    kept(tmp_path, "matching", ["a", "c"], learning)
    assert len(learnt) == 2
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:40])
    np.testing.assert_array_equal(first, kept(tmp_path, "matching", ["a", "b"], learning))
    assert len(learnt) == 3


def test_what_cannot_be_kept_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, rows: FloatMatrix) -> None:
        path.write_bytes(rows.tobytes()[:5])
        raise OSError("no space left")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space"):
        kept(tmp_path, "matching", ["a"], lambda _: np.ones((2, 2), np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.models
def test_a_wish_is_placed_near_what_answers_it(semantics: Semantics) -> None:
    questions = ["Peut-on payer en plusieurs fois ?", "Quels sont vos horaires ?", "Où êtes-vous ?"]
    wish = ["ce mois-ci j'arrive pas à joindre les deux bouts on peut s'arranger"]

    def placed(texts: list[str], *, spoken: bool) -> FloatMatrix:
        space = semantics.first
        embed = space.embedder.queries if spoken else space.embedder.passages
        return semantics.matcher.place(
            space.whitened(embed(texts)), semantics.subjects.means(texts)
        )

    near = placed(wish, spoken=True) @ placed(questions, spoken=False).T
    assert int(near[0].argmax()) == 0
