"""How much of what is shown while somebody speaks is changed afterwards. Pure.

Words are compared without case or punctuation. A word that is still cut short when it is shown
("bonj") counts as changed when it is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from models.agreement import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """An utterance under way, as shown."""

    settled: str
    provisional: str


@dataclass(slots=True, kw_only=True)
class Churn:
    """Words shown and those of them later changed or taken away."""

    shown: int = 0
    changed: int = 0

    def as_json(self) -> dict[str, float]:
        """With the share, 0 where nothing was shown."""
        share = self.changed / self.shown if self.shown else 0.0
        return {"shown": self.shown, "changed": self.changed, "share": round(share, 4)}


@dataclass(frozen=True, slots=True)
class PartialChurn:
    """Of words shown as settled, which should never change, and of the rest."""

    settled: Churn
    provisional: Churn

    @classmethod
    def none(cls) -> PartialChurn:
        """Nothing was shown yet."""
        return cls(Churn(), Churn())

    def count(self, showings: Sequence[Showing], final: str) -> None:
        """Count one utterance: all that was shown of it, in order, and what it turned out to be."""
        before: list[str] = []
        settled = 0
        for showing in showings:
            firm = _words(showing.settled)
            words = firm + _words(showing.provisional)
            self._move(before, words, settled, last=False)
            self.settled.shown += max(0, len(firm) - settled)
            before, settled = words, len(firm)
        self._move(before, _words(final), settled, last=True)

    def as_json(self) -> dict[str, dict[str, float]]:
        """The `partial_churn` of the evaluation format."""
        return {"settled": self.settled.as_json(), "provisional": self.provisional.as_json()}

    def _move(
        self, before: Sequence[str], after: Sequence[str], settled: int, *, last: bool
    ) -> None:
        """From one showing to the next. The words that only the final brings were never shown."""
        for edit in Levenshtein.editops(before, after):
            if edit.tag != "insert":
                churn = self.settled if edit.src_pos < settled else self.provisional
                churn.changed += 1
            if edit.tag != "delete" and not last:
                self.provisional.shown += 1


def _words(text: str) -> list[str]:
    return [word for word in map(plain, text.split()) if word]
