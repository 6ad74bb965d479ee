"""Reads a file of people, in a process of its own: whatever the file does to it ends there.

The file on standard input, its name as argument; JSON on standard output.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings

from copilot.knowncallers.people import reading_values
from knowledge.documents.reading import ImportingError

CPU_S = 60
MEMORY_BYTES = 1024 * 1024 * 1024


def main() -> None:
    """Read, answer, end."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")  # of what reads the cards: its author's to mend, not ours
    from copilot.knowncallers.cards import looks_like_cards, read_cards
    from copilot.knowncallers.sheet import read_sheet

    name, content = sys.argv[1], sys.stdin.buffer.read()
    try:
        read = read_cards if looks_like_cards(content) else read_sheet
        answer = {"reading": reading_values(read(content, name))}
    except ImportingError as error:
        answer = {"refusal": {"code": error.code, "fr": error.french, "en": error.english}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
