"""`eval asr`: error rates to the letter, and the whole evaluation on real clips."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.evaluation.asr import run_asr
from copilot.evaluation.manifest import EvaluationInputError, read_clip, read_manifest
from copilot.evaluation.wer import compare, normalise, pooled
from models.store import find_model
from tests.sounds import ROOT, french_prompt


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L’été, c'est « chaud » !", "l été c est chaud"),
        ("cœur", "coeur"),
        ("e\u0301te\u0301", "été"),
        ("20 %", "20 pour 100"),
        ("vingt pour cent", "20 pour 100"),
        ("1 250 euros", "1250 euros"),
        ("1\u202f250,50 €", "1250 50"),
        ("mille deux cent cinquante euros", "1250 euros"),
        ("appuyez sur un", "appuyez sur 1"),
        ("Appuyez sur 1.", "appuyez sur 1"),
        ("quatre-vingt-dix-neuf", "99"),
        ("au 01 99 00 12 34", "au 01 99 00 12 34"),
        ("rendez-vous", "rendez vous"),
        ("", ""),
    ],
)
def test_normalisation(text: str, words: str) -> None:
    assert " ".join(normalise(text)) == words


def test_errors_are_pooled_over_words() -> None:
    one = compare("un deux trois quatre", "un deux trois")
    other = compare("bonjour", "bonsoir")
    assert (one.word_edits, one.words) == (1, 4)
    assert pooled([one, other]).wer == pytest.approx(2 / 5)


def test_words_where_none_were_said_count() -> None:
    assert compare("", "trois mots inventés").word_edits == 3


@given(st.text(max_size=60))
def test_a_text_is_itself(text: str) -> None:
    assert compare(text, text).word_edits == 0


def manifest_of(folder: Path, *lines: object) -> Path:
    path = folder / "manifest.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def clip_in(folder: Path, name: str = "a.wav", *, rate_hz: int = 8000, channels: int = 1) -> str:
    with wave.open(str(folder / name), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.zeros(800, "<i2").tobytes())
    return name


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"text": "a"}, 'needs "audio"'),
        ({"audio": "a.wav"}, 'needs "text"'),
        ({"audio": "a.wav", "text": 3}, 'needs "text"'),
        ({"audio": "b.wav", "text": "a"}, "b.wav does not exist"),
        ({"audio": "a.wav", "text": "a", "set": 1}, '"set" must be a text'),
        ([], "is not a JSON object"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, problem: str) -> None:
    good = {"audio": clip_in(tmp_path), "text": "a"}
    with pytest.raises(EvaluationInputError) as raised:
        read_manifest(manifest_of(tmp_path, good, line))
    assert str(raised.value).startswith(f"{tmp_path / 'manifest.jsonl'}, line 2: ")
    assert problem in str(raised.value)


def test_what_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text("{oops\n")
    with pytest.raises(EvaluationInputError, match="line 1: is not JSON"):
        read_manifest(path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationInputError, match=r"nowhere\.jsonl: no such file"):
        read_manifest(tmp_path / "nowhere.jsonl")


def test_audio_that_is_no_wav_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"ID3 not a wav")
    manifest = manifest_of(tmp_path, {"audio": "a.wav", "text": "a"})
    (clip,) = read_manifest(manifest)
    with pytest.raises(EvaluationInputError, match=r"line 1: .*a\.wav is not a PCM WAV file"):
        read_clip(manifest, clip)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "problem"), [(44_100, 1, "44100 Hz"), (8000, 2, "2 channels")]
)
def test_audio_of_another_shape_is_named(
    tmp_path: Path, rate_hz: int, channels: int, problem: str
) -> None:
    clip_in(tmp_path, rate_hz=rate_hz, channels=channels)
    manifest = manifest_of(tmp_path, {"audio": "a.wav", "text": "a"})
    with pytest.raises(EvaluationInputError, match=problem):
        read_clip(manifest, read_manifest(manifest)[0])


@pytest.mark.models
def test_recognition_is_measured_against_faster_whisper(tmp_path: Path) -> None:
    lines = []
    for name, group in (("conf-unmuted", "menu"), ("vm-goodbye", "courtesy")):
        prompt = french_prompt(name)
        (tmp_path / f"{name}.wav").write_bytes(prompt.path.read_bytes())
        audio = f"{name}.wav"
        lines.append({"audio": audio, "text": prompt.text, "language": "fr", "set": group})
    report = run_asr(
        manifest_of(tmp_path, *lines),
        model=find_model("base", cache=ROOT.parent / "models"),
        model_name="base",
        baseline=True,
    )
    found = json.loads(json.dumps(report.as_json()))
    assert set(found) == {
        "wer", "cer", "utterances", "audio_s", "cpu_s", "cpu_s_per_audio_s", "wall_s", "by_set",
        "model", "settings", "baseline",
    }  # fmt: skip
    assert set(found["baseline"]) == set(found) - {"baseline"}
    assert found["wer"] == 0.0
    assert found["utterances"] == 2
    assert found["by_set"] == {"menu": 0.0, "courtesy": 0.0}
    assert found["model"] == "base"
    assert found["audio_s"] == pytest.approx(found["baseline"]["audio_s"])
    assert 0.0 < found["cpu_s"] < found["baseline"]["cpu_s"]
    assert report.table().row_count == 9
