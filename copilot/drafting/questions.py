"""What an operator's utterance asks for: the next answer fills that field."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re

ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (slot, re.compile(pattern))
    for slot, pattern in (
        ("email", r"\b(?:e-?mail|mail|courriel|adresse electronique)\b"),
        ("date_of_birth", r"\b(?:date de naissance|(?:etes|est|etait) nee?|ne le|nee le)\b"),
        ("file_number", r"\b(?:numero|reference|num)\b.{0,14}\b(?:dossier|commande|contrat|facture|client|adherente?|abonnee?|sinistre|ticket|suivi|colis|reservation|police|affaire|bon|note|bordereau|recepisse|course|envoi|expedition|transport|locataire|serie|examen|machine|appareil|concession|lettre|lot)\b|\b(?:une|la|votre|quelle) reference\b|\bcode client\b|\bmatricule\b|\blettre de voiture\b|\breference (?:du|de la|de votre|de|client)|(?:^|[,.] ?|\bet )(?:c'est )?(?:votre|le|la|quelle?|son|sa) (?:dossier|commande|contrat|facture|devis|ticket|bon|reservation)(?: de [a-z]+)?(?: c'est (?:laquelle|lequel))?(?: s'il vous plait)?\s*\??$|^(?:dossier|commande|contrat|facture|reservation)\s*\??$"),
        ("spelling", r"\b(?:epel\w*|s'ecrit|ecrivez|orthographe|s'ortographie|l'ecrire|ca s'epelle)\b"),
        ("given_name", r"\b(?:votre |le |et )?prenom\b"),
        ("company", r"\b(?:quelle? (?:est (?:votre |la |le nom de (?:votre |la )?)?)?(?:societe|entreprise)|votre (?:societe|entreprise)|nom de (?:la|votre) (?:societe|entreprise)|de quelle (?:societe|entreprise)|la societe|l'entreprise|pour une (?:societe|entreprise))\b"),
        ("name", r"\b(?:votre nom|le nom|quel nom|votre identite|de la part de|qui est a l'appareil|vous (?:vous )?appelez|vous appelle\b.{0,8}comment|a qui ai-je|qui dois-je|vous etes (?:monsieur|madame|qui)|comment vous appel|qui etes|nom de famille|c'est a quel nom|a quel nom|nom et prenom|nom s'il|annonce\w*|(?<!pre)nom(?! de (?:la|votre|domaine)))\b|\b(?:vous etes|c'est) (?:madame|monsieur|mademoiselle)\s*(?:\?|…|\.|$)|\bvous (?:etes|c'est)\s*(?:\?|$)|\bet (?:vous(?:[- ]meme)?|le votre)\s*(?:\?|$)|\ble votre\s*(?:\?|$)|^(?:et )?(?:monsieur|madame|mademoiselle)\s*\?$|\b\w+ comment\s*(?:\?|$)"),
        ("phone", r"\b(?:numero(?! de (?:dossier|commande|contrat|facture|client))|telephone|portable|coordonnees|vous (?:joindre|rappeler|recontacter))\b"),
        ("locality", r"\b(?:code postal|quelle ville|la ville|quelle commune)\b"),
        ("address", r"\b(?:adresse(?! (?:e-?)?mail| electronique)|ou habitez|vous habitez|quelle rue|situee?)\b"),
        ("reason", r"\b(?:que puis-je|puis-je (?:vous )?aider|a quel sujet|quel sujet|motif|quelle raison|je vous ecoute|en quoi|a quel propos|c'est pour quoi|pour quoi|c'est a propos|objet de|que se passe|qu'est-ce qui|qu'est-ce qu'il|de quoi s'agit|quel est le probleme|dites-moi|quel message|laisser un message|lui dire|transmettre|expliquer|quelle est votre demande|quoi exactement|precis\w*)\b"),
        ("recipient", r"\b(?:qui (?:souhaitez|voulez|desirez|voudriez)[- ]vous|a qui (?:souhaitez|voulez)|quelle personne|avec qui|pour qui|quel (?:medecin|docteur|praticien|avocat|notaire|service))\b"),
        ("on_behalf_of", r"\b(?:c'est pour (?:vous|qui)|pour vous-meme|pour vous meme|le patient|nom (?:du|de la) patiente?)\b"),
        ("callback_when", r"\b(?:quand|quel moment|quelle heure|quel jour|quelles? (?:heures|plages?)|quel creneau)\b.{0,60}\b(?:joindre|rappel|joignable|recontact|appel|contact)\w*|\b(?:joignable|joindre|rappel\w*)\b.{0,40}\b(?:quand|quel moment|quelle heure|quel jour|plutot|preference|matin|apres-midi)"),
        ("appointment_when", r"^(?:(?:et|alors|oui|d'accord|tres bien|bien sur|ok)[ ,]+)*(?:c'est pour |ce serait pour |pour )?quand\b|\bquand\s*\?|\ba quel moment|\b(?:quel jour|quelle date|quelles? (?:disponibilites|dates)|quand (?:souhait|voul|voudr|pouv|ser|est-ce)\w*|quel creneau|conviendrait|convient|convien\w*|arrange\w*|disponib\w*|preferez|preference|plutot le matin|matin ou|quelle heure|une date|propos\w*|de libre|j'ai (?:une place|un creneau)|vous va|possible|irait)\b"),
        ("callback", r"\b(?:vous (?:rappel|recontact)\w*|(?:etre|soyez|serez) (?:rappele|recontacte)\w*|un rappel|vous passe un coup)\b"),
    )
)  # fmt: skip
QUESTION = re.compile(
    r"\?|\b(?:quel|quelle|quels|quelles|comment|pouvez|puis-je|est-ce|avez-vous|auriez|souhaitez|donnez|donner|peut-on|je peux avoir|il me faut|il me faudrait|j'aurais besoin|votre|vous etes|qui)\b"
)

THEIRS = re.compile(
    r"\b(?:sa date de naissance|son (?:nom|prenom|age)|il est ne|elle est nee|(?:il|elle) s'appelle|s'appelle-t-(?:il|elle)|son petit nom)\b"
)
"""The operator asks about somebody else than the caller."""


def asked(folded: str) -> frozenset[str]:
    """The fields an operator's utterance asks for; the last question counts most."""
    last = re.split(r"(?<=[.!?])\s+", folded.strip())
    pieces = [piece for piece in last if QUESTION.search(piece)] or last[-1:]
    found: set[str] = set()
    for piece in pieces[-2:]:
        found |= {slot for slot, pattern in ASKS if pattern.search(piece)}
    if found & {"file_number", "email"} and not re.search(
        r"\b(?:telephone|portable|joindre|rappeler)\b", folded
    ):
        found.discard("phone")
        found.discard("address")
    if "locality" in found:
        found.discard("phone")
    if "given_name" in found and not re.search(r"\bnom\b", folded):
        found.discard("name")
    if "callback_when" in found:
        found -= {"appointment_when", "phone"} if "numero" not in folded else {"appointment_when"}
    return frozenset(found)
