"""Phone numbers dictated by the recorded digits, as French people group them.

    python -m tests.dictation [COUNT] [--voice DIR]

prints how many come out right. DIR holds another voice's recordings (`digits/60.gsm`), for instance
those of Armelle Desjardins, who speaks the French of France:

    (cd var/sounds && apt-get download asterisk-prompt-fr-armelle \\
        && dpkg -x asterisk-prompt-fr-armelle_*.deb .)
    python -m tests.dictation 40 --voice var/sounds/usr/share/asterisk/sounds/fr
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np

from tests.sounds import Pcm, compose, french_prompt, read_gsm

STARTS = ("063998", "019900", "026191", "053649", "035301", "046571")
"""Ranges kept for fiction."""


def dictated(number: str, *, pause_s: float = 0.4, voice: Path | None = None) -> Pcm:
    """Ten digits said in pairs, by another voice than the usual one where its folder is given."""
    pairs = [number[i : i + 2] for i in range(0, len(number), 2)]
    said = [compose([_digit(n, voice) for n in _words(pair)], pause_s=0.02) for pair in pairs]
    return compose(said, pause_s=pause_s, around_s=0.6)


def _words(pair: str) -> list[int]:
    """The recordings that make a pair: 78 is sixty and eighteen."""
    value = int(pair)
    if pair[0] == "0":
        return [0, value]
    if value < 20:
        return [value]
    tens = {7: 60, 9: 80}.get(value // 10, value // 10 * 10)
    return [tens, value - tens] if value > tens else [tens]


def _digit(value: int, voice: Path | None) -> Pcm:
    """A recording without the silence around it."""
    if voice is None:
        pcm = french_prompt(f"digits/{value}").pcm()
    else:
        pcm = read_gsm(voice / "digits" / f"{value}.gsm")
    loud = np.flatnonzero(np.abs(pcm) > 200)
    return pcm[max(0, loud[0] - 400) : loud[-1] + 400]


def main() -> None:
    """Hear some, and count."""
    from models.clip import finals, hear_clip
    from models.hearing import HearingContext
    from models.store import find_model
    from models.vad import VoiceActivity
    from models.whisper import WhisperRecogniser

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=20)
    parser.add_argument("--voice", type=Path)
    given = parser.parse_args()
    count: int = given.count
    recogniser = WhisperRecogniser(find_model("base", cache=Path("var/models")))
    voice_activity = VoiceActivity()
    chance, right = random.Random(4), 0
    for _ in range(count):
        number = chance.choice(STARTS) + f"{chance.randrange(10_000):04}"
        pcm = dictated(number, pause_s=chance.choice((0.25, 0.4, 0.55)), voice=given.voice)
        heard = hear_clip(
            pcm,
            rate_hz=8000,
            context=HearingContext(languages=("fr", "en")),
            recogniser=recogniser,
            voice_activity=voice_activity,
        )
        shown = " ".join(final.text for final in finals(heard))
        right += number in shown.replace(" ", "")
        print(f"{number}  {shown}")
    print(f"{right} of {count} right")


if __name__ == "__main__":
    main()
