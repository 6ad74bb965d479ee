"""One leg, from sound to errands, with the real voice activity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from models.hearing import Final, HearingContext, LanguageHeard
from models.scheduler import Errand
from models.scripted import decoding
from models.soundtrack import Soundtrack
from models.track import Belief, Track
from models.vad import VoiceActivity
from tests.nonspeech import SOUNDS
from tests.sounds import all_french_prompts, compose, french_prompt, silence

Pcm = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def voice_activity() -> VoiceActivity:
    return VoiceActivity()


def errands_of(
    voice_activity: VoiceActivity, pcm: Pcm, *, rate_hz: int = 8000, track: Track | None = None
) -> list[Errand]:
    track = track or Track(leg_id="leg", context=HearingContext(), partials=False)
    size = rate_hz // 50
    errands: list[Errand] = []
    for first in range(0, len(pcm), size):
        track.take(pcm[first : first + size], start_s=first / rate_hz, rate_hz=rate_hz)
        while (window := track.window()) is not None:
            (probability,) = voice_activity.probabilities([window])
            errands += track.judged(probability, now_s=first / rate_hz, partial_every_s=0.6)
    return errands + track.finish(now_s=len(pcm) / rate_hz)


def finals_of(voice_activity: VoiceActivity, pcm: Pcm, *, rate_hz: int = 8000) -> list[Errand]:
    # A guess that became a final comes twice, once as each.
    errands = dict.fromkeys(errands_of(voice_activity, pcm, rate_hz=rate_hz))
    return [each for each in errands if each.urgency == "final"]


@pytest.mark.parametrize("scale", [1.0, 0.03])
def test_no_word_said_alone_is_lost(voice_activity: VoiceActivity, scale: float) -> None:
    words = [prompt for prompt in all_french_prompts() if len(prompt.text.split()) == 1][::4]
    assert len(words) > 40
    for prompt in words:
        pcm = (prompt.pcm() * scale).astype(np.int16)
        assert finals_of(voice_activity, pcm), prompt.name


def test_an_utterance_begins_before_its_first_sound(voice_activity: VoiceActivity) -> None:
    prompt = french_prompt("conf-unmuted").pcm()
    onset_s = 2.0 + np.flatnonzero(np.abs(prompt) > 500)[0] / 8000
    (final,) = finals_of(voice_activity, compose([prompt], around_s=2.0))
    assert 0.1 < onset_s - final.start_s < 0.7
    assert len(final.pcm) / 8000 > len(prompt) / 8000 - 0.5


def test_constant_offset_hides_no_speech(voice_activity: VoiceActivity) -> None:
    speech = compose([french_prompt("conf-unmuted").pcm()], around_s=1.0)
    shifted = np.clip(speech.astype(np.int32) // 2 + 9000, -32768, 32767).astype(np.int16)
    assert len(finals_of(voice_activity, shifted)) == 1
    nothing = np.full(8000 * 20, 9000, np.int16)
    assert finals_of(voice_activity, nothing) == []


def test_finals_are_given_in_order_whichever_is_decoded_first(
    voice_activity: VoiceActivity,
) -> None:
    track = Track(leg_id="leg", context=HearingContext(), partials=False)
    speech = compose([french_prompt("conf-unmuted").pcm()] * 3, pause_s=2.0, around_s=1.0)
    errands = errands_of(voice_activity, speech, track=track)
    first, second, third = dict.fromkeys(each for each in errands if each.urgency == "final")
    assert track.decoded(second, decoding("deux")) == []
    assert track.given_up(third) == []
    assert track.owes == 3
    given = track.decoded(first, decoding("un"))
    assert [final.text for final in given if isinstance(final, Final)] == ["un", "deux", ""]
    assert track.owes == 0
    assert track.decoded(second, decoding("encore")) == []


VOICELIKE = ("coughs", "music, mobile", "sung vowels", "sung with band")
"""What even voice activity takes for a word now and then: the recogniser must see through it."""


@pytest.mark.parametrize("name", sorted(set(SOUNDS) - set(VOICELIKE)))
def test_sounds_of_the_line_are_not_speech(voice_activity: VoiceActivity, name: str) -> None:
    assert finals_of(voice_activity, SOUNDS[name](20.0)) == []


def test_ten_minutes_of_silence_keep_little(voice_activity: VoiceActivity) -> None:
    track = Track(leg_id="leg", context=HearingContext(), partials=True)
    assert errands_of(voice_activity, silence(600.0), track=track) == []


def test_other_rates_are_brought_to_sixteen_kilohertz(voice_activity: VoiceActivity) -> None:
    speech = np.repeat(compose([french_prompt("conf-unmuted").pcm()], around_s=1.0), 6)
    (final,) = finals_of(voice_activity, speech, rate_hz=48_000)
    assert final.rate_hz == 16_000


def test_sound_is_found_by_the_clock_across_gaps_and_rates() -> None:
    sound = Soundtrack(rate_hz=8000, start_s=10.0)
    sound.append(np.full(8000, 1, np.int16), start_s=10.0, rate_hz=8000)
    sound.append(np.full(8000, 2, np.int16), start_s=12.0, rate_hz=8000)
    assert sound.end_s == pytest.approx(13.0)
    assert set(sound.between(11.1, 11.9)) == {0}
    assert set(sound.between(12.1, 12.9)) == {2}
    sound.append(np.full(16_000, 1000, np.int16), start_s=13.0, rate_hz=16_000)
    assert len(sound.between(13.0, 14.0)) == 16_000
    assert len(sound.between(12.0, 13.0)) == 16_000


def test_old_sound_is_forgotten() -> None:
    sound = Soundtrack(rate_hz=8000, start_s=0.0)
    for second in range(120):
        sound.append(np.full(8000, second, np.int16), start_s=float(second), rate_hz=8000)
        while sound.window() is not None:
            sound.advance()
    assert set(sound.between(115.0, 116.0)) == {115}
    assert len(sound.between(0.0, 60.0)) == 0


def finals_on(voice_activity: VoiceActivity, track: Track, count: int) -> list[Errand]:
    speech = compose([french_prompt("vm-login").pcm()] * count, pause_s=1.5, around_s=1.5)
    errands = dict.fromkeys(errands_of(voice_activity, speech, track=track))
    return [each for each in errands if each.urgency == "final"]


def test_a_leg_that_changes_its_language_says_so_and_looks_back(
    voice_activity: VoiceActivity,
) -> None:
    track = Track(leg_id="leg", context=HearingContext(languages=("fr", "en")), partials=False)
    first, second, *_ = finals_on(voice_activity, track, 2)
    assert first.languages == ("fr", "en")
    first.decoding = decoding("Je suis un cheval", scores={"fr": 0.2, "en": 0.7})
    (misheard,) = track.decoded(first, first.decoding)
    assert isinstance(misheard, Final)
    assert misheard.language == "fr"
    assert track.misheard() == []
    english = decoding(
        "I am calling about the leak.", language="en", scores={"fr": 0.01, "en": 0.97}
    )
    change, final = track.decoded(second, english)
    assert change == LanguageHeard(language="en", utterance_id=2)
    assert isinstance(final, Final)
    assert (final.language, track.languages) == ("en", ("en", "fr"))
    (again,) = track.misheard()
    assert (again.utterance_id, again.languages, track.owes) == (1, ("en",), 1)
    (corrected,) = track.decoded(again, decoding("I am a plumber.", language="en"))
    assert isinstance(corrected, Final)
    assert (corrected.utterance_id, corrected.text) == (1, "I am a plumber.")
    assert track.owes == 0


def test_what_is_not_believed_says_nothing_of_the_language(
    voice_activity: VoiceActivity,
) -> None:
    track = Track(leg_id="leg", context=HearingContext(languages=("fr", "en")), partials=False)
    (first,) = finals_on(voice_activity, track, 1)
    invented = decoding("Thanks for watching!", language="en", scores={"fr": 0.0, "en": 0.99})
    (final,) = track.decoded(first, invented)
    assert isinstance(final, Final)
    assert (final.text, track.languages) == ("", ("fr", "en"))


@pytest.mark.parametrize(
    ("text", "logprob", "peak", "held"),
    [
        ("Bonjour madame.", -0.3, 0.95, True),
        ("Bonjour madame.", -1.0, 0.95, True),
        ("Bonjour madame.", -1.0, 0.4, False),
        ("Sous-titres réalisés par la communauté d'Amara.org", -0.1, 0.95, False),
        ("Sous-titrage Société Radio-Canada", -0.1, 0.95, False),
        ("Merci d'avoir regardé cette vidéo !", -0.1, 0.95, False),
        ("Merci d'avoir rappelé si vite, au revoir.", -0.3, 0.95, True),
        ("❤️ par SousTitreur.com", -0.1, 0.95, False),
        ("Thank you so much for watching!", -0.1, 0.95, False),
        ("Please like and subscribe to my channel.", -0.1, 0.95, False),
        ("See you in the next video.", -0.1, 0.95, False),
        ("[Musique]", -0.1, 0.95, False),
        ("Abonnez-vous !", -0.1, 0.95, False),
        ("Je voudrais m'abonner à votre revue, comment on fait ?", -0.3, 0.95, True),
        ("I would like to subscribe to your insurance plan.", -0.3, 0.95, True),
        ("C'est pour la traduction par un traducteur assermenté.", -0.3, 0.95, True),
        ("www.example.fr", -0.3, 0.95, True),
        ("Transcription de mon acte de naissance.", -0.3, 0.95, True),
        ("Thank you for listening, see you next time.", -0.3, 0.95, True),
        ("…", -0.1, 0.95, False),
        ("non non non non non non non non", -0.3, 0.95, False),
        ("non non non", -0.3, 0.95, True),
        ("J'ai entendu parler de vous à Radio-Canada la semaine dernière.", -0.3, 0.95, True),
        ("Pour une nouvelle vidéo de surveillance, à qui je m'adresse ?", -0.3, 0.95, True),
    ],
)
def test_what_is_believed(text: str, logprob: float, peak: float, held: bool) -> None:
    assert Belief().holds(decoding(text, logprob=logprob), peak=peak) is held
