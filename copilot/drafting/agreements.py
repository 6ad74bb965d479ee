"""What the operator says that settles an appointment: a slot offered, an action confirmed."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from copilot.drafting.dates import whens_in
from copilot.drafting.numbers import numerals
from copilot.drafting.scheduling import ASKED_BACK, OFFER_BACK, PROMISE, Action
from copilot.drafting.when import When

CANCELS = re.compile(
    r"(?:^|[,.;!] ?|\b(?:donc|alors|entendu|d'accord|bien|parfait|madame|monsieur|oui|et) )(?:j'|je (?:vous )?(?:l'|le |la |les )?|on (?:l'|le |la |les )?)(?:annule|retire|raye|enleve|supprime|efface|decommande)\b(?! (?:aussi )?(?:la commande|l'abonnement|le contrat|le virement|la facture))"
    r"|\b(?:c'est|ce sera|est|sont) (?:bien |donc )?(?:annule|supprime|retire|efface|raye|enleve)e?s?\b"
)
MOVES = re.compile(
    r"\bje (?:vous )?(?:le |la |l'|les )(?:deplace|decale|reporte|repousse|avance|modifie)\b"
    r"|\bc'est (?:bien |donc )?(?:deplace|decale|modifie|reporte|avance)e?s?\b"
)
TAKES = re.compile(
    r"\b(?:entendu|c'est (?:bon|note|possible|reserve|inscrit|pris|d'accord|cale|faisable)e?|je (?:vous )?(?:l')?(?:note|mets|inscris|bloque|reserve|cale)|reservee?|d'accord|parfait|tres bien|donc|merci)\b"
)
"""With a moment the caller had named: the operator takes it down."""
ASKS = re.compile(
    r"\?|\b(?:voulez|souhaitez|preferez|desirez|faut-il|dois|puis-je|est-ce|voudriez)\b"
)
SLOT = re.compile(
    r"\b(?:venir|passer|passage|passe|rendez|rdv|recevoir|place|creneau|intervenir|intervention|visite|programm\w+|desistee?|liberee?|complets?)\b"
)
"""Words of an offer to meet."""
FITS = re.compile(r"\b(?:irait|conviendrait|vous (?:va|convient|arrange\w*))\b")
"""After a moment: it is one to meet."""
USUAL = re.compile(
    r"\b(?:en general|d'habitude|generalement|normalement|environ|horaires?|ouverts?|ouvert\w*|ferme\w*|depuis|il y a|navette|livr\w+|arrive\w*|reponse)\b"
)
"""A time that is offered to nobody."""
INQUIRES = re.compile(
    r"\b(?:savoir|connaitre|demander|confirmer) (?:l'heure|l'horaire|la date|quand|a quelle heure|le jour)\b|\b(?:a quelles? heures?|quels? (?:jours?|horaires?)|horaires?|jusqu'a quelle heure)\b[^.?!]{0,40}\b(?:ferm\w*|ouvr\w*|ouvert\w*|pass\w*|recev\w*|commenc\w*|debut\w*|fini\w*|part|arriv\w*)|\b(?:ferm\w*|ouvr\w*|ouvert\w*|pass\w*|recev\w*|commenc\w*|debut\w*|fini\w*|part|arriv\w*)\b[^.?!]{0,15}\b(?:a quelle heure|quels? horaires?)"
)
"""A caller who asks when something is, not for a moment of theirs."""
FILLERS = frozenset(
    """le la l' les un une a au du de d' des en pour vers avec et ou ce cette cet meme heure heures
    midi j' ai y est-ce que ca c' est cela vous va irait irai convient conviendrait arrange ira
    possible peux peut peuvent pouvons propose proposer puis je on nous mettre mets il elle reste
    sinon alors oui non d'accord bon bien donc plutot docteur dr madame monsieur maitre me m'
    libre dispo disponible ou encore iraient iriez faire donner entre jour aussi tres parfait ah
    est sont serait a-t-il matinee journee la sommes desole desolee attendez""".split()  # noqa: SIM905
)
SOMEBODY = re.compile(
    r"\b(?:avec|chez|docteur|dr|madame|monsieur|maitre) (?:le |la )?(?:docteur |dr |madame |monsieur |maitre )?[a-z'-]+(?: [a-z'-]+)?"
)


def confirmed(folded: str) -> Action | None:
    """What the operator says is done with an appointment, whatever words had asked for it."""
    sentences = [part for part in re.findall(r"[^.?!;]+[.?!;]?", folded) if not ASKS.search(part)]
    if any(MOVES.search(part) for part in sentences):
        return "déplacer"
    return "annuler" if any(CANCELS.search(part) for part in sentences) else None


def takes_down(folded: str) -> bool:
    """The operator repeats a moment as agreed: "six heures lundi, entendu"."""
    return bool(TAKES.search(folded)) and not (_calls(folded) or USUAL.search(folded))


def offers_slot(folded: str, at: datetime, *, calling: bool) -> bool:
    """A moment offered to meet: "mardi à neuf heures ?", "on a une place jeudi".

    `calling`: a call back is spoken of, so that a moment alone is one to call.
    """
    for sentence in re.findall(r"[^.?!;]+", numerals(folded)):
        moments = whens_in(sentence, at)
        if not moments or _calls(sentence) or USUAL.search(sentence):
            continue
        fits = FITS.search(sentence) or _bare(sentence, moments)
        if SLOT.search(sentence) or (not calling and fits):
            return True
    return False


def names_a_moment(folded: str, at: datetime) -> bool:
    """A sentence that is a moment and nothing else: "02 61 91 12 30, demain matin"."""
    for sentence in re.findall(r"[^.?!;]+", numerals(folded)):
        moments = whens_in(sentence, at)
        if moments and _bare(sentence, moments):
            return True
    return False


def _calls(folded: str) -> bool:
    return any(pattern.search(folded) for pattern in (OFFER_BACK, PROMISE, ASKED_BACK))


def _bare(sentence: str, moments: Sequence[When]) -> bool:
    """One moment, and nothing else but whom it is with."""
    if any(moment.days and not moment.days.single for moment in moments):
        return False
    if not any(moment.days for moment in moments) and moments[-1].hours and moments[-1].hours.end:
        return False
    rest = list(sentence)
    for moment in moments:
        rest[moment.start : moment.end] = " " * (moment.end - moment.start)
    words = re.findall(r"[a-z]+'?(?:-[a-z]+)*", SOMEBODY.sub(" ", "".join(rest)))
    return all(word in FILLERS for word in words)
