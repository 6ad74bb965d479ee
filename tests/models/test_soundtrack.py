"""The sound of a leg: faulty lines made steady."""

from __future__ import annotations

import numpy as np
import pytest

from models.crew import request_for
from models.scheduler import Errand
from models.sound import loudness_db
from models.soundtrack import Pcm, Soundtrack


def murmur(seconds: float) -> Pcm:
    moments = np.arange(round(seconds * 8000)) / 8000
    return np.round(300 * np.sin(2 * np.pi * 250 * moments)).astype(np.int16)


def judged(pcm: Pcm) -> tuple[float, float]:
    """Peak of the second window, as voice activity gets it, and the loudness of the first, dB."""
    sound = Soundtrack(rate_hz=8000, start_s=0.0)
    sound.append(pcm, start_s=0.0, rate_hz=8000)
    loudness = loudness_db(sound.advance())
    window = sound.window()
    assert window is not None
    return float(np.max(np.abs(window))), loudness


def test_a_quiet_voice_on_an_offset_is_brought_up_like_any_other() -> None:
    plain, shifted = judged(murmur(0.1)), judged(murmur(0.1) + np.int16(8000))
    assert plain[0] > 0.1
    assert shifted == pytest.approx(plain, rel=0.02)


def test_an_offset_makes_no_click_where_the_utterance_is_cut_out() -> None:
    errand = Errand(
        leg_id="leg",
        utterance_id=1,
        urgency="final",
        pcm=murmur(0.5) + np.int16(8000),
        rate_hz=8000,
        start_s=0.0,
        end_s=0.5,
        speech_s=0.5,
        peak=0.9,
        since_s=0.0,
    )
    audio = request_for(errand, beam=1, words=False).audio
    assert float(np.max(np.abs(audio))) < 0.012
