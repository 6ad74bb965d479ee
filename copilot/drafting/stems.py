"""Stems of the words that carry meaning, so that rules and callers meet."""

# ruff: noqa: E501, SIM905

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

from copilot.drafting.numbers import NUMBER_WORDS

IGNORED = frozenset(
    """
    a au aux avec ce ces cet cette chez d dans de des du elle en et est etre il ils l la le les
    leur lui mais meme n ne nous on ou par pas plus pour qu que qui quand quel s sa sans se ses si
    son sont sur toute tout toutes tous un une vers vous y urgent urgence urgente urgentes
    urgences critique critiques niveau immediat immediate immediatement grave graves important
    importante actif active cours fort forte cas signale signalee signalement appel appelle
    appelant client cliente patient patiente locataire probleme situation personne personnes
    quelqu demande dit declare parle lorsque lors ainsi type sorte notamment exemple comme autre
    autres reste normal vital vitale absolu absolue necessite intervention traiter transmettre
    prevenir appeler alerter rappeler doit doivent faut considerer considere toujours jamais
    seulement uniquement seul seule seuls nouveau nouvelle prioritaire priorite haute maximale
    evoque mention mentionne total totale complet complete suite dessus dessous sous aupres moins
    mois ans jour jours heure heures minutes semaine degres bas age superieure superieur inferieur
    inferieure depuis pendant apres avant plusieurs beaucoup majeur majeure serieux serieuse
    suspecte suspicion risque danger non
    """.split()
)
"""Words of rules and calls that tell no situation from another."""
_STEMMER = snowballstemmer.stemmer("french")

SAME = {
    stem: group[0]
    for group in (
        _STEMMER.stemWords(words)
        for words in (
            ["manque", "manquee", "manquer", "rate", "ratee", "rater", "loupe", "loupee", "louper"],
            ["enferme", "enfermee", "coince", "coincee", "bloque", "bloquee", "prisonnier"],
            ["casse", "cassee", "brise", "brisee", "pete", "petee", "abime", "abimee"],
            ["perdu", "perdue", "perte", "egare", "egaree", "disparu", "disparue", "disparition", "introuvable"],
            ["vol", "vole", "volee", "voler", "derobe", "derobee", "pique", "fauche"],
            ["enfant", "fils", "fille", "gamin", "gamine", "petit", "petite", "bebe"],
            ["voiture", "vehicule", "auto", "bagnole"],
            ["camion", "fourgon", "utilitaire"],
            ["agression", "agresse", "agressee", "frappe", "frappee", "tape", "battu", "battue", "violence"],
            ["menace", "menacer", "menacee", "intimidation"],
        )
    )
    for stem in group
}  # fmt: skip


@lru_cache(maxsize=4096)
def stems(folded: str) -> frozenset[str]:
    """Stems of the words that carry meaning; words that say the same thing give one stem."""
    found = (
        w
        for w in re.findall(r"[a-z0-9]+", folded)
        if w not in IGNORED and w not in NUMBER_WORDS and len(w) > 2 and not w.isdigit()
    )
    return frozenset(SAME.get(stem, stem) for stem in _STEMMER.stemWords(list(found)))


def akin(left: str, right: str) -> bool:
    """The same stem, or one that begins the other ("modif", "modifi")."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    return len(short) >= 5 and long.startswith(short) and len(long) - len(short) <= 4
