"""Which of the client's people a message is for."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.drafting.contactnames import ContactNames
from copilot.drafting.contactroles import ContactRoles
from copilot.drafting.draft import Contact
from copilot.drafting.mentions import Mention
from copilot.drafting.speech import Speech, words


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
