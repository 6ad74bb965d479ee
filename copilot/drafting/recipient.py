"""Which of the client's people a message is for."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from copilot.drafting.contactnames import ContactNames
from copilot.drafting.contactroles import ContactRoles
from copilot.drafting.draft import Contact, FieldValue
from copilot.drafting.mentions import Mention, passing
from copilot.drafting.scheduling import NO
from copilot.drafting.speech import Speech, fold, words

PROPOSED = re.compile(r"\b(?:bien|souhaitez|voulez|c'est|previens|demande)\b")
DEALS = re.compile(r"\b(?:r?appel\w*|occup\w*|charge|suit|passera)\b")
AWAY = re.compile(
    r"^(?:[\w'-]+ ){1,3}(?:est|sera|n'est|ne sera|a fini|ne travaille) (?:pas|plus|deja |actuellement )?"
    r"(?:la|absente?|sortie?|partie?|prise?|occupee?|malade|indisponible|injoignable|disponible|joignable|en \w+|au \w+|sur (?:un|une|la) \w+)?\b"
)
"""After a name: that person is not there."""
GREETED = re.compile(
    r"^(?:(?:allo|oui|bonjour|bonsoir|salut|coucou|hello|re|euh|ouais)[ ,.!]+)+(?P<name>(?!madame|monsieur|docteur|maitre)[a-z-]+)[ ,.!]+(?:c'est|ici|je suppose|tu|t'|ca va|comment)\b"
)
"""A first utterance that greets somebody by a given name: whoever answers, not who is wanted."""
SHORT_REFUSAL = 3
"""Words; a longer answer that begins with no may refuse the day, or the call."""
OTHERS = re.compile(
    r"\b(?:derang\w*|prefer\w*|plutot (?:a |avec )?(?:monsieur|madame|docteur|maitre)|quelqu'un d'autre|pas (?:lui|elle)|c'est \w+ qui|suivie? par|c'est avec|pas la peine|inutile|je (?:re)?pass(?:e|erai)|je (?:vous |le |la )?(?:re)?rappell?erai|laissez(?: tomber)?|je me debrouille)\b"
)
"""Somebody else is wanted, or nobody."""
SENT = re.compile(
    r"\b(?:envoie|depeche)(?: tout de suite| immediatement)? $|^(?:[\w'-]+ ){1,3}(?:part|arrive|demarre|est en route)\b"
)
"""Before or after a name: that person is on the way, and needs no message."""
FOR_CALLER = re.compile(
    r"\b(?:vous etes(?: bien)?|vous vous appelez|merci|d'accord|bonjour|au revoir|tres bien|et vous)[ ,]+(?:monsieur |madame |docteur |maitre )*$"
)
"""Before a name: it is the caller who is called so."""

TOLD = re.compile(
    r"\b(?:transmets|demande|previens|signale|dis|fais suivre)(?: ca| cela| tout| le message)?(?: a| au)? (?:monsieur |madame |docteur |maitre )*$"
)
"""Before a name: somebody the operator will speak to, were it a namesake of the caller's."""

WHOSE = re.compile(
    r"^(?:monsieur|madame|mademoiselle) (?:[\w'-]+[ ,]+){1,2}(?:et )?(?:quel est )?votre (?:pre)?nom\b"
)
"""From a name on: its bearer is asked for the rest of it, and is the caller."""


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


class Standing(IntEnum):
    """How plainly somebody was designated."""

    NAMED = 1
    """The caller spoke of them."""
    HANDED = 2
    """The operator said that they would see to it."""
    WANTED = 3
    """The caller asked for them."""


SURE = {Standing.NAMED: 0.6, Standing.HANDED: 0.7, Standing.WANTED: 0.8}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Designated:
    name: str
    utterance_id: str
    standing: Standing = Standing.NAMED
    denied: bool = False


