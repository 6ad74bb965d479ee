"""What callers are told of an appointment: read as they read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest

from copilot.agenda.letters import letter, text
from copilot.agenda.rules import AgendaRules, BadAgendaError, checked, read_rules, rules_values
from copilot.delivery.letter import Sender
from copilot.store.records.agenda import Notice, Occasion
from tests.agenda.examples import NOW, held
from tests.store.examples import MAIN, client

SENDER = Sender(address="accueil@souffleur.example.fr")
CLIENT = client(MAIN, "Cabinet Vasseur")
APPOINTMENT = held(MAIN, "call-1")
NOTICE = Notice(
    id="n1", client_id=MAIN, appointment_id=APPOINTMENT.id, channel="email",
    recipient="claire@example.fr", occasion="booked", sequence=0, begins_at=NOW,
    ends_at=NOW + timedelta(minutes=30), approved_by="u1", approved_by_name="Léa Morin",
    created_at=NOW, state="pending", attempts=0, claim=None, last_error=None, delivered_at=None,
)  # fmt: skip
RULES = AgendaRules(address="12 rue des Tanneurs, 59000 Lille", phone="01 99 00 12 34")


@pytest.mark.parametrize("occasion", ["booked", "moved"])
def test_whoever_comes_is_told_where_and_whom_to_call(occasion: Occasion) -> None:
    told = replace(NOTICE, occasion=occasion)
    written = letter(told, APPOINTMENT, CLIENT, RULES, SENDER)
    body = written.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "  12 rue des Tanneurs, 59000 Lille\n" in said
    assert "Pour déplacer ou annuler ce rendez-vous, appelez le 01 99 00 12 34." in said
    (attached,) = [part for part in written.walk() if part.get_filename() == "rendez-vous.ics"]
    (event,) = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert str(event["LOCATION"]) == "12 rue des Tanneurs, 59000 Lille"
    short = text(told, APPOINTMENT, CLIENT, RULES).body
    assert "12 rue des Tanneurs, 59000 Lille, pour changer : 01 99 00 12 34." in short


def test_whoever_comes_no_more_is_told_whom_to_call_for_another() -> None:
    told = replace(NOTICE, occasion="cancelled")
    body = letter(told, APPOINTMENT, CLIENT, RULES, SENDER).get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "Pour reprendre un rendez-vous, appelez le 01 99 00 12 34." in said
    assert "Tanneurs" not in said
    assert "Tanneurs" not in text(told, APPOINTMENT, CLIENT, RULES).body


def test_without_either_nothing_is_made_up() -> None:
    body = letter(NOTICE, APPOINTMENT, CLIENT, AgendaRules(), SENDER).get_body(("plain",))
    assert body is not None
    assert "appelez-nous." in body.get_content()
    assert text(NOTICE, APPOINTMENT, CLIENT, AgendaRules()).body.endswith(".")


def test_rules_kept_before_there_was_an_address_are_read() -> None:
    kept = rules_values(RULES)
    assert read_rules(kept) == RULES
    del kept["address"], kept["phone"]
    assert (read_rules(kept).address, read_rules(kept).phone) == ("", "")


@pytest.mark.parametrize("phone", ["12", "appelez-nous", "01 99 00 12 3"])
def test_what_is_no_number_is_refused_where_it_stands(phone: str) -> None:
    with pytest.raises(BadAgendaError) as refused:
        checked(replace(RULES, phone=phone))
    assert refused.value.place == "phone"
