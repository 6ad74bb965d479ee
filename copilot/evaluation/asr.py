"""How well and how cheaply the ear hears: `souffleur eval asr`."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from copilot.evaluation.manifest import Clip, Recording, read_clip, read_manifest
from copilot.evaluation.wer import Errors, compare, pooled
from models.clip import finals, hear_clip
from models.hearing import HearingContext
from models.listening import Listening
from models.recogniser import Recogniser
from models.sound import resample, to_float
from models.vad import VoiceActivity

if TYPE_CHECKING:
    from rich.table import Table

Heard = TypeVar("Heard")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """One clip, said and heard."""

    clip: Clip
    heard: str
    errors: Errors


@dataclass(slots=True, kw_only=True)
class Score:
    """One way of hearing, over all clips."""

    results: list[ClipResult] = field(default_factory=list)
    utterances: int = 0
    audio_s: float = 0.0
    cpu_s: float = 0.0
    wall_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The keys of EVALUATION.md."""
        errors = pooled(result.errors for result in self.results)
        return {
            "wer": round(errors.wer, 5),
            "cer": round(errors.cer, 5),
            "utterances": self.utterances,
            "audio_s": round(self.audio_s, 3),
            "cpu_s": round(self.cpu_s, 3),
            "cpu_s_per_audio_s": round(self.cpu_s / self.audio_s, 5) if self.audio_s else 0.0,
            "wall_s": round(self.wall_s, 3),
            "by_set": {name: round(wer, 5) for name, wer in self.by_set().items()},
        }

    def by_set(self) -> dict[str, float]:
        """Word error rate of each set."""
        sets: dict[str, list[Errors]] = defaultdict(list)
        for result in self.results:
            sets[result.clip.set].append(result.errors)
        return {name: pooled(errors).wer for name, errors in sorted(sets.items())}

    def add(self, clip: Clip, recording: Recording, texts: list[str], spent: Spent) -> None:
        """Count one clip; `texts` are its utterances."""
        heard = " ".join(text for text in texts if text)
        errors = compare(clip.text, heard, clip.language)
        self.results.append(ClipResult(clip=clip, heard=heard, errors=errors))
        self.utterances += len(texts)
        self.audio_s += recording.duration_s
        self.cpu_s += spent.cpu_s
        self.wall_s += spent.wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What something cost."""

    cpu_s: float
    """Of this process, all threads, and its children."""
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrReport:
    """The outcome of `souffleur eval asr`."""

    model: str
    settings: dict[str, Any]
    ours: Score
    baseline: Score | None = None

    def as_json(self) -> dict[str, Any]:
        """One JSON object, as EVALUATION.md has it."""
        report = {**self.ours.as_json(), "model": self.model, "settings": self.settings}
        if self.baseline is not None:
            report["baseline"] = {
                **self.baseline.as_json(),
                "model": self.model,
                "settings": {
                    **{key: self.settings[key] for key in ("device", "compute_type", "threads")},
                    "beam_size": 1,
                    "condition_on_previous_text": False,
                    "temperature": 0.0,
                },
            }
        return report

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title=f"Speech recognition, {self.model}")
        table.add_column("")
        columns = {"Souffleur": self.ours.as_json()}
        if self.baseline is not None:
            columns["faster-whisper transcribe"] = self.baseline.as_json()
        for name in columns:
            table.add_column(name, justify="right")
        for label, key, shape in _ROWS:
            table.add_row(label, *(shape.format(column[key]) for column in columns.values()))
        for name in self.ours.by_set():
            values = (f"{column['by_set'][name]:.1%}" for column in columns.values())
            table.add_row(f"words wrong, {name}", *values)
        return table


_ROWS = (
    ("words wrong (WER)", "wer", "{:.1%}"),
    ("characters wrong (CER)", "cer", "{:.1%}"),
    ("utterances", "utterances", "{}"),
    ("audio, s", "audio_s", "{:.1f}"),
    ("CPU, s", "cpu_s", "{:.1f}"),
    ("CPU-seconds a second of audio", "cpu_s_per_audio_s", "{:.3f}"),
    ("elapsed, s", "wall_s", "{:.1f}"),
)


def run_asr(
    manifest: Path,
    *,
    model: Path,
    model_name: str | None = None,
    baseline: bool = False,
    settings: Listening | None = None,
    device: str = "cpu",
    compute_type: str = "int8",
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> AsrReport:
    """Hear every clip of a manifest as a leg, and with `baseline` as `transcribe` does too.

    `model` is a folder (`models.store.find_model`). Raises `EvaluationInputError`, `ModelError`.
    """
    from models.whisper import WhisperRecogniser

    clips = read_manifest(manifest)
    recordings = [read_clip(manifest, clip) for clip in clips]
    listening = settings or Listening()
    recogniser = WhisperRecogniser(model, device=device, threads=threads, compute_type=compute_type)
    voice_activity = VoiceActivity()
    transcribe = _baseline(model, device, compute_type, threads) if baseline else None
    _warm(recogniser, voice_activity, listening, transcribe)
    ours, theirs = Score(), Score()
    for done, (clip, recording) in enumerate(zip(clips, recordings, strict=True), start=1):
        heard, spent = _timed(
            lambda clip=clip, recording=recording: _hear(  # type: ignore[misc]
                clip, recording, recogniser, voice_activity, listening
            )
        )
        ours.add(clip, recording, heard, spent)
        if transcribe is not None:
            found, spent = _timed(
                lambda clip=clip, recording=recording: transcribe(  # type: ignore[misc]
                    clip.language, recording
                )
            )
            theirs.add(clip, recording, found, spent)
        if progress is not None:
            progress(done, len(clips))
    return AsrReport(
        model=model_name or model.name,
        settings=_settings(listening, device, compute_type, threads),
        ours=ours,
        baseline=theirs if baseline else None,
    )


def _hear(
    clip: Clip,
    recording: Recording,
    recogniser: Recogniser,
    voice_activity: VoiceActivity,
    settings: Listening,
) -> list[str]:
    heard = hear_clip(
        recording.pcm,
        rate_hz=recording.rate_hz,
        context=HearingContext(languages=(clip.language,)),
        recogniser=recogniser,
        voice_activity=voice_activity,
        settings=settings,
    )
    # The words as heard: "14 h 30" and "1 250 €" are how they are shown, not other words.
    return [final.heard for final in finals(heard)]


def _baseline(
    model: Path, device: str, compute_type: str, threads: int
) -> Callable[[str, Recording], list[str]]:
    """faster-whisper's own `transcribe`, as EVALUATION.md sets it."""
    from faster_whisper import WhisperModel

    whisper = WhisperModel(
        str(model), device=device, compute_type=compute_type, cpu_threads=threads, num_workers=1
    )

    def transcribe(language: str, recording: Recording) -> list[str]:
        audio = resample(to_float(recording.pcm), from_hz=recording.rate_hz)
        segments, _ = whisper.transcribe(
            audio,
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return [segment.text.strip() for segment in segments]

    return transcribe


def _warm(
    recogniser: Recogniser,
    voice_activity: VoiceActivity,
    settings: Listening,
    transcribe: Callable[[str, Recording], list[str]] | None,
) -> None:
    """The first call of a model pays for its buffers: not part of the measure."""
    noise = np.random.default_rng(0).normal(0, 800, 16_000).astype(np.int16)
    recording = Recording(pcm=noise, rate_hz=8000)
    clip = Clip(audio=Path(), text="", language="fr", set="", line=0)
    _hear(clip, recording, recogniser, voice_activity, settings)
    if transcribe is not None:
        transcribe("fr", recording)


def _timed(work: Callable[[], Heard]) -> tuple[Heard, Spent]:
    before, started = os.times(), time.perf_counter()
    result = work()
    after, ended = os.times(), time.perf_counter()
    cpu_s = sum(after[:4]) - sum(before[:4])
    return result, Spent(cpu_s=cpu_s, wall_s=ended - started)


def _settings(settings: Listening, device: str, compute_type: str, threads: int) -> dict[str, Any]:
    return {
        "device": device,
        "compute_type": compute_type,
        "threads": threads,
        "beam_size": settings.pace.beam,
        "segmentation": _plain(settings.segmentation),
        "belief": _plain(settings.belief),
    }


def _plain(value: object) -> dict[str, Any]:
    from dataclasses import asdict, is_dataclass

    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{value!r} holds no settings")
    plain: dict[str, Any] = json.loads(json.dumps(asdict(value)))
    return plain
