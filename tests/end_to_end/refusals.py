"""What a command says to bad input."""

from __future__ import annotations

import subprocess


def one_line(refused: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 2 and one line for people, with these words in it."""
    assert refused.returncode == 2, refused.stderr
    said = [line for line in refused.stderr.splitlines() if line.startswith("souffleur: ")]
    assert len(said) == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    for word in words:
        assert word in said[0], said[0]
