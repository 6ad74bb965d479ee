"""Which of the client's people a message is for."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from copilot.drafting.contactnames import ContactNames
from copilot.drafting.contactroles import ContactRoles
from copilot.drafting.draft import Contact, FieldValue, Speaker
from copilot.drafting.mentions import Mention, passing
from copilot.drafting.scheduling import NO
from copilot.drafting.speech import Speech, fold, words
from copilot.drafting.wanted import Named, calls_the_caller, chance, facts, named

HAILED = re.compile(
    r"^(?:(?:allo|oui|bonjour|bonsoir|salut|coucou|hello|re|euh|ouais)[ ,.!]+)+(?P<name>[a-z-]+)\b"
)
"""A first utterance that greets somebody by name: whoever has just told it, on answering."""
GREETED = re.compile(
    r"^(?:(?:allo|oui|bonjour|bonsoir|salut|coucou|hello|re|euh|ouais)[ ,.!]+)+(?P<name>(?!madame|monsieur|docteur|maitre)[a-z-]+)[ ,.!]+(?:c'est|ici|je suppose|tu|t'|ca va|comment)\b"
)
"""A first utterance that greets somebody by a given name: whoever answers, not who is wanted."""
SHORT_REFUSAL = 3
"""Words; a longer answer that begins with no may refuse the day, or the call."""
OTHERS = re.compile(
    r"\b(?:derang\w*|prefer\w*|plutot (?:a |avec )?(?:monsieur|madame|docteur|maitre)|quelqu'un d'autre|pas (?:a |avec )?(?:lui|elle)|(?:a|avec) (?:lui|elle) (?:surtout )?pas|veux pas (?:lui|la|le)|non,? merci|a personne|c'est \w+ qui|suivie? par|c'est avec|pas la peine|inutile|je (?:re)?pass(?:e|erai)|je (?:vous |le |la )?(?:re)?rappell?erai|laissez(?: tomber)?|je me debrouille)\b"
)
"""Somebody else is wanted, or nobody."""
CALL_ALONE = re.compile(
    r"^(?:(?:non|oh|ah|ben|merci|bof)[ ,.]+)*(?:c'est )?(?:pas (?:besoin|la peine)|inutile)"
    r" (?:qu'(?:il|elle)s? |de )(?:(?:me|nous) |m')(?:re)?(?:r?appel|contact|telephon)\w*"
)
"""No call is wanted; whoever is told of the matter still is."""
THANKED = re.compile(
    r"\b(?:merci(?: beaucoup| bien)?|au revoir|bonne (?:journee|soiree)|a bientot)[ ,.!]+"
    r"(?:monsieur |madame |docteur |maitre )?$"
)
"""What a caller ends with, before a name: whoever is on the line is called so."""
OF_THEM = re.compile(
    r"\b(?:(?P<calls>(?:il|elle) (?:peut |va |doit )?(?:vous |me |m'|nous )?r?appel\w*|qu'(?:il|elle) (?:me |m'|nous |vous )?r?appel\w*)|(?P<told>(?:dites|demandez|dis|dirai|demande)[- ](?:lui|leur)|(?:lui|leur) (?:dire|dirai|transmet\w*|demander?\w*|dis)|le lui))\b"
)
"""Whoever was named last is to call, or is told."""


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

    def __len__(self) -> int:
        return len(self._contacts)

    def mentions(self, speech: Speech) -> list[Mention]:
        """Contacts designated without doubt, in the order they are named."""
        tokens = words(speech)
        found = self._names.mentions(speech, tokens)
        found += self._roles.mentions(speech, tokens, {mention.contact.name for mention in found})
        return sorted(found, key=lambda mention: mention.start)


class Recipients:
    """The client's people named over the turns of a call; one of them may be to have the message."""

    def __init__(self, book: ContactBook, house: str = "") -> None:
        """`house` is the client's name."""
        self._book = book
        self._house = frozenset(re.findall(r"[a-z]+", fold(house)))
        self._named: list[Named] = []
        self._offered: list[Named] = []
        """Whom the operator named last, until the caller has answered."""
        self._greeting = ""
        """What the operator said before the caller spoke, folded."""
        self._caller: str | None = None
        """The caller's own name so far; None until the caller has spoken."""

    def operator_says(self, speech: Speech, utterance_id: str) -> None:
        """Who the operator says will deal with it: "Julien vous rappelle".

        What the operator greets with names the house, not who is wanted.
        """
        if self._caller is None:
            self._greeting += f" {speech.folded}"
        else:
            self._offered = self._hear("operator", speech, utterance_id)

    def caller_says(self, speech: Speech, utterance_id: str, *, caller: str, yes: bool) -> None:
        """Who the caller asks for, or agrees to. `caller` is the caller's own name so far."""
        greeted = self._whom_greeted(speech) if self._caller is None else None
        self._caller = caller
        refuses = bool(NO.match(speech.folded))
        if refuses and _refuses_them(speech.folded):
            self._named = [
                each
                for each in self._named
                if each not in self._offered or _told_anyway(each, speech.folded)
            ]
        for each in self._offered:
            each.facts |= set(_answers(speech.folded, yes=yes, no=refuses))
        self._offered = []
        self._hear("caller", speech, utterance_id, greeted=greeted)

    def _whom_greeted(self, speech: Speech) -> int | None:
        """Where whoever answered is greeted by name; None where nobody is."""
        hailed = HAILED.match(speech.folded)
        if hailed and re.search(rf"\b{re.escape(hailed['name'])}\b", self._greeting):
            return hailed.start("name")
        greeted = GREETED.match(speech.folded)
        return greeted.start("name") if greeted else None

    def _hear(
        self, speaker: Speaker, speech: Speech, utterance_id: str, greeted: int | None = None
    ) -> list[Named]:
        """Those named, but for whoever is `greeted` at that place and whoever is told apart."""
        found = [
            mention
            for mention in (self._book.mentions(speech) if len(self._book) else ())
            if not passing(speech, mention.start)
            and (mention.start != greeted or mention.addressed)
            and not (speaker == "operator" and calls_the_caller(speech, mention.start))
            and not (speaker == "caller" and _thanked(speech, mention.start))
            and not self._is_the_house(speech, mention)
        ]
        if _one_or_other(speech, found):
            found = []
        heard = [named(speaker, speech, mention, utterance_id) for mention in found]
        if not heard and self._named and (later := OF_THEM.search(speech.folded)):
            self._named[-1].facts.add(f"{speaker}: then {later.lastgroup}")
        if any(mention.instead for mention in found):
            self._named.clear()
        self._named += heard
        return heard

    def _is_the_house(self, speech: Speech, mention: Mention) -> bool:
        """ "Ici le Studio Nacre": the client's name, which one of its people bears."""
        before = re.search(r"([a-z]+) $", speech.folded[: mention.start])
        surname = fold(mention.contact.name).split()[-1]
        return bool(before and {before[1], surname} <= self._house and before[1] != surname)

    def field(self) -> FieldValue | None:
        """The likeliest recipient, and how likely."""
        likely = {name: chance(found) for name, found in self.candidates().items()}
        if not likely:
            return None
        name = max(likely, key=lambda each: likely[each])
        last = [each for each in self._named if each.name == name][-1]
        return FieldValue(
            value=name, confidence=round(likely[name], 2), utterance_id=last.utterance_id
        )

    def candidates(self) -> dict[str, frozenset[str]]:
        """What is known of everybody named so far."""
        return {
            name: facts(
                name,
                self._named,
                caller=_bears(self._caller or "", name),
                contacts=len(self._book),
            )
            for name in dict.fromkeys(each.name for each in self._named)
            if not any(each.name == name and each.denied for each in self._named)
        }


