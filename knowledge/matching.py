"""Which entry a wording is after, learnt by contrast from the written companies.

"J'arrive pas à joindre les deux bouts" is after "Peut-on payer en plusieurs fois ?": that takes
knowledge of the world, which a sentence model has and does not show. One placement of what
it and the words' vectors make of a text, a projection and a hidden layer beside it, is learnt so
that what a caller says falls nearer to the entry that answers it than to every other entry of the
same company (InfoNCE, van den Oord et al. 2018, the company's entries as contrast), and nearer to
another wording of its subject than to those of other subjects. A minute of one core once all is
embedded (docs/adr/0217, 0218).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from knowledge.spaces import unit_rows
from models.embeddings import FloatMatrix

if TYPE_CHECKING:
    import torch

Placing: TypeAlias = "Callable[..., Sequence[torch.Tensor]]"
"""Matrices of features to unit rows of the projection being learnt, all in one product."""

logger = logging.getLogger(__name__)

RECIPE = "6"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
WIDTH = 256
"""Numbers of a text once projected."""
HIDDEN = 512
"""Units of the hidden layer: with a hundred companies and more it learns what no projection holds
(docs/adr/0218)."""
_HIDDEN_SPREAD = 0.03
"""Of the hidden layer's first weights."""
_HIDDEN_GAIN = 30.0
"""Brings the features of a unit row, about 0.03 each, to the scale at which a unit bends."""
_HIDDEN_SHARE = 0.1
"""What the hidden layer's outcome weighs beside the projection's, so that it learns as fast."""
_WORDS = 0.7
"""What the words' vectors weigh beside the embedding."""
_ROUNDS = 16
_SUBJECT_STEPS = 10
"""Steps a round that contrast subjects of the lexicon, beside one a company."""
_SUBJECTS = 128
_RATE = 1e-3
_LAST_RATE = 0.02
_DROPPED = 0.5
"""Share of the features left out at each step: a few thousand wordings must not be learnt by
heart."""
_SHARPNESS = 3.0
"""Logarithm of the first scale of closeness; learnt with the projection."""
_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A company whose callers' wishes are known; rows are `features`."""

    questions: FloatMatrix
    """Shape (entries, features)."""
    wholes: FloatMatrix
    """The questions with their answers, the same shape."""
    said: FloatMatrix
    """What callers said, shape (wordings, features)."""
    expected: npt.NDArray[np.bool_]
    """Which entries answer each, shape (wordings, entries); one at least a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What is learnt. Read-only: safe from any thread."""

    projection: FloatMatrix
    """Shape (features, WIDTH)."""
    inward: FloatMatrix
    """Features to the hidden layer, shape (features, HIDDEN)."""
    outward: FloatMatrix
    """The hidden layer to places, shape (HIDDEN, WIDTH)."""

    def of(self, rows: FloatMatrix) -> FloatMatrix:
        """Unit rows of shape (rows, WIDTH), from rows of features."""
        hidden = np.maximum(_HIDDEN_GAIN * (rows @ self.inward), 0)
        return unit_rows(rows @ self.projection + _HIDDEN_SHARE * (hidden @ self.outward))

    def as_rows(self) -> FloatMatrix:
        """One matrix for the disk, WIDTH wide."""
        return np.vstack([self.projection, self.inward.reshape(-1, WIDTH), self.outward])

    @classmethod
    def from_rows(cls, rows: FloatMatrix) -> Placement:
        """What `as_rows` made."""
        # F features make F rows of the projection, F * HIDDEN / WIDTH inward, HIDDEN outward.
        width = (len(rows) - HIDDEN) * WIDTH // (WIDTH + HIDDEN)
        return cls(
            projection=rows[:width],
            inward=np.ascontiguousarray(rows[width:-HIDDEN].reshape(width, HIDDEN)),
            outward=rows[-HIDDEN:],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Places texts so that a wording is near what answers it. Thread-safe."""

    placement: Placement
    background: FloatMatrix
    """Everyday talk, placed."""

    def place(self, first: FloatMatrix, means: FloatMatrix) -> FloatMatrix:
        """Unit rows of shape (texts, WIDTH), from a whitened embedding and means of words."""
        if not len(first):
            return np.empty((0, WIDTH), dtype=np.float32)
        return np.concatenate(
            [
                self.placement.of(features(first[at], means[at]))
                for at in (slice(at, at + _BLOCK) for at in range(0, len(first), _BLOCK))
            ]
        )


def features(first: FloatMatrix, means: FloatMatrix) -> FloatMatrix:
    """What a text is placed by: the whitened embedding and the mean of its words' vectors."""
    return unit_rows(np.hstack([first, _WORDS * means]))


def learn(
    lessons: Sequence[Lesson], subjects: Sequence[FloatMatrix], *, seed: int = 0
) -> Placement:
    """The same for the same lessons and seed.

    `subjects` holds the wordings of each subject, two at least, shape (wordings, features).
    """
    import torch

    chance = torch.Generator().manual_seed(seed)
    shuffled = np.random.default_rng(seed)
    answers = [rows for lesson in lessons for rows in (lesson.questions, lesson.wholes)]
    every = np.vstack([*subjects, *answers])
    projection = torch.from_numpy(_principal(every)).requires_grad_()
    first = _HIDDEN_SPREAD * torch.randn(len(projection), HIDDEN, generator=chance)
    inward = first.requires_grad_()
    outward = torch.zeros(HIDDEN, WIDTH, requires_grad=True)
    sharpness = torch.tensor(_SHARPNESS, requires_grad=True)
    optimiser = torch.optim.Adam([projection, inward, outward, sharpness], lr=_RATE, fused=True)

    def placed(*parts: FloatMatrix) -> Sequence[torch.Tensor]:
        given = torch.from_numpy(np.concatenate(parts))
        # Bytes are drawn in half the time of floats.
        drawn = torch.randint(256, given.shape, generator=chance, dtype=torch.uint8)
        kept = given * (drawn >= round(256 * _DROPPED))
        hidden = torch.relu(_HIDDEN_GAIN * (kept @ inward))
        place = kept @ projection + _HIDDEN_SHARE * (hidden @ outward)
        unit = torch.nn.functional.normalize(place, dim=1)
        return torch.split(unit, [len(part) for part in parts])

    logger.info("matching: what %d companies teach is learnt", len(lessons))
    steps = [step for _ in range(_ROUNDS) for step in _round(len(lessons), shuffled)]
    for number, step in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * max(1 - number / len(steps), _LAST_RATE)
        if step is not None:
            loss = _surprise_of_company(lessons[step], placed, sharpness)
        else:
            loss = _surprise_of_subjects(subjects, shuffled, placed, sharpness)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    learnt = (
        np.ascontiguousarray(part.detach().numpy(), dtype=np.float32)
        for part in (projection, inward, outward)
    )
    return Placement(**dict(zip(("projection", "inward", "outward"), learnt, strict=True)))


def _round(companies: int, shuffled: np.random.Generator) -> list[int | None]:
    """Every company once and some steps of subjects (null), in any order."""
    steps: list[int | None] = [*range(companies), *[None] * _SUBJECT_STEPS]
    return [steps[at] for at in shuffled.permutation(len(steps))]


def _surprise_of_company(lesson: Lesson, placed: Placing, sharpness: torch.Tensor) -> torch.Tensor:
    """Of the entry that answers, among the company's, for each of its callers' wordings."""
    import torch

    said, questions, wholes = placed(lesson.said, lesson.questions, lesson.wholes)
    scores = sharpness.exp() * (said @ questions.T + said @ wholes.T) / 2
    expected = torch.from_numpy(lesson.expected)
    answering = torch.logsumexp(scores.masked_fill(~expected, -torch.inf), dim=1)
    return (torch.logsumexp(scores, dim=1) - answering).mean()


def _surprise_of_subjects(
    subjects: Sequence[FloatMatrix],
    shuffled: np.random.Generator,
    placed: Placing,
    sharpness: torch.Tensor,
) -> torch.Tensor:
    """Of one wording of a subject, among one of each of many, for another of its wordings."""
    import torch

    count = min(_SUBJECTS, len(subjects))
    chosen = shuffled.choice(len(subjects), count, replace=False)
    pairs = [subjects[at][shuffled.choice(len(subjects[at]), 2, replace=False)] for at in chosen]
    said, other = placed(*(np.stack([pair[side] for pair in pairs]) for side in (0, 1)))
    scores = sharpness.exp() * said @ other.T
    return torch.nn.functional.cross_entropy(scores, torch.arange(count))


def _principal(rows: FloatMatrix) -> FloatMatrix:
    """The directions in which rows differ most, shape (features, WIDTH): where learning begins."""
    _, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    return np.ascontiguousarray(directions[:, ::-1][:, :WIDTH], dtype=np.float32)
