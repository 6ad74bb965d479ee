"""A value settled so far, with where it came from."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.drafting.draft import FieldValue


@dataclass(slots=True, kw_only=True)
class Kept:
    """The newest value of a field; the same value heard again is surer."""

    value: str = ""
    utterance_id: str = ""
    confidence: float = 0.0
    read_back: bool = False

    def __bool__(self) -> bool:
        return bool(self.value)

    def keep(
        self, value: str, utterance_id: str, *, confidence: float = 0.8, read_back: bool = False
    ) -> None:
        """What was said last wins."""
        if self.value == value:
            self.confidence = max(self.confidence, confidence)
            return
        self.value, self.utterance_id = value, utterance_id
        self.confidence, self.read_back = confidence, read_back

    def forget(self) -> None:
        """The caller took it back."""
        self.value = ""

    def field(self) -> FieldValue | None:
        """As a field of the draft."""
        if not self.value:
            return None
        return FieldValue(
            value=self.value,
            confidence=self.confidence,
            utterance_id=self.utterance_id,
            read_back=self.read_back,
        )
