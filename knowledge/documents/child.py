"""The process that opens documents: poor on purpose.

It has little memory and time, no network, no secrets in its environment, and writes no file. The
document is its standard input, and it ends with its parent. What it says goes out line by line as
JSON:

    {"progress": [done, total]}            any number of times
    {"reading": {...}} or {"refused": {"code", "french", "english"}}       once, at the end
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any

_PROGRESS_EVERY_S = 0.2


def main(arguments: str) -> None:
    """Read standard input as `arguments` (JSON, from the sandbox) say."""
    asked = json.loads(arguments)
    says = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is not our answer
    _confine(asked)
    try:
        answer = _read(asked, says)
    except MemoryError:
        answer = {"exhausted": "memory"}
    except RecursionError:
        answer = {"exhausted": "depth"}
    says.write(json.dumps(answer) + "\n")
    says.flush()
    os._exit(0)


def _read(asked: dict[str, Any], says: Any) -> dict[str, Any]:
    from knowledge.documents.formats import read_document
    from knowledge.documents.reading import ImportingError, reading_values

    last = time.monotonic()

    def progress(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_EVERY_S:
            last = time.monotonic()
            says.write(json.dumps({"progress": [done, total]}) + "\n")
            says.flush()

    with os.fdopen(0, "rb") as file:
        content = file.read()
    try:
        reading = read_document(
            content,
            name=asked["name"],
            source=asked["source"],
            media_type=asked["media_type"],
            progress=progress,
        )
    except ImportingError as refused:
        said = {"code": refused.code, "french": refused.french, "english": refused.english}
        return {"refused": said}
    return {"reading": reading_values(reading)}


def _confine(asked: dict[str, Any]) -> None:
    """Give up whatever reading a document does not need."""
    from knowledge.documents.confinement import end_with, leave_the_network

    leave_the_network()
    end_with(asked["parent"])  # after it: a change of credentials forgets it
    for kind, limit in (
        (resource.RLIMIT_CPU, asked["cpu_s"]),
        (resource.RLIMIT_AS, asked["memory_bytes"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (limit, limit))
    sys.setrecursionlimit(1000)
