"""What the consignes say to ask, ticking itself as it is asked or answered.

A line of a consigne that says to ask ("Demander l'adresse et l'étage") is split into its items. An
item that a field of the message answers is done when the field has a value; any other when the
operator has asked it in words close to its own and the caller has spoken since.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copilot.drafting.draft import Turn
from copilot.drafting.speech import hear
from copilot.drafting.stems import stems

MOST_ITEMS = 20
ASKS = re.compile(
    r"\b(?:(?:toujours |bien |penser a |ne pas oublier de |il faut |merci de |veuillez )*"
    r"(?:demander|demandez|noter|notez|relever|relevez|recueillir|recueillez|se faire preciser"
    r"|faire preciser|verifier|verifiez|prendre|prenez|obtenir|preciser|precisez|s'enquerir))\b\s*"
    r"(?:systematiquement |toujours |bien |imperativement |egalement |aussi )*"
    r"(?:si |que |de |d'|:)?\s*"
)
NOT_ASKED = re.compile(
    r"\b(?:ne (?:pas|jamais|rien)|jamais|inutile de|sans)\s+(?:\w+\s+)?$"
    r"|\b(?:rendez-vous|message|conge|la suite|en charge)\b"
)
SEPARATOR = re.compile(r"\s*(?:,|;|:|\bet\b|\bainsi que\b|\bpuis\b|/)\s*")
FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{pattern})"))
    for name, pattern in (
        ("email", r"e-?mails?|courriel|adresses? (?:e-?)?mail"),
        ("date_of_birth", r"dates? de naissance|naissance"),
        ("file_number", r"(?:numeros?|references?|n°)(?: de| du)? (?:dossier|contrat|commande"
                        r"|client|facture|sinistre|police|adherent)|references?"),
        ("phone", r"telephones?|portables?|numeros?(?! de| du)|coordonnees|joindre|rappeler"),
        ("address", r"adresses?(?! (?:e-?)?mail)"),
        ("company", r"societes?|entreprises?|raison sociale"),
        ("on_behalf_of", r"noms? (?:du|de la) (?:patient|enfant|resident|proprietaire|titulaire)"),
        ("caller_name", r"noms?|identite|qui appelle|prenoms?"),
        ("appointment_when", r"disponibilites?|dates? souhaitee|creneaux?"),
        ("callback_when", r"quand rappeler|heure de rappel|horaires? de rappel"),
        ("reason", r"motifs?|objet de l'appel|raison"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to ask."""

    id: str
    """The same for the same words."""
    text: str
    field: str | None
    """The field that answers it, if one does."""
    done: bool = False
    utterance_id: str | None = None
    """Where it was answered."""


def items_of(texts: Iterable[str]) -> tuple[Item, ...]:
    """What a client's consignes say to ask, each once, in their order."""
    found: dict[str, Item] = {}
    for text in texts:
        for piece in re.split(r"[.\n•]+|(?:^|\s)-\s", text):
            for words in _asked_in(piece):
                item = _item(words)
                known = any(item.field and item.field == other.field for other in found.values())
                if not known:
                    found.setdefault(item.id, item)
    return tuple(found.values())[:MOST_ITEMS]


def _asked_in(piece: str) -> list[str]:
    speech = hear(piece)
    match = ASKS.search(speech.folded)
    if match is None or NOT_ASKED.search(speech.folded[: match.start()]):
        return []
    start = match.end()
    kept = []
    folded = speech.folded
    for edge in [*SEPARATOR.finditer(folded, start), None]:
        end = edge.start() if edge else len(folded)
        words = speech.text[start:end].strip(" :")
        if len(words) > 2 and not NOT_ASKED.search(folded[start:end]):
            kept.append(words)
        start = edge.end() if edge else end
    return kept


def _item(words: str) -> Item:
    folded = hear(words).folded
    name = next((name for name, pattern in FIELDS if pattern.search(folded)), None)
    key = hashlib.sha256(folded.encode()).hexdigest()[:12]
    return Item(id=key, text=words[:1].upper() + words[1:], field=name)


class Checklist:
    """One call's checklist."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = list(items)
        self._asked: set[str] = set()

    def hear(self, turn: Turn) -> None:
        """Take a finished utterance of either speaker."""
        said = stems(hear(turn.text).folded)
        for index, item in enumerate(self._items):
            if item.done or item.field is not None:
                continue
            if turn.speaker == "operator":
                if _about(item, said):
                    self._asked.add(item.id)
            elif item.id in self._asked or (said and stems(hear(item.text).folded) <= said):
                self._items[index] = replace(item, done=True, utterance_id=turn.utterance_id)

    def items(
        self, values: Mapping[str, str | None], sources: Mapping[str, str | None]
    ) -> tuple[Item, ...]:
        """As it stands; `values` and `sources` are the message's fields and their utterances."""
        return tuple(
            replace(item, done=bool(values.get(item.field)), utterance_id=sources.get(item.field))
            if item.field is not None
            else item
            for item in self._items
        )


def _about(item: Item, said: frozenset[str]) -> bool:
    """The operator's words hold at least half of the item's."""
    wanted = stems(hear(item.text).folded)
    return bool(wanted) and 2 * len(wanted & said) >= len(wanted)
