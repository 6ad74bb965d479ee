"""The client's people recognised by their roles: "le comptable", "le service livraison"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.drafting.draft import Contact
from copilot.drafting.lexicon import ROLE_FILLERS, ROLE_FOLLOWS, ROLE_LEADS, ROLE_THINGS, ROLE_WORDS
from copilot.drafting.mentions import ACTING, Mention, mention
from copilot.drafting.speech import Speech, Word, fold
from copilot.drafting.stems import stems

TITLES_TOO = frozenset({"docteur", "chef"})
LEADING = frozenset({"service", "responsable", "charge", "chef", "directeur", "directrice"})
NOBODY_IN_PARTICULAR = frozenset({"un", "une", "des", "mon", "ma", "mes", "aucun", "aucune"})
ARTICLES = frozenset({"le", "la", "au", "personne"})


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
                called = mention(speech, chosen[0], tokens[max(0, index - 1)].start)
                if called.addressed or called.denied:
                    found.append(called)
        if not found:
            found = self._by_words(speech, tokens, named)
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
            for index, word in enumerate(tokens):
                if len(word.norm) > 3 and stems(word.norm) & wanted and index:
                    if tokens[index - 1].norm in NOBODY_IN_PARTICULAR:
                        continue
                    others = [
                        c
                        for c in self._contacts
                        if c is not contact and stems(fold(c.role)) & stems(word.norm)
                    ]
                    called = mention(speech, contact, word.start)
                    reached = re.search(
                        r"\b(?:parler|joindre|voir|rencontrer|service|responsable|demander?|contacter|previens|prevenir|dis|dire|dirai|signale|transmets)\b.{0,20}$",
                        speech.folded[: word.start],
                    )
                    if not others and (reached or ACTING.match(speech.folded[word.start :])):
                        found.append(called)
                        break
        return found


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
    if word.norm == "docteur" and following and following.norm not in ROLE_FOLLOWS:
        return False
    own = before[-1] in ("mon", "ma", "un", "une")
    return not own and not re.search(
        r"\bje suis (?:le|la|l'|un|une)?\s*$", speech.folded[: word.start]
    )


def _title_keys(name: str) -> frozenset[str]:
    """ "le docteur", "maître" said alone."""
    head = fold(name).split()[0].strip(".")
    return frozenset(
        {"dr": {"medecin"}, "docteur": {"medecin"}, "maitre": {"maitre"}}.get(head, set())
    )


def role_keys(role: str) -> frozenset[str]:
    """What a role answers to."""
    return frozenset(ROLE_WORDS[w] for w in re.findall(r"[a-z]+", fold(role)) if w in ROLE_WORDS)
