"""What was said so far, and what each field held after each turn: its evidence is read from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from copilot.drafting.draft import Draft, FieldValue, Speaker
from copilot.drafting.questions import asked
from copilot.drafting.speech import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One utterance."""

    speaker: Speaker
    folded: str
    utterance_id: str


@dataclass(slots=True, kw_only=True)
class Trail:
    """The utterances of a call, and the values each field has had."""

    turns: list[Heard] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    """Of each field, its different values in order."""

    def add(self, speaker: Speaker, folded: str, utterance_id: str) -> None:
        """The next utterance."""
        self.turns.append(Heard(speaker=speaker, folded=folded, utterance_id=utterance_id))

    def note(self, draft: Draft) -> None:
        """What the fields hold after it."""
        for name, value in draft.fields.items():
            known = self.values.setdefault(name, [])
            if value.value not in known:
                known.append(value.value)

    def source(self, value: FieldValue) -> int | None:
        """The turn a value comes from."""
        for at, turn in enumerate(self.turns):
            if turn.utterance_id == value.utterance_id:
                return at
        return None

    def question(self, at: int) -> str:
        """What the operator said last before a turn; "" at the start."""
        said = (turn.folded for turn in reversed(self.turns[:at]) if turn.speaker == "operator")
        return next(said, "")

    def asked(self, name: str, at: int) -> bool:
        """The operator had just asked for that field."""
        return name in asked(self.question(at))

    def after(self, at: int, speaker: Speaker) -> Iterator[str]:
        """What one side said after a turn."""
        return (turn.folded for turn in self.turns[at + 1 :] if turn.speaker == speaker)

    def said_by(self, speaker: Speaker) -> str:
        """All one side said, in lines."""
        return "\n".join(turn.folded for turn in self.turns if turn.speaker == speaker)

    def repeats(self, value: str, texts: Sequence[str]) -> bool:
        """A telling word of a value is said again."""
        words = [word for word in fold(value).replace("-", " ").split() if len(word) > 3]
        return any(word in text for text in texts for word in words)
