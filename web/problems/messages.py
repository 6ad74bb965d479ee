"""Messages and their texts: what is refused, as people read it."""

from __future__ import annotations

from copilot.delivery.links import LinkOverError
from copilot.languagemodel.errors import WritingTextsError
from copilot.messagedraft import UnknownFieldError
from web.holding import MessageHeldError

KINDS: tuple[type[Exception], ...] = (
    LinkOverError,
    WritingTextsError,
    UnknownFieldError,
    MessageHeldError,
)
STATUS = {
    "unknown_field": 422,
    "no_language_model": 409,
    "message_held": 409,
    "no_mail_server": 409,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "unknown_field": ("Ce champ n'existe pas : {detail}.", "There is no such field: {detail}."),
    "message_held": (
        "{detail} écrit ce message. Pour y écrire à sa place, prenez-le.",
        "{detail} is writing this message. Take it to write in their place.",
    ),
    "no_mail_server": (
        "Aucun serveur d'envoi n'est configuré : la réponse n'est pas partie et n'est pas "
        "approuvée. Répondez autrement, ou faites régler l'envoi (SOUFFLEUR_SMTP_HOST).",
        "No mail server is set up: the reply was neither sent nor approved. Answer in another "
        "way, or have one set up (SOUFFLEUR_SMTP_HOST).",
    ),
    "no_language_model": (
        "Aucun modèle de langue n'est configuré : la fiche se remplit sans lui.",
        "No language model is set up: the message fills in without one.",
    ),
}
