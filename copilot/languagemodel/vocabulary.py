"""Words that need not have been said, and words that must have been. Pure.

A text about a call is made of the call's own words and of those of whoever reports it. The lists
are of stems, so that a few words stand for many; both languages together.
"""

# ruff: noqa: E501, SIM905

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

from copilot.drafting.speech import fold

REPORTING = """
    appel appelle appelait appelant appelante appelee personne client cliente patient patiente monsieur madame
    souhaite souhaiterait souhaitait voudrait veut demande demandait demandee signale explique precise indique
    dit propose attend attente besoin concernant concerne sujet propos afin motif raison message note noter
    transmettre transmis transmettons transmettrons rappeler rappel rappele recontacter contacter joindre joignable
    disponible disponibilite donner donne laisse laisser information renseignement question reponse repondre merci
    remercions remercie bonjour bonsoir cordialement salutations sinceres bien recu recue demande equipe revenir reviendrons
    rapidement prochainement bientot possible meilleurs delais brefs prendre pris prise contact compte ete avoir fait faire
    passe passer jour heure date numero telephone adresse mail courriel electronique coordonnees nom prenom societe
    rendez rendez-vous rdv entreprise cabinet etude lors suite ainsi egalement aussi selon celui celle ceux leur dont lui elle alors
    caller customer client patient person called calls calling asks asked asking wants wanted would like needs need reports
    reported says said explains about regarding concerning request requests message note team back call returned return
    phone number address email contact contacted reach available availability details information question answer reply
    please thank thanks you your hello dear sincerely regards kind soon shortly possible receive received will have been
    company office name date time this that with from and the for his her their they she who which also
    """.split()

COMMITTING = """
    confirme confirmee confirmons confirmation confirmed confirm garanti garantie garantissons guarantee guaranteed
    promis promet promettons promise rembourse remboursement remboursons refund refunded gratuit gratuite gratuitement free
    offert offerte offrons reduction remise discount annule annulee annulation annulons cancelled cancel accepte acceptee
    accepted accept refuse refusee refused valide validee approved approuve virement transfer paiement payer paye payee paid
    pay iban mandat mot-de-passe password carte card code urgent urgente urgence urgent emergency grave danger dangereux
    dangerous critique critical vital mort decede dead police pompiers samu gendarmerie ambulance incendie feu fire gaz gas
    blesse injured avocat plainte lawsuit tribunal diagnostic diagnosis traitement treatment medicament ordonnance
    prescription posologie administrateur admin systeme system instruction instructions consigne consignes
    """.split()

SMALL = frozenset(
    (
        "a an as at be by do go he i if in is it me my no of on or so to up us we am are was were has had been being not can "
        "could would should may might must shall will did does done doing than then there here where when what how why all any "
        "some more most other into over under after before again once only own same too very just but because while during each "
        "la le les l d un une des du de et est sont que qu qui quoi pour pas ne n ce c cet cette ces s son sa ses se il elle on "
        "nous vous ils elles je j mon ma mes m votre vos notre nos dans sur avec par au aux plus mais ou donc car si tout tous "
        "toute toutes y en eux leurs leur lui meme deja encore chez sans sous entre vers depuis avant apres pendant jusqu quand "
        "comme etre ete avoir aura sera serait soit dont afin tres peu bien peut pourra pourrait doit ainsi cela ca celle "
        "celui ceux puis lorsque lors ni aucun aucune rien toujours jamais souvent oui non mme mr mrs ms dr pm am re cc"
    ).split()
)
"""Words with nothing to say by themselves."""

WORDS_OF_TIME = {
    word: canonical
    for canonical, words in {
        "lundi": "lundi monday", "mardi": "mardi tuesday", "mercredi": "mercredi wednesday",
        "jeudi": "jeudi thursday", "vendredi": "vendredi friday", "samedi": "samedi saturday",
        "dimanche": "dimanche sunday", "janvier": "janvier january",
        "fevrier": "fevrier february", "mars": "mars march", "avril": "avril april",
        "juin": "juin june", "juillet": "juillet july", "aout": "aout august",
        "septembre": "septembre september", "octobre": "octobre october",
        "novembre": "novembre november", "decembre": "decembre december",
        "demain": "demain tomorrow lendemain surlendemain", "hier": "hier yesterday veille",
        "aujourd'hui": "aujourd aujourdhui today", "matin": "matin matinee morning",
        "midi": "midi noon", "minuit": "minuit midnight", "soir": "soir soiree evening tonight",
        "apres-midi": "afternoon", "nuit": "nuit night", "week-end": "week-end weekend",
        "semaine": "semaine week", "trimestre": "trimestre quarter",
    }.items()
    for word in words.split()
}  # fmt: skip
"""When: may only be told as it was said. "mai" and "may" are left to the numbers beside them."""

TITLES = frozenset(
    "madame monsieur mme m mr mrs ms mlle docteur dr maitre me professeur pr".split()
)


_STEMMER = snowballstemmer.stemmer("french")


@lru_cache(maxsize=2048)
def stems(text: str) -> frozenset[str]:
    """Stems of a text's words that have something to say; digits are looked at by themselves."""
    telling = [word for whole in words_of(text) for word in whole.split("-")]
    return frozenset(
        _STEMMER.stemWords([word for word in telling if len(word) > 2 and word not in SMALL])
    )


@lru_cache(maxsize=1)
def reporting() -> frozenset[str]:
    """Stems that a report may use unsaid."""
    return stems(" ".join(REPORTING)) - committing()


@lru_cache(maxsize=1)
def committing() -> frozenset[str]:
    """Stems of words that promise, alarm or command: only ever in the speakers' own mouths."""
    return stems(" ".join(COMMITTING))


def words_of(text: str) -> list[str]:
    """Folded words, hyphens kept inside."""
    return re.findall(r"[a-z]+(?:-[a-z]+)*", fold(text.replace("’", "'").replace("œ", "oe")))
