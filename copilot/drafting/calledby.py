"""What the operator calls the caller: "merci madame Fauvel", "Aurélie Monnier donc"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise

from copilot.drafting.lexicon import NAME_STOPS
from copilot.drafting.names import is_given
from copilot.drafting.speech import Speech, Word, words
from copilot.drafting.spelling import titled

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


def _a_name(word: Word) -> bool:
    return len(word.norm) > 2 and word.norm not in NAME_STOPS and not word.norm.isdigit()
