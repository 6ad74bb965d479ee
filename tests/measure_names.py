"""What expecting a client's names changes: names written right, names that nobody said.

    python -m tests.measure_names [EVERY]

The recordings hold few names (the prompts of a telephone exchange); the expected list holds those
and two dozen names, streets and words that are never said. EVERY takes one prompt in so many of
those that hold no name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from models.bias import written_in
from models.clip import finals, hear_clip
from models.hearing import HearingContext
from models.store import find_model
from models.vad import VoiceActivity
from models.whisper import WhisperRecogniser
from tests.sounds import RATE_HZ, Prompt, all_french_prompts, compose

SAID = ("Asterisk", "Digium", "Comedian Mail", "Bluetooth", "Unistim", "Dahdi", "Skinny", "Jingle")
NEVER_SAID = (
    "Garage Delorme", "Cabinet Vasseur", "Plomberie Lefebvre", "Maud Delorme", "Bastien Roque",
    "Yannick Perrot", "Solène Guérin", "Hélène Vasseur", "Karim Benali", "Docteur Martel",
    "Kowalczyk", "Le Goff", "Nguyen", "Fernandes", "Mercier", "Boucher", "Maître Poisson",
    "rue des Acacias", "avenue de la Marne", "Valmont-sur-Loire", "impasse du Moulin",
    "détartrage", "orthodontie", "mitigeur", "chauffe-eau", "siphon",
)  # fmt: skip


def main() -> None:
    """Measure both."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    recogniser = WhisperRecogniser(find_model("base", cache=Path("var/models")))
    voice_activity = VoiceActivity()

    def heard(prompt: Prompt, vocabulary: tuple[str, ...]) -> str:
        found = hear_clip(
            compose([prompt.pcm()], around_s=0.6),
            rate_hz=RATE_HZ,
            context=HearingContext(vocabulary=vocabulary),
            recogniser=recogniser,
            voice_activity=voice_activity,
        )
        return " ".join(final.heard for final in finals(found))

    prompts = all_french_prompts()
    said = right_before = right_after = 0
    for prompt in prompts:
        for name in (name for name in SAID if written_in(name, prompt.text)):
            before, after = heard(prompt, ()), heard(prompt, (*NEVER_SAID, *SAID))
            said += 1
            right_before += written_in(name, before)
            right_after += written_in(name, after)
            print(f"{name}: {before[:70]!r} -> {after[:70]!r}", flush=True)
    print(f"{said} names said: {right_before} written right without, {right_after} with the list")
    _missed_words(heard, prompts[::every])
    inserted = changed = 0
    others = [p for p in prompts if not any(written_in(name, p.text) for name in SAID)][::every]
    for prompt in others:
        after = heard(prompt, (*NEVER_SAID, *SAID))
        wrong = [name for name in (*NEVER_SAID, *SAID) if written_in(name, after)]
        inserted += len(wrong)
        if wrong:
            print(f"inserted {wrong} in {prompt.text!r}: {after!r}", flush=True)
        changed += bool(wrong)
    print(f"{len(others)} prompts without a name: {inserted} names inserted in {changed} of them")


def _missed_words(
    hear: Callable[[Prompt, tuple[str, ...]], str], prompts: Sequence[Prompt]
) -> None:
    """Words that are said and not heard, expected as a name would be: a stand-in for surnames."""
    missed = righted = 0
    for prompt in prompts:
        plain = hear(prompt, ())
        words = set(re.findall(r"[^\W\d_]{5,}", prompt.text))
        unheard = tuple(word for word in sorted(words) if not written_in(word, plain))
        if not unheard or not plain:
            continue
        after = hear(prompt, (*NEVER_SAID, *unheard))
        missed += len(unheard)
        righted += sum(written_in(word, after) for word in unheard)
    print(f"{missed} words said and not heard: {righted} heard once expected", flush=True)


if __name__ == "__main__":
    main()
