"""The moment that both sides of a call come to, whatever words asked for a meeting.

"On n'a rien avant mardi, dix heures - Mardi dix heures, oui" settles an appointment that nobody
asked for in so many words. Each moment is followed from who names it to who takes it up; how far
that goes is its confidence, which `sureness` weighs with all that was said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from copilot.drafting.agreements import ACCEPTS, USUAL, speaks_of_calling
from copilot.drafting.dates import whens_in
from copilot.drafting.numbers import numerals
from copilot.drafting.scheduling import CORRECTED, NO, YES, dates_in
from copilot.drafting.speech import Speech
from copilot.drafting.when import When, picked

NAMED, LEFT, ANSWERED, ACCEPTED, REPEATED = 0.3, 0.35, 0.4, 0.5, 0.6
"""How far a moment has come: the caller named it; the operator did, and the caller let it stand;
the operator had asked for one; the caller took up the operator's; the operator repeats the
caller's."""


NAMING = frozenset({"name", "given_name", "spelling"})
SHORT = 6
"""Words; a shorter answer to who calls names nobody's day: "Noël, Gabrielle Noël"."""


class SharedMoment:
    """The latest moment spoken of to meet, over the turns of a call."""

    def __init__(self, at: datetime) -> None:
        """`at` is the moment of the call, aware."""
        self._at = at
        self._offers: list[When] = []
        """Named by the operator just now."""
        self._last: When | None = None
        """Named last by either: what the next leaves out is this one's."""
        self.when: When | None = None
        self.old: When | None = None
        """Of a meeting that was arranged before."""
        self.confidence = 0.0
        self.utterance_id = ""
        self._hour: When | None = None
        """The moment with an hour named last by either."""
        self._within = ""
        """The utterance in which the caller named a moment last."""

    def operator_says(self, speech: Speech, utterance_id: str) -> None:
        """A moment the operator names is an offer, or repeats the caller's."""
        said = [
            moment
            for sentence in re.findall(r"[^.?!;]+", numerals(speech.folded))
            if not (speaks_of_calling(sentence) or USUAL.search(sentence))
            for moment in whens_in(sentence, self._at)
        ]
        if not said:
            return
        if self.old and _same(said[-1], self.old):
            self.old = _whole(said[-1], self.old)
        said[-1] = self._timed(said[-1], "meme heure" in speech.folded)
        last, held = said[-1], self.when
        self._hour = last if last.hours else self._hour
        if held is not None and _same(last, held):
            whole = _whole(last, held)
            self._keep(whole, utterance_id, max(self.confidence, REPEATED))
            said[-1] = whole
        elif last.days is None and self._last is not None and len(said) == 1:
            said[-1] = last.over(self._last)
        self._offers = said
        self._last = _whole(said[-1], self._last)

    def caller_says(self, speech: Speech, utterance_id: str, *, asked: frozenset[str]) -> None:
        """A moment the caller names or accepts; `asked` are the fields the operator asked for."""
        if "date_of_birth" in asked or (asked & NAMING and len(speech.folded.split()) < SHORT):
            return
        offers, self._offers = self._offers, []
        answers = bool(offers) or "appointment_when" in asked
        same_hour = "meme heure" in speech.folded
        said = list(dates_in(speech.folded, self._at, None))
        yes = YES.match(speech.folded) or ACCEPTS.search(speech.folded)
        settled = self.confidence >= REPEATED and (yes or not answers)
        if said and settled and not CORRECTED.search(speech.folded):
            said = [each for each in said if self.when and _same(each.when, self.when)]
        if not said and offers and yes and not NO.match(speech.folded) and _one(offers):
            self._keep(_whole(offers[-1], self.when), utterance_id, max(self.confidence, ACCEPTED))
        elif not said and offers and self.when is None and not NO.match(speech.folded):
            self._keep(offers[-1], utterance_id, LEFT)
        for each in said:
            self._hour = each.when if each.when.hours else self._hour
            if each.slot == "callback" or each.refused or each.busy or each.aside:
                continue
            if each.old:
                self.old = self._last = _whole(each.when, self.old)
                continue
            self._name(
                self._timed(each.when, same_hour),
                offers,
                utterance_id,
                answers=answers,
            )

    def _name(self, when: When, offers: list[When], utterance_id: str, *, answers: bool) -> None:
        offered = picked(offers, when)
        taken = offered is not None or any(_same(when, offer) for offer in offers)
        settled = not answers and self.confidence >= ACCEPTED and self.when
        if settled and when.days and not _same(when, settled):
            return
        base = offers[-1] if len(offers) == 1 and self._within != utterance_id else self._last
        whole = _half(offered, offers[-1]) if offered else _whole(when, base)
        confidence = ACCEPTED if taken else ANSWERED if answers else NAMED
        if self._within == utterance_id:
            confidence = max(confidence, self.confidence)
        self._keep(whole, utterance_id, confidence)
        self._last, self._within = whole, utterance_id

    def _timed(self, when: When, same_hour: bool) -> When:
        """ "Mercredi à la même heure"."""
        if same_hour and not when.has_hours and self._hour:
            return replace(when, hours=self._hour.hours, part=self._hour.part)
        return when

    def _keep(self, when: When, utterance_id: str, confidence: float) -> None:
        self.when, self.utterance_id, self.confidence = when, utterance_id, confidence

    def older(self, arranged: When | None) -> When | None:
        """What had been arranged, with what the operator's words add to it."""
        held = next(
            (each for each in (self.old, self.when) if each and arranged and _same(arranged, each)),
            None,
        )
        return _whole(arranged, held) if arranged else self.old

    def forget(self) -> None:
        """It is taken back."""
        self.when, self.confidence, self._offers, self._last = None, 0.0, [], None
        self.old = None


def _whole(said: When, held: When | None) -> When:
    """A moment with what only the one before it said."""
    if held is None:
        return said
    if said.days and said.days == held.days and not said.has_hours:
        return held
    return _half(said.over(held), held)


def _half(when: When, held: When) -> When:
    """ "Sept heures ? - Sept heures moins le quart": the same half of the day."""
    start, near = when.hours and when.hours.start, held.hours and held.hours.start
    if not (when.hours and start and near) or start.hour < 12 <= near.hour or near.hour >= 12:
        return when
    if abs(start.hour - 12 - near.hour) > 2 or start.hour < 12:
        return when
    return replace(when, hours=replace(when.hours, start=start.replace(hour=start.hour - 12)))


def _same(said: When, held: When) -> bool:
    """The same day, or the same time where one names no day."""
    if said.days and held.days:
        return said.days == held.days
    if said.hours and held.hours:
        return said.hours.start == held.hours.start
    return bool(said.has_hours and said.days is None and held.days and not held.has_hours)


def _one(offers: list[When]) -> bool:
    """Offers that name one moment, in pieces perhaps."""
    days = {offer.days for offer in offers if offer.days}
    hours = {(offer.hours, offer.part) for offer in offers if offer.has_hours}
    return len(days) <= 1 and len(hours) <= 1
