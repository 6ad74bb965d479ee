"""Whether a person's name is a woman's or a man's, as far as it tells."""

from __future__ import annotations

import re

from copilot.drafting.lexicon import MALE_NAMES, NEUTRAL_NAMES
from copilot.drafting.names import is_given
from copilot.drafting.speech import fold

FEMININE = frozenset({"madame", "mme", "mademoiselle", "mlle"})
MASCULINE = frozenset({"monsieur", "m", "mr"})
FEMININE_ENDING = re.compile(
    r"(?:ine|ette|elle|ie|a|nne|ise|ice|ene|ane|aine|ille|ee|rthe|oe|ude|ence|ance|ande|aure|ire)$"
)


def gender(name: str) -> str | None:
    """`f`, `m`, or None when the title and the given name do not tell."""
    tokens = [fold(piece).strip(".") for piece in name.split()]
    if any(token in FEMININE for token in tokens):
        return "f"
    if any(token in MASCULINE for token in tokens):
        return "m"
    given = next((token.split("-")[0] for token in tokens if is_given(token.split("-")[0])), None)
    if given is None or given in NEUTRAL_NAMES:
        return None
    if given in MALE_NAMES:
        return "m"
    return "f" if FEMININE_ENDING.search(given) else None


def gender_clash(title: str, name: str) -> bool:
    """ "Madame" was said and the name is a man's, or the other way round."""
    told = gender(name)
    return bool(told) and (
        (title in FEMININE and told == "m") or (title in MASCULINE and told == "f")
    )
