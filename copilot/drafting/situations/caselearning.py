"""Learning the network of cases: a conditional logit over readings, by stochastic descent.

The alternatives of a lesson are every utterance as a case of every rule, at every level the rule
may have, and "none". Which of the right ones it is need not be known (latent alternatives, as in
multiple-instance learning, Dietterich et al. 1997): their shares are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.casenet import NAMES, SCALES, CaseNet
from copilot.drafting.situations.lessons import Lesson
from copilot.drafting.situations.senses import SPELLINGS
from models.embeddings import FloatMatrix

if TYPE_CHECKING:
    import torch
    from scipy.sparse import csr_matrix

WIDTH = 128
"""Numbers of a place."""
_HIDDEN, _BESIDE = 64, 32
"""Units of the layer on an utterance, and of that on an utterance beside a rule."""
_ROUNDS = 4
_BATCH = 48
_RATE = 2e-3
_LAST_RATE = 0.02
_DECAY = 1e-4
_DROPPED = {"row": 0.5, "hidden": 0.3, "beside": 0.2}
_SHARPNESS = 2.0
"""Logarithm of the first scale of closeness; learnt."""
_LEVEL = -3.0
"""First log-odds of a case."""
_NEVER = -1e9

URGENT, CRITICAL, NORMAL = range(3)
_KINDS = {"urgent": URGENT, "critique": CRITICAL, "normal": NORMAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All texts of the lessons, embedded once."""

    places: Mapping[str, int]
    rows: FloatMatrix
    spellings: csr_matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A lesson, flat. A pair is an utterance and a rule; an item a pair and one of its pieces."""

    said: npt.NDArray[np.int64]
    """Text of each item's utterance, as of its `pieces`."""
    pieces: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.int64]
    """Pair of each item."""
    utterances: npt.NDArray[np.int64]
    """Text of each pair's utterance."""
    allowed: npt.NDArray[np.bool_]
    """Levels each pair may have, shape (pairs, 3)."""
    right: npt.NDArray[np.bool_]
    """As `allowed`, of what is right."""


def learn(lessons: Sequence[Lesson], texts: Texts, *, seed: int = 0) -> CaseNet:
    """The same, to rounding, for the same lessons and seed. A quarter of a minute of one core."""
    import torch

    tasks = [_task(lesson, texts) for lesson in lessons]
    order = np.random.default_rng(seed)
    chance = torch.Generator().manual_seed(seed)
    weights = _first(texts.rows.shape[1], chance)
    optimiser = torch.optim.AdamW(weights.values(), lr=_RATE, weight_decay=_DECAY, fused=True)
    batches = [
        shuffled[at : at + _BATCH]
        for shuffled in (order.permutation(len(tasks)) for _ in range(_ROUNDS))
        for at in range(0, len(tasks), _BATCH)
    ]
    for number, batch in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * max(1 - number / len(batches), _LAST_RATE)
        loss = _surprise([tasks[at] for at in batch], texts, weights, chance)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return CaseNet(
        {
            name: np.ascontiguousarray(weights[name].detach().numpy(), dtype=np.float32)
            for name in NAMES
        }
    )


def _task(lesson: Lesson, texts: Texts) -> _Task:
    said: list[int] = []
    pieces: list[int] = []
    pairs: list[int] = []
    utterances: list[int] = []
    allowed: list[list[bool]] = []
    right: list[list[bool]] = []
    for text in lesson.said:
        for row, rule in enumerate(lesson.rules):
            for piece in rule.pieces:
                said.append(texts.places[text])
                pieces.append(texts.places[piece])
                pairs.append(len(utterances))
            utterances.append(texts.places[text])
            may = (rule.level,) if rule.level else ("urgent", "critique")
            allowed.append([level in may for level in _KINDS])
            right.append([(row, level) in lesson.right for level in _KINDS])
    return _Task(
        said=np.array(said),
        pieces=np.array(pieces),
        pairs=np.array(pairs),
        utterances=np.array(utterances),
        allowed=np.array(allowed),
        right=np.array(right),
    )


def _first(width: int, chance: torch.Generator) -> dict[str, torch.Tensor]:
    """Places begin as one random rotation of the rows; layers end in nothing."""
    import torch

    def spread(*shape: int) -> torch.Tensor:
        return torch.empty(shape).uniform_(
            -(shape[-1] ** -0.5), shape[-1] ** -0.5, generator=chance
        )

    turned = torch.linalg.qr(torch.randn(width, WIDTH, generator=chance)).Q.T.contiguous()
    weights = {
        "said_place": turned,
        "rule_place": turned.clone(),
        "telling": spread(1, width),
        "telling_level": torch.zeros(1),
        "spelling": torch.zeros(2, SPELLINGS),
        "inward": spread(_HIDDEN, width),
        "inward_level": torch.zeros(_HIDDEN),
        "outward": torch.zeros(2, _HIDDEN),
        "outward_level": torch.zeros(2),
        "beside": spread(_BESIDE, 2 * WIDTH),
        "beside_level": torch.zeros(_BESIDE),
        "beside_out": torch.zeros(1, _BESIDE),
        "sharpness": torch.tensor(_SHARPNESS),
        "level": torch.tensor(_LEVEL),
    }
    return {name: weight.requires_grad_() for name, weight in weights.items()}


