"""Whose name it is, and which part of it, where the words around it say so plainly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from copilot.drafting.lexicon import GIVEN_NAMES, NAME_STOPS, ORDINARY_SURNAMES
from copilot.drafting.names import is_given, ordinary, read_name, written
from copilot.drafting.people.dialogues import surnames
from copilot.drafting.people.features import KIN
from copilot.drafting.people.reader import ARTICLES, RANKS, SURE, Mention
from copilot.drafting.speech import Speech, fold, words
from copilot.drafting.spelling import Spelled, likeness, titled

_PART = r"(?:pre)?nom(?: de famille)?"
MINE_AFTER = re.compile(rf"[ ,]*(?:c'est )?mon {_PART}\b(?! c'est)")
MINE_BEFORE = re.compile(
    rf"\bmon {_PART},? (?:(?:c'est|est) )?$|\bmoi,? c'est (?:madame |monsieur )?$"
)
PART_AFTER = re.compile(rf"[ ,]*c'est le {_PART}\b(?! d[eu'])")
PARTS_TOLD = re.compile(
    r"(?:(?:alors|oui|donc|c'est|nom|le nom c'est)\b[ ,]*)*(?P<surname>[a-z' -]{3,}?)"
    r"(?:,? en [a-z]+ mots?)?[ ,]+(?:et )?prenom,? (?P<given>[a-z-]{3,})"
)
PART_BEFORE = re.compile(rf"(?:^|(?<!au )(?<!du )(?<!le )(?<!son )\b){_PART},? $")
ASKED_AFTER = re.compile(r"\best-ce qu(?:e |')(?:monsieur |madame )?$")
SENT_BY = re.compile(
    r"\bc'est m(?:a|on) [a-z'-]+(?: [a-z'-]+)? qui\b(?:(?!\b(?:moi|je|j'|ici)\b)[^.?!])*$"
)
_ANIMALS = "chat|chatte|cheval|chien|chienne|jument"
_KIN = "|".join(sorted(KIN)) + f"|{_ANIMALS}"
_THEIR = "(?:mon|ma|notre|son|sa)"
THEIRS_BEFORE = re.compile(
    rf"\b(?:(?:lui|elle|{_THEIR} (?:{_KIN})|(?:le|la) (?:{_ANIMALS})),? (?:c'est|s'appelle)"
    rf"|(?:l'|(?:le|la) )(?:{_KIN}),? s'appelle) (?:madame |monsieur )?$"
)
"""Somebody else's name, in plain words: "lui c'est Nolan", "ma fille s'appelle Lison"."""
THEIRS_AFTER = re.compile(
    rf" c'est (?:(?:le|la) (?:{_ANIMALS})|{_THEIR} (?:{_KIN}))\b(?!,? (?:qu|il |elle ))"
)
"""As well: "Paulin c'est le chien". But "Julie Morel, c'est la maman" is the caller, and so is
"Julie Morel c'est mon mari qui a appelé"."""
LOOKED_FOR = re.compile(r" (?:que j(?:e |')(?!m'appelle)|qu'il (?:me|nous) )")
"""Right after a name: somebody whom the caller wants ("moi c'est madame Leroy que je cherche")."""
OF_THINGS = re.compile(
    r"^(?!.*\bvotre (?:pre)?nom\b).*\bnom (?:du |de (?:la |l'|votre |cet |cette ))"
    r"(?:agence|animal|association|bateau|boutique|chat|chatte|cheval|chien|chienne|cite|commerce"
    r"|copropriete|defunt|docteur|ecole|entreprise|etablissement|gardien|hotel|immeuble|jument"
    r"|magasin|medecin|medicament|produit|residence|restaurant|rue|societe|syndic|veterinaire"
    r"|village|ville|voisin)\b"
)
"""The operator asks for the name of something, or of somebody who does not call, and no other."""
LEADS_IN = frozenset(
    """aie anonyme attends aucun bon chut confidentiel hop minute nickel normal okay ouh oula tiens
    zut""".split()  # noqa: SIM905
)
"""What callers say before they answer, beside the words that stop names and adverbs."""
NO_NAME = re.compile(
    r"(?:le |la |l'|l )?(?:earl|gaec|scea|sarl|eurl|sasu|selarl)"
    r"|(?:le |ce |un )?week-?end|(?:le|la|les)?quel(?:le)?s?|comment|combien|pourquoi"
)
"""What is said in a name's place, and names nobody: "Lequel ?", "fermé le week-end"."""
WISHED = re.compile(r"\bjoyeu(?:x|se)s? $")
"""Before a name: a feast, that a caller wishes."""
ASKS_THEIRS = re.compile(r"^(?!.*\bv(?:otre|ous)\b)(?:et |oui |bien |d'accord )*son (?:pre)?nom\b")
"""The operator asks for the name of whoever was told of, and of nobody else."""
FEWEST_LETTERS = 3
"""Fewer are initials."""
UNLIKE = 0.5
"""Likeness below which letters do not spell the name said."""
OPENINGS = frozenset("allo oui bonjour bonsoir c'est ici moi euh".split())  # noqa: SIM905
"""What may stand before whoever says who they are."""
ADDRESSED = re.compile(
    r"^(?:et |donc |alors )*vous etes (?:bien )?(?:madame|monsieur) ([a-z'-]{3,})\b"
)
READ_BACK = re.compile(
    r"\bc'est (?:bien )?([a-z'-]{3,}),? votre nom\b"
    r"|\bvotre nom(?: de famille)? c'est (?:bien )?([a-z'-]{3,})"
)


