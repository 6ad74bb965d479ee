"""Reading a file of people from outside: its limits, and its end."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from copilot.knowncallers.people import ReadPeople, reading_from
from knowledge.documents.reading import ImportingError, safe_name

MAX_BYTES = 25 * 1024 * 1024
"""Some hundreds of cards with their pictures, as telephones give them out."""
WALL_S = 90.0
ROOT = Path(__file__).parents[2]


async def read_people(content: bytes, name: str) -> ReadPeople:
    """Read a CSV table or vCards. Raises ImportingError, which names the file and the mend.

    Args:
        content: of `MAX_BYTES` at most.
        name: as it was uploaded.
    """
    shown = safe_name(name)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "copilot.knowncallers.child",
        shown,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(WALL_S):
            answered, _ = await child.communicate(content)
    except TimeoutError as error:
        raise _cost_too_much(shown) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise _cost_too_much(shown)
    answer = json.loads(answered)
    if refusal := answer.get("refusal"):
        raise ImportingError(refusal["code"], french=refusal["fr"], english=refusal["en"])
    return reading_from(answer["reading"])


def _cost_too_much(name: str) -> ImportingError:
    return ImportingError(
        "import_limits",
        french=f"{name} : la lecture prend trop de temps ou de mémoire. Découpez le fichier.",
        english=f"{name}: reading takes too much time or memory. Split the file.",
    )
