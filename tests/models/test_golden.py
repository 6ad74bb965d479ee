"""Recordings heard as legs, to the word: models, voice activity, segmenter, all real."""

from __future__ import annotations

import pytest

from copilot.evaluation.wer import normalise
from models.clip import finals, hear_clip
from models.engines import EngineName
from models.hearing import HearingContext
from models.store import find_model
from models.vad import VoiceActivity
from models.whisper import WhisperRecogniser
from tests.sounds import RATE_HZ, ROOT, compose, french_prompt

pytestmark = pytest.mark.models

GOLDEN = {
    "agent-pass": "Composez votre mot de passe suivi du dièse.",
    "conf-onlyperson": "Vous êtes présentement le seul participant dans cette conférence.",
    "vm-goodbye": "Au revoir.",
    "vm-nobodyavail": "Personne n'est en mesure de prendre votre appel en ce moment.",
    "vm-prev": "Pour le message précédent, appuyez sur 4.",
    "vm-tempgreeting": "Pour enregistrer votre message temporaire, appuyez sur 1.",
}


@pytest.fixture(scope="module", params=["auto", "ct2"])
def recogniser(request: pytest.FixtureRequest) -> WhisperRecogniser:
    engine: EngineName = request.param
    return WhisperRecogniser(find_model("base", cache=ROOT.parent / "models"), engine=engine)


@pytest.fixture(scope="module")
def voice_activity() -> VoiceActivity:
    return VoiceActivity()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_recording_is_heard_to_the_word(
    recogniser: WhisperRecogniser, voice_activity: VoiceActivity, name: str
) -> None:
    heard = hear_clip(
        compose([french_prompt(name).pcm()], around_s=0.6),
        rate_hz=RATE_HZ,
        context=HearingContext(),
        recogniser=recogniser,
        voice_activity=voice_activity,
    )
    text = " ".join(final.heard for final in finals(heard))
    # Engines differ in commas and in "4" or "quatre", not in words.
    assert normalise(text) == normalise(GOLDEN[name])