def callers(found: Sequence[Mention], speech: Speech, *, asked: bool, first: bool) -> list[Mention]:
    """Those that the words around them say are the caller, however unlikely they seem.

    "Salomé c'est mon prénom et Verger mon nom"; where the name was `asked`, "prénom Salomé" too;
    and "de Bruyn, Pieter de Bruyn", the whole name after its surname; and whoever gives a rank in
    the `first` words: "gendarmerie de Dole, adjudant Sorel".
    """
    return [
        name
        for before, name in zip([None, *found], found, strict=False)
        if _mine(name, speech)
        or (
            name.shares[0] >= name.shares[1]
            and (
                (asked and (_part(name, speech) or (before and _whole(before, name))))
                or (first and _ranked(name, speech))
            )
        )
    ]


def _mine(name: Mention, speech: Speech) -> bool:
    before, after = speech.folded[: name.start], speech.folded[name.end :]
    introduced = MINE_BEFORE.search(before) and not LOOKED_FOR.match(after)
    return bool(MINE_AFTER.match(after) or introduced)


def _part(name: Mention, speech: Speech) -> bool:
    before, after = speech.folded[: name.start], speech.folded[name.end :]
    return bool(PART_AFTER.match(after) or PART_BEFORE.search(before))


def _ranked(name: Mention, speech: Speech) -> bool:
    *_, article, rank = ["", "", *(word.norm for word in words(speech) if word.end <= name.start)]
    return rank in RANKS and article not in ARTICLES


def _whole(before: Mention, name: Mention) -> bool:
    """A surname, and right after it the whole name."""
    same = not before.given and fold(before.surname) == fold(name.surname)
    return same and bool(name.given) and name.start - before.end <= len(", ")


def of_another(name: Mention, speech: Speech) -> bool:
    """ "Est-ce que Ninon est arrivée ?", "c'est ma cheffe qui veut être rappelée Odile Brun",
    "lui c'est Nolan", "Paulin c'est le chien"; "moi c'est Julie Roussel que je cherche"."""
    before, after = speech.folded[: name.start], speech.folded[name.end :]
    return bool(
        ASKED_AFTER.search(before)
        or SENT_BY.search(before)
        or THEIRS_BEFORE.search(before)
        or THEIRS_AFTER.match(after)
        or (MINE_BEFORE.search(before) and LOOKED_FOR.match(after))
    )


def named_at_all(name: Mention) -> bool:
    """Whether it is a name."""
    return not NO_NAME.fullmatch(fold(name.value))


