"""How often a leg changes its language wrongly, and how soon rightly.

    python -m tests.measure_languages [EVERY]

Each French prompt is a leg of its own, which is the worst case: nothing is known of it yet. English
prompts are put together into legs of eight. EVERY takes one prompt in so many.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from models.clip import hear_clip
from models.hearing import Final, Heard, HearingContext, LanguageHeard
from models.store import find_model
from models.vad import VoiceActivity
from models.whisper import WhisperRecogniser
from tests.sounds import ENGLISH, RATE_HZ, ROOT, Pcm, all_french_prompts, compose, read

LEG = 8


class Ear:
    """The models, heard clip by clip."""

    def __init__(self) -> None:
        self._recogniser = WhisperRecogniser(find_model("base", cache=Path("var/models")))
        self._voice_activity = VoiceActivity()

    def hear(self, pcm: Pcm, languages: Sequence[str]) -> list[Heard]:
        """All that is heard on a leg that carries this."""
        return hear_clip(
            pcm,
            rate_hz=RATE_HZ,
            context=HearingContext(languages=tuple(languages)),
            recogniser=self._recogniser,
            voice_activity=self._voice_activity,
        )


def changes(heard: Sequence[Heard]) -> list[int]:
    """The utterances at which the leg changed its language."""
    return [item.utterance_id for item in heard if isinstance(item, LanguageHeard)]


def french(ear: Ear, every: int) -> None:
    """Count wrong changes."""
    prompts = all_french_prompts()[::every]
    wrong = []
    for prompt in prompts:
        heard = ear.hear(compose([prompt.pcm()], around_s=0.6), ("fr", "en"))
        if changes(heard):
            wrong.append((prompt.name, [item.text for item in heard if isinstance(item, Final)]))
    print(f"French: {len(wrong)} wrong changes in {len(prompts)} legs {wrong}")


def english(ear: Ear, every: int) -> None:
    """Count utterances until the change."""
    paths = [
        path
        for path in sorted((ROOT / ENGLISH).glob("*.wav"))
        if "beep" not in path.name and "tone" not in path.name and "monkeys." not in path.name
    ][::every]
    legs = [paths[first : first + LEG] for first in range(0, len(paths) - LEG + 1, LEG)]
    after: Counter[str] = Counter()
    seconds = []
    for leg in legs:
        clips = [read(path) for path in leg]
        heard = ear.hear(compose(clips, pause_s=1.4, around_s=0.6), ("fr", "en"))
        changed = changes(heard)
        after[str(changed[0]) if changed else "never"] += 1
        finals = [item for item in heard if isinstance(item, Final)]
        if changed:
            seconds += [item.end_s for item in finals if item.utterance_id == changed[0]][:1]
        if len(changed) != 1:
            print(f"  {changed} {[path.stem for path in leg]} {[item.text for item in finals]}")
    print(f"English: utterance of the change in {len(legs)} legs of {LEG}: {dict(after)}")
    if seconds:
        print(f"  {sorted(seconds)[len(seconds) // 2]:.1f} s into the leg (median)")


def main() -> None:
    """Measure both."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    ear = Ear()
    english(ear, every)
    french(ear, every)


if __name__ == "__main__":
    main()
