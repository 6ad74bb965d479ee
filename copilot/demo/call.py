"""A demonstration call put together from Debian's recorded telephone prompts.

The prompts (package asterisk-core-sounds-fr-wav, one voice, 8 kHz) were never meant as a
conversation, so the story is modest: somebody found the workshop's voicemail full.

The caller's first words, "Désolé, mais cette boîte vocale ne peut recevoir de nouveaux messages"
(prompt `vm-mailboxfull`), are what the demonstration client's entry `messagerie-pleine` is about:
a true suggestion, from recorded speech. The caller then gives a number, digit by digit, and
spells a name. Whisper base hears the four caller's turns as they are said, but for one letter of
"vocale"; said in tens (80, 10, 9), the number was not understood.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

FRENCH = Path("usr/share/asterisk/sounds/fr_CA_f_June")
"""Where the package puts the prompts, under the folder it is unpacked in."""

SAMPLE_RATE_HZ = 8000
PHONE = "+33199001216"
SPELLED_NAME = "Martin"
SUGGESTED_ENTRY = "messagerie-pleine"

Pcm = npt.NDArray[np.int16]
Speaker = Literal["caller", "operator"]


class DemoSoundsError(Exception):
    """The recorded prompts are not there, or not what they should be."""

    code = "demo_sounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One turn: prompts said one after the other, after a pause."""

    speaker: Speaker
    prompts: tuple[str, ...]
    text: str
    pause_s: float = 1.2
    """Silence before it, on both sides: longer than any endpointing."""
    gap_s: float = 0.05
    """Silence between its prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTurn:
    """What is said in the finished recording."""

    speaker: Speaker
    text: str
    start_s: float
    end_s: float


SCRIPT = (
    Line(speaker="operator", prompts=("one-moment-please",), text="Un moment s'il vous plaît.",
         pause_s=0.8),
    Line(speaker="caller", prompts=("vm-mailboxfull",),
         text="Désolé, mais cette boîte vocale ne peut recevoir de nouveaux messages."),
    Line(speaker="operator", prompts=("privacy-prompt",),
         text="Veuillez entrer votre numéro de téléphone en commençant par l'indicatif "
         "régional."),
    Line(speaker="caller",
         prompts=("vm-num-i-have", *(f"digits/{digit}" for digit in "0199001216")),
         text="Le numéro est zéro un neuf neuf zéro zéro un deux un six."),
    Line(speaker="operator", prompts=("priv-recordintro",),
         text="À la tonalité, veuillez dire votre nom."),
    Line(speaker="caller",
         prompts=tuple(f"letters/{letter}" for letter in "martin"),
         text="M A R T I N."),
    Line(speaker="operator", prompts=("vm-msgforwarded",), text="Votre message a été acheminé."),
    Line(speaker="caller", prompts=("vm-goodbye",), text="Au revoir."),
)  # fmt: skip


def build_demo_call(sounds_dir: Path, out: Path) -> tuple[SpokenTurn, ...]:
    """Write the call as a two-channel WAV (caller left, operator right) and say what is in it.

    `sounds_dir` is the folder that the Debian packages were unpacked in (`var/sounds`).
    16-bit, 8 kHz, the same bytes each time. Raises `DemoSoundsError`.
    """
    left: list[Pcm] = []
    right: list[Pcm] = []
    turns = []
    position = 0
    for line in SCRIPT:
        spoken = _say(line, sounds_dir / FRENCH)
        pause = round(line.pause_s * SAMPLE_RATE_HZ)
        silence = np.zeros(pause + spoken.size, np.int16)
        voiced = np.concatenate([silence[:pause], spoken])
        left.append(voiced if line.speaker == "caller" else silence)
        right.append(silence if line.speaker == "caller" else voiced)
        start = position + pause
        position = start + spoken.size
        turns.append(
            SpokenTurn(
                speaker=line.speaker,
                text=line.text,
                start_s=start / SAMPLE_RATE_HZ,
                end_s=position / SAMPLE_RATE_HZ,
            )
        )
    tail = np.zeros(SAMPLE_RATE_HZ, np.int16)
    _write(out, np.concatenate([*left, tail]), np.concatenate([*right, tail]))
    return tuple(turns)


def _say(line: Line, folder: Path) -> Pcm:
    gap = np.zeros(round(line.gap_s * SAMPLE_RATE_HZ), np.int16)
    pieces: list[Pcm] = []
    for prompt in line.prompts:
        pieces += [_read(folder / f"{prompt}.wav"), gap]
    return np.concatenate(pieces[:-1])


def _read(path: Path) -> Pcm:
    try:
        with wave.open(str(path), "rb") as recording:
            shape = (recording.getnchannels(), recording.getsampwidth(), recording.getframerate())
            content = recording.readframes(recording.getnframes())
    except FileNotFoundError as error:
        raise DemoSoundsError(
            f"{path}: no such recording; unpack Debian's asterisk-core-sounds-fr-wav there"
        ) from error
    except (wave.Error, EOFError, OSError) as error:
        raise DemoSoundsError(f"{path}: not a WAV recording ({error})") from error
    if shape != (1, 2, SAMPLE_RATE_HZ):
        raise DemoSoundsError(f"{path}: expected mono, 16 bits, {SAMPLE_RATE_HZ} Hz")
    return np.frombuffer(content, "<i2").astype(np.int16)


def _write(path: Path, left: Pcm, right: Pcm) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as call:
        call.setnchannels(2)
        call.setsampwidth(2)
        call.setframerate(SAMPLE_RATE_HZ)
        call.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())
