"""The client's people recognised by their roles: "le comptable", "le service livraison"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from copilot.drafting.draft import Contact
from copilot.drafting.lexicon import ROLE_FILLERS, ROLE_FOLLOWS, ROLE_LEADS, ROLE_THINGS, ROLE_WORDS
from copilot.drafting.mentions import Mention, mention
from copilot.drafting.people.dialogues import template_words
from copilot.drafting.speech import Speech, Word, fold
from copilot.drafting.stems import stems

TITLES_TOO = frozenset({"docteur", "chef"})
LEADING = frozenset({"service", "responsable", "charge", "chef", "directeur", "directrice"})
NOBODY_IN_PARTICULAR = frozenset({"un", "une", "des", "mon", "ma", "mes", "aucun", "aucune"})
SMALL = frozenset({"de", "du", "des", "d'", "la", "le", "les", "l'", "en", "et", "a", "au", "aux"})
OF_THE_CALLER = re.compile(r"\bje suis (?:(?:le|la|l'|un|une|du|de la|de l'|au) ?)?(?:service )?$")
"""Before a role: it is the caller's own."""
ARTICLES = frozenset({"le", "la", "au", "personne"})
IN_CHARGE = re.compile(
    r"^(?:responsable|directeur|directrice|patronne?|dirigeante?|gerante?)"
    r"(?: (?:generale?|de (?:site|magasin|boutique|structure|centre)"
    r"|d'(?:agence|etablissement)))?$"
)
"""A role: whoever runs the house, whatever else they may be."""
CALLING = re.compile(r"(?:iere?|ien(?:ne)?|eure?|euse|rice|iste|ogue|aire)$")
"""How what people are ends: "sommelier", "diététicienne"; not "devis"."""
OF_WHAT = frozenset({"de", "du", "des", "d'", *ROLE_WORDS})
"""After "responsable": of a part of the house."""
ANY_OF_THEM = frozenset({"votre", "au", "le", "la", "du"})
"""Before "responsable": the one there is."""


