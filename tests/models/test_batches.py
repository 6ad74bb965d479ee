"""Several utterances in one call: CTranslate2 at full context, as on a graphics card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.ct2whisper import Ct2Whisper
from models.engine import Search, Writing
from models.recogniser import DecodeRequest, Decoding
from models.sound import resample, to_float
from models.store import find_model
from models.whisper import WhisperRecogniser
from tests.sounds import ROOT, Pcm, english, french_prompt

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def recogniser() -> WhisperRecogniser:
    folder = find_model("base", cache=ROOT.parent / "models")
    return WhisperRecogniser(folder, compute_type="float32", short=False)


def request(pcm: Pcm, **changes: Any) -> DecodeRequest:
    audio = resample(to_float(pcm), from_hz=8000)
    return replace(DecodeRequest(audio=audio, effort="final", words=True), **changes)


@pytest.fixture(scope="module")
def requests() -> list[DecodeRequest]:
    """Finals and a partial of several calls, in two languages, one beside a name to expect."""
    return [
        request(french_prompt("conf-unmuted").pcm()),
        request(french_prompt("vm-goodbye").pcm(), effort="partial", beam=1, words=False),
        request(french_prompt("vm-nobodyavail").pcm(), vocabulary=("Asterisk",)),
        request(english("vm-goodbye"), languages=("en",)),
    ]


def test_together_is_as_alone(recogniser: WhisperRecogniser, requests: list[DecodeRequest]) -> None:
    together = recogniser.decode_together(requests)
    for found, each in zip(together, requests, strict=True):
        alone = recogniser.decode(each)
        assert isinstance(found, Decoding)
        assert (found.text, found.language) == (alone.text, alone.language)
        assert found.average_logprob == pytest.approx(alone.average_logprob, abs=1e-3)
        assert [word.text for word in found.words] == [word.text for word in alone.words]
        assert [w.start_s for w in found.words] == pytest.approx([w.start_s for w in alone.words])


def test_the_engine_is_called_once_for_all(
    recogniser: WhisperRecogniser,
    requests: list[DecodeRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    original = Ct2Whisper.write_together

    def counted(
        self: Ct2Whisper,
        features: Sequence[Any],
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
    ) -> list[Writing]:
        calls.append(len(features))
        return original(self, features, prompts, searches)

    monkeypatch.setattr(Ct2Whisper, "write_together", counted)
    recogniser.decode_together(requests)
    assert calls == [len(requests)]


def test_one_that_cannot_be_decoded_fails_alone(
    recogniser: WhisperRecogniser, requests: list[DecodeRequest], caplog: pytest.LogCaptureFixture
) -> None:
    damaged = replace(requests[1], languages=("no such language",))
    first, failed, last = recogniser.decode_together([requests[0], damaged, requests[2]])
    assert isinstance(first, Decoding)
    assert first.text == "Vous pouvez maintenant parler."
    assert isinstance(failed, Exception)
    assert isinstance(last, Decoding)
    assert last.text.startswith("Personne")
    assert "goes alone" in caplog.text


def test_garbage_beside_speech_changes_nothing(
    recogniser: WhisperRecogniser, requests: list[DecodeRequest]
) -> None:
    nothing = replace(requests[0], audio=np.zeros(0, np.float32))
    broken = replace(requests[0], audio=np.full(16_000, np.nan, np.float32))
    found = recogniser.decode_together([nothing, requests[0], broken])
    assert isinstance(found[1], Decoding)
    assert found[1].text == "Vous pouvez maintenant parler."
