"""What evaluations read: JSON lines and the clips they name. Bad input is named, file and line."""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATES_HZ = (8000, 16000)


class EvaluationInputError(Exception):
    """An evaluation's input is wrong; the message names the file, the line and the mend."""

    code = "evaluation_input"

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        self.path = path
        self.line = line
        self.problem = problem
        place = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One stretch of one speaker, with its words."""

    audio: Path
    text: str
    language: str
    set: str
    line: int
    """Where the manifest names it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """The sound of a clip."""

    pcm: npt.NDArray[np.int16]
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return len(self.pcm) / self.rate_hz


def read_lines(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file, one a line, with their line numbers; blank lines are skipped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise EvaluationInputError(path, "no such file") from None
    except IsADirectoryError:
        raise EvaluationInputError(path, "is a folder, not a file of JSON lines") from None
    except UnicodeDecodeError as error:
        raise EvaluationInputError(path, f"is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise EvaluationInputError(path, error.strerror or "cannot be read") from None
    objects = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise EvaluationInputError(path, f"is not JSON ({error})", line=number) from None
        if not isinstance(value, dict):
            raise EvaluationInputError(path, "is not a JSON object {…}", line=number)
        objects.append((number, value))
    return objects


def read_manifest(path: Path) -> list[Clip]:
    """The clips of a manifest; audio paths are relative to it. Raises `EvaluationInputError`."""
    clips = [_clip(path, line, value) for line, value in read_lines(path)]
    if not clips:
        raise EvaluationInputError(path, "names no clip")
    return clips


def _clip(path: Path, line: int, value: dict[str, Any]) -> Clip:
    for key in ("audio", "text"):
        if not isinstance(value.get(key), str):
            raise EvaluationInputError(path, f'needs "{key}", a text', line=line)
    for key in ("language", "set"):
        if not isinstance(value.get(key, ""), str):
            raise EvaluationInputError(path, f'"{key}" must be a text', line=line)
    audio = path.parent / value["audio"]
    if not audio.is_file():
        raise EvaluationInputError(path, f"{audio} does not exist", line=line)
    return Clip(
        audio=audio,
        text=value["text"],
        language=value.get("language", "fr"),
        set=value.get("set", "all"),
        line=line,
    )


def read_clip(manifest: Path, clip: Clip) -> Recording:
    """The sound of a clip: WAV, 16-bit, mono, 8 or 16 kHz. Raises `EvaluationInputError`."""
    try:
        return read_wav(clip.audio)
    except EvaluationInputError as error:
        problem = f"{clip.audio} {error.problem}"
        raise EvaluationInputError(manifest, problem, line=clip.line) from None


def read_wav(path: Path) -> Recording:
    """A WAV file, 16-bit, mono, 8 or 16 kHz. Raises `EvaluationInputError`."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate_hz = (
                file.getnchannels(),
                file.getsampwidth(),
                file.getframerate(),
            )
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise EvaluationInputError(path, f"is not a PCM WAV file ({error})") from None
    if channels != 1:
        raise EvaluationInputError(path, f"has {channels} channels; one voice a clip (mono)")
    if width != 2:
        raise EvaluationInputError(path, f"has {8 * width}-bit samples; convert it to 16-bit")
    if rate_hz not in RATES_HZ:
        raise EvaluationInputError(path, f"is at {rate_hz} Hz; convert it to 8000 or 16000 Hz")
    whole = len(data) - len(data) % 2
    return Recording(pcm=np.frombuffer(data[:whole], dtype="<i2").astype(np.int16), rate_hz=rate_hz)