def _surprise(
    tasks: Sequence[_Task],
    texts: Texts,
    weights: Mapping[str, torch.Tensor],
    chance: torch.Generator,
) -> torch.Tensor:
    """Mean, over the lessons, of minus the logarithm of the share of what is right."""
    import torch

    sizes = [len(task.utterances) for task in tasks]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = torch.from_numpy(np.repeat(np.arange(len(tasks)), sizes))
    pairs = torch.from_numpy(
        np.concatenate([task.pairs + start for task, start in zip(tasks, starts, strict=True)])
    )
    odds, danger = _scores(tasks, pairs, texts, weights, chance)
    free = torch.from_numpy(np.concatenate([task.allowed for task in tasks]))
    right = torch.from_numpy(np.concatenate([task.right for task in tasks]))
    calm = torch.tensor([not task.right.any() for task in tasks])
    chosen = free[:, URGENT] & free[:, CRITICAL]
    level = torch.nn.functional.logsigmoid(torch.stack([-danger, danger, danger], dim=1))
    scores = odds[:, None] + torch.where(chosen[:, None], level, torch.zeros(()))
    scores = scores.masked_fill(~free, _NEVER)
    # A case of a rule that asks for nothing is as good as none.
    right = right | (free & (torch.arange(3) == NORMAL) & calm[owner][:, None])
    return (
        _total(scores, owner, none=torch.ones(len(tasks), dtype=torch.bool))
        - _total(scores.masked_fill(~right, _NEVER), owner, none=calm)
    ).mean()


def _total(scores: torch.Tensor, owner: torch.Tensor, none: torch.Tensor) -> torch.Tensor:
    """Logarithm of the sum of each lesson's alternatives, "none" (log-odds 0) where it counts."""
    import torch

    flat, of = scores.reshape(-1), owner.repeat_interleave(scores.shape[1])
    start = torch.where(none, 0.0, _NEVER)
    highest = start.scatter_reduce(0, of, flat.detach(), "amax")
    summed = torch.exp(start - highest).index_add(0, of, torch.exp(flat - highest[of]))
    return highest + torch.log(summed)


def _scores(
    tasks: Sequence[_Task],
    pairs: torch.Tensor,
    texts: Texts,
    weights: Mapping[str, torch.Tensor],
    chance: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-odds of each pair, and of danger; as `CaseNet` gives them, with parts left out."""
    import torch
    from torch.nn.functional import embedding_bag, normalize

    def dropped(values: torch.Tensor, share: float) -> torch.Tensor:
        # Bytes are drawn in half the time of floats.
        drawn = torch.randint(256, values.shape, generator=chance, dtype=torch.uint8)
        return values * (drawn >= round(256 * share)) / (1 - share)

    def together(name: str) -> tuple[Any, torch.Tensor]:
        ids, back = np.unique(
            np.concatenate([getattr(task, name) for task in tasks]), return_inverse=True
        )
        return ids, torch.from_numpy(back)

    w = weights
    said_ids, said = together("said")
    piece_ids, piece = together("pieces")
    _, utterance = together("utterances")
    rows = dropped(torch.from_numpy(texts.rows[said_ids]), _DROPPED["row"])
    written = dropped(torch.from_numpy(texts.rows[piece_ids]), _DROPPED["row"])
    spelt = texts.spellings[said_ids]
    letters = dropped(torch.from_numpy(spelt.data), _DROPPED["row"])
    hidden = torch.relu(SCALES["hidden"] * rows @ w["inward"].T + w["inward_level"])
    both = dropped(hidden, _DROPPED["hidden"]) @ w["outward"].T + w["outward_level"]
    both = both + SCALES["spelling"] * embedding_bag(
        torch.from_numpy(spelt.indices),
        w["spelling"].T,
        torch.from_numpy(spelt.indptr[:-1]),
        mode="sum",
        per_sample_weights=letters,
    )
    alone = SCALES["telling"] * rows @ w["telling"].T + w["telling_level"]
    wrong = both[:, 0] + alone[:, 0] + w["level"]
    here = normalize(rows @ w["said_place"].T)[said]
    there = normalize(written @ w["rule_place"].T)[piece]
    product, scale = here * there, SCALES["beside"]
    beside = torch.cat([scale * scale * product, scale * (here - there).abs()], dim=1)
    layer = dropped(torch.relu(beside @ w["beside"].T + w["beside_level"]), _DROPPED["beside"])
    near = w["sharpness"].exp() * product.sum(dim=1) + (layer @ w["beside_out"].T)[:, 0]
    count = int(pairs[-1]) + 1
    nearest = torch.full((count,), _NEVER).scatter_reduce(0, pairs, near, "amax")
    return nearest + wrong[utterance], both[utterance, 1]
