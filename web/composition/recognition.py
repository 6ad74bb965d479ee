"""Speech recognition as the settings and this machine want it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from copilot.settings import Settings
from models.hardware import Layout, layout_for, numbers_on, test_beside
from models.listening import Listening
from models.recogniser import Recogniser
from models.scheduler import Pace
from models.store import place_of


def asr_layout(settings: Settings) -> Layout:
    """How recognition is laid out: as set, else as the self-test of this machine found."""
    if settings.asr_workers:
        device = "cuda" if settings.asr_device == "cuda" else "cpu"
        return Layout(workers=settings.asr_workers, device=device)
    return layout_for(
        _asr_folder(settings), settings.asr_compute_type, asr_tests(settings), settings.asr_device
    )


def asr_listening(settings: Settings) -> Listening:
    """The ear's own settings on this machine."""
    layout, usual = asr_layout(settings), Pace()
    pace = replace(
        usual,
        beam=min(usual.beam, layout.beam),
        partial_every_s=max(usual.partial_every_s, layout.partial_every_s),
    )
    return Listening(workers=layout.workers, batch=layout.batch, pace=pace)


def _asr_folder(settings: Settings) -> Path:
    """Where the speech model is, or will be."""
    return place_of(settings.asr_model, cache=settings.data_dir / "models")


def asr_tests(settings: Settings) -> Path:
    """Where the outcome of the self-test is kept."""
    return settings.data_dir / "models" / "self-test.json"


def load_recogniser(settings: Settings) -> Recogniser:
    """The speech model of the settings; takes a second or two. Raises ModelError."""
    from models.store import find_model
    from models.whisper import WhisperRecogniser

    model = find_model(settings.asr_model, cache=settings.data_dir / "models")
    layout = asr_layout(settings)
    return WhisperRecogniser(
        model,
        device=layout.device,
        compute_type=numbers_on(layout.device, settings.asr_compute_type),
        workers=layout.workers,
        threads=layout.threads,
    )


async def test_machine(settings: Settings) -> None:
    """Find out how recognition is best laid out here, where the model is there already."""
    if _asr_folder(settings).is_dir():
        await test_beside(
            _asr_folder(settings),
            settings.asr_compute_type,
            asr_tests(settings),
            settings.asr_device,
        )
