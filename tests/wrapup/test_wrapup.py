"""What is ready when a call ends: its summary, what was done, and what became of proposals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from copilot.appointmentevents import AppointmentChanged
from copilot.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallRinging,
    Card,
    ChecklistItem,
    DraftChanged,
    DraftField,
    Event,
    GuidanceChanged,
    KeysPressed,
    OperatorMuted,
    SuggestionOffered,
    TransferChanged,
)
from copilot.lineevents import CallMoved
from copilot.messageevents import TextDecided, WritingChanged, WrittenText
from copilot.store.records.learning import SuggestionFeedback
from copilot.wrapup.actions import actions_of
from copilot.wrapup.done import KEPT, Done, done_of
from copilot.wrapup.edits import FieldEdit, edits_of, measures_of, proposed_of
from copilot.wrapup.summary import summary_of

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def stamp(at_s: float = 0.0) -> dict[str, Any]:
    return {"call_id": "call", "seq": int(at_s) + 1, "at": BEGAN + timedelta(seconds=at_s)}


FIELDS = {
    "caller_name": "Odette Girard",
    "phone": "+33639981234",
    "recipient": "Karim Haddad",
    "reason": "J'ai une fuite sous l'évier",
    "urgency": "critique",
    "callback": "true",
    "callback_when": "2026-11-24T14:00",
    "appointment_action": "prendre",
    "appointment_when": "2026-11-24T14:00/18:00",
}


def test_the_summary_is_made_of_the_fields() -> None:
    assert summary_of(FIELDS) == (
        "Urgence critique. Odette Girard a appelé. À l'attention de : Karim Haddad. "
        "Motif : J'ai une fuite sous l'évier. "
        "Rendez-vous à prendre : mardi 24 novembre 2026 entre 14 h et 18 h. "
        "À rappeler au 06 39 98 12 34 : mardi 24 novembre 2026 à 14 h."
    )
    assert summary_of(FIELDS, language="en") == (
        "Critical emergency. Odette Girard called. For the attention of: Karim Haddad. "
        "Reason: J'ai une fuite sous l'évier. "
        "Appointment to make: Tuesday 24 November 2026, 14:00 to 18:00. "
        "To be called back at 06 39 98 12 34: Tuesday 24 November 2026, 14:00."
    )


def test_nothing_said_is_no_summary() -> None:
    assert summary_of({"urgency": "normal", "reason": None}) is None
    assert summary_of({"reason": "Une question."}) == "Appel sans nom. Motif : Une question."
    assert summary_of({"phone": "+33639981234", "callback": "false"}) == (
        "Appel sans nom. Pas de rappel demandé. Téléphone : 06 39 98 12 34."
    )


@given(st.dictionaries(st.sampled_from([*FIELDS, "company", "on_behalf_of"]), st.text(max_size=30)))
def test_any_fields_can_be_told(fields: dict[str, str]) -> None:
    for language in ("fr", "en"):
        summary_of(fields, language=language)


def card(entry_id: str, question: str) -> Card:
    return Card(entry_id=entry_id, question=question, answer="Oui.", source="FAQ", confidence=0.9)


def feedback(entry_id: str, action: str) -> SuggestionFeedback:
    return SuggestionFeedback(
        call_id="call",
        suggestion_id="s-1",
        entry_id=entry_id,
        action=action,  # type: ignore[arg-type]
        user_id="u",
        at=BEGAN,
    )


def test_what_was_done_is_told_in_order_with_how_long_it_lasted() -> None:
    events: list[Event] = [
        CallAnswered(**stamp(0), operator_id="u", operator_name="Inès"),
        CallHeld(**stamp(10), held=True, operator_id="u"),
        CallHeld(**stamp(40), held=False, operator_id="u"),
        SuggestionOffered(
            **stamp(41), suggestion_id="s-1", utterance_id="caller-1",
            cards=(card("e-1", "Vos horaires ?"),), alternatives=(card("e-2", "Vos tarifs ?"),),
        ),
        KeysPressed(**stamp(45), operator_id="u"),
        KeysPressed(**stamp(46), operator_id="u"),
        CallHeld(**stamp(50), held=True, operator_id="u"),
        OperatorMuted(**stamp(52), muted=False, operator_id="u"),
        GuidanceChanged(
            **stamp(53), missing=(), next_step=None,
            checklist=(
                ChecklistItem(item_id="a", text="Demander l'étage", field=None, done=True),
                ChecklistItem(item_id="b", text="Demander le code", field=None, done=False),
            ),
        ),
        CallEnded(**stamp(60), ended_by="caller", reason="bye", duration_s=60.0),
    ]  # fmt: skip
    done = actions_of(events, [feedback("e-2", "copied"), feedback("e-1", "dismissed")])
    assert [(one.deed, one.times, one.lasted_s, one.what) for one in done] == [
        ("answered", 1, None, None),
        ("held", 2, 40.0, None),  # the second to the end of the call
        ("keys", 2, None, None),
        ("answer_given", 1, None, "Vos tarifs ?"),
        ("asked", 1, None, "Demander l'étage"),
        ("ended", 1, 60.0, "caller"),
    ]


def transfer(at_s: float, state: str, *, to: str = "", ident: str = "t", why: str = "") -> Event:
    return TransferChanged(
        **stamp(at_s),
        transfer_id=ident,
        state=state,  # type: ignore[arg-type]
        mode="consult",
        number="+33199005544",
        name=to,
        operator_id="u",
        reason=why,
    )


def appointment(at_s: float, state: str = "booked", ident: str = "a") -> Event:
    return AppointmentChanged(
        **stamp(at_s), appointment_id=ident, state=state, sync="none", begins_at=BEGAN,  # type: ignore[arg-type]
        practitioner="Dr Morel", visit="Détartrage",
    )  # fmt: skip


DOINGS: tuple[Event, ...] = (
    transfer(1, "dialling", to="Karim Haddad", ident="a"),
    transfer(2, "returned", to="Karim Haddad", ident="a", why="busy"),
    transfer(3, "dialling", to="Inès Morel", ident="b"),
    transfer(4, "consulting", to="Inès Morel", ident="b"),
    transfer(5, "returned", to="Inès Morel", ident="b", why="taken_back"),
    CallMoved(**stamp(6), state="asked", number="+33199005566"),
    CallMoved(**stamp(7), state="moved", number="+33199005566"),
    appointment(8),
    transfer(9, "dialling", ident="c"),
    transfer(10, "completed", ident="c"),
)


def test_what_was_done_for_the_caller_is_among_the_actions() -> None:
    done = [(one.deed, one.what, one.why) for one in actions_of(DOINGS)]
    assert done == [
        ("transfer_failed", "Karim Haddad", "busy"),
        ("consulted", "Inès Morel", None),
        ("transferred", "+33199005544", None),
        ("moved", "+33199005566", None),
        ("booked", "Détartrage, Dr Morel", None),
    ]


def test_what_was_done_for_the_caller_is_in_the_message() -> None:
    fields = {"appointment_action": "prendre", "appointment_when": "2026-11-24T14:00"}
    assert summary_of(fields, done=done_of(DOINGS)) == (
        "Appel sans nom. Transfert sans succès à Karim Haddad. "
        "Échange pendant l'appel avec Inès Morel. Appel transféré à 01 99 00 55 44. "
        "Rendez-vous pris : mardi 24 novembre 2026 à 14 h."
    )
    cancelled = done_of([*DOINGS[7:8], appointment(9, "cancelled")])
    gone = {**fields, "appointment_action": "annuler"}
    assert "Rendez-vous annulé" in str(summary_of(gone, done=cancelled))
    assert "Rendez-vous à prendre" in str(summary_of(fields, done=cancelled))
    assert summary_of({}, done=done_of(DOINGS[-1:]), language="en") == (
        "Call without a name. Call transferred to 01 99 00 55 44."
    )


def test_a_transfer_under_way_is_not_told() -> None:
    assert summary_of({}, done=done_of([transfer(1, "ringing")])) is None


def test_a_call_placed_is_told_as_such() -> None:
    ringing = CallRinging(
        **stamp(0), client_id="c", client_name="Delorme", dialled="+33199001234",
        caller_number="+33639981234", caller_name=None, forwarded_from=None, source="outgoing",
    )  # fmt: skip
    answered = CallAnswered(**stamp(1), operator_id="u", operator_name="Inès")
    assert [one.deed for one in actions_of([ringing, answered])] == ["called"]
    told = summary_of({"caller_name": "Odette Girard"}, done=done_of([ringing]))
    assert told == "Appel passé à Odette Girard."


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["dialling", "returned"]))))
def test_what_is_remembered_is_bounded(steps: list[tuple[int, str]]) -> None:
    done = Done()
    for number, state in steps:
        done = done.after(transfer(number, state, ident=str(number)))
        done = done.after(appointment(number, ident=str(number)))
    assert len(done.transfers) <= KEPT
    assert len(done.appointments) == min(len({number for number, _ in steps}), KEPT)


def draft(at_s: float, *fields: DraftField) -> DraftChanged:
    return DraftChanged(**stamp(at_s), fields=fields)


def field(name: str, value: str | None, *, edited: bool = False) -> DraftField:
    return DraftField(name=name, value=value, confidence=1.0, edited=edited)


def test_what_was_proposed_is_what_stood_before_the_operator_typed() -> None:
    events: list[Event] = [
        draft(1, field("reason", "Fuite"), field("company", None), field("phone", "+33639")),
        draft(2, field("reason", "Fuite d'eau"), field("phone", "+33639981234", edited=True)),
        draft(3, field("reason", "Fuite sous l'évier", edited=True)),
    ]
    assert proposed_of(events) == {"reason": "Fuite d'eau", "phone": "+33639"}


def test_a_text_that_was_taken_is_what_was_proposed() -> None:
    written = WritingChanged(
        **stamp(2),
        state="written",
        texts=(WrittenText(name="reason", text="Signale une fuite."),),
    )
    taken = TextDecided(**stamp(3), name="reason", taken=True, operator_id="u")
    refused = TextDecided(**stamp(3), name="reason", taken=False, operator_id="u")
    before = draft(1, field("reason", "Fuite"))
    assert proposed_of([before, written, taken]) == {"reason": "Signale une fuite."}
    assert proposed_of([before, written, refused]) == {"reason": "Fuite"}


def test_edits_are_lengths_and_distances_without_a_word() -> None:
    proposed = {"reason": "Fuite", "phone": "+33639981234", "company": "Vasseur"}
    approved = {"reason": "Fuites", "phone": "+33639981234", "company": None, "email": "a@b.fr"}
    assert edits_of(proposed, approved) == (
        FieldEdit(field="reason", proposed_chars=5, approved_chars=6, distance=1),
        FieldEdit(field="phone", proposed_chars=12, approved_chars=12, distance=0),
        FieldEdit(field="company", proposed_chars=7, approved_chars=0, distance=7),
        FieldEdit(field="email", proposed_chars=0, approved_chars=6, distance=6),
    )


VALUES = st.dictionaries(st.sampled_from(["reason", "phone", "company"]), st.text(max_size=20))


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8))
def test_every_message_is_counted_once(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> None:
    edits = [edit for proposed, approved in pairs for edit in edits_of(proposed, approved)]
    measures = measures_of(edits)
    assert sum(one.messages for one in measures) == len(edits)
    for one in measures:
        assert one.messages == one.kept + one.changed + one.added + one.emptied
        assert 0.0 <= one.changed_share <= 1.0
