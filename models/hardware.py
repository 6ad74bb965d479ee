"""How recognition is laid out on this machine: a self-test of a second or two, remembered.

    python -m models.hardware MODEL_FOLDER DEVICE COMPUTE_TYPE CACHE_FILE

A machine is known by its processor, the cores it may use, the model and the library; the outcome is
kept until one of them changes. A test that other programs disturbed is not kept.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FINAL_S = 0.9
"""A phrase of three seconds must be decoded in this time while every worker is busy."""
PARTIAL_EVERY_S = 0.6
PARTIAL_AT_MOST_EVERY_S = 2.0
PARTIAL_SHARE = 0.4
"""Of the time between two partials, what one may take."""
CORES_TO_SPARE_FROM = 4
"""From this many cores on, one is left to the calls themselves."""
UNDISTURBED = 0.75
"""Share of its threads' time that the test must have had."""
MOST_WORKERS = 16
BATCHES = (1, 4, 8, 16, 32)
"""Utterances decoded together, worth trying on a graphics card."""
_ROUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the outcome depends on."""

    processor: str
    cores: int
    model: str
    compute_type: str
    library: str
    device: str = "cpu"
    """As set: cpu, cuda, or auto."""
    cards: int = 0
    """Graphics cards there are, where one may be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How recognition is laid out."""

    workers: int
    """Decodings at the same time."""
    threads: int = 1
    """Cores that each takes."""
    batch: int = 1
    """Utterances, of all calls, that one decoding takes together."""
    device: str = "cpu"
    beam: int = 5
    """Of finals."""
    partial_every_s: float = PARTIAL_EVERY_S
    tested: bool = False
    """From a self-test of this machine; the safe default otherwise."""

    def __str__(self) -> str:
        origin = "self-test" if self.tested else "default, not tested yet"
        batch = f"up to {self.batch} utterances together, " if self.batch > 1 else ""
        return (
            f"{self.device}, {self.workers} x {self.threads} threads, {batch}beam {self.beam}, "
            f"a partial every {self.partial_every_s:.1f} s ({origin})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A layout worth trying."""

    workers: int
    threads: int = 1
    batch: int = 1
    device: str = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one layout did."""

    workers: int
    threads: int
    batch: int = 1
    device: str = "cpu"
    final_s: float
    """Decoding a phrase of three seconds, or a batch of them, with beam 5, every worker busy."""
    partial_s: float
    """The same, greedily."""
    undisturbed: float
    """Share of its threads' time that it had; of a graphics card nobody tells."""

    @property
    def phrases_per_s(self) -> float:
        """Work done, all workers together."""
        return self.workers * self.batch / self.final_s