def nobodys(name: Mention, speech: Speech, operator: Speech) -> bool:
    """A word that only leads up to what is said: "Bon, je cherche mes lunettes"; and the answer to
    "Le nom du chien ?" or "Son nom ?"."""
    word = fold(name.value)
    if WISHED.search(speech.folded[: name.start]):
        return True
    if ASKS_THEIRS.search(operator.folded) and not speech.folded[: name.start].strip(" ,"):
        return True
    if OF_THINGS.search(operator.folded) and not (name.given and name.surname):
        return not speech.folded[: name.start].strip(" ,")
    if not re.match(r"[,.;:…!] *[a-z]", speech.folded[name.end :]) or word in GIVEN_NAMES:
        return False
    adverb = word.endswith("ment") and ordinary(word)
    return word in LEADS_IN or ((adverb or word in NAME_STOPS) and word not in surnames())


def parts_told(speech: Speech) -> Mention | None:
    """ "De la Roche d'Évrard en trois mots, prénom Godefroy": the answer to "Votre nom ?"."""
    said = PARTS_TOLD.match(speech.folded)
    if not said:
        return None
    start, end = said.span("surname")
    tokens = words(speech.cut(start, end))
    found = read_name(tokens, 0, whole=True)
    if found is None or found[:2] != (0, len(tokens)):
        return None
    given = titled(speech.text[slice(*said.span("given"))].lower())
    return Mention(
        start=start,
        end=said.end("given"),
        given=given,
        surname=written(tokens, 0, len(tokens)),
        own=True,
        confidence=SURE,
    )


def surname_spelled(name: Mention, placed: Sequence[Spelled]) -> Mention:
    """ "Baumann, b a u m a n n, Uwe": of two unknown words, the one spelled is the surname."""
    first, last = fold(name.given), fold(name.surname)
    spelled = bool(last) and first in {fold(each.word) for each in placed}
    if not spelled or is_given(first) or last in surnames():
        return name
    return replace(name, given=name.surname, surname=name.given)


def spelled_beside(name: Mention, orphans: Sequence[Spelled]) -> Mention:
    """ "Thierno, b a h": letters right after a lone name that they do not spell are the surname."""
    if (name.given and name.surname) or fold(name.surname) in surnames():
        return name
    for each in orphans:
        near = 0 < each.start - name.end <= len(", ") and len(each.letters) >= FEWEST_LETTERS
        said = re.search("[aeiouy]", fold(each.letters))  # "r r s s" only tells what is doubled
        if near and said and likeness(each.letters, name.value) < UNLIKE:
            return replace(name, given=name.value, surname=each.word)
    return name


def surname_before(name: Mention, speech: Speech) -> Mention:
    """ "Bonjour Renard Sophie à l'appareil": a word that people are called by, before a given
    name alone, and nothing else before it."""
    if name.surname or not name.given:
        return name
    before = [word for word in words(speech) if word.end <= name.start]
    if not before or before[-1].breaks or before[-1].norm not in surnames() | ORDINARY_SURNAMES:
        return name
    if not {word.norm for word in before[:-1]} <= OPENINGS:
        return name
    return replace(name, start=before[-1].start, surname=titled(before[-1].text.lower()))


def refused(operator: Speech, speech: Speech) -> str:
    """The folded surname that the operator took the caller's to be, and that is not; or "".

    "Vous êtes monsieur Petit ? - Non, moi c'est Dylan."
    """
    said = ADDRESSED.search(operator.folded)
    return said[1] if said and said[1] not in speech.folded else ""


def read_back(operator: Speech) -> str:
    """The surname that the operator asks about, as written, or "".

    "Vous êtes monsieur Petit ?", "c'est Lundi votre nom ?"
    """
    for pattern in (ADDRESSED, READ_BACK):
        if said := pattern.search(operator.folded):
            part = next(at for at in range(1, pattern.groups + 1) if said[at])
            return operator.text[said.start(part) : said.end(part)]
    return ""
