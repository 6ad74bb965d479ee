"""What every client's search shares: the embedding models, the intents, what is learnt.

Embeddings are read through a whitening learnt when the process starts. The wordings of one intent
differ in what does not matter (who speaks, the story told, the register): those directions are
turned down, and what tells subjects apart stands out. The background is everyday talk that answers
to nothing: how close an entry is to it says how close it is to anything, and only what exceeds
that counts, whichever the model.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.associations import Rarity
from knowledge.corpus import read_companies
from knowledge.intents import Intent, IntentBank, read_intents
from knowledge.lessons import lessons_of, texts_of
from knowledge.matching import RECIPE, Matcher, Placement, features, learn
from knowledge.spaces import Space, unit_rows, within_whitening
from knowledge.subjects import LEARNT, SubjectReader, gathered, word_means
from models.embeddings import GEMMA, UNIVERSAL, Embedder, FloatMatrix, load_embedder, thorough
from models.words import WordVectors

logger = logging.getLogger(__name__)

_THOROUGH_EVERY = 9
"""Of so many wordings one is everyday talk enough for the whole model's closeness."""
_ASKING_STRENGTH = 10.0
"""Inverse penalty of the separation between asking and not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Tells what asks for an answer from what does not, by a linear separation.

    Learnt from the intents: subjects on one side, acts that deserve silence on the other.
    """

    slope: npt.NDArray[np.float64]
    intercept: float

    @classmethod
    def learn(cls, vectors: FloatMatrix, silent: npt.NDArray[np.bool_]) -> Asking:
        """Fit on levelled vectors of shape (wordings, both dimensions)."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_ASKING_STRENGTH, max_iter=500, class_weight="balanced")
        model.fit(vectors, ~silent)
        return cls(slope=model.coef_[0].astype(np.float64), intercept=float(model.intercept_[0]))

    def weigh(self, first: FloatMatrix, second: FloatMatrix) -> npt.NDArray[np.float64]:
        """Log-odds that each text asks something, shape (texts,)."""
        return np.asarray(np.hstack([first, second]) @ self.slope + self.intercept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """Loaded once a process, used by all clients and threads."""

    first: Space
    """The embedding model of the setting."""
    second: Space
    """The Universal Sentence Encoder."""
    bank: IntentBank
    asking: Asking
    subjects: SubjectReader
    matcher: Matcher
    words: WordVectors
    rarity: Rarity


def load_semantics(
    model: str = GEMMA,
    *,
    device: str = "cpu",
    cache: Path | None = None,
    first: Embedder | None = None,
    second: Embedder | None = None,
) -> Semantics:
    """Load the models; takes seconds, the first time minutes: call it from a worker thread.

    `model` is any name or folder sentence-transformers takes. `cache` is a folder where what is
    learnt from the intents and the written companies is kept from one start to the next; `first`
    and `second` are `model` and the Universal Sentence Encoder where they are loaded already.
    Raises EmbeddingError.
    """
    first = first or load_embedder(model, device=device, folder=cache)
    second = second or load_embedder(UNIVERSAL)
    intents = read_intents()
    wordings = [wording for intent in intents for wording in intent.wordings]
    raw_first = kept(cache, first.name, wordings, first.queries)
    raw_second = kept(cache, second.name, wordings, second.queries)
    words, rarity = WordVectors(), Rarity(wordings)
    means = word_means(wordings, words, rarity)
    first_space, first_bank = _space(first, raw_first, intents, cache)
    second_space, second_bank = _space(second, raw_second, intents, cache)
    level_first, level_second = first_space.levelled(raw_first), second_space.levelled(raw_second)
    labels = np.repeat(np.arange(len(intents)), [len(intent.wordings) for intent in intents])
    weights = kept(
        cache,
        f"subjects-{LEARNT}-{first.name}",
        wordings,
        lambda _: (
            SubjectReader.learn(
                words, rarity, gathered(level_first, level_second, means), labels
            ).weights
        ),
    )
    subjects = SubjectReader(words=words, rarity=rarity, weights=weights)
    return Semantics(
        first=first_space,
        second=second_space,
        bank=IntentBank(intents, first_bank, second_bank),
        asking=Asking.learn(np.hstack([level_first, level_second]), _silent_rows(intents)),
        subjects=subjects,
        matcher=_matcher(cache, first_space, subjects, intents, features(first_bank, means)),
        words=words,
        rarity=rarity,
    )


def _space(
    embedder: Embedder, raw: FloatMatrix, intents: Sequence[Intent], cache: Path | None
) -> tuple[Space, FloatMatrix]:
    """The space learnt from the intents' wordings, `raw` as `embedder` gives them, and those
    wordings in it."""
    sizes = [len(intent.wordings) for intent in intents]
    labels = np.repeat(np.arange(len(intents)), sizes)
    telling = ~_silent_rows(intents)
    mean, whitening = within_whitening(raw[telling], labels[telling])
    whitened = unit_rows((raw - mean) @ whitening)
    whole = thorough(embedder)
    some = [wording for intent in intents for wording in intent.wordings][::_THOROUGH_EVERY]
    told = kept(cache, whole.name, some, whole.queries)
    space = Space(
        embedder=embedder,
        whole=whole,
        mean=mean,
        spread=float(np.sqrt(np.square(raw - mean).sum(axis=1).mean())),
        whitening=whitening,
        background=whitened[::3],
        thorough_background=unit_rows(told[:, -raw.shape[1] :]),
    )
    return space, whitened


def _matcher(
    cache: Path | None,
    space: Space,
    subjects: SubjectReader,
    intents: Sequence[Intent],
    talk: FloatMatrix,
) -> Matcher:
    """What is learnt from the written companies; `talk` holds the features of all wordings."""
    companies, embedder = read_companies(), space.embedder

    def spoken(texts: Sequence[str]) -> FloatMatrix:
        return features(space.whitened(embedder.queries(texts)), subjects.means(texts))

    def written(texts: Sequence[str]) -> FloatMatrix:
        return features(space.whitened(embedder.passages(texts)), subjects.means(texts))

    def learnt(_: Sequence[str]) -> FloatMatrix:
        bounds = np.cumsum([len(intent.wordings) for intent in intents])[:-1]
        told = [rows for rows in np.split(talk, bounds) if len(rows) > 1]
        return learn(lessons_of(companies, spoken=spoken, written=written), told).as_rows()

    wordings = [wording for intent in intents for wording in intent.wordings]
    name = f"matching-{RECIPE}-{embedder.name}"
    placement = Placement.from_rows(kept(cache, name, [*wordings, *texts_of(companies)], learnt))
    return Matcher(placement=placement, background=placement.of(talk[::3]))


def _silent_rows(intents: Sequence[Intent]) -> npt.NDArray[np.bool_]:
    return np.repeat(
        [intent.silent for intent in intents], [len(intent.wordings) for intent in intents]
    )


def kept(
    cache: Path | None,
    name: str,
    wordings: Sequence[str],
    embed: Callable[[Sequence[str]], FloatMatrix],
) -> FloatMatrix:
    """What `embed` makes of `wordings`, computed once for the same name and wordings.

    Raises OSError when it cannot be kept.
    """
    if cache is None:
        return embed(wordings)
    key = hashlib.sha256("\n".join((name, *wordings)).encode()).hexdigest()[:24]
    path = cache / f"intents-{key}.npy"
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except FileNotFoundError:
        logger.info("%s is computed for the first time", name)
    except (OSError, ValueError, EOFError):
        logger.warning("%s is damaged: it is computed again", path)
    vectors = embed(wordings)
    cache.mkdir(parents=True, exist_ok=True)
    # Two processes may start at once: each writes its own file, the last one's name wins.
    draft = path.with_name(f"{path.stem}-{os.getpid()}-{id(vectors)}.npy")
    try:
        np.save(draft, vectors)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # what a full disk cut short
    return vectors