def usable_cores() -> int:
    """Cores this process may use: affinity, and the quota of its container."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _quota(Path("/sys/fs/cgroup/cpu.max"))))


def _quota(path: Path) -> int:
    try:
        most, period, *_ = path.read_text().split()
        return max(1, math.floor(int(most) / int(period)))
    except (OSError, ValueError):  # no container, or "max"
        return 1 << 16


def processor(info: Path = Path("/proc/cpuinfo")) -> str:
    """The name of the processor, as it gives it."""
    try:
        for line in info.read_text().splitlines():
            if line.lower().startswith(("model name", "cpu part")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    import platform

    return platform.processor() or platform.machine()


def cards(devices: Path = Path("/dev")) -> int:
    """Graphics cards that CTranslate2 can use."""
    # Not imported at a start without a card (dxg is that of WSL).
    if not any(devices.glob("nvidia[0-9]*")) and not (devices / "dxg").exists():
        return 0
    try:
        import ctranslate2
    except ImportError:
        return 0
    return int(ctranslate2.get_cuda_device_count())


def numbers_on(device: str, compute_type: str) -> str:
    """The compute type of a setting that may say `auto`: 16 bits on a card, 8 on a processor."""
    if compute_type != "auto":
        return compute_type
    return "float16" if device == "cuda" else "int8"


def this_machine(model: Path, compute_type: str, device: str = "cpu") -> Machine:
    """What is known of this machine without any work."""
    try:
        library = f"ctranslate2 {version('ctranslate2')}"
    except PackageNotFoundError:
        library = "none"
    weights = model / "model.bin"
    size = weights.stat().st_size if weights.is_file() else 0
    return Machine(
        processor=processor(),
        cores=usable_cores(),
        model=f"{model.name} {size}",
        compute_type=compute_type,
        library=library,
        device=device,
        cards=0 if device == "cpu" else cards(),
    )


def safe_layout(cores: int | None = None, device: str = "cpu") -> Layout:
    """What runs on any machine until it is tested: a card only where it is asked for."""
    if device == "cuda":
        return Layout(workers=1, batch=4, device="cuda")
    return Layout(workers=min(2, cores or usable_cores()))


def candidates(cores: int, device: str = "cpu", cards: int = 0) -> list[Candidate]:
    """What is worth trying: threads on a processor, batches on a graphics card. Pure."""
    tried: list[Candidate] = []
    if device == "cuda" or (device == "auto" and cards):
        # One worker: while a batch is decoded, the next one gathers.
        tried += [Candidate(workers=1, batch=batch, device="cuda") for batch in BATCHES]
    if device == "cuda":
        return tried
    usable = cores - 1 if cores >= CORES_TO_SPARE_FROM else cores
    tried.append(Candidate(workers=min(MOST_WORKERS, usable)))
    if usable >= 2:
        tried.append(Candidate(workers=min(MOST_WORKERS, usable // 2), threads=2))
    return tried


def choose(trials: Sequence[Trial]) -> Layout:
    """The layout that does most, among those fast enough for a phrase. Pure.

    A batch is as late as its slowest phrase, so a large one must pay: it is taken when it does a
    tenth more than a smaller one.
    """
    prompt = [trial for trial in trials if trial.final_s <= FINAL_S]
    best = (
        max(prompt, key=lambda trial: trial.phrases_per_s / (1.1 ** math.log2(trial.batch)))
        if prompt
        else min(trials, key=lambda trial: trial.final_s)
    )
    beam = 5
    if best.final_s > FINAL_S:
        beam = 2 if (best.final_s + best.partial_s) / 2 <= FINAL_S else 1
    every_s = min(PARTIAL_AT_MOST_EVERY_S, max(PARTIAL_EVERY_S, best.partial_s / PARTIAL_SHARE))
    return Layout(
        workers=best.workers,
        threads=best.threads,
        batch=best.batch,
        device=best.device,
        beam=beam,
        partial_every_s=round(every_s, 1),
        tested=True,
    )


def remembered(cache: Path, machine: Machine) -> Layout | None:
    """The layout found for this very machine; `None` when it is unknown or unreadable."""
    try:
        kept: dict[str, Any] = json.loads(cache.read_text(encoding="utf-8"))
        if kept["machine"] != asdict(machine):
            return None
        layout = Layout(**kept["layout"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sane = min(layout.workers, layout.threads, layout.batch, layout.beam) >= 1
    return layout if sane and layout.partial_every_s > 0 else None


def remember(cache: Path, machine: Machine, layout: Layout, trials: Sequence[Trial]) -> None:
    """Keep an outcome, whole or not at all."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "machine": asdict(machine),
        "layout": asdict(layout),
        "trials": [asdict(trial) for trial in trials],
    }
    with tempfile.NamedTemporaryFile(
        "w", dir=cache.parent, prefix=f".{cache.name}-", delete=False, encoding="utf-8"
    ) as scratch:
        json.dump(kept, scratch, indent=1)
    os.replace(scratch.name, cache)


