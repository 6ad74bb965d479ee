"""What the operator says that settles an appointment: a slot offered, an action confirmed."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from copilot.drafting.categories import MEETING
from copilot.drafting.dates import whens, whens_in
from copilot.drafting.numbers import numerals
from copilot.drafting.scheduling import ASKED_BACK, OFFER_BACK, PROMISE, Action
from copilot.drafting.speech import Speech
from copilot.drafting.when import When

CANCELS = re.compile(
    r"(?:^|[,.;!] ?|\b(?:donc|alors|entendu|d'accord|bien|parfait|madame|monsieur|oui|et) )(?:j'|je (?:vous )?(?:l'|le |la |les )?|on (?:l'|le |la |les )?)(?:annule|retire|raye|enleve|supprime|efface|decommande)\b(?! (?:aussi )?(?:la commande|l'abonnement|le contrat|le virement|la facture))"
    r"|\b(?:c'est|ce sera|est|sont) (?:bien |donc )?(?:annule|supprime|retire|efface|raye|enleve)e?s?\b"
    r"|(?:^|, ?)(?:annule|supprime|retire)e?s?\s*[.,!]?$"
)
MOVES = re.compile(
    r"\bje (?:vous )?(?:le |la |l'|les )(?:deplace|decale|reporte|repousse|avance|modifie)\b"
    r"|\bc'est (?:bien |donc )?(?:deplace|decale|modifie|reporte|avance)e?s?\b"
)
TAKES = re.compile(
    r"\b(?:entendu|c'est (?:bon|note|possible|reserve|inscrit|pris|d'accord|cale|faisable)e?|je (?:vous )?(?:l')?(?:note|mets|inscris|bloque|reserve|cale)|reservee?|d'accord|parfait|tres bien|donc|merci)\b"
)
"""With a moment the caller had named: the operator takes it down."""
ACCEPTS = re.compile(
    r"^(?:ah |bah |ben |euh |bon |alors )*(?:oui|parfait|d'accord|tres bien|ok|super|ca (?:me )?(?:marche|va|colle|convient|arrange)|c'est (?:bon|parfait|tres bien|d'accord)|volontiers|entendu|impeccable|nickel"
    r"|(?:je|on) prends?|(?:j'y|on y|on|je) sera(?:i|is|it)? ?(?:la)?\b|soit|adjuge|va pour|allez|je l'attends|ouf|bien)\b"
    r"|\b(?:adjuge|ca colle|ca marche|c'est parfait|ca me va|ca m'arrange|j'y serai|je prends|allez)\b(?!.{0,10}\b(?:pas|plus)\b)"
)
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
SUITS = re.compile(
    r"\b(?:arrange\w*|convien\w*|disponible|disponibilites?|libre|venir|passer|vous va)\b"
)
CALLS_OFF = re.compile(
    r"\b(?:(?:annul|decommand)er|(?:on|je|j'|nous) ?(?:l'|le |la |les )?(?:annul|decommand)(?:e|ons)|(?:vous )?(?:enlev|annul|retir)ez)\b"
)
KEEPS = re.compile(r"\b(?:commande|contrat|abonnement|achat|pas annuler|sans annuler)\b")
"""What is called off is no meeting, or is not called off."""
MOVING = re.compile(
    r"\b(?:decal|deplac(?!ement)|report|repouss|replanif|reprogramm|recal)(?:er|ez|e|ons|erait)\b"
    r"|\bau lieu d|\ba la place(?! d)|\bmettre (?:ca|plutot)\b|\b(?:un autre jour|une autre date)\b"
)
BOOKED = re.compile(rf"\b(?:{MEETING}|reserve\w*)\b")
VISIT = (
    r"(?:passage|venir|vienne|passe|passer|visite|intervention|le faire|la faire|rendez[- ]vous)"
)
WHICH_DAY = re.compile(
    rf"\bpour quand\b|\b{VISIT}\b[^?]{{0,20}}\b(?:quand|quel jour)\b|\b(?:quand|quel jour)\b[^?]{{0,30}}\b{VISIT}\b"
)
AGAIN = re.compile(
    r"\b(?:on (?:en )?(?:reprend|refixe|replace|redonne)|reprendre|reprenne|refixer|un autre|une autre|nouveau)\b.{0,20}\b(?:rendez|rdv|creneau|date|seance)?"
    r"|\b(?:voulez|voudriez|souhaitez|preferez|peut|faut-il|on)\b.{0,20}\b(?:report|decal|deplac|repouss)(?:er|ez|e)\b"
)
AT_ONCE = re.compile(r"\b(?:dans|d'ici) (?:les )?(?:\w+ |quelques ){0,2}minutes?\b")
"""As good as now: no date."""
BORN = re.compile(r"\bnee?s? (?:le|en) [^,.;]{3,60}")
"""A date of birth is no appointment."""
TURNED_AWAY = re.compile(
    r"\bne pren(?:d|ds|ons|nent) pas (?:ces|ce genre|ce type|les demarch|d'appels? (?:commercia|de ce))|\bnon merci\b.{0,20}\bau revoir\b"
    r"|\b(?:pas|sommes pas|est pas) interess\w+|\bsans promesse\b|\bne (?:vous )?rappellera pas\b"
)
"""The operator, to whoever is selling."""
REMINDS = re.compile(
    r"\b(?:je )?(?:vous|te) rappelle qu[e'](?! ?(?:lqu'un|and))|\brappels? (?:de|du|d'|pour le) (?:\w+ )?(?:vaccin\w*|rage|tetanos|typhus|coryza|leptospirose|grippe|garantie)"
)
"""Calls nobody: "je vous rappelle que", "son rappel de vaccin"."""
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


def without_reminders(speech: Speech) -> Speech:
    """An utterance without the words that only look like a call back."""
    return Speech(speech.text, REMINDS.sub(lambda match: " " * len(match.group()), speech.folded))


def confirmed(folded: str) -> Action | None:
    """What the operator says is done with an appointment, whatever words had asked for it."""
    if _stated(MOVES, folded):
        return "déplacer"
    return "annuler" if _stated(CANCELS, folded) else None


def _stated(pattern: re.Pattern[str], folded: str) -> bool:
    """Said as done: "c'est annulé, vous voulez une autre date ?"; not "voulez-vous annuler ?"."""
    return any(
        not ASKS.search(sentence, 0, said.start())
        and not re.match(r"[\w\s'-]*\?", sentence[said.end() :])
        for sentence in re.findall(r"[^.?!;]+[.?!;]?", folded)
        if (said := pattern.search(sentence))
    )


def calls_off(folded: str, whole: str, at: datetime, *, arranged: bool) -> Action | None:
    """ "J'avais réservé pour samedi, je dois annuler": a clause of the utterance `whole`.

    `arranged`: a meeting had been spoken of before.
    """
    if not CALLS_OFF.search(folded) or KEEPS.search(folded):
        return None
    return "annuler" if arranged or BOOKED.search(whole) or whens(whole, at) else None


def takes_down(folded: str) -> bool:
    """The operator repeats a moment as agreed: "six heures lundi, entendu"."""
    return bool(TAKES.search(folded)) and not (speaks_of_calling(folded) or USUAL.search(folded))


def offers_slot(folded: str, at: datetime, *, calling: bool) -> bool:
    """A moment offered to meet: "mardi à neuf heures ?", "on a une place jeudi".

    `calling`: a call back is spoken of, so that a moment alone is one to call.
    """
    for sentence in re.findall(r"[^.?!;]+", numerals(folded)):
        moments = whens_in(sentence, at)
        if not moments or speaks_of_calling(sentence) or USUAL.search(sentence):
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


def to_call(folded: str, at: datetime) -> list[When]:
    """The moments of the operator's sentences that speak of calling, or are a moment alone."""
    return [
        moment
        for sentence in re.findall(r"[^.?!;]+", folded)
        if speaks_of_calling(sentence) or names_a_moment(sentence, at)
        for moment in whens(sentence, at)
    ]


def speaks_of_calling(folded: str) -> bool:
    """A sentence about a call back."""
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
