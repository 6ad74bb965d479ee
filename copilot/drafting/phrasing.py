"""Clauses as a reader wants them: said by the caller, written like sentences.

Words are left out or change their first letter, none is added: what hesitates, courtesies, what a
clause opens with when it goes on from another, and what dangles where a number was.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.speech import fold

LONG = 18
"""Words after which another clause begins a sentence of its own."""
_HESITATION = re.compile(
    r"(?<![\w'’-])(?:e+u+h+|h+e+u+h*|h+u+m+|m+h+m*|hein|bah|ben|beh|du coup|en fait|comment (?:vous )?dire|tu vois|vous voyez|je veux dire|voyez[- ]vous"
    r"|s['’]il (?:vous|te) pla[iî]t|svp|merci(?: (?:beaucoup|bien|d['’]avance))?)(?![\w'’-])[\s,]*",
    re.IGNORECASE,
)
_STAMMER = re.compile(
    r"(?<![\w'’-])(je|il|elle|on|vous|le|la|les|de|du|des|un|une|et|à|en|mon|ma|mes|pour|que|qui|c['’]est|y a|oui|non)(?:[\s,]+\1(?![\w'’-]))+",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:oui|ouais|ah|oh|bon|alors|donc|voil[aà]|enfin|[eé]coutez|allez|tenez|dites(?!-)|salut|coucou|bonjour|bonsoir|all[oô]|bref|et puis|et|puis"
    r"|(?:madame|monsieur|ma[iî]tre|docteur)(?=[\s,]+(?:j['’]|je\b|c['’]|vous\b|on\b|il\b|elle\b|pour\b|est-ce|nous\b|votre\b|y a)))(?![\w'’-])[\s,]*)+",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"^(?:(?:c['’](?:est|[eé]tait) (?:juste |simplement )?pour|je (?:voulais|voudrais|tenais [aà]|souhaite|souhaitais)(?: juste)?) (?:vous |te |lui |leur )?(?:dire|signaler|pr[eé]venir|informer)"
    r"|je (?:vous|t['’]) ?appelle)(?: juste)? (?:que |qu['’]|parce que |parce qu['’]|car )",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"^(?:parce que |parce qu['’]|car )", re.IGNORECASE)
_HANGING = re.compile(r"(?:qui|que|dont|o[uù])\b|qu['’]", re.IGNORECASE)
_DANGLING = re.compile(
    r"(?:[\s,]+(?:au lieu|au|aux|[aà]|le|la|les|du|de|des|et|ou|que(?: c['’]est)?|qui|qu['’]|mais|mon|ma|mes|votre|alors|donc|parce que|num[eé]ro|voil[aà]|quoi|bon|enfin|genre))+[\s,]*$",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:je (?:comprends|vois|vous [eé]coute|(?:ne )?sais (?:pas|plus))|j['’]en sais rien|c['’]est (?:tout|gentil|not[eé]|parfait|bon|[cç]a|[cç]a oui)|parlez (?:plus )?fort|comment|pas de souci|aucun souci|[cç]a marche|[cç]a va|attendez|une seconde|rien d['’]autre|je vous (?:le )?dis tout de suite)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:(?:et |mais )?(?:est-ce qu|qu['’]est-ce qu|combien |comment |pourquoi |(?:[aà] |pour )?quel(?:le)?s? ))|(?<!savoir )(?<!dire )(?:est-ce que |\b(?:de|en|[aà]|c['’]est) combien\b)",
    re.IGNORECASE,
)
_SMALL = frozenset(
    """je j il elle on nous vous ils elles le la les l un une des du de d au aux a en y ce c cet cette ces mon ma mes ton ta tes son sa ses
    notre nos votre vos leur leurs qui que qu quoi dont ou et mais donc car ni si est sont pour par sur sous dans avec sans chez entre vers
    ca cela comme quand combien comment pourquoi quel quelle quels quelles moi lui ne n pas plus tout tous toute rien hier demain depuis
    parce sinon puis bref apres avant rappelez y""".split()  # noqa: SIM905
)
"""What begins with a capital only because it began a sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """A clause to be written."""

    text: str
    opens: bool
    """It begins a sentence."""


def tidy(text: str) -> str:
    """A clause without what is only spoken; "" when nothing is left."""
    found = _STAMMER.sub(r"\1", _HESITATION.sub(" ", f" {text} "))
    found = re.sub(r"\s+", " ", re.sub(r"\s*,[\s,]*", ", ", found)).strip(" ,.")
    found = _OPENING.sub("", found)
    found = _TELLING.sub("", found)
    found = _DANGLING.sub("", f" {found}").strip(" ,.")
    found = re.sub(r"^[\W_]+(?=\w)|(?<=[?!])(?:\s*[,.?!])+", "", found)
    if not re.search(r"\w", found) or _EMPTY.fullmatch(found):
        return ""
    return f"{found} ?" if _ASKING.search(found) and not found.endswith(("?", "!")) else found


def written(parts: Sequence[Part]) -> str:
    """The parts, which `tidy` gave, as sentences."""
    text, words = "", 0
    for part in parts:
        more = part.text
        ends = text.endswith(("?", "!"))
        hangs = _HANGING.match(more) and not part.opens
        if not text or part.opens or ends or (words + len(more.split()) > LONG and not hangs):
            more = _GOING_ON.sub("", more)
            text += (" " if ends else ". " if text else "") + more[:1].upper() + more[1:]
            words = len(more.split())
        else:
            text += ", " + _lowered(more)
            words += len(more.split())
    if not text or text.endswith(("?", "!")):
        return text
    return text.rstrip(" .,;") + "."


def _lowered(text: str) -> str:
    first = re.match(r"[^\W\d_]+", text)
    small = first and fold(first.group()) in _SMALL
    return text[:1].lower() + text[1:] if small else text
