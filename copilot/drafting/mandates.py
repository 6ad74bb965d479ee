"""How callers say that they call for somebody: "j'appelle pour ma mère, Jeanne Morel"."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass

from copilot.drafting.lexicon.relations import RELATIONS
from copilot.drafting.names import is_given, ordinary, read_name, written
from copilot.drafting.numbers import NUMBER_WORDS
from copilot.drafting.speech import Speech, Word, words
from models.entities import french_lexicon


@dataclass(frozen=True, slots=True)
class NameFound:
    """A name and where it stands."""

    start: int
    end: int
    value: str
    strong: bool
    """Introduced in words that leave no doubt."""
    titled: bool = False
    """Preceded by "madame", "docteur"..."""


def _named(
    tokens: list[Word], at_offset: int, *, strong: bool, whole: bool = False
) -> NameFound | None:
    start = next((i for i, word in enumerate(tokens) if word.start >= at_offset), None)
    if start is None:
        return None
    found = read_name(tokens, start, whole=whole)
    if found is None:
        return None
    first, after, had_title = found
    if not strong and not had_title and not _credible(tokens, first, after):
        return None
    return NameFound(
        tokens[first].start,
        tokens[after - 1].end,
        written(tokens, first, after, had_title=had_title),
        strong,
        had_title,
    )


def _credible(tokens: list[Word], first: int, after: int) -> bool:
    """After a weak introduction: does this look like a name?"""
    head = tokens[first]
    if is_given(head.norm):
        return True
    cased = head.text[:1].isupper() and head.start > 0
    if cased and ordinary(head.norm) and after - first > 1:
        return False
    if cased and not head.text.isupper():
        return not (
            after - first == 1 and head.norm in french_lexicon() and not _follows(tokens, after)
        )
    if after - first >= 2 and is_given(tokens[first + 1].norm):
        return True
    return not ordinary(head.norm)


def _follows(tokens: list[Word], after: int) -> bool:
    """What may come after one's own name."""
    if after >= len(tokens) or tokens[after - 1].breaks:
        return True
    return tokens[after].norm in {"de", "du", "des", "je", "j'", "a", "et", "la", "le"}


BEHALF = re.compile(
    rf"\b(?P<lead>(?:(?:j'|je vous |je )(?:appelle|telephone|contacte|rappelle)(?: en fait| surtout)?"
    rf"|c'est|ce serait|ce sera|rendez-vous|rdv|rendez vous|consultation|appelle|visite|c'etait"
    rf"|creneau|renseignement|soin|soins|et|mais|non|euh|appeler)\s+)?"
    rf"(?P<prep>pour|de la part de|au nom de|a la place de|pour le compte de)\s+"
    rf"(?P<poss>ma|mon|mes|notre|nos|un|une|le|la|l')\s*"
    rf"(?P<relation>{RELATIONS})\b(?:\s+de\s+(?P<age>\d+|[a-z]+)\s+(?:ans?|mois))?"
)
KIN_OF = re.compile(
    rf"\b(?:je suis|c'est|ici) (?:(?:(?!(?:pour|pas|plus|avec|chez|que|qui|de|du|dans|sur|et|mon|ma|comme|votre)\b)[\w-]+[ ,]+){{2}})?(?:la |le |l'|sa |son )(?P<relation>{RELATIONS}|tutrice|tuteur|curatrice|curateur"
    rf"|infirmiere|infirmier|secretaire|aide[- ]menagere|femme de menage|aide a domicile|aide soignante|auxiliaire de vie"
    rf"|gardienne|gardien|avocate|avocat|mandataire)\s+(?:de |d'|du |a )"
)
FOR_NAMED = re.compile(
    r"\b(?:j'appelle|je vous appelle|je telephone|c'est)\s+"
    r"(?:pour|au nom de|pour le compte de)\s+(?=(?:madame|monsieur|mademoiselle|mme|docteur|maitre)\b)"
)


def on_behalf(speech: Speech) -> str | None:
    """Whom the caller calls for: the relation as said, with the name when it is given."""
    tokens = words(speech)
    kin = KIN_OF.search(speech.folded)
    if kin:
        # "l'infirmière de nuit", "le chef d'équipe" are nobody's.
        name = None if _numbered(tokens, kin.end()) else _named(tokens, kin.end(), strong=False)
        taken_back = name and re.match(
            r"[\s,]*(?:enfin|non|pardon|je veux dire)\b", speech.folded[name.end :]
        )
        if name and taken_back:
            return None
        if name:
            return name.value
        own = re.match(
            rf"(?:ma|mon|notre|la|le|l')\s*(?:{RELATIONS})\b", speech.folded[kin.end() :]
        )
        if own is None:
            return None
    match = BEHALF.search(speech.folded)
    if match and _is_behalf(match, speech.folded):
        relation = speech.text[match.start("poss") : match.end("relation")].lower()
        who = _after_relation(speech, tokens, match.end())
        return f"{relation}, {who}" if who else relation
    named = FOR_NAMED.search(speech.folded)
    if named:
        name = _named(tokens, named.end(), strong=True)
        own = re.search(r"\b(?:parler|joindre|message|voir)\b", speech.folded[: named.end()])
        return name.value if name and not own else None
    return None


def _numbered(tokens: list[Word], at: int) -> bool:
    """ "Le gardien du vingt-deux" keeps a house, not somebody called Vingt."""
    first = next((word.norm for word in tokens if word.start >= at), "")
    return first.isdigit() or all(part in NUMBER_WORDS for part in first.split("-"))


def _is_behalf(match: re.Match[str], folded: str) -> bool:
    """ "pour mon mari" after a verb of its own is a detail, not a mandate."""
    if match.group("poss") in ("le", "la", "l'", "un", "une"):
        strong = match.group("lead") and re.search(r"appelle|telephone", match.group("lead"))
        personal = match.group("relation") in {
            "ami",
            "amie",
            "collegue",
            "voisin",
            "voisine",
            "patron",
            "patronne",
            "cliente",
            "client",
            "petit",
            "petite",
            "patient",
            "patiente",
            "locataire",
            "copine",
            "copain",
            "enfant",
        }
        child = match.group("relation") in {"petit", "petite"}
        named = child and re.match(r"\s+([a-z]+)", folded[match.end() :])
        if named and is_given(named[1]):
            return True
        return bool(strong and personal)
    lead = match.group("lead")
    before = folded[: match.start()]
    if re.search(r"\b(?:pas|plus|cadeau|laisser?|laissez)\s*(?:un message\s*)?$", before):
        return False
    if match.group("prep") != "pour":
        return True
    if lead:
        return True
    return bool(
        re.search(
            r"\b(?:rendez[- ]vous|rdv|consultation|place|prendre|appel\w*|renouvel\w*|ordonnance"
            r"|seance|examen|certificat|inscription|inscrire|dossier|annul\w*|deplac\w*|infos?"
            r"|renseign\w*|vous voir|resultats?|analyses?|besoin|demande|question|papier)\b",
            before,
        )
        or not before.strip(" ,")
    )


def _after_relation(speech: Speech, tokens: list[Word], offset: int) -> str | None:
    tail = speech.folded[offset:]
    bridge = re.match(
        r"\s*,?\s*(?:(?:qui s'appelle|elle s'appelle|il s'appelle|s'appelle|c'est|son nom c'est"
        r"|de son nom)\s+)?", tail
    )  # fmt: skip
    start = offset + (bridge.end() if bridge else 0)
    sure = bool(bridge and bridge.group().strip(" ,"))
    name = _named(tokens, start, strong=sure)
    if name is None or name.start > start + 12:
        return None
    return name.value
