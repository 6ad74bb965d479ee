"""The postal address, over the turns of a call."""

from __future__ import annotations

from copilot.drafting.draft import FieldValue
from copilot.drafting.kept import Kept
from copilot.drafting.places import Place, locality, numbered, place
from copilot.drafting.speech import Speech, hear


class CallerAddress:
    """The address said last; a postcode and a town said after a street complete it."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._place: Place | None = None
        self._operator = hear("")

    def operator_says(self, speech: Speech) -> None:
        """Remember what was asked: "la rue Mulsant, à quel numéro ?"."""
        self._operator = speech

    def caller_says(self, speech: Speech, utterance_id: str, *, asked: bool) -> None:
        """Take an utterance without its e-mail addresses; `asked`: where it is was asked for."""
        found, known = place(speech) or numbered(self._operator, speech), self._place
        if found is None and known and not known.postcode and asked:
            rest = locality(speech)
            if rest:
                found = Place(known.street, rest[0], rest[1] or known.town)
        if found:
            self._place = found
            self._kept.keep(found.written, utterance_id, confidence=0.75)

    def forget(self) -> None:
        """The caller took it back."""
        self._place = None
        self._kept.forget()

    def field(self) -> FieldValue | None:
        """As a field of the draft."""
        return self._kept.field()