class ContactRoles:
    """Roles, and what they answer to."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._contacts = contacts
        self._roles = {
            contact.name: role_keys(contact.role) | _title_keys(contact.name)
            for contact in contacts
        }

    def mentions(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        """Contacts whose role is said; those `named` already are not told again."""
        found = []
        for index, word in enumerate(tokens):
            key = ROLE_WORDS.get(word.norm)
            if key is None:
                continue
            if not _designates(speech, tokens, index):
                continue
            matched = [c for c in self._contacts if key in self._roles[c.name]]
            qualified = [c for c in matched if self._qualified(c, tokens, index)]
            chosen = matched if len(matched) == 1 else qualified
            if len(chosen) == 1 and chosen[0].name not in named:
                found.append(mention(speech, chosen[0], tokens[max(0, index - 1)].start, "role"))
        found += self._in_charge(speech, tokens, named | {each.contact.name for each in found})
        found += self._by_phrase(speech, tokens, named | {each.contact.name for each in found})
        if not found:
            found = self._by_words(speech, tokens, named)
        return found

    def _in_charge(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        """ "Passez-moi votre responsable": of nothing in particular, and only one can be meant."""
        heads = [contact for contact in self._contacts if IN_CHARGE.match(fold(contact.role))]
        if len(heads) != 1 or heads[0].name in named:
            return []
        found = []
        for before, word, following in zip(tokens, tokens[1:], [*tokens[2:], None], strict=False):
            of_all = following is None or word.breaks or following.norm not in OF_WHAT
            if word.norm == "responsable" and before.norm in ANY_OF_THEM and of_all:
                told = mention(speech, heads[0], before.start, "role")
                if told.addressed:
                    found.append(told)
        return found[:1]

    def _by_phrase(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        """A role of several words, said as it is written: "la responsable de l'état civil"."""
        said = [word for word in tokens if word.norm not in SMALL]
        found = []
        for at, word in enumerate(said):
            matched = [
                contact
                for contact in self._contacts
                if (role := _phrase(contact.role))
                and [each.norm for each in said[at : at + len(role)]] == role
            ]
            if len(matched) == 1 and matched[0].name not in named:
                named = named | {matched[0].name}
                found.append(mention(speech, matched[0], _lead(tokens, word), "role"))
        return found

    def _qualified(self, contact: Contact, tokens: list[Word], index: int) -> bool:
        around = {t.norm for t in tokens[max(0, index - 3) : index + 5]}
        extra = {
            w
            for w in re.findall(r"[a-z]+", fold(contact.role))
            if len(w) > 3 and w not in ROLE_FILLERS
        }
        return len(extra & around) >= 2

    def _by_words(self, speech: Speech, tokens: list[Word], named: set[str]) -> list[Mention]:
        """A role of words the table does not know ("sommelier")."""
        found = []
        for contact in self._contacts:
            wanted = stems(
                " ".join(
                    w
                    for w in re.findall(r"[a-z]+", fold(contact.role))
                    if w not in ROLE_FILLERS and w not in ROLE_WORDS
                )
            )
            if not wanted or contact.name in named:
                continue
            whole = _one_word(contact.role)
            for index, word in enumerate(tokens):
                exact = bool(whole) and _of_either(word.norm) == whole
                if len(word.norm) > 3 and (exact or stems(word.norm) & wanted) and index:
                    if tokens[index - 1].norm not in ROLE_LEADS - NOBODY_IN_PARTICULAR:
                        continue
                    others = [
                        c
                        for c in self._contacts
                        if c is not contact and stems(fold(c.role)) & stems(word.norm)
                    ]
                    if not others:
                        found.append(_by_its_words(speech, contact, word, exact=exact))
                        break
        return found


@lru_cache(maxsize=512)
def _phrase(role: str) -> list[str]:
    """The telling words of a role that has several; none of a role of one word."""
    said = [word for word in re.findall(r"[a-z]+'?", fold(role)) if word not in SMALL]
    return said if len(said) > 1 else []


def _by_its_words(speech: Speech, contact: Contact, word: Word, *, exact: bool) -> Mention:
    """A calling that somebody asks for by its whole name is as sure as one of the table."""
    told = mention(speech, contact, word.start, "words of a role")
    calling = exact and told.addressed and CALLING.search(word.norm)
    return replace(told, by="role") if calling else told


@lru_cache(maxsize=512)
def _one_word(role: str) -> str:
    """The word of a role that is one word, as said of a man or of a woman; "" for others."""
    said = re.findall(r"[a-z]+", fold(role))
    return _of_either(said[0]) if len(said) == 1 else ""


def _of_either(norm: str) -> str:
    """ "Diététicien" and "diététicienne", "sommelier" and "sommelière" are one calling."""
    return re.sub(r"(?:(?<=i)enne|(?<=i)en|(?<=i)ere|(?<=i)er|euse|eur|rice|eure)$", "", norm)


def _lead(tokens: list[Word], word: Word) -> int:
    """Where the small words before a role begin."""
    at = tokens.index(word)
    while at and tokens[at - 1].norm in SMALL and not tokens[at - 1].breaks:
        at -= 1
    return tokens[at].start


def _designates(speech: Speech, tokens: list[Word], index: int) -> bool:
    """Whether the role at `index` is somebody's to reach, rather than a thing or the caller's."""
    word = tokens[index]
    before = [token.norm for token in tokens[max(0, index - 3) : index]]
    if word.norm in ROLE_THINGS and not LEADING & set(before):
        return False
    if word.norm in TITLES_TOO and not (LEADING | ARTICLES) & set(before):
        return False
    if not before or before[-1] not in ROLE_LEADS:
        return False
    following = tokens[index + 1] if index + 1 < len(tokens) and not word.breaks else None
    if word.norm == "docteur" and following and not _goes_on(following.norm):
        return False
    own = before[-1] in ("mon", "ma", "un", "une")
    return not own and not OF_THE_CALLER.search(speech.folded[: word.start])


def _goes_on(norm: str) -> bool:
    """A word after "le docteur" that is no name."""
    return norm in ROLE_FOLLOWS or norm in template_words() or norm in SMALL


def _title_keys(name: str) -> frozenset[str]:
    """ "le docteur", "maître" said alone."""
    head = fold(name).split()[0].strip(".")
    return frozenset(
        {"dr": {"medecin"}, "docteur": {"medecin"}, "maitre": {"maitre"}}.get(head, set())
    )


def role_keys(role: str) -> frozenset[str]:
    """What a role answers to."""
    return frozenset(ROLE_WORDS[w] for w in re.findall(r"[a-z]+", fold(role)) if w in ROLE_WORDS)
