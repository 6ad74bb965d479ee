"""Voice activity: Silero, streaming, every leg of a tick in one call.

The network (Silero VAD 6, shipped in the `silero-vad` package, MIT) takes windows of 32 ms with
4 ms of the window before, and keeps a state a leg.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import ModelMissingError

WINDOW_S = 0.032
WINDOW_SAMPLES = {8000: 256, 16000: 512}
_CONTEXT_SAMPLES = {8000: 32, 16000: 64}

Floats = npt.NDArray[np.float32]


class VoiceState:
    """What the network remembers of one leg."""

    __slots__ = ("context", "memory", "rate_hz")

    def __init__(self, rate_hz: int) -> None:
        if rate_hz not in WINDOW_SAMPLES:
            raise ValueError(f"voice activity works at 8000 or 16000 Hz, not {rate_hz}")
        self.rate_hz = rate_hz
        self.context: Floats = np.zeros(_CONTEXT_SAMPLES[rate_hz], dtype=np.float32)
        self.memory: Floats = np.zeros((2, 128), dtype=np.float32)


def silero_path() -> Path:
    """Where the network's file is. Raises `ModelMissingError` when its package is not installed."""
    found = find_spec("silero_vad")
    if found is not None and found.submodule_search_locations:
        path = Path(found.submodule_search_locations[0]) / "data" / "silero_vad.onnx"
        if path.is_file():
            return path
    raise ModelMissingError("voice activity: pip install silero-vad")


class VoiceActivity:
    """The network, shared by every leg. One thread at a time."""

    def __init__(self, path: Path | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(path or silero_path()), options, providers=["CPUExecutionProvider"]
        )

    def probabilities(self, windows: Sequence[tuple[VoiceState, Floats]]) -> list[float]:
        """Probability of speech in one window of each leg; the states move on.

        A window is 32 ms at its state's rate, shape (256,) or (512,), between -1 and 1.
        """
        found = [0.0] * len(windows)
        for rate_hz in WINDOW_SAMPLES:
            rows = [i for i, (state, _) in enumerate(windows) if state.rate_hz == rate_hz]
            if rows:
                batch = [windows[i] for i in rows]
                for row, probability in zip(rows, self._run(rate_hz, batch), strict=True):
                    found[row] = probability
        return found

    def _run(self, rate_hz: int, batch: Sequence[tuple[VoiceState, Floats]]) -> list[float]:
        samples = np.stack([np.concatenate((state.context, audio)) for state, audio in batch])
        memory = np.stack([state.memory for state, _ in batch], axis=1)
        output, after = self._session.run(
            None,
            {"input": samples, "state": memory, "sr": np.array(rate_hz, dtype=np.int64)},
        )
        for row, (state, _) in enumerate(batch):
            state.context = samples[row, -_CONTEXT_SAMPLES[rate_hz] :].copy()
            state.memory = after[:, row].copy()
        return [float(value) for value in output[:, 0]]
