"""Whatever is asked: what is refused, as people read it."""

from __future__ import annotations

from copilot.store.errors import StoreError
from copilot.viruses import InfectedError

KINDS: tuple[type[Exception], ...] = (StoreError, InfectedError)
STATUS = {
    "not_found": 404,
    "conflict": 409,
    "store_unavailable": 503,
    "scanner_away": 503,
    "disk_full": 507,
    "unkeepable": 422,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "not_found": ("Introuvable.", "Not found."),
    "conflict": (
        "Quelqu'un d'autre l'a modifié entre-temps : rechargez la page.",
        "Somebody else changed it meanwhile: reload the page.",
    ),
    "infected": (
        "L'antivirus a trouvé un programme malveillant dans ce fichier : il n'a pas été gardé.",
        "The antivirus found malicious software in this file: it was not kept.",
    ),
    "scanner_away": (
        "L'antivirus ne répond pas : le fichier n'a pas été gardé. Réessayez dans quelques "
        "minutes ; si cela continue, l'administrateur vérifie le réglage SOUFFLEUR_CLAMD.",
        "The antivirus does not answer: the file was not kept. Try again in a few minutes; if it "
        "goes on, the administrator checks the setting SOUFFLEUR_CLAMD.",
    ),
    "store_unavailable": (
        "La base de données ne répond pas. Rien n'est perdu ; réessayez dans un instant.",
        "The database does not answer. Nothing is lost; try again in a moment.",
    ),
    "disk_full": (
        "Le disque du serveur est plein : rien n'a été enregistré, votre texte reste ici. "
        "Prévenez l'administrateur, puis réessayez.",
        "The server's disk is full: nothing was kept, your text stays here. Tell the "
        "administrator, then try again.",
    ),
    "unkeepable": (
        "Une valeur ne peut pas être enregistrée : caractère nul, texte trop long ou nombre "
        "démesuré. Rien n'a changé.",
        "A value cannot be kept: a zero character, too long a text or an immense number. Nothing "
        "was changed.",
    ),
    "bad_request": ("Demande incomplète ou mal formée : {detail}.", "Bad request: {detail}."),
    "unexpected": (
        "Une erreur inattendue s'est produite. Elle a été consignée ; réessayez.",
        "Something unexpected happened. It was logged; try again.",
    ),
}
