"""Which words are names: given names of France, titles, and words that end or forbid a name."""

from __future__ import annotations

from importlib.resources import files

TITLES = frozenset(
    [
        "madame", "monsieur", "mademoiselle", "mme", "m", "mr", "mlle", "docteur", "dr", "maitre",
        "me", "professeur", "pr", "messieurs", "mesdames",
    ]
)  # fmt: skip
PARTICLES = frozenset(
    [
        "de", "du", "des", "le", "la", "d'", "l'", "van", "von", "der", "den", "el", "al", "ben",
        "ould", "da", "dos", "di", "del", "san", "das", "do", "della", "ait", "bin", "bel",
        "abou", "abu", "ter", "mac", "saint", "sainte", "ar",
    ]
)  # fmt: skip


def _read(name: str) -> frozenset[str]:
    """The words of one of this folder's lists."""
    text = files("copilot.drafting.lexicon").joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


GIVEN_NAMES = _read("given_names.txt")
NAME_STOPS = _read("name_stops.txt")
SURNAMES_TOO = _read("surnames_too.txt")
