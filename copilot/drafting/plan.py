"""An appointment or a call back in the making."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from copilot.drafting.scheduling import Action
from copilot.drafting.when import When, picked


@dataclass(slots=True)
class Plan:
    """What is to happen and when, as far as it is known."""

    action: Action | None = None
    in_words: bool = False
    """The caller asked for it in words."""
    when: When | None = None
    old: When | None = None
    utterance_id: str = ""
    text: str = ""
    """The words of `when`."""
    offers: list[When] = field(default_factory=list)
    """What the operator proposed last."""

    def place(self, when: When, utterance_id: str, *, same_hour: bool = False) -> None:
        """Take a moment, with what it leaves to the one before it or to the offer it picks."""
        if same_hour and not when.has_hours:
            known = (self.when, *self.offers[-1:], self.old)
            same = next((each for each in known if each and each.has_hours), when)
            when = replace(when, hours=same.hours, part=same.part)
        offered = picked(self.offers, when)
        if offered is not None:
            when = offered
        elif self.when is not None:
            when = when.over(self.when)
        elif len(self.offers) == 1 and when.days is None:
            when = when.over(self.offers[0])
        if when.part is None and when.hours and when.hours.kind != "slot" and len(self.offers) == 1:
            when = replace(when, part=self.offers[0].part)
        self.when = when
        self.utterance_id = utterance_id
        self.offers = []
