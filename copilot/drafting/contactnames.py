"""The client's people recognised by their names."""

# ruff: noqa: SIM102

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from copilot.drafting.draft import Contact
from copilot.drafting.gender import FEMININE, MASCULINE, gender_clash
from copilot.drafting.lexicon import NAME_STOPS, ORDINARY_SURNAMES, TITLES
from copilot.drafting.mentions import Mention, mention
from copilot.drafting.names import is_given, ordinary
from copilot.drafting.people.dialogues import template_words
from copilot.drafting.people.features import NUMBERS
from copilot.drafting.speech import Speech, Word, fold
from copilot.drafting.spelling import sound


class ContactNames:
    """Names as they are said and heard."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._contacts = contacts
        self._parts = {contact.name: name_parts(contact.name) for contact in contacts}
        for name, parts in self._parts.items():
            if len(parts) > 1 and not is_given(fold(parts[0])) and _of_a_service(name):
                self._parts[name] = (name,)  # "Service abonnés": no person, said as a whole

    @property
    def surnames(self) -> frozenset[str]:
        """Folded surnames of the contacts."""
        return frozenset(fold(parts[-1]) for parts in self._parts.values())

    @property
    def words(self) -> frozenset[str]:
        """Folded words of their names."""
        return frozenset(word for parts in self._parts.values() for word in map(fold, parts))

    def mentions(self, speech: Speech, tokens: list[Word]) -> list[Mention]:
        """Contacts whose name is said."""
        found: list[Mention] = []
        used: set[int] = set()
        for index in range(len(tokens)):
            if index in used:
                continue
            for width in (3, 2, 1):
                chosen = tokens[index : index + width]
                if len(chosen) < width or any(word.breaks for word in chosen[:-1]):
                    continue
                matched = self._matching("".join(word.norm.rstrip("'") for word in chosen))
                if not matched:
                    continue
                saint = index and tokens[index - 1].norm in SAINTS
                contact = None if saint else self._settled(matched, tokens, index, width)
                if contact is not None:
                    start = self._start(tokens, index)
                    found.append(mention(speech, contact, start))
                    used |= set(range(index, index + width))
                    break
        return found

    def _start(self, tokens: list[Word], index: int) -> int:
        while index and not tokens[index - 1].breaks and _leads(tokens[index - 1].norm):
            index -= 1
        return tokens[index].start

    def _matching(self, heard: str) -> list[Contact]:
        """Contacts whose surname, or whose given name, sounds like what was heard."""
        if len(heard) < 3:
            return []
        exact = [
            c
            for c in self._contacts
            if any(heard == fold(p).replace("-", "").replace(" ", "") for p in self._parts[c.name])
        ]
        if exact:
            return exact
        key = sound(heard)
        if len(key) < 3:
            return []
        alike = []
        for contact in self._contacts:
            surname = self._parts[contact.name][-1]
            other = sound(surname)
            near = key == other and heard[0] in (fold(surname)[0], "h")
            close = (
                len(heard) > 5
                and len(surname) > 5
                and Levenshtein.distance(key, other) <= 1
                and heard[0] == fold(surname)[0]
                and Levenshtein.normalized_similarity(heard, _bare(surname)) > 0.8
            )
            if near or close:
                alike.append(contact)
        return alike

    def _settled(
        self, matched: list[Contact], tokens: list[Word], index: int, width: int
    ) -> Contact | None:
        heard = "".join(word.norm for word in tokens[index : index + width])
        before = tokens[index - 1].norm if index else ""
        earlier = tokens[index - 2].norm if index > 1 else ""
        surname_only = [c for c in matched if not _is_given_of(heard, self._parts[c.name])]
        if not surname_only and len(matched) == 1:
            # A given name alone designates when nobody else has it and no other name follows.
            following = tokens[index + width] if index + width < len(tokens) else None
            parts = self._parts[matched[0].name]
            if (
                following
                and not tokens[index + width - 1].breaks
                and _could_be_surname(following, parts)
            ):
                return None
            return matched[0]
        if len(matched) == 1:
            contact = matched[0]
            if width > 1 and self._only_sounds(heard, tokens[index : index + width], contact):
                return None
            given = fold(self._parts[contact.name][0])
            if width == 1 and ordinary(heard) and heard not in self.words:
                # "La roue" only sounds like madame Roux.
                if before not in TITLES and before != given:
                    return None
            if (
                len(self._parts[contact.name]) > 1
                and is_given(before)
                and before != given
                and earlier not in TITLES
            ):
                if _bare(before) != _bare(given):
                    return None
            if not index and len(tokens) > 1 and heard in ORDINARY_SURNAMES:
                return None
            if heard in ORDINARY_SURNAMES | NUMBERS and before not in TITLES and before != given:
                return None
            if gender_clash(before, contact.name):
                return None
            return contact
        given_said = [c for c in matched if fold(self._parts[c.name][0]) in (before, earlier)]
        if len(given_said) == 1:
            return given_said[0]
        title = before
        if title in FEMININE | MASCULINE:
            of_gender = [c for c in matched if not gender_clash(title, c.name)]
            if len(of_gender) == 1:
                return of_gender[0]
        if title in ("docteur", "dr", "maitre"):
            titled = [
                c
                for c in matched
                if re.search(
                    r"medec|docteur|dentist|chirurg|dr|avocat|notair|maitre|veterin",
                    fold(c.role + " " + c.name),
                )
            ]
            if len(titled) == 1:
                return titled[0]
        return None

    def _only_sounds(self, heard: str, tokens: list[Word], contact: Contact) -> bool:
        """ "Le car hier" sounds like Charrier, and is made of plain words."""
        said = any(heard.replace("'", "") == _bare(part) for part in self._parts[contact.name])
        return not said and all(ordinary(word.norm) for word in tokens)


def _leads(norm: str) -> bool:
    """A title, an article or a given name, before a surname."""
    return norm in TITLES or norm in ("le", "la") or is_given(norm)


def _of_a_service(name: str) -> bool:
    """ "Service abonnés", but not "Line Gaucher"."""
    head, *rest = re.findall(r"[a-z]+", fold(name))
    small = any(piece[:1].islower() for piece in name.split()[1:])
    return all(map(ordinary, (head, *rest))) and (small or head in SERVICES)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z]", "", fold(text))


SERVICES = frozenset("service accueil secretariat standard equipe pole bureau atelier".split())  # noqa: SIM905
SAINTS = frozenset(["saint", "sainte"])
"""Before a given name: a place or a house, nobody of the client's."""
SISTERS = frozenset(["sœur", "soeur", "frere", "pere", "mere", "abbe", "colonel", "capitaine"])
"""Titles of contacts that callers also say of their families."""


