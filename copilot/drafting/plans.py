"""What is to happen and when: an appointment, a call back, and the dates of each."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from datetime import datetime

from copilot.drafting.agreements import (
    ACCEPTS,
    AGAIN,
    AT_ONCE,
    BORN,
    INQUIRES,
    MOVING,
    SUITS,
    TURNED_AWAY,
    WHICH_DAY,
    calls_off,
    confirmed,
    names_a_moment,
    offers_slot,
    takes_down,
    to_call,
    without_reminders,
)
from copilot.drafting.categories import CANCEL
from copilot.drafting.clauses import clauses
from copilot.drafting.dates import whens
from copilot.drafting.draft import FieldValue
from copilot.drafting.plan import Plan
from copilot.drafting.scheduling import (
    CALL_CUE,
    NO,
    NUMBER_FOR_BACK,
    OFFER_BACK,
    ONLY_IF,
    Action,
    Slot,
    action_in,
    dates_in,
    promises_back,
    wants_back,
)
from copilot.drafting.sharedmoment import ACCEPTED, ANSWERED, LEFT, SharedMoment
from copilot.drafting.speech import Speech, hear
from copilot.drafting.when import When, repeated

REACHED = re.compile(r"\bvous (?:joint|joignent|joindra)\b")
"""The operator asks for a number, in words that promise no call."""
SHORT_REFUSAL = 5
"""Words; a longer answer that begins with no may refuse something else."""


def _other_days(known: When | None, said: When) -> bool:
    return bool(known and known.days and said.days and known.days != said.days)


class Plans:
    """The appointment and the call back of one call, settled turn by turn."""

    def __init__(self, at: datetime) -> None:
        """`at` is the moment of the call, aware."""
        self._at = at
        self.appointment = Plan()
        self.callback: bool | None = None
        self.callback_id = ""
        self.callback_plan = Plan()
        self.withdrawn: list[str] = []
        """Dates as said that no longer hold."""
        self.agreed_id: str | None = None
        """The utterance that agreed to meet where no meeting had been asked for."""
        self._offered_back = False
        """A call back was offered, or a number asked to call back."""
        self._proposed_back = False
        """A call back was offered, in words that an answer accepts or refuses."""
        self._promised_back = False
        """It was told as a fact."""
        self._asked_back = False
        """The caller asked for it."""
        self._declined = False
        """The caller wants none: a "merci" accepts nothing until one is offered anew."""
        self._operator = hear("")
        self._asked: frozenset[str] = frozenset()
        self._callable = False
        """The caller's last utterance gives a whole number to call, and a moment."""
        self._last: Slot | None = None
        self._sales = False
        self._calling = False
        """The operator spoke of a call back, at any time."""
        self._slot_offered = False
        """The operator's last utterance offers a moment to meet."""
        self._inquired = False
        """The caller asked when something is that is nobody's appointment."""
        self._shared = SharedMoment(at)
        self._moving = False
        """Either spoke of another moment than the one arranged."""
        self._turned_away = False
        """The operator wants nothing of what the caller sells."""
        self._loose: When | None = None
        """The moment the caller named last without saying what for."""

    def operator_says(self, speech: Speech, utterance_id: str) -> None:
        """What the operator offers, until the next offer; what the operator promises."""
        self._operator = speech = without_reminders(speech)
        self._turned_away = self._turned_away or bool(TURNED_AWAY.search(speech.folded))
        self._shared.operator_says(speech, utterance_id)
        self._moving = self._moving or bool(MOVING.search(speech.folded))
        offers = whens(AT_ONCE.sub(" ", speech.folded), self._at)
        if len(speech.folded.split()) > 4:
            self._offered_back = False
        offered = OFFER_BACK.search(speech.folded)
        self._proposed_back = bool(offered)
        self._promised_back = promises_back(speech.folded)
        calls = to_call(AT_ONCE.sub(" ", speech.folded), self._at)
        if self._promised_back:
            self.callback, self.callback_id = True, utterance_id
        elif ONLY_IF.search(speech.folded) and not self._asked_back:
            self.callback, self.callback_id = False, utterance_id
        if offered or NUMBER_FOR_BACK.search(speech.folded):
            self._offered_back, self._declined = True, False
            if calls and offered:
                self.callback_plan.offers = calls
        elif offers:
            self.appointment.offers = offers
        self._calling = self._calling or self._offered_back or self._promised_back
        self._slot_offered = not self._inquired and offers_slot(
            speech.folded, self._at, calling=self._calling or bool(self.callback)
        )
        self._settled_by_operator(speech.folded, offers, utterance_id)

    def _settled_by_operator(self, folded: str, said: list[When], utterance_id: str) -> None:
        """ "J'annule", "je le déplace", "six heures lundi, entendu": the operator's word holds."""
        plan = self.appointment
        action = confirmed(folded)
        if action == "annuler" and plan.action != "déplacer":
            named = plan.old or plan.when or self._loose
            if said or named or plan.action:
                plan.action, plan.utterance_id = "annuler", utterance_id
                plan.old = repeated(said[-1], named) if said else named
                plan.offers = []
        elif action == "déplacer" and (plan.action or plan.old or plan.when):
            plan.action, plan.utterance_id = "déplacer", utterance_id
        elif said and takes_down(folded) and not (self._offered_back or self.callback):
            self._taken_down(said[-1], utterance_id)

    def _taken_down(self, said: When, utterance_id: str) -> None:
        """A moment that the caller named and the operator repeats as agreed."""
        plan, named = self.appointment, self._loose
        if plan.action in ("prendre", "déplacer") and plan.when and not plan.when.has_hours:
            if said.has_hours and said.days == plan.when.days:
                plan.when, plan.offers = said, []
            return
        if plan.action or named is None or self._sales:
            return
        if said.days != named.days and not (said.days is None and said.has_hours):
            return
        plan.action = self._new()
        plan.when, plan.utterance_id = repeated(said, named), utterance_id
        plan.offers = []

    def forget_appointment(self) -> None:
        """It is taken back."""
        self.appointment = Plan()
        self._shared.forget()

    def forget_callback(self) -> None:
        """No call back is wanted any more."""
        self.callback = False
        self.callback_plan = Plan()

    def caller_says(
        self,
        speech: Speech,
        utterance_id: str,
        *,
        yes: bool,
        no: bool,
        numbered: bool,
        asked: frozenset[str],
        sales: bool,
        whole: bool = False,
    ) -> None:
        """Take what an utterance says of dates.

        `numbered` tells that a number to call is given, `whole` that its last digit is said.
        """
        speech = without_reminders(speech)
        self._sales, self._asked, self.agreed_id = sales or self._turned_away, asked, None
        self._callable = whole and names_a_moment(speech.folded, self._at)
        self._inquired = self._inquired or bool(INQUIRES.search(speech.folded))
        for clause in clauses(speech):
            action = action_in(clause.folded) or calls_off(
                clause.folded, speech.folded, self._at, arranged=self.appointment.old is not None
            )
            if action and not (
                action == "prendre"
                and self.appointment.action in ("annuler", "déplacer")
                and "nouveau" not in clause.folded
            ):
                self.appointment.action, self.appointment.in_words = action, True
                self.appointment.utterance_id = utterance_id
        action = action_in(speech.folded)
        if action and self.appointment.action is None:
            self.appointment.action, self.appointment.utterance_id = action, utterance_id
            self.appointment.in_words = True
        self._settle_back(speech, utterance_id, yes=yes, no=no, numbered=numbered)
        self._settle_dates(speech, utterance_id, yes=yes, no=no)
        self._shared.caller_says(speech, utterance_id, asked=asked)
        self._moving = self._moving or bool(MOVING.search(speech.folded))

    def _settle_back(
        self, speech: Speech, utterance_id: str, *, yes: bool, no: bool, numbered: bool
    ) -> None:
        wish = wants_back(speech.folded)
        self._asked_back = self._asked_back or wish is True
        if wish is None and self._offered_back:
            if no and not numbered:
                # "Non, moi c'est le docteur Cherki qui me suit" refuses the doctor, not the call;
                # "non, jeudi" the day.
                other = self._promised_back and len(speech.folded.split()) > SHORT_REFUSAL
                wish = None if other or whens(speech.folded, self._at) else False
            elif (
                (yes and not self._declined)
                or numbered
                or self._proposed_back
                or whens(speech.folded, self._at)
            ):
                wish = True
        if wish is True and self._offered_back and self._sales:
            wish = None
        if wish is not None:
            self.callback = wish
            self.callback_id = utterance_id
            self._declined = not wish

    def _settle_dates(self, speech: Speech, utterance_id: str, *, yes: bool, no: bool) -> None:
        self._agree_to_meet(speech, utterance_id)
        default = self._default_slot()
        folded = BORN.sub(lambda match: " " * len(match.group()), speech.folded)
        found = [] if "date_of_birth" in self._asked else list(dates_in(folded, self._at, default))
        for said in found:
            slot = said.slot or self._last or ("appointment" if said.old else None)
            if slot is None:
                self._loose = said.when.over(self._loose) if self._loose else said.when
                continue
            plan = self.appointment if slot == "appointment" else self.callback_plan
            cancels = slot == "appointment" and self.appointment.action == "annuler"
            if said.aside and not cancels:
                continue
            if said.correction and plan.text:
                self.withdrawn.append(plan.text)
            if (said.refused or (said.busy and plan is self.appointment)) and not cancels:
                self.withdrawn.append(said.text)
                if plan.when and plan.when.days == said.when.days and said.when.days:
                    plan.when = None
                continue
            if said.old and slot == "appointment" and self.appointment.action != "prendre":
                plan.old = said.when if plan.old is None else said.when.over(plan.old)
                self._last = slot
                continue
            if cancels and plan.old and said.when.days is None and said.when.has_hours:
                plan.old = said.when.over(plan.old)
                continue
            earlier = plan.utterance_id != utterance_id  # in one breath, both days are told
            if earlier and _other_days(plan.when, said.when):
                self.withdrawn.append(plan.text)
            plan.place(said.when, utterance_id, same_hour="meme heure" in speech.folded)
            if slot == default == "callback" and self.callback is None and not self._sales:
                self.callback, self.callback_id = True, utterance_id
            plan.text = said.text
            self._last = slot
        if not found and not no and (yes or ACCEPTS.search(speech.folded)):
            self._accept(self.appointment, utterance_id)
            self._accept(self.callback_plan, utterance_id)

    def _agree_to_meet(self, speech: Speech, utterance_id: str) -> None:
        """A day answered to "quand est-ce que ça vous arrange ?" is an appointment taken.

        So is one the operator proposed and the caller accepts; after a cancellation, it is moved.
        """
        proposed = bool(self.appointment.offers) and self._slot_offered
        anew = (
            AGAIN.search(self._operator.folded)
            and whens(speech.folded, self._at)
            and not re.search(CANCEL, speech.folded)
        )
        if anew and self.appointment.action == "annuler" and not NO.match(speech.folded):
            self.appointment.action, self.appointment.utterance_id = "déplacer", utterance_id
        if (
            proposed
            and self.appointment.action is None
            and not (self._offered_back or self._sales)
            and self._takes(speech)
        ):
            self.appointment.action = self._new()
            self.appointment.utterance_id = utterance_id
        asked = "appointment_when" in self._asked and (
            SUITS.search(self._operator.folded) or WHICH_DAY.search(self._operator.folded)
        )
        if (
            asked
            and self.appointment.action is None
            and not (self._offered_back or self.callback or self._sales)
            and not CALL_CUE.search(f"{self._operator.folded} {speech.folded}")
            and whens(speech.folded, self._at)
        ):
            self.appointment.action, self.appointment.utterance_id = self._new(), utterance_id
            self.agreed_id = utterance_id

    def _takes(self, speech: Speech) -> bool:
        """ "Oui", or another moment than the one proposed: "jeudi après-midi plutôt"."""
        named = whens(speech.folded, self._at) and not NO.match(speech.folded)
        return bool(ACCEPTS.search(speech.folded) and not NO.match(speech.folded)) or bool(named)

    def _new(self) -> Action:
        """What a moment agreed on is: another one than was arranged, or the first."""
        moved = self._moving or self.appointment.old or self._shared.old
        return "déplacer" if moved else "prendre"

    def _default_slot(self) -> Slot | None:
        if self._asked & {"date_of_birth", "file_number"}:
            return None
        if (
            "appointment_when" in self._asked
            and self.appointment.action
            and not self.appointment.when
        ):
            return "appointment"
        if self.appointment.offers and self.appointment.action and not self._offered_back:
            return "appointment"
        if self._offered_back or "callback_when" in self._asked or "callback" in self._asked:
            return "callback"
        if "appointment_when" in self._asked:
            return (
                "appointment" if self.appointment.action else "callback" if self.callback else None
            )
        if self.appointment.action and not self.appointment.when and not self.callback:
            return "appointment"
        # "Où vous joindre ? - Au 02 61 91 12 30, demain matin."
        reached = "phone" in self._asked or REACHED.search(self._operator.folded)
        if reached and (self._callable or self.callback) and not self.appointment.action:
            return "callback"
        return None

    def _accept(self, plan: Plan, utterance_id: str) -> None:
        """ "Oui, parfait" to a date the operator proposed."""
        if plan is self.appointment and plan.offers and self._slot_offered and plan.action is None:
            plan.action = self._new()
        if plan.offers and (plan is self.callback_plan or self.appointment.action):
            plan.when = plan.offers[-1] if plan.when is None else plan.offers[-1].over(plan.when)
            plan.utterance_id = utterance_id
            plan.offers = []

    def fields(self, *, sales: bool) -> dict[str, FieldValue]:
        """What is planned, as fields of the draft; nothing with whoever is selling."""
        fields: dict[str, FieldValue] = {}
        sales = sales or self._turned_away
        wanted = bool(self.callback) and not sales
        fields["callback"] = FieldValue(
            value="true" if wanted else "false", confidence=0.8 if self.callback is not None else 0.5,
            utterance_id=self.callback_id or None,
        )  # fmt: skip
        plan = self.callback_plan
        when = plan.when.ahead(self._at) if plan.when and wanted else None
        if when:
            fields["callback_when"] = FieldValue(
                value=when, confidence=0.8, utterance_id=plan.utterance_id
            )
        return fields if sales else fields | self._meeting()

    def _meeting(self) -> dict[str, FieldValue]:
        """The appointment asked for in words, else the one both sides came to."""
        plan, shared = self.appointment, self._shared
        action, source, confidence = plan.action, plan.utterance_id, 0.8
        if plan.in_words:
            confidence = 0.95 if shared.confidence >= ANSWERED else 0.9
        if action is None and shared.when and shared.confidence >= LEFT:
            action = self._new()
            source, confidence = shared.utterance_id, shared.confidence
        if action == "annuler":
            chosen = self._shared.older(plan.old or plan.when or self._loose)
        else:
            chosen = shared.when if shared.confidence >= ACCEPTED or not plan.when else plan.when
        if action is None:
            return {}
        text = chosen.iso(self._at) if chosen else None
        if chosen and text and action != "annuler" and not chosen.ahead(self._at):
            return {}
        return {
            name: FieldValue(value=value, confidence=confidence, utterance_id=source or None)
            for name, value in (("appointment_action", action), ("appointment_when", text))
            if value
        }
