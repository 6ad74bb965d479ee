"""Messages and their texts: what is refused, as people read it."""

from __future__ import annotations

from copilot.delivery.links import LinkOverError
from copilot.languagemodel.errors import WritingTextsError
from copilot.messagedraft import UnknownFieldError

KINDS: tuple[type[Exception], ...] = (
    LinkOverError,
    WritingTextsError,
    UnknownFieldError,
)
STATUS = {
    "unknown_field": 422,
    "no_language_model": 409,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "unknown_field": ("Ce champ n'existe pas : {detail}.", "There is no such field: {detail}."),
    "no_language_model": (
        "Aucun modèle de langue n'est configuré : la fiche se remplit sans lui.",
        "No language model is set up: the message fills in without one.",
    ),
}
