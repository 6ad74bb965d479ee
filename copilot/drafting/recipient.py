"""Which of the client's people a message is for."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.contactnames import ContactNames
from copilot.drafting.contactroles import ContactRoles
from copilot.drafting.draft import Contact, FieldValue
from copilot.drafting.mentions import Mention
from copilot.drafting.scheduling import NO
from copilot.drafting.speech import Speech, fold, words

PROPOSED = re.compile(r"\b(?:bien|souhaitez|voulez|c'est|previens|demande)\b")
DEALS = re.compile(r"\b(?:rappel\w*|occup\w*|charge|suit|passera)\b")
TOLD = re.compile(
    r"\b(?:previens|transmets|message|mot|prevenir|transmettre|transmettrai|dirai|demande|rappeler par|appeler par)\s+(?:ca |cela )?(?:a |au |le |la )*$"
)


class ContactBook:
    """The client's contacts, ready to be recognised by name or role."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._contacts = [contact for contact in contacts if contact.name.strip()]
        self._names = ContactNames(self._contacts)
        self._roles = ContactRoles(self._contacts)

    @property
    def surnames(self) -> frozenset[str]:
        """Folded surnames of the contacts."""
        return self._names.surnames

    @property
    def words(self) -> frozenset[str]:
        """Folded words of their names."""
        return self._names.words

    def __bool__(self) -> bool:
        return bool(self._contacts)

    def mentions(self, speech: Speech) -> list[Mention]:
        """Contacts designated without doubt, in the order they are named."""
        tokens = words(speech)
        found = self._names.mentions(speech, tokens)
        found += self._roles.mentions(speech, tokens, {mention.contact.name for mention in found})
        return sorted(found, key=lambda mention: mention.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Designated:
    name: str
    utterance_id: str
    addressed: bool = False
    """Asked for, not only named."""
    denied: bool = False


class Recipients:
    """The client's people designated over the turns of a call; one of them is to have the message."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._designated: list[_Designated] = []
        self._operator = Speech("", "")

    def operator_says(self, speech: Speech, utterance_id: str) -> None:
        """Who the operator says will deal with it: "Julien vous rappelle"."""
        self._operator = speech
        self._designated += [
            _Designated(name=mention.contact.name, utterance_id=utterance_id)
            for mention in self._mentions(speech)
            if _handed(speech, mention.start)
        ]

    def caller_says(self, speech: Speech, utterance_id: str, *, caller: str, yes: bool) -> None:
        """Who the caller asks for, or agrees to. `caller` is the caller's own name so far."""
        for mention in self._mentions(speech):
            if mention.addressed or not _bears(caller, mention.contact.name):
                self._designated.append(
                    _Designated(
                        name=mention.contact.name,
                        utterance_id=utterance_id,
                        addressed=mention.addressed,
                        denied=mention.denied,
                    )
                )
        if yes and not NO.match(speech.folded):
            self._agree(utterance_id)

    def _agree(self, utterance_id: str) -> None:
        """ "Vous souhaitez parler à Julien ? - Oui." """
        for mention in self._mentions(self._operator):
            if mention.addressed or PROPOSED.search(self._operator.folded[: mention.start]):
                self._designated.append(
                    _Designated(
                        name=mention.contact.name,
                        utterance_id=utterance_id,
                        addressed=mention.addressed,
                    )
                )

    def _mentions(self, speech: Speech) -> list[Mention]:
        return self._book.mentions(speech) if self._book and speech.folded else []

    def field(self) -> FieldValue | None:
        """The recipient, when there is one without doubt."""
        denied = {each.name for each in self._designated if each.denied}
        open_ = [each for each in self._designated if each.name not in denied]
        addressed = [each for each in open_ if each.addressed]
        pool = addressed or open_
        if not pool or (len({each.name for each in pool}) > 1 and not addressed):
            return None
        return FieldValue(value=pool[0].name, confidence=0.8, utterance_id=pool[0].utterance_id)


def _bears(caller: str, contact: str) -> bool:
    """The caller bears the contact's surname and was only introducing themselves."""
    return bool(caller and fold(caller).split()[-1] in fold(contact).split())


def _handed(speech: Speech, start: int) -> bool:
    """The operator says who will deal with it: "Julien vous rappelle", "je préviens Julien"."""
    return bool(DEALS.search(speech.folded[start:]) or TOLD.search(speech.folded[:start]))
