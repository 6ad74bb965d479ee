"""What a recogniser makes of an utterance: the errors of Whisper base on telephone French.

Deterministic for a given text. Small words are dropped, homophones and endings confused, words
joined or cut, punctuation and capitals lost, numbers written in digits. Used to fit and to measure
the search on the text that calls really give.
"""

from __future__ import annotations

import hashlib
import random
import re

_CONFUSED = {
    "est-ce que": "es que", "c'est": "ses", "ça": "sa", "et": "est", "est": "et", "où": "ou",
    "à": "a", "a": "à", "ces": "ses", "ce": "se", "on": "en", "peut": "peu", "prix": "pris",
    "tarif": "tarifs", "coûte": "coute", "fait": "fais", "faut": "faux", "combien": "combiens",
    "payer": "payé", "garer": "garé", "annuler": "annulé", "déplacer": "déplacé",
    "changer": "changé", "retourner": "retourné", "fermez": "fermer", "ouvrez": "ouvrer",
    "prenez": "prenait", "faites": "fête", "avez": "avait", "livrez": "livré", "quand": "quant",
    "quel": "quelle", "voiture": "voitures", "sans": "cent", "mais": "mes", "dans": "d'en",
    "j'ai": "j'ais", "chez": "ché", "parking": "parkings", "délai": "délais", "devis": "devise",
    "chèque": "check", "chèques": "chec", "clé": "clés", "fuite": "fuites", "eau": "haut",
    "facture": "factures", "colis": "coli", "taille": "tailles", "permis": "permit",
    "chien": "chiens", "chat": "chats", "dent": "dans", "mutuelle": "mutuel",
}  # fmt: skip
_DROPPED = {
    "je", "vous", "le", "la", "les", "un", "une", "de", "du", "des", "que", "y", "il", "ne",
    "pas", "à", "au", "en", "se", "ce", "qui", "mon", "ma",
}  # fmt: skip


def misheard(text: str, *, rate: float = 0.18) -> str:
    """The text with about `rate` of its words wrong, the same at each call."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    chance = random.Random(seed)
    said = re.sub(r"[.,;:!?…]", " ", text.lower()).split()
    heard: list[str] = []
    for word in said:
        if chance.random() >= rate * _proneness(word):
            heard.append(word)
        elif word in _CONFUSED:
            heard.append(_CONFUSED[word])
        elif word in _DROPPED:
            continue
        else:
            heard.append(_garbled(word, chance))
    return " ".join(heard) or text.lower()


def _proneness(word: str) -> float:
    """Short and confusable words go wrong more often than long ones."""
    return 1.6 if word in _CONFUSED or word in _DROPPED else 0.7


def _garbled(word: str, chance: random.Random) -> str:
    for ending, other in (("er", "é"), ("é", "er"), ("ez", "é"), ("ée", "é"), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + other
    if len(word) > 6 and chance.random() < 0.5:
        cut = chance.randint(3, len(word) - 3)
        return f"{word[:cut]} {word[cut:]}"
    return word + chance.choice(["s", "t", "e"])