def _thanked(speech: Speech, start: int) -> bool:
    """ "C'est noté. - Merci, Lila." """
    before, name = speech.folded[:start], speech.folded[start:]
    called = re.fullmatch(r"(?:(?:monsieur|madame|docteur|maitre) )?[\w'-]+[ .!]*", name)
    return bool(called and THANKED.search(before))


def _one_or_other(speech: Speech, mentions: Sequence[Mention]) -> bool:
    """ "Patrice ou Dylan, selon qui est le plus près": neither without doubt."""
    return any(
        one.contact != other.contact
        and re.search(r"\bou\b", speech.folded[one.start : other.start])
        for one, other in pairwise(mentions)
    )


def _bears(caller: str, contact: str) -> bool:
    """The caller bears a name of the contact's, and may only be introducing themselves."""
    return not set(fold(caller).split()).isdisjoint(fold(contact).split())


def _refuses_them(folded: str) -> bool:
    """A refusal of who was named, not only of a call or of a day."""
    return len(folded.split()) <= SHORT_REFUSAL or bool(OTHERS.search(folded))


def _told_anyway(each: Named, folded: str) -> bool:
    """ "Je demande à Patricia, elle vous rappelle ? - Pas besoin qu'elle m'appelle, je passe." """
    return "operator: told" in each.facts and bool(CALL_ALONE.match(folded))


def _answers(folded: str, *, yes: bool, no: bool) -> Iterator[str]:
    """What the answer to the operator's offer says of who is offered."""
    if no:
        yield "no"
    elif OTHERS.search(folded):
        yield "somebody else or nobody"
    elif yes:
        yield "agreed"
