"""The company a caller speaks for, over the turns of a call."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.drafting.companies import PRIVATE, without_person
from copilot.drafting.draft import FieldValue
from copilot.drafting.houses.reader import HouseReader
from copilot.drafting.kept import Kept
from copilot.drafting.people.features import Setting
from copilot.drafting.people.reader import Mention
from copilot.drafting.speech import Speech, fold, words

TELLING = 4
"""Letters from which a word tells one company from others; "des" does not."""


class CallerCompany:
    """The surest of all that were named, unless the caller says no to it; the client never."""

    def __init__(self, reader: HouseReader, client: str) -> None:
        """`client` is the name of who is called."""
        self._reader, self._client = reader, client
        self._kept = Kept()

    def caller_says(
        self,
        speech: Speech,
        own: Sequence[Mention],
        setting: Setting,
        utterance_id: str,
        *,
        no: bool,
    ) -> str:
        """The company named in a caller's utterance, "" where none is.

        `own` are the caller's names in it; `no` tells that it begins with a refusal.
        """
        found = self._reader.read(
            speech, operator=setting.operator, first=setting.first, client=self._client
        )
        others = [house for house in found if fold(house.value) != fold(self._client)]
        if PRIVATE.search(speech.folded):
            self.forget()
            return ""
        if not others:
            return ""
        house = max(others, key=lambda each: each.confidence)
        value = without_person(house.value, own) or ""
        surer = house.confidence >= self._kept.confidence
        if value and (not self._kept or surer or (no and self._named_by(setting.operator))):
            self._kept.keep(value, utterance_id, confidence=house.confidence)
        return value

    def _named_by(self, operator: Speech) -> bool:
        """ "Le garage des Tilleuls ?": what a caller who says no then denies."""
        said = {word.norm for word in words(operator)}
        return any(word in said for word in fold(self._kept.value).split() if len(word) >= TELLING)

    def forget(self) -> None:
        """The caller took it back."""
        self._kept.forget()

    def field(self) -> FieldValue | None:
        """As a field of the draft."""
        return self._kept.field()