class Recipients:
    """The client's people designated over the turns of a call; one of them is to have the message."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._designated: list[_Designated] = []
        self._operator = Speech("", "")
        self._handed: list[_Designated] = []
        """Whom the operator named last, until the caller has answered."""
        self._caller: str | None = None
        """The caller's own name so far; None until the caller has spoken."""

    def operator_says(self, speech: Speech, utterance_id: str) -> None:
        """Who the operator says will deal with it: "Julien vous rappelle".

        What the operator greets with names the house, not who is wanted.
        """
        self._operator = speech
        if self._caller is None:
            return
        self._handed = [
            _Designated(
                name=mention.contact.name, utterance_id=utterance_id, standing=Standing.HANDED
            )
            for mention in self._mentions(speech)
            if _handed(speech, mention.start)
            and (
                not _bears(self._caller, mention.contact.name)
                or TOLD.search(speech.folded[: mention.start])
            )
        ]
        self._designated += self._handed

    def caller_says(self, speech: Speech, utterance_id: str, *, caller: str, yes: bool) -> None:
        """Who the caller asks for, or agrees to. `caller` is the caller's own name so far."""
        greeted = GREETED.match(speech.folded) if self._caller is None else None
        self._caller = caller
        refuses = bool(NO.match(speech.folded))
        if refuses and _refuses_them(speech.folded):
            self._designated = [each for each in self._designated if each not in self._handed]
        self._handed = []
        for mention in self._mentions(speech):
            if greeted and mention.start == greeted.start("name") and not mention.addressed:
                continue
            if mention.instead:
                self._designated = [each for each in self._designated if each.denied]
            if mention.addressed or not _bears(caller, mention.contact.name):
                self._designated.append(
                    _Designated(
                        name=mention.contact.name,
                        utterance_id=utterance_id,
                        standing=Standing.WANTED if mention.addressed else Standing.NAMED,
                        denied=mention.denied,
                    )
                )
        if yes and not refuses:
            self._agree(utterance_id)

    def _agree(self, utterance_id: str) -> None:
        """ "Vous souhaitez parler à Julien ? - Oui." """
        for mention in self._mentions(self._operator):
            if mention.addressed or PROPOSED.search(self._operator.folded[: mention.start]):
                self._designated.append(
                    _Designated(
                        name=mention.contact.name,
                        utterance_id=utterance_id,
                        standing=Standing.WANTED if mention.addressed else Standing.HANDED,
                    )
                )

    def _mentions(self, speech: Speech) -> list[Mention]:
        found = self._book.mentions(speech) if self._book and speech.folded else []
        found = [mention for mention in found if not passing(speech, mention.start)]
        return [] if _one_or_other(speech, found) else found

    def field(self) -> FieldValue | None:
        """The recipient, when there is one without doubt."""
        denied = {each.name for each in self._designated if each.denied}
        left = [each for each in self._designated if each.name not in denied]
        if not left:
            return None
        highest = max(each.standing for each in left)
        pool = [each for each in left if each.standing == highest]
        if highest == Standing.NAMED and len({each.name for each in pool}) > 1:
            return None
        chosen = pool[-1] if highest == Standing.HANDED else pool[0]
        return FieldValue(
            value=chosen.name, confidence=SURE[highest], utterance_id=chosen.utterance_id
        )


def _one_or_other(speech: Speech, mentions: Sequence[Mention]) -> bool:
    """ "Patrice ou Dylan, selon qui est le plus près": neither without doubt."""
    return any(
        one.contact != other.contact
        and re.search(r"\bou\b", speech.folded[one.start : other.start])
        for one, other in pairwise(mentions)
    )


def _bears(caller: str, contact: str) -> bool:
    """The caller bears the contact's surname and was only introducing themselves."""
    return bool(caller and fold(caller).split()[-1] in fold(contact).split())


def _refuses_them(folded: str) -> bool:
    """A refusal of who was named, not only of a call or of a day."""
    return len(folded.split()) <= SHORT_REFUSAL or bool(OTHERS.search(folded))


def _handed(speech: Speech, start: int) -> bool:
    """The operator speaks of somebody who is to deal with it, and who is neither away nor the caller."""
    before, after = speech.folded[:start], speech.folded[start:]
    if SENT.search(before) or SENT.match(after):
        return False
    if WHOSE.match(after) and re.search(
        r"(?:^|[.?!,;]|\b(?:oui|bien|accord|merci|bonjour))\s*$", before
    ):
        return False
    if DEALS.search(after):
        return True
    return not (AWAY.match(after) or FOR_CALLER.search(before))
