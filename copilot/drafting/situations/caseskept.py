"""What is learnt of urgency, kept in a folder under a hash of all it was learnt from."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.casenet import CaseNet
from copilot.drafting.situations.senses import Whitening
from copilot.drafting.situations.wholecalls import CallReader, Weighing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Of cases and of whole calls."""

    whitenings: Sequence[Whitening]
    """One an embedding."""
    nets: Sequence[CaseNet]
    calls: CallReader

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """To be kept."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "counts": np.array([len(self.whitenings), len(self.nets)]),
            **self.calls.urgent.arrays("urgent"),
            **self.calls.critical.arrays("critical"),
        }
        for at, white in enumerate(self.whitenings):
            arrays |= {f"mean_{at}": white.mean, f"turn_{at}": white.turn}
        for at, net in enumerate(self.nets):
            arrays |= net.arrays(f"net_{at}")
        return arrays

    @classmethod
    def read(cls, kept: Mapping[str, npt.NDArray[Any]]) -> Learnt:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        embeddings, nets = map(int, kept["counts"])
        return cls(
            whitenings=[
                Whitening(mean=kept[f"mean_{at}"], turn=kept[f"turn_{at}"])
                for at in range(embeddings)
            ],
            nets=[CaseNet.read(f"net_{at}", kept) for at in range(nets)],
            calls=CallReader(
                urgent=Weighing.read("urgent", kept), critical=Weighing.read("critical", kept)
            ),
        )


def place(folder: Path, learnt_from: Sequence[str]) -> Path:
    """The file of what is learnt from these texts."""
    digest = hashlib.sha256("\n".join(learnt_from).encode()).hexdigest()[:16]
    return folder / f"cases-{digest}.npz"


def read(path: Path) -> Learnt | None:
    """What was learnt before; None when it was not, or is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return Learnt.read({name: kept[name] for name in kept.files})
    except FileNotFoundError:
        logger.info("what urgency rules mean is learnt for the first time")
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        logger.warning("%s is damaged: it is learnt again", path)
    return None


def keep(path: Path, learnt: Learnt) -> None:
    """Whole or not at all, then raising OSError: two processes may learn at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            np.savez(file, **learnt.arrays())  # type: ignore[arg-type]  # its stub takes no mapping
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)  # what a full disk cut short
