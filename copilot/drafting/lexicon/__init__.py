"""Which words are names: given names of France, titles, what ends or forbids one; and roles."""

from __future__ import annotations

from importlib.resources import files

TITLES = frozenset(
    [
        "madame", "monsieur", "mademoiselle", "mme", "m", "mr", "mlle", "docteur", "dr", "maitre",
        "me", "professeur", "pr", "messieurs", "mesdames", "colonel", "capitaine", "veuve",
    ]
)  # fmt: skip
PARTICLES = frozenset(
    [
        "de", "du", "des", "le", "la", "d'", "l'", "van", "von", "der", "den", "el", "al", "ben",
        "ould", "da", "dos", "di", "del", "san", "das", "do", "della", "ait", "bin", "bel",
        "abou", "abu", "ter", "mac", "saint", "sainte", "ar",
    ]
)  # fmt: skip


def _lines(name: str) -> list[str]:
    text = files("copilot.drafting.lexicon").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _read(name: str) -> frozenset[str]:
    """The words of one of this folder's lists."""
    return frozenset(word for line in _lines(name) for word in line.split())


def _read_roles(name: str) -> dict[str, str]:
    """What each word of a list of roles calls for."""
    split = (line.split(":") for line in _lines(name))
    return {word: role for role, called in split for word in called.split()}


GIVEN_NAMES = _read("given_names.txt")
NAME_STOPS = _read("name_stops.txt")
SURNAMES_TOO = _read("surnames_too.txt")
MALE_NAMES = _read("male_names.txt")
NEUTRAL_NAMES = _read("neutral_names.txt")
ORDINARY_SURNAMES = _read("ordinary_surnames.txt")
ROLE_WORDS = _read_roles("roles.txt")
ROLE_FILLERS = _read("role_fillers.txt")
ROLE_FOLLOWS = _read("role_follows.txt")
ROLE_LEADS = _read("role_leads.txt")
ROLE_THINGS = _read("role_things.txt")
