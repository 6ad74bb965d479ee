"""The words the ear invents where nobody speaks.

    python -m tests.nonspeech [SECONDS_EACH] [SOUND...]

prints them for each sound, and how many that makes in ten minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.linesounds import music, rooms, signals
from tests.linesounds.waves import RATE_HZ, Pcm

SOUNDS: dict[str, Callable[[float], Pcm]] = {
    "silence": signals.silence,
    "ring-back, France": signals.ring_back_fr,
    "ring-back, America": signals.ring_back_us,
    "ring-back, Britain": signals.ring_back_uk,
    "busy, France": signals.busy_fr,
    "busy, America": signals.busy_us,
    "information tones": signals.information_tones,
    "dialling": signals.dialling,
    "fax calling": signals.fax_calling,
    "fax answering": signals.fax_answering,
    "V.21": signals.v21,
    "modem": signals.modem,
    "music, chords": music.chords,
    "music, usual": music.arpeggio,
    "music, drums": music.drums,
    "music, G.711": music.chords_line,
    "music, mobile": music.arpeggio_mobile,
    "chords, mobile": music.chords_mobile,
    "music, far": music.arpeggio_far,
    "hummed": music.hummed,
    "sung vowels": music.sung,
    "sung with band": music.sung_with_band,
    "hiss": rooms.hiss,
    "line at rest": rooms.faint_hiss,
    "hum": rooms.hum,
    "clicks": rooms.clicks,
    "street": rooms.street,
    "breath": rooms.breath,
    "coughs": rooms.coughs,
    "keyboard": rooms.keyboard,
    "office babble": rooms.babble,
    "crowd": rooms.loud_babble,
}


def main() -> None:
    """Count the words invented on each sound."""
    from models.clip import finals, hear_clip
    from models.hearing import HearingContext
    from models.store import find_model
    from models.vad import VoiceActivity
    from models.whisper import WhisperRecogniser

    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    chosen = sys.argv[2:] or list(SOUNDS)
    recogniser = WhisperRecogniser(find_model("base", cache=Path("var/models")))
    voice_activity = VoiceActivity()
    total = 0
    for name in chosen:
        heard = finals(
            hear_clip(
                SOUNDS[name](seconds),
                rate_hz=RATE_HZ,
                context=HearingContext(languages=("fr", "en")),
                recogniser=recogniser,
                voice_activity=voice_activity,
            )
        )
        texts = [final.text for final in heard if final.text]
        words = sum(len(text.split()) for text in texts)
        total += words
        rate = words * 600 / seconds
        print(f"| {name} | {len(heard)} | {words} | {rate:.1f} | {texts[:6]}", flush=True)
    minutes = len(chosen) * seconds / 60
    print(f"{total * 10 / minutes:.2f} words in ten minutes, over {minutes:.1f} minutes")


if __name__ == "__main__":
    main()
