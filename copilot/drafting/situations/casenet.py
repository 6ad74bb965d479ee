"""The small network that tells of which of a client's rules an utterance is a case.

An utterance says by itself whether something is wrong and happening (`told`), and how likely
danger is; beside each piece of a rule, how near it is to it, in a space learnt for that. What a
rule's pieces say is what the nearest says. Learnt by `caselearning.py` (docs/adr/0226).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from knowledge.spaces import unit_rows
from models.embeddings import FloatMatrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Weights = npt.NDArray[np.float32]

SCALES = {"hidden": 20.0, "spelling": 5.0, "telling": 10.0, "beside": 8.0}
"""What features, about 0.03 each, are multiplied by where they enter a layer."""
NAMES = (
    "said_place", "rule_place", "telling", "telling_level", "spelling", "inward", "inward_level",
    "outward", "outward_level", "beside", "beside_level", "beside_out", "sharpness", "level",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What utterances say by themselves; one row an utterance."""

    places: FloatMatrix
    wrong: npt.NDArray[np.float32]
    """Log-odds, up to a constant, that something is wrong and happening."""
    danger: npt.NDArray[np.float32]
    """Log-odds of danger or damage under way, were it a case."""


@dataclass(frozen=True, slots=True)
class CaseNet:
    """What is learnt, by the names of `NAMES`. Read-only: safe from any thread."""

    weights: Mapping[str, Weights]

    def told(self, rows: FloatMatrix, spellings: csr_matrix) -> Told:
        """From rows of `Senses`."""
        w = self.weights
        hidden = np.maximum(SCALES["hidden"] * rows @ w["inward"].T + w["inward_level"], 0)
        both = hidden @ w["outward"].T + w["outward_level"]
        both += SCALES["spelling"] * (spellings @ w["spelling"].T)
        alone = SCALES["telling"] * rows @ w["telling"].T + w["telling_level"]
        return Told(
            places=unit_rows(rows @ w["said_place"].T),
            wrong=np.asarray(both[:, 0] + alone[:, 0] + w["level"], dtype=np.float32),
            danger=np.asarray(both[:, 1], dtype=np.float32),
        )

    def rule(self, rows: FloatMatrix) -> FloatMatrix:
        """Where the pieces of a rule stand: unit rows."""
        return unit_rows(rows @ self.weights["rule_place"].T)

    def odds(self, told: Told, pieces: FloatMatrix) -> npt.NDArray[np.float32]:
        """Log-odds, against none, that each utterance is a case of a rule."""
        w = self.weights
        said, rule = told.places[:, None], pieces[None]
        scale = SCALES["beside"]
        product = said * rule
        together = np.concatenate([scale * scale * product, scale * np.abs(said - rule)], axis=2)
        hidden = np.maximum(together @ w["beside"].T + w["beside_level"], 0)
        near = np.exp(w["sharpness"]) * product.sum(axis=2) + (hidden @ w["beside_out"].T)[..., 0]
        return np.asarray(near.max(axis=1) + told.wrong, dtype=np.float32)

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        return {f"{name}_{key}": value for key, value in self.weights.items()}

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> CaseNet:
        """As kept by `arrays`. Raises KeyError when something lacks."""
        return cls({key: kept[f"{name}_{key}"] for key in NAMES})
