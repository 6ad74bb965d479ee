"""Which engine computes a model on this machine, for which languages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from models.ct2whisper import Ct2Whisper
from models.engine import Engine
from models.errors import ModelDamagedError
from models.graphs import NoGraphsError, prepared
from models.onnxwhisper import OnnxWhisper
from models.whispertokens import WhisperTokens

log = logging.getLogger(__name__)

EngineName = Literal["auto", "ct2", "onnx"]
FAST_INT8 = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})
"""Processor flags (x86, Arm) of a dot product of bytes: without one, ONNX Runtime's 8 bits are
neither fast nor, on x86, exact."""
_OTHER_ALPHABETS_TEXT = """
am ar as ba be bg bn bo el fa gu he hi hy ja ka kk km kn ko lo mk ml mn mr my ne pa ps ru sa sd
si sr ta te tg th tt uk ur yi yue zh"""
OTHER_ALPHABETS = frozenset(_OTHER_ALPHABETS_TEXT.split())
"""Languages that graphs which write only the Latin alphabet cannot write."""


def fits_graphs(device: str, compute_type: str, flags: frozenset[str]) -> bool:
    """Whether ONNX Runtime computes this faster than CTranslate2. Pure."""
    return device == "cpu" and compute_type.startswith("int8") and bool(flags & FAST_INT8)


@lru_cache(maxsize=1)
def processor_flags(information: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """What the processor can do; empty where it is not told."""
    try:
        text = information.read_text()
    except OSError:
        return frozenset()
    lines = (line.partition(":") for line in text.splitlines())
    return frozenset(
        flag
        for name, _, flags in lines
        if name.strip() in ("flags", "Features")
        for flag in flags.split()
    )


class Engines:
    """The engine of a model, and a second one for the languages that the first cannot write."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        threads: int = 1,
        device: str = "cpu",
        compute_type: str = "int8",
        engine: EngineName = "auto",
        short: bool | None = None,
    ) -> None:
        """Raises `ModelDamagedError` when the model cannot be loaded."""
        self._folder = folder
        self._workers, self._threads = workers, threads
        self._device, self._compute_type = device, compute_type
        self._short = short
        self._loading = threading.Lock()
        self._any: Ct2Whisper | None = None
        self.usual: Engine[Any] = self._chosen(engine)

    def of(self, languages: Sequence[str]) -> Engine[Any]:
        """The engine that can write these languages."""
        if isinstance(self.usual, Ct2Whisper) or OTHER_ALPHABETS.isdisjoint(languages):
            return self.usual
        with self._loading:
            if self._any is None:
                self._any = self._ct2()
            return self._any

    def _chosen(self, wanted: EngineName) -> Engine[Any]:
        fits = fits_graphs(self._device, self._compute_type, processor_flags())
        if wanted == "onnx" or (wanted == "auto" and fits and self._short is not False):
            try:
                graphs = prepared(self._folder)
                tokens = WhisperTokens(self._folder, multilingual=bool(graphs.languages))
                return OnnxWhisper(graphs, tokens, threads=self._threads)
            except (NoGraphsError, ModelDamagedError) as error:
                if wanted == "onnx":
                    raise
                log.warning("speech is computed by CTranslate2, more slowly: %s", error)
        return self._ct2()

    def _ct2(self) -> Ct2Whisper:
        return Ct2Whisper(
            self._folder,
            workers=self._workers,
            threads=self._threads,
            device=self._device,
            compute_type=self._compute_type,
            short=self._short,
        )
