"""A contact of the client, named in an utterance."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from copilot.drafting.draft import Contact
from copilot.drafting.speech import Speech

ADDRESSING = re.compile(
    r"\b(?:(?:faut|faudrait|voudrais|veux|exige|attends) (?:que|[\w' -]{3,40} de)|parler|(?<=je )parle|(?:re|me |la |le |nous )?pass(?:ez|e|er)(?:-moi|-nous)?|mettez-moi en (?:ligne|contact|relation)|joindre|entretenir|voir|rencontrer|contacter|appeler|previens|transmets|avec|pour|rappelle|message|transmettre|demander|demande|chez|dire|a|au|de la part|vu par|suivie? par|rendez-vous|rdv)"
    r"\s+(?:a |au |avec |de |pour |le |la |l'|les |votre |mon |ma |du |un |une )*$"
)
ACTING = re.compile(
    r"^(?:[\w'-]+ ){1,4}?(?:qu'(?:il|elle) )?(?:(?:me|nous|vous|le|la|lui) |m')(?:l'|le |la )?(?:re)?(?:r?appel|contact|telephon|repond|ecri|envoi|confirm)\w*"
)
"""From a name on: that person is to call or to write."""
PLEASE = re.compile(r"^(?:[\w'-]+ ){1,4}?s'il (?:vous|te) plait")
DENIED = re.compile(
    r"(?:\b(?:non|sauf|ni|pas avec|pas a|au lieu de|plutot que|autre que)|(?:^|[,;.] ?|\bmais |\bsurtout |\bet )(?:pas|plus)|\b(?:pas|plus)(?= (?:a|avec|de|pour) ))\s*(?:a |avec |de |pour |le |la |monsieur |madame |docteur |maitre |du )*$"
)

_THEN_NAME = r"\s*(?:a |avec |de |d'|que |pour |le |la |l'|votre |vos |monsieur |madame |docteur |maitre |du )*$"
KINSHIP = re.compile(
    r"\b(?:(?:rien a voir|(?:aucune?|pas d[e']|sans) ?(?:lien|rapport|parente|lien de parente)) avec|(?:meme nom|homonyme) (?:que |qu'|de |d')|(?:pas|ni) (?:parente?|de la (?:meme )?famille) (?:de|d'|que|a|avec))"
    + _THEN_NAME
)
"""Before a name: it is told apart from the caller's, and is not who is wanted."""
OWNED = re.compile(
    r"\b(?:la|le|l'|les|sur|avec|du|au) ?(?:jument|cheval|poney|chevaux|chien|chienne|chat|chatte|voiture|camion|velo|moto|maison|fils|fille|mari|femme|frere|soeur|pere|mere) (?:de |d')(?:monsieur |madame |docteur |maitre )*$"
)
"""Before a name: what is theirs, and nothing asked of them."""
SENT_ON = re.compile(
    r"^(?:[\w'-]+ ){1,3}?(?:m'|nous |vous |l')(?:a|avait|ont) (?:dit|conseille|demande|suggere|propose|oriente|renvoye|envoye)e?s? (?:de |d'|a )?(?:voir |vous voir |m'adresser |nous adresser |passer |parler |demander |vers )"
)
"""After a name: that person sends the caller on to somebody else."""
INSTEAD_BEFORE = re.compile(
    r"\bplutot (?:a |avec |de |pour |le |la |l'|au |votre |monsieur |madame |docteur |maitre )*$"
)
INSTEAD_AFTER = re.compile(r"^(?:[\w'-]+ ){1,3}plutot\b")
ITSELF = re.compile(r"^(?:[\w'-]+ ){1,2}c'est moi\b")


By = Literal["name", "role", "words of a role"]
"""What a contact is known by."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A contact named in an utterance."""

    contact: Contact
    addressed: bool
    """Named as the one to reach."""
    denied: bool
    start: int
    instead: bool = False
    """Wanted in the place of whoever was named before."""
    by: By = "name"


def mention(speech: Speech, contact: Contact, start: int, by: By = "name") -> Mention:
    """The contact as the words before `start` lead to it, and those after go on."""
    lead, rest = speech.folded[:start], speech.folded[start:]
    instead = bool(INSTEAD_BEFORE.search(lead) or INSTEAD_AFTER.match(rest))
    addressed = bool(instead or ADDRESSING.search(lead) or ACTING.match(rest) or PLEASE.match(rest))
    denied = bool(DENIED.search(lead)) and not instead
    return Mention(contact, addressed, denied, start, instead, by)


def _sends_on(rest: str) -> bool:
    """ "Monsieur Corre m'a dit de voir avec le secrétariat": with whoever it is, not with him."""
    sent = SENT_ON.match(rest)
    return bool(
        sent and not re.match(r"(?:ca |cela )?(?:avec |a )?(?:lui|elle)\b", rest[sent.end() :])
    )


def passing(speech: Speech, start: int) -> bool:
    """Whether the name at `start` is told for another reason than to reach its bearer."""
    lead, rest = speech.folded[:start], speech.folded[start:]
    return bool(KINSHIP.search(lead) or OWNED.search(lead) or ITSELF.match(rest) or _sends_on(rest))
