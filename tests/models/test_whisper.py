"""The real speech model on real telephone recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from models.clip import finals, hear_clip
from models.engine import Writing
from models.errors import ModelDamagedError
from models.gate import Gate
from models.hearing import HearingContext
from models.mel import log_mel
from models.onnxwhisper import OnnxWhisper
from models.recogniser import DecodeRequest, Effort
from models.sound import resample, to_float
from models.store import find_model
from models.vad import VoiceActivity
from models.whisper import WhisperRecogniser, context_frames
from models.whispertokens import WhisperTokens
from tests.dictation import dictated
from tests.nonspeech import SOUNDS
from tests.sounds import ROOT, english, french_prompt

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def recogniser() -> WhisperRecogniser:
    return WhisperRecogniser(find_model("base", cache=ROOT.parent / "models"))


def request(
    pcm: npt.NDArray[np.int16],
    *,
    effort: Effort = "final",
    languages: tuple[str, ...] = ("fr",),
    words: bool = False,
    vocabulary: tuple[str, ...] = (),
) -> DecodeRequest:
    return DecodeRequest(
        audio=resample(to_float(pcm), from_hz=8000),
        effort=effort,
        languages=languages,
        words=words,
        vocabulary=vocabulary,
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conf-unmuted", "Vous pouvez maintenant parler."),
        ("vm-goodbye", "Au revoir."),
        ("vm-nobodyavail", "Personne n'est en mesure de prendre votre appel en ce moment."),
    ],
)
def test_french_prompts_word_for_word(recogniser: WhisperRecogniser, name: str, text: str) -> None:
    assert recogniser.decode(request(french_prompt(name).pcm())).text == text


def test_words_lie_in_order_inside_the_utterance(recogniser: WhisperRecogniser) -> None:
    pcm = french_prompt("conf-unmuted").pcm()
    decoding = recogniser.decode(request(pcm, words=True))
    assert [word.text for word in decoding.words] == decoding.text.split()
    times = [moment for word in decoding.words for moment in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0.0 <= times[0] < times[-1] <= len(pcm) / 8000
    assert all(0.0 <= word.probability <= 1.0 for word in decoding.words)


def test_the_language_is_told_apart(recogniser: WhisperRecogniser) -> None:
    both = ("fr", "en")
    french = recogniser.decode(request(french_prompt("vm-intro").pcm(), languages=both))
    spoken = recogniser.decode(request(english("vm-intro"), languages=both))
    assert (french.language, spoken.language) == ("fr", "en")
    assert spoken.language_scores["en"] > 0.8
    assert "message" in spoken.text.lower()


@pytest.mark.parametrize("name", ["digits/8", "phonetic/x_p", "spy-sip", "hello", "letters/j"])
def test_a_word_alone_never_changes_the_language(recogniser: WhisperRecogniser, name: str) -> None:
    # Alone, each looks more English than French to the model.
    heard = recogniser.decode(request(french_prompt(name).pcm(), languages=("fr", "en")))
    assert heard.language == "fr"


def test_offset_quiet_and_clipped_speech_is_understood(recogniser: WhisperRecogniser) -> None:
    pcm = french_prompt("conf-unmuted").pcm().astype(np.float64)
    shifted = np.clip(pcm * 0.5 + 9000, -32768, 32767).astype(np.int16)
    quiet = (pcm * 0.02).astype(np.int16)
    clipped = np.clip(pcm * 6, -32768, 32767).astype(np.int16)
    for damaged in (shifted, quiet, clipped):
        assert recogniser.decode(request(damaged)).text == "Vous pouvez maintenant parler."


def test_a_doubtful_decoding_is_done_again_at_full_context() -> None:
    folder = find_model("base", cache=ROOT.parent / "models")
    strict = WhisperRecogniser(folder, gate=Gate(least_logprob=0.0))
    decoding = strict.decode(request(french_prompt("conf-unmuted").pcm()))
    assert decoding.redecoded
    assert decoding.text == "Vous pouvez maintenant parler."
    partial = strict.decode(request(french_prompt("conf-unmuted").pcm(), effort="partial"))
    assert not partial.redecoded


def test_a_loop_at_every_context_is_written_once_and_doubted(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looping(*_: object) -> Writing:
        tokens = WhisperTokens(find_model("base", cache=ROOT.parent / "models"), multilingual=True)
        ids = [*tokens.ids(" Le 02"), *tokens.ids(" 1, 4,") * 20]
        return Writing(tokens=tuple(ids), average_logprob=-0.2, no_speech=0.0)

    monkeypatch.setattr(OnnxWhisper, "write", looping)
    found = recogniser.decode(request(french_prompt("vm-intro").pcm()))
    assert found.text == "Le 02 1, 4,"
    assert found.average_logprob <= Gate().least_logprob


def test_the_spectrogram_is_the_one_whisper_was_trained_on() -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    audio = resample(to_float(french_prompt("vm-goodbye").pcm()), from_hz=8000)
    padded = np.pad(audio, (0, 16_000))
    frames = 100 + len(audio) // 160
    reference = FeatureExtractor()(padded, padding=160)[:, :frames]
    ours = log_mel(audio, frames=frames)
    assert ours.shape == (80, frames)
    assert np.max(np.abs(ours - reference)) < 0.02


def test_context_grows_with_the_utterance_up_to_thirty_seconds() -> None:
    assert [context_frames(s) for s in (0.4, 5.0, 5.1, 29.0)] == [140, 600, 610, 3000]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError, match=str(tmp_path)):
        WhisperRecogniser(tmp_path)


def test_an_expected_name_is_written_right_where_it_is_said(
    recogniser: WhisperRecogniser,
) -> None:
    pcm = french_prompt("vm-login").pcm()  # "Messagerie Asterisk. Veuillez composer…"
    plain = recogniser.decode(request(pcm)).text
    named = recogniser.decode(request(pcm, vocabulary=("Kowalczyk", "Asterisk"))).text
    assert "Asterisk" in named, (plain, named)
    assert "Kowalczyk" not in named


def test_expected_names_come_out_nowhere_else(recogniser: WhisperRecogniser) -> None:
    vocabulary = ("Asterisk", "Garage Delorme", "Docteur Martel", "rue des Acacias")
    for name in ("conf-unmuted", "vm-goodbye", "vm-nobodyavail"):
        pcm = french_prompt(name).pcm()
        plain = recogniser.decode(request(pcm)).text
        assert recogniser.decode(request(pcm, vocabulary=vocabulary)).text == plain


@pytest.mark.parametrize("name", ["coughs", "music, mobile", "sung vowels", "sung with band"])
def test_what_sounds_like_a_voice_gets_no_words(recogniser: WhisperRecogniser, name: str) -> None:
    heard = hear_clip(
        SOUNDS[name](60.0),
        rate_hz=8000,
        context=HearingContext(languages=("fr", "en")),
        recogniser=recogniser,
        voice_activity=VoiceActivity(),
    )
    assert [final.text for final in finals(heard) if final.text] == []


@pytest.mark.parametrize("number", ["0199004969", "0639983636", "0261919377"])
def test_a_dictated_phone_is_written_in_pairs(recogniser: WhisperRecogniser, number: str) -> None:
    heard = hear_clip(
        dictated(number),
        rate_hz=8000,
        context=HearingContext(languages=("fr", "en")),
        recogniser=recogniser,
        voice_activity=VoiceActivity(),
    )
    (final,) = finals(heard)
    pairs = " ".join(number[i : i + 2] for i in range(0, 10, 2))
    assert final.text.rstrip(".") == pairs
    assert final.heard != final.text
