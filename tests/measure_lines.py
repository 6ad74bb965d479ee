"""What bad lines cost: words wrong, ours against faster-whisper's `transcribe`, line by line.

    python -m tests.measure_lines [--every N] [--first N] [LINE ...]

Each line is a way of damaging the prompts of five words and more, the same for both; without names,
all of `LINES`. Clips that cost us two words more than `transcribe` are printed.
"""

from __future__ import annotations

import argparse
import json
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from copilot.evaluation.asr import run_asr
from copilot.evaluation.wer import pooled
from models.soundtrack import at_rate
from models.store import find_model
from telephony.g711 import decode, encode
from tests.sounds import RATE_HZ, Pcm, Prompt, french_prompts

FRAME = RATE_HZ // 50
LOST_SHARE = 0.05


def as_recorded(pcm: Pcm) -> Pcm:
    """Nothing done."""
    return pcm


def noisy(pcm: Pcm) -> Pcm:
    """White noise 20 dB below the voice, then G.711 A-law."""
    power = np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))
    hiss = _chance(pcm).normal(0.0, 0.1 * power, len(pcm))
    return decode(encode(_clipped(pcm + hiss), "PCMA"), "PCMA")


def quiet(pcm: Pcm) -> Pcm:
    """20 dB weaker, then A-law."""
    return decode(encode(_clipped(pcm * 0.1), "PCMA"), "PCMA")


def loud(pcm: Pcm) -> Pcm:
    """12 dB stronger than full scale allows: the peaks are cut."""
    peak = float(np.max(np.abs(pcm.astype(np.float64))))
    return _clipped(pcm * (4.0 * 32767.0 / max(peak, 1.0)))


def offset(pcm: Pcm) -> Pcm:
    """Half the level on a constant of a quarter of full scale."""
    return _clipped(pcm * 0.5 + 8192)


def wide(pcm: Pcm) -> Pcm:
    """Brought to 16 kHz, as by a gateway; nothing above 4 kHz."""
    return at_rate(pcm, RATE_HZ, 2 * RATE_HZ)


def mobile(pcm: Pcm) -> Pcm:
    """AMR at 12.2 kbit/s, as on a mobile call at its best."""
    return through_amr(pcm, 12_200)


def mobile_far(pcm: Pcm) -> Pcm:
    """AMR at 4.75 kbit/s, as far from the mast."""
    return through_amr(pcm, 4_750)


def lossy(pcm: Pcm) -> Pcm:
    """One frame of 20 ms in twenty lost, silence in its place."""
    damaged = pcm.copy()
    lost = _chance(pcm).random(-(-len(pcm) // FRAME)) < LOST_SHARE
    damaged[np.repeat(lost, FRAME)[: len(pcm)]] = 0
    return damaged


LINES: dict[str, Callable[[Pcm], Pcm]] = {
    "as recorded": as_recorded,
    "noise 20 dB below": noisy,
    "20 dB weaker": quiet,
    "clipped by 12 dB": loud,
    "constant offset": offset,
    "16 kHz": wide,
    "AMR 12.2": mobile,
    "AMR 4.75": mobile_far,
    "5 % of frames lost": lossy,
}


def through_amr(pcm: Pcm, bit_rate: int) -> Pcm:
    """As after AMR narrowband (3GPP TS 26.071) and A-law: a mobile caller, a landline after."""
    encoder = av.CodecContext.create("libopencore_amrnb", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE_HZ, "mono", "s16"
    encoder.bit_rate = bit_rate
    decoder = av.CodecContext.create("libopencore_amrnb", "r")
    decoder.sample_rate, decoder.layout = RATE_HZ, "mono"
    whole = np.pad(pcm, (0, -len(pcm) % FRAME))
    packets = []
    for first in range(0, len(whole), FRAME):
        frame = av.AudioFrame.from_ndarray(
            whole[None, first : first + FRAME], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = RATE_HZ, first
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    if heard.dtype != np.int16:
        heard = _clipped(heard * 32768.0)
    return decode(encode(heard[: len(pcm)], "PCMA"), "PCMA")


def write_line(folder: Path, name: str, prompts: Sequence[Prompt]) -> Path:
    """A manifest of prompts heard on a line; gives its path."""
    manifest = folder / "line.jsonl"
    with manifest.open("w", encoding="utf-8") as lines:
        for number, prompt in enumerate(prompts):
            _write(folder / f"{number}.wav", LINES[name](prompt.pcm()), wide=name == "16 kHz")
            said = {"audio": f"{number}.wav", "text": prompt.text, "language": "fr", "set": name}
            lines.write(json.dumps(said, ensure_ascii=False) + "\n")
    return manifest


def _write(path: Path, pcm: Pcm, *, wide: bool) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(2 * RATE_HZ if wide else RATE_HZ)
        file.writeframes(pcm.astype("<i2").tobytes())


def _chance(pcm: Pcm) -> np.random.Generator:
    """The same for a prompt each time, another for another."""
    return np.random.default_rng(len(pcm))


def _clipped(audio: npt.NDArray[np.floating[Any]]) -> Pcm:
    return np.clip(np.round(audio), -32768, 32767).astype(np.int16)


def main() -> None:
    """Measure the lines that were named, one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lines", nargs="*", choices=[*LINES, []], metavar="LINE")
    parser.add_argument("--every", type=int, default=5, help="one prompt in so many")
    parser.add_argument("--first", type=int, default=0, help="the prompts skipped before")
    given = parser.parse_args()
    prompts = french_prompts(min_words=5)[given.first :: given.every]
    model = find_model("base", cache=Path("var/models"))
    for name in given.lines or LINES:
        with TemporaryDirectory() as folder:
            manifest = write_line(Path(folder), name, prompts)
            report = run_asr(manifest, model=model, baseline=True)
        scores = (report.ours, report.baseline) if report.baseline else (report.ours,)
        errors = [pooled(result.errors for result in score.results) for score in scores]
        counts = ", ".join(f"{each.word_edits} ({each.wer:.1%})" for each in errors)
        print(
            f"{name}: of {errors[0].words} words, ours and transcribe wrong: {counts}", flush=True
        )
        for mine, its in zip(*(score.results for score in scores), strict=True):
            if mine.errors.word_edits > its.errors.word_edits + 1:
                print(f"  {mine.clip.text!r}\n    {mine.heard!r}\n    {its.heard!r}", flush=True)


if __name__ == "__main__":
    main()
