"""What letters and short notes say around a message, in the language of the client's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """One language's sentences; `{}` is what they are about."""

    language: Language
    colon: str
    urgencies: Mapping[str, str]
    headline: str
    somebody: str
    one: str
    several: str
    new: str
    on_call: str
    one_for_you: str
    several_for_you: str
    numbered: str
    discreet: str
    called: str
    """Before the list of what to do: whoever is on call knows why it is they who read this."""
    note: str
    read: str
    acknowledge: str
    answering: str
    links: str
    call_at: str
    written_at: str
    lasted: str
    number: str
    taken_by: str
    reference: str
    short_reference: str
    trial: str


WORDS: dict[Language, LetterWords] = {
    "fr": LetterWords(
        language="fr",
        colon=" : ",
        urgencies={"urgent": "Urgent", "critique": "Urgence critique"},
        headline="Message de {}",
        somebody="un appelant",
        one="Nouveau message",
        several="{} messages",
        new="Nouveau message – {}",
        on_call="Astreinte",
        one_for_you="un message pour vous",
        several_for_you="{} messages pour vous",
        numbered="Message {}",
        discreet="Ce qui a été dit ne voyage pas par e-mail : ouvrez la page sécurisée.",
        called="Vous êtes d'astreinte : accusez réception si vous prenez ce message, sinon "
        "l'astreinte continue sans vous.",
        note="Note de l'opérateur",
        read="Lire le message",
        acknowledge="Accuser réception",
        answering="Répondre à cette lettre en accuse réception : votre réponse est jointe au "
        "message.",
        links="Les liens de cette lettre servent {} jours. Ne la transférez pas : ils vous sont "
        "personnels.",
        call_at="Appel reçu",
        written_at="Demande reçue",
        lasted="Durée",
        number="Numéro affiché",
        taken_by="Message pris par",
        reference="Référence",
        short_reference="réf. {}",
        trial="Essai d'envoi depuis Souffleur : rien à faire",
    ),
    "en": LetterWords(
        language="en",
        colon=": ",
        urgencies={"urgent": "Urgent", "critique": "Critical emergency"},
        headline="Message from {}",
        somebody="a caller",
        one="New message",
        several="{} messages",
        new="New message – {}",
        on_call="On call",
        one_for_you="a message for you",
        several_for_you="{} messages for you",
        numbered="Message {}",
        discreet="What was said does not travel by e-mail: open the secure page.",
        called="You are on call: acknowledge this message if you take it, or the call-out goes on "
        "without you.",
        note="The operator's note",
        read="Read the message",
        acknowledge="Acknowledge",
        answering="Answering this letter acknowledges it: your answer is kept with the message.",
        links="The links of this letter work for {} days. Do not forward it: they are yours alone.",
        call_at="Call received",
        written_at="Request received",
        lasted="Duration",
        number="Number shown",
        taken_by="Message taken by",
        reference="Reference",
        short_reference="ref. {}",
        trial="A trial from Souffleur: nothing to do",
    ),
}