def layout_for(model: Path, compute_type: str, cache: Path, device: str = "cpu") -> Layout:
    """The layout to start with now: the remembered one, else the safe one. Never waits."""
    found = remembered(cache, this_machine(model, compute_type, device))
    return found or safe_layout(device=device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a self-test found."""

    layout: Layout
    trials: tuple[Trial, ...]
    kept: bool
    """False when other programs disturbed it."""
    refused: str = ""
    """Why a graphics card that is there cannot be used."""


def self_test(model: Path, compute_type: str, cache: Path, device: str = "cpu") -> Outcome:
    """Try the candidates and keep the best one, unless the machine was busy with other things.

    Takes a second or two. Raises `ModelDamagedError`.
    """
    machine = this_machine(model, compute_type, device)
    trials, refused = [], ""
    for tried in candidates(machine.cores, device, machine.cards):
        try:
            trials.append(try_out(model, compute_type, tried))
        except Exception as error:
            # A card without its libraries, or without memory for the model or for the batch.
            if tried.device == "cpu" or (device == "cuda" and not trials):
                raise
            refused = f"{tried.device}, batch {tried.batch}: {error}"
            log.warning("the graphics card is not used so: %s", refused)
    layout = choose(trials)
    # A worker of several threads idles between its steps, and one on a card waits for it: only
    # single threads of a processor tell.
    kept = all(
        trial.undisturbed >= UNDISTURBED
        for trial in trials
        if trial.threads == 1 and trial.device == "cpu"
    )
    if kept:
        remember(cache, machine, layout, trials)
    return Outcome(layout=layout, trials=tuple(trials), kept=kept, refused=refused)


def try_out(model: Path, compute_type: str, tried: Candidate) -> Trial:
    """Keep every worker busy for a moment."""
    from models.whisper import WhisperRecogniser

    workers, threads = tried.workers, tried.threads
    recogniser = WhisperRecogniser(
        model,
        workers=workers,
        threads=threads,
        device=tried.device,
        compute_type=numbers_on(tried.device, compute_type),
    )

    def timed(beam: int) -> float:
        started_s = time.perf_counter()
        recogniser.rehearse(beam=beam, batch=tried.batch)
        return time.perf_counter() - started_s

    with ThreadPoolExecutor(workers) as executor:
        list(executor.map(timed, [1] * workers))  # the first decoding of a worker pays for buffers
        before, started_s = os.times(), time.perf_counter()
        partials = list(executor.map(timed, [1] * workers))
        finals = list(executor.map(timed, [5] * (workers * _ROUNDS)))
        elapsed_s, after = time.perf_counter() - started_s, os.times()
    spent_s = after.user + after.system - before.user - before.system
    return Trial(
        workers=workers,
        threads=threads,
        batch=tried.batch,
        device=tried.device,
        final_s=round(sum(finals) / len(finals), 4),
        partial_s=round(sum(partials) / len(partials), 4),
        undisturbed=round(spent_s / (elapsed_s * workers * threads), 3),
    )


async def test_beside(model: Path, compute_type: str, cache: Path, device: str) -> None:
    """Test this machine in a process of its own, for the next start; says the outcome in a line.

    Never raises but when cancelled: nothing depends on it.
    """
    if remembered(cache, this_machine(model, compute_type, device)) is not None:
        return
    asked = (str(model), device, compute_type, str(cache))
    command = (sys.executable, "-m", "models.hardware", *asked)
    testing = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await testing.communicate()
    except asyncio.CancelledError:
        testing.kill()
        await testing.wait()
        raise
    said = output.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    if testing.returncode:
        log.warning("the self-test of recognition failed: %s", said[-1])
    else:
        log.info("self-test of recognition, for the next start: %s", said[-1])


def main() -> None:
    """Test, quietly: the service runs this beside itself at its first start."""
    os.nice(10)  # calls that come meanwhile go first
    model, device, compute_type, cache = sys.argv[1:5]
    outcome = self_test(Path(model), compute_type, Path(cache), device)
    note = "" if outcome.kept else "; not kept, other programs disturbed it"
    refused = f"; not used: {outcome.refused}" if outcome.refused else ""
    print(f"{outcome.layout}{note}{refused}")


if __name__ == "__main__":
    main()
