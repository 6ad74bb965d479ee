"""Words that companies are called by, and how a company's name is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Word, fold
from copilot.drafting.spelling import titled

PRIVATE = re.compile(
    r"\b(?:a titre (?:personnel|prive)|en tant que particulier|je suis (?:un |une )?particulier"
    r"|c'est (?:personnel|pour moi)|pas (?:de|pour une?) (?:societe|entreprise)|aucune societe"
    r"|pas au nom de la societe|a mon nom personnel)\b"
)
FORMS = frozenset("earl gaec scea sarl eurl sasu selarl scop cuma gfa".split())  # noqa: SIM905
"""Legal forms: what bears one is a company. "SAS" and "SCI" are said of other things too."""
LINKS = frozenset(
    ["de", "d'", "du", "des", "la", "le", "les", "l'", "et", "au", "aux", "&", "en", "sur", "a"]
)


def written(taken: Sequence[Word]) -> str:
    """As one name, capitals on all but small words."""
    text = ""
    for index, word in enumerate(taken):
        shown = word.text
        if shown.islower() and word.norm not in LINKS:
            shown = titled(shown)
        text += shown.upper() if word.norm in FORMS else shown
        if index + 1 < len(taken) and not word.norm.endswith("'"):
            gap = word.gap.strip(" ")
            text += gap if gap in ("-", "&") else (" & " if "&" in word.gap else " ")
    return text


def has_a_form(company: str) -> bool:
    """ "EARL des Trois Chênes"."""
    head, *rest = fold(company).split()
    return head in FORMS and bool(rest)


def without_person(company: str | None, found: Sequence[Mention]) -> str | None:
    """ "Pharmacie des Remparts Stéphane Angot": a whole name at the end is its bearer's."""
    for name in found:
        if company and name.given and name.surname and name.strong:
            at = fold(company).rfind(fold(name.value))
            company = company[:at].rstrip(" ,") if at > 0 else company
    return company
