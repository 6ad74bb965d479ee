"""Reading a document in a process of its own, from outside: its limits, and its end.

Whatever a document does to its reader (a bomb, a loop, a crash) ends as one ImportingError here.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from knowledge.documents.reading import (
    MAX_FILE_BYTES,
    ImportingError,
    Reading,
    reading_from,
    safe_name,
)

ROOT = Path(__file__).parents[2]
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one document may cost."""

    file_bytes: int = MAX_FILE_BYTES
    wall_s: float = 90.0
    cpu_s: int = 60
    memory_bytes: int = 1024 * 1024 * 1024
    """Address space, libraries included (about 300 MB of it before anything is read)."""
    output_bytes: int = 64 * 1024 * 1024


USUAL = Limits()


class Stop:
    """Ends a reading from another thread, before it begins too; idempotent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False

    def now(self) -> None:
        """Kill the reader: `read_file` ends with a refusal that nobody waits for."""
        with self._lock:
            self._asked = True
            self._kill()

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """The reader that `now` kills."""
        with self._lock:
            self._process = process
            if self._asked:
                self._kill()

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)


def read_file(
    path: Path,
    *,
    name: str | None = None,
    source: str | None = None,
    media_type: str = "",
    limits: Limits = USUAL,
    progress: Callable[[int, int | None], None] = lambda *_: None,
    stop: Stop | None = None,
) -> Reading:
    """Read a document under limits; blocks, so call it from a worker thread.

    `name` is the name for people (default: the path's), `source` tells one document from another.
    `progress` is called with rows or pages read, in the calling thread. Raises ImportingError.
    """
    shown = safe_name(name if name is not None else path.name)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.file_bytes:
                raise too_large(shown, size, limits.file_bytes)
            asked = {
                "name": shown,
                "source": source or shown,
                "media_type": media_type,
                "parent": os.getpid(),
                "cpu_s": limits.cpu_s,
                "memory_bytes": limits.memory_bytes,
            }
            answer = _run(file, asked, shown, limits, progress, stop or Stop())
    except OSError as error:
        raise ImportingError(
            "import_unreadable",
            french=f"{shown} : fichier illisible ({error.strerror}). Vérifiez le chemin.",
            english=f"{shown}: unreadable file ({error.strerror}). Check the path.",
        ) from error
    return answer


def too_large(name: str, size: int | None, limit: int) -> ImportingError:
    """The refusal of a file over the limit; `size` when it is known."""
    limit_mb = limit // (1024 * 1024)
    measured = f"{size // (1024 * 1024)} Mo, " if size else ""
    return ImportingError(
        "import_too_large",
        french=f"{name} : {measured}la limite est {limit_mb} Mo. Découpez le fichier.",
        english=f"{name}: {measured.replace('Mo', 'MB')}the limit is {limit_mb} MB."
        " Split the file.",
    )


def _run(
    file: BinaryIO,
    asked: dict[str, object],
    name: str,
    limits: Limits,
    progress: Callable[[int, int | None], None],
    stop: Stop,
) -> Reading:
    with _start(file, asked) as process:
        try:
            stop.watch(process)
            return _listen(process, name, limits, progress)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _start(file: BinaryIO, asked: dict[str, object]) -> subprocess.Popen[bytes]:
    begin = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        f"from knowledge.documents.child import main; main({json.dumps(asked)!r})"
    )
    return subprocess.Popen(
        [sys.executable, "-I", "-c", begin],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # Nothing of ours: no secrets, no proxies, no settings of libraries.
        env={"LANG": "C.UTF-8", "PATH": "", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
        close_fds=True,
    )


def _listen(
    process: subprocess.Popen[bytes],
    name: str,
    limits: Limits,
    progress: Callable[[int, int | None], None],
) -> Reading:
    output = process.stdout.fileno() if process.stdout else -1
    deadline = time.monotonic() + limits.wall_s
    heard, pending = 0, bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not selector.select(left_s):
                raise _exhausted(name, "time")
            piece = os.read(output, _CHUNK)
            heard += len(piece)
            if heard > limits.output_bytes:
                raise _exhausted(name, "output")
            if not piece:
                return _ended(process, name, deadline)
            pending += piece
            while (end := pending.find(b"\n")) >= 0:
                line = bytes(pending[:end])
                del pending[: end + 1]
                if reading := _understand(line, name, progress):
                    return reading


def _understand(
    line: bytes, name: str, progress: Callable[[int, int | None], None]
) -> Reading | None:
    said = json.loads(line)
    if "progress" in said:
        done, total = said["progress"]
        progress(done, total)
        return None
    if "refused" in said:
        refused = said["refused"]
        raise ImportingError(refused["code"], french=refused["french"], english=refused["english"])
    if "exhausted" in said:
        raise _exhausted(name, said["exhausted"])
    return reading_from(said["reading"])


def _ended(process: subprocess.Popen[bytes], name: str, deadline: float) -> Reading:
    """It closed its output without an answer: killed, or crashed."""
    try:
        code = process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _exhausted(name, "time") from None
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _exhausted(name, "time")
    raise ImportingError(
        "import_unreadable",
        french=f"{name} : la lecture s'est interrompue. Le fichier est sans doute abîmé :"
        " ouvrez-le et enregistrez-le de nouveau.",
        english=f"{name}: reading broke off. The file is probably damaged:"
        " open it and save it again.",
    )


def _exhausted(name: str, what: str) -> ImportingError:
    french = {
        "time": "la lecture prend trop de temps",
        "memory": "la lecture demande trop de mémoire",
        "depth": "le contenu est imbriqué trop profondément",
        "output": "le contenu est trop volumineux",
    }[what]
    english = {
        "time": "reading takes too long",
        "memory": "reading needs too much memory",
        "depth": "the content is nested too deeply",
        "output": "the content is too large",
    }[what]
    return ImportingError(
        "import_limits",
        french=f"{name} : {french}. Découpez ou simplifiez le fichier.",
        english=f"{name}: {english}. Split or simplify the file.",
    )
