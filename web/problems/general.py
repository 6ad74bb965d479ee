"""Whatever is asked: what is refused, as people read it."""

from __future__ import annotations

from copilot.store.errors import StoreError

KINDS: tuple[type[Exception], ...] = (StoreError,)
STATUS = {
    "not_found": 404,
    "conflict": 409,
    "store_unavailable": 503,
    "disk_full": 507,
    "unkeepable": 422,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "not_found": ("Introuvable.", "Not found."),
    "conflict": (
        "Quelqu'un d'autre l'a modifié entre-temps : rechargez la page.",
        "Somebody else changed it meanwhile: reload the page.",
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
