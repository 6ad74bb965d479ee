"""What the operator calls the caller: "merci madame Fauvel", "Aurélie Monnier donc"."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from itertools import pairwise

from copilot.drafting.lexicon import NAME_STOPS, PARTICLES
from copilot.drafting.names import is_given
from copilot.drafting.speech import Speech, Word, words
from copilot.drafting.spelling import titled

_SURNAME = rf"((?:(?:{'|'.join(sorted(PARTICLES))}) )*[a-z'-]{{3,}})"
ASKED_BY_NAME = re.compile(
    rf"\b(?:monsieur|madame) {_SURNAME},? (?:et )?votre prenom\b"
    rf"|\bvotre prenom,? (?:monsieur|madame) {_SURNAME}"
)
"""Whoever is asked for a given name is the caller."""
ADDRESSES = frozenset(["monsieur", "madame", "mademoiselle"])


def called_by_operator(
    operator: Speech, *, said: AbstractSet[str], contacts: AbstractSet[str], agreed: bool
) -> tuple[str, str] | None:
    """Given name and surname the operator gives the caller, "" for what is not said; or None.

    Nothing is taken that the caller did not say (`said`, folded words): a surname after a title,
    or, once the caller has `agreed`, a given name and what follows it. `contacts` are the folded
    surnames of the client's people.
    """
    tokens = words(operator)
    for first, then in pairwise(tokens):
        if then.norm not in said or then.norm in contacts or not _a_name(then):
            continue
        if first.norm in ADDRESSES:
            return "", titled(then.text.lower())
        if agreed and first.norm in said and is_given(first.norm) and not first.breaks:
            return titled(first.text.lower()), titled(then.text.lower())
    return None


def asked_by_name(operator: Speech, said: AbstractSet[str]) -> str:
    """The surname in "Votre prénom, monsieur Gauthier ?", if the caller said it; or ""."""
    asked = ASKED_BY_NAME.search(operator.folded)
    if not asked:
        return ""
    part = 1 if asked[1] else 2
    known = set(asked[part].split()) <= said
    return titled(operator.text[slice(*asked.span(part))].lower()) if known else ""


def _a_name(word: Word) -> bool:
    none = NAME_STOPS | PARTICLES
    return len(word.norm) > 2 and word.norm not in none and not word.norm.isdigit()