def name_parts(name: str) -> tuple[str, ...]:
    """Given name and surname, titles dropped: "Dr Anne Le Goff" gives ("Anne", "Le Goff")."""
    pieces = [piece for piece in name.split() if fold(piece).strip(".") not in TITLES | SISTERS]
    if not pieces:
        pieces = name.split()
    if len(pieces) == 1:
        return (pieces[0],)
    if not is_given(fold(pieces[0])) and is_given(fold(pieces[-1])):
        return (pieces[-1], " ".join(pieces[:-1]))
    if (
        not is_given(fold(pieces[0]))
        and len(pieces) == 2
        and fold(pieces[0]) in ("le", "la", "de", "du")
    ):
        return (" ".join(pieces),)
    return (pieces[0], " ".join(pieces[1:]))


def _is_given_of(heard: str, parts: tuple[str, ...]) -> bool:
    return len(parts) > 1 and _bare(heard) == _bare(parts[0]) and _bare(heard) != _bare(parts[-1])


def _could_be_surname(word: Word, parts: tuple[str, ...]) -> bool:
    """Another surname follows the given name: it is somebody else."""
    if _bare(word.norm) == _bare(parts[-1]) or sound(word.norm) == sound(parts[-1]):
        return False
    if word.norm.endswith("ra") and ordinary(word.norm[:-1]):
        return False  # "Teddy passera"
    if word.norm in template_words() and word.norm not in ORDINARY_SURNAMES:
        return False  # "Teddy peut"
    return word.norm not in NAME_STOPS and (word.text[:1].isupper() or not ordinary(word.norm))
