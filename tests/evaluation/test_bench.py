"""The bench: its plan of turns, its matching of words to clips, and a short real run."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from copilot.drafting.draft import Draft, Turn
from copilot.evaluation.bench import run_bench
from copilot.evaluation.benchcalls import PAUSE_S, PacedLeg, Said, plan_call
from copilot.evaluation.benchreport import Percentiles
from copilot.evaluation.manifest import Clip, EvaluationInputError
from models.listening import Listening
from models.scripted import ScriptedRecogniser
from tests.sounds import french_prompts
from tests.test_session import SILENCE, ScriptedPrompter


class Nothing:
    def hear(self, turn: Turn) -> Draft:
        return Draft()


def clip_of(seconds: float) -> tuple[Clip, np.ndarray[tuple[int], np.dtype[np.int16]], int]:
    clip = Clip(audio=Path("a.wav"), text="bonjour", language="fr", set="s", line=1)
    return clip, np.ones(int(seconds * 8000), np.int16), 8000


@pytest.mark.parametrize("seed", range(20))
def test_legs_take_turns_with_pauses_and_never_speak_over_themselves(seed: int) -> None:
    plan = plan_call([clip_of(2.0), clip_of(0.7)], seconds=60, seed=seed)
    for said in plan.values():
        assert said
        for before, after in itertools.pairwise(said):
            assert after.start_s - before.end_s >= PAUSE_S[0] - 1e-9
        assert said[-1].end_s <= 60
    again = plan_call([clip_of(2.0), clip_of(0.7)], seconds=60, seed=seed)
    assert [s.start_s for s in again["caller"]] == [s.start_s for s in plan["caller"]]


async def test_a_paced_leg_plays_its_clips_where_they_belong() -> None:
    clip, pcm, rate = clip_of(0.1)
    leg = PacedLeg(
        "caller", [Said(clip=clip, pcm=pcm * 9000, rate_hz=rate, start_s=0.2)], seconds=0.5
    )
    loud = [frame.start_s async for frame in leg.frames() if abs(int(frame.pcm[0])) > 8000]
    assert loud == pytest.approx([0.2, 0.22, 0.24, 0.26, 0.28])
    assert leg.dropped_frames == 0


def test_percentiles_of_nothing_are_null() -> None:
    assert Percentiles.of([]) == Percentiles(p50=None, p95=None, p99=None)
    assert Percentiles.of([1.0, 2.0, 3.0]).p50 == 2.0


def manifest_in(folder: Path) -> Path:
    lines = [
        {"audio": str(prompt.path), "text": prompt.text, "language": "fr", "set": "prompts"}
        for prompt in french_prompts(min_words=5, max_words=8)[:3]
    ]
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_a_short_bench_reports_every_key(tmp_path: Path) -> None:
    report = run_bench(
        manifest_in(tmp_path),
        calls=2,
        seconds=12,
        load_recogniser=ScriptedRecogniser,
        build_prompter=lambda _: ScriptedPrompter(lambda *_: SILENCE),
        open_drafter=lambda **_: Nothing(),
        listening=Listening(workers=2),
        model="scripted",
    ).as_json()
    assert set(report) == {
        "calls", "seconds", "final_latency_ms", "final_latency_after_endpoint_ms",
        "partial_age_ms", "suggestion_latency_ms", "loop_lag_ms", "finals", "dropped_finals",
        "late_partials_dropped", "dropped_frames", "partial_churn", "wer", "cpu_s_per_call_s",
        "rss_mb", "model", "cores",
    }  # fmt: skip
    assert report["finals"] >= 2
    assert report["dropped_finals"] == 0
    assert report["dropped_frames"] == 0
    for name in ("final_latency_ms", "final_latency_after_endpoint_ms", "partial_age_ms"):
        assert 0 < report[name]["p50"] < 5000, name
    assert report["suggestion_latency_ms"]["p50"] >= 0
    assert report["partial_churn"]["provisional"]["shown"] > 0
    assert report["partial_churn"]["settled"]["share"] == 0.0


def test_a_folder_without_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationInputError, match="manifest"):
        run_bench(
            tmp_path,
            calls=1,
            seconds=5,
            load_recogniser=ScriptedRecogniser,
            build_prompter=lambda _: ScriptedPrompter(lambda *_: SILENCE),
            open_drafter=lambda **_: Nothing(),
            listening=Listening(workers=1),
            model="scripted",
        )
