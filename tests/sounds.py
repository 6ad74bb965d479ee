"""Recorded telephone speech with its exact words: Debian's Asterisk prompts, unpacked by `make`."""

from __future__ import annotations

import gzip
import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).parent.parent / "var" / "sounds"
FRENCH = Path("usr/share/asterisk/sounds/fr_CA_f_June")
FRENCH_TEXTS = Path("usr/share/doc/asterisk-core-sounds-fr/core-sounds-fr.txt.gz")
ENGLISH = Path("usr/share/asterisk/sounds/en_US_f_Allison")
RATE_HZ = 8000

Pcm = npt.NDArray[np.int16]

_NOT_WORDS = re.compile(r"[\[(].*[\])]")


class SoundsMissingError(Exception):
    """The prompt recordings are not unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One recorded prompt."""

    name: str
    text: str
    path: Path

    def pcm(self) -> Pcm:
        """Samples at 8 kHz, shape (n,)."""
        return read(self.path)


def read(path: Path) -> Pcm:
    """A prompt's samples at 8 kHz, shape (n,)."""
    with wave.open(str(path), "rb") as file:
        if file.getframerate() != RATE_HZ or file.getnchannels() != 1:
            raise ValueError(f"{path} is not 8 kHz mono")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def read_gsm(path: Path) -> Pcm:
    """Samples at 8 kHz, shape (n,), of a raw GSM 06.10 recording."""
    import av

    with av.open(str(path), format="gsm") as file:
        frames = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
    return np.concatenate(frames).astype(np.int16)


def require(root: Path = ROOT) -> Path:
    """The folder of the recordings. Raises `SoundsMissingError` when they are not there."""
    if not (root / FRENCH).is_dir() or not (root / FRENCH_TEXTS).is_file():
        raise SoundsMissingError(f"no recordings in {root}: run `./bootstrap.sh run`")
    return root


@lru_cache(maxsize=2)
def all_french_prompts(root: Path = ROOT) -> tuple[Prompt, ...]:
    """Every French prompt that has words and a recording, in the order of the list."""
    require(root)
    prompts = []
    with gzip.open(root / FRENCH_TEXTS, "rt", encoding="utf-8") as lines:
        for line in lines:
            name, separator, text = line.partition(":")
            path = root / FRENCH / f"{name.strip()}.wav"
            words = text.strip().strip('“”"…. ')
            if line.startswith(";") or not separator or not words or _NOT_WORDS.search(text):
                continue
            if path.is_file():
                prompts.append(Prompt(name=name.strip(), text=text.strip(), path=path))
    return tuple(prompts)


def french_prompts(*, min_words: int = 1, max_words: int = 1000) -> list[Prompt]:
    """French prompts of so many words."""
    return [
        prompt
        for prompt in all_french_prompts()
        if min_words <= len(re.findall(r"\w+", prompt.text)) <= max_words
    ]


def french_prompt(name: str) -> Prompt:
    """A French prompt by its name (`vm-intro`, `digits/6`, `letters/b`)."""
    for prompt in all_french_prompts():
        if prompt.name == name:
            return prompt
    raise KeyError(f"no French prompt {name!r}")


def english(name: str) -> Pcm:
    """An English prompt's samples at 8 kHz."""
    require()
    return read(ROOT / ENGLISH / f"{name}.wav")


def silence(seconds: float) -> Pcm:
    """Digital silence at 8 kHz."""
    return np.zeros(round(seconds * RATE_HZ), dtype=np.int16)


def compose(clips: Sequence[Pcm], *, pause_s: float = 0.25, around_s: float = 0.0) -> Pcm:
    """Clips one after the other with pauses between, and silence before and after."""
    pieces: list[Pcm] = [silence(around_s)]
    for index, clip in enumerate(clips):
        if index:
            pieces.append(silence(pause_s))
        pieces.append(clip)
    return np.concatenate([*pieces, silence(around_s)])
