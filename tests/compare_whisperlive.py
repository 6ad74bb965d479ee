"""Our ear and WhisperLive on the same streams, one after the other.

    python -m venv /somewhere && /somewhere/bin/pip install torch==2.13.0 faster-whisper==1.2.0 \\
        requests websockets scipy onnxruntime fastapi uvicorn python-multipart soundfile av \\
        && /somewhere/bin/pip install --no-deps whisper-live
    python -m tests.compare_whisperlive AUDIO_DIR /somewhere/bin/python [--streams 1 2 4 8]

WhisperLive is a peer, never a dependency: it runs in an environment of its own, as its server on
loopback, with the same packaged model, int8, one model for all clients and every core; its other
settings are its own. AUDIO_DIR holds a manifest as for `souffleur eval asr`. A stream is one voice:
clips with pauses of 0.8 to 1.5 s at the pace of a voice, then silence for the last words to come.
1, 2, 4 and 8 streams of 24 s take some six minutes, ten at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from rapidfuzz.distance import Levenshtein
from websockets.asyncio.client import ClientConnection, connect

from copilot.evaluation.benchcalls import Pcm, Said, read_clips
from copilot.evaluation.manifest import Clip
from copilot.evaluation.wer import normalise
from models.hearing import Final, Heard, HearingContext, Partial
from models.listening import Listening, open_hearing
from models.sound import resample, to_float
from models.store import find_model
from models.whisper import WhisperRecogniser

MODELS = Path("var/models").resolve()
TAIL_S = 9.0
"""Silence after the last word, for what is late."""
NEAR_S = 0.6
"""Text that reaches this close to the end of a clip has it whole."""
CHUNK_S = 0.1
PATIENCE = 2.0
"""A server that takes this many times the streams' own length is stopped: what it gave counts."""
START_S = 30.0
SERVER = """
import sys
from whisper_live.server import TranscriptionServer
TranscriptionServer().run("127.0.0.1", port=int(sys.argv[1]), backend="faster_whisper",
    faster_whisper_custom_model_path=sys.argv[2], single_model=True, max_clients=64)
"""


@dataclass(kw_only=True)
class Stream:
    """One voice, and what each system made of it."""

    said: list[Said]
    sound: Pcm
    rate_hz: int
    started_s: float = 0.0
    reached: list[tuple[float, float, bool]] = field(default_factory=list)
    """When text came (monotonic), how far into the stream it reached, whether for good."""
    words: str = ""

    @property
    def seconds(self) -> float:
        return len(self.sound) / self.rate_hz

    def waits_ms(self, *, final: bool) -> list[float | None]:
        """For each clip, from its last sample to the text that has it whole; None: never."""
        waits: list[float | None] = []
        for clip in self.said:
            came = [
                at - self.started_s - clip.end_s
                for at, end_s, good in self.reached
                if end_s >= clip.end_s - NEAR_S and (good or not final)
            ]
            waits.append(1000 * max(0.0, min(came)) if came else None)
        return waits

    def again(self) -> Stream:
        return Stream(said=self.said, sound=self.sound, rate_hz=self.rate_hz)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """CPU of the processes that recognised, and their peak memory."""

    cpu_s: float
    rss_mb: float


def plan(clips: Sequence[tuple[Clip, Pcm, int]], *, seconds: float, seed: int) -> Stream:
    """A voice that says clips for so long."""
    chance = Random(seed)
    said: list[Said] = []
    now_s = chance.uniform(0.3, 1.5)
    while True:
        clip, pcm, rate_hz = chance.choice(clips)
        each = Said(clip=clip, pcm=pcm, rate_hz=rate_hz, start_s=now_s)
        if each.end_s > seconds and said:
            break
        said.append(each)
        now_s = each.end_s + chance.uniform(0.8, 1.5)
    noise = np.random.default_rng(seed).normal(0.0, 3.0, round((seconds + TAIL_S) * rate_hz))
    sound = noise.astype(np.int16)
    for each in said:
        first = round(each.start_s * rate_hz)
        sound[first : first + len(each.pcm)] = each.pcm
    return Stream(said=said, sound=sound, rate_hz=rate_hz)


async def paced(stream: Stream, step_s: float) -> AsyncIterator[tuple[float, Pcm]]:
    """The stream in pieces, each when it is due."""
    size = round(step_s * stream.rate_hz)
    stream.started_s = time.monotonic()
    for first in range(0, len(stream.sound) - size + 1, size):
        due_s = stream.started_s + (first + size) / stream.rate_hz
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        yield first / stream.rate_hz, stream.sound[first : first + size]


async def hear_ours(streams: Sequence[Stream], recogniser: WhisperRecogniser) -> None:
    """Our ear: voice activity, segmenter, schedule, partials and finals."""
    async with open_hearing(lambda: recogniser, settings=Listening(workers=2)) as hearing:

        async def one(number: int, stream: Stream) -> None:
            def on_heard(heard: Heard) -> None:
                if isinstance(heard, Final | Partial):
                    good = isinstance(heard, Final)
                    stream.reached.append((time.monotonic(), heard.end_s, good))
                if isinstance(heard, Final):
                    stream.words += f" {heard.heard}"

            ear = hearing.open(
                leg_id=f"stream-{number}", context=HearingContext(), on_heard=on_heard
            )
            async for start_s, pcm in paced(stream, 0.02):
                ear.feed(pcm, start_s=start_s, sample_rate_hz=stream.rate_hz)
            await ear.close()

        await asyncio.gather(*(one(n, stream) for n, stream in enumerate(streams)))


async def hear_theirs(streams: Sequence[Stream], url: str) -> None:
    """WhisperLive: a WebSocket a stream, 32-bit floats at 16 kHz."""

    async def one(number: int, stream: Stream) -> None:
        async with connect(url, max_size=None) as socket_:
            options = {"uid": str(number), "language": "fr", "task": "transcribe"}
            await socket_.send(json.dumps({**options, "model": "base", "use_vad": True}))
            while "SERVER_READY" not in str(await socket_.recv()):
                pass
            reading = asyncio.create_task(_read(socket_, stream))
            async for _, pcm in paced(stream, CHUNK_S):
                audio = resample(to_float(pcm), from_hz=stream.rate_hz)
                await socket_.send(audio.astype("<f4").tobytes())
            await socket_.send(b"END_OF_AUDIO")
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    await asyncio.gather(*(one(n, stream) for n, stream in enumerate(streams)))


async def _read(socket_: ClientConnection, stream: Stream) -> None:
    known: dict[str, str] = {}
    async for message in socket_:
        segments = json.loads(message).get("segments", ())
        for segment in segments:
            good = bool(segment["completed"])
            stream.reached.append((time.monotonic(), float(segment["end"]), good))
            if good:
                known[segment["start"]] = segment["text"]
        pending = [segment["text"] for segment in segments if not segment["completed"]]
        stream.words = " ".join([*known.values(), *pending])


@asynccontextmanager
async def whisper_live(python: Path, model: Path) -> AsyncIterator[tuple[str, int]]:
    """Its server, until it listens; the address and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cores = str(len(os.sched_getaffinity(0)))
    environment = {**os.environ, "OMP_NUM_THREADS": cores, "PYTHONPATH": ""}
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        command = (str(python), "-c", SERVER, str(port), str(model))
        server = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=folder, stdout=log, stderr=log
        )
        try:
            for _ in range(300):
                if server.returncode is not None:
                    log.seek(0)
                    raise SystemExit(f"WhisperLive did not start:\n{log.read()[-2000:]}")
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                await asyncio.sleep(0.1)
            yield f"ws://127.0.0.1:{port}", server.pid
        finally:
            server.kill()
            await server.wait()


def spent(pid: int) -> Spent:
    """What a process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text()
    peak_kb = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return Spent(cpu_s=ticks / os.sysconf("SC_CLK_TCK"), rss_mb=int(peak_kb) / 1024)


def row(name: str, streams: Sequence[Stream], before: Spent, after: Spent) -> str:
    """One line of the table."""
    finals = [wait for stream in streams for wait in stream.waits_ms(final=True)]
    shown = [wait for stream in streams for wait in stream.waits_ms(final=False)]
    said = lost = edits = 0
    for stream in streams:
        wanted = normalise(" ".join(each.clip.text for each in stream.said))
        found = normalise(stream.words)
        said += len(wanted)
        edits += Levenshtein.distance(wanted, found)
        lost += sum(op.tag == "delete" for op in Levenshtein.editops(wanted, found))
    seconds = sum(stream.seconds for stream in streams)
    cells = [
        name,
        str(len(streams)),
        _percentiles(finals),
        str(sum(wait is None for wait in finals)),
        _percentiles(shown),
        f"{(after.cpu_s - before.cpu_s) / seconds:.3f}",
        f"{lost} of {said}",
        f"{edits / max(1, said):.1%}",
        f"{after.rss_mb:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _percentiles(waits: Sequence[float | None]) -> str:
    known = [wait for wait in waits if wait is not None]
    if not known:
        return "never"
    return " / ".join(f"{value:.0f}" for value in np.percentile(known, (50, 95)))


async def compare(given: argparse.Namespace) -> None:
    """Run each number of streams through both."""
    clips = read_clips(given.audio)
    model = find_model("base", cache=MODELS)
    recogniser = WhisperRecogniser(model, workers=2)
    print(
        "| | streams | final after the last sample, ms (p50 / p95) | clips without a final "
        "| first shown, ms (p50 / p95) | CPU s a stream second | words lost | WER | peak MB |\n"
        "|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    # The first decoding pays for buffers; theirs is paid before a client is told to send.
    await hear_ours([plan(clips, seconds=2.0, seed=99)], recogniser)
    for count in given.streams:
        streams = [plan(clips, seconds=given.seconds, seed=seed) for seed in range(count)]
        before = spent(os.getpid())
        await hear_ours(streams, recogniser)
        print(row("Souffleur", streams, before, spent(os.getpid())), flush=True)
        streams = [stream.again() for stream in streams]
        # A fresh server each time: one client that leaves in the middle of a decoding can leave
        # the lock of its shared model taken.
        async with whisper_live(given.python, model) as (url, server):
            before, name = spent(server), "WhisperLive"
            limit_s = PATIENCE * max(stream.seconds for stream in streams) + START_S
            try:
                async with asyncio.timeout(limit_s):
                    await hear_theirs(streams, url)
            except TimeoutError:
                name = f"WhisperLive, stopped after {limit_s:.0f} s"
            print(row(name, streams, before, spent(server)), flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("audio", type=Path)
    parser.add_argument("python", type=Path, help="of the environment that has whisper-live")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=24.0)
    given = parser.parse_args()
    if not given.python.is_file():
        sys.exit(f"{given.python} does not exist: make the environment as {__file__} says")
    asyncio.run(compare(given))


if __name__ == "__main__":
    main()
