"""A fictional practice, and appointments in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.agenda.rules import AgendaRules, Practitioner, VisitType
from copilot.store.audit import Act, Actor
from copilot.store.records.agenda import Appointment, Person
from copilot.store.records.identifiers import new_id
from copilot.waiting.hours import OpeningHours

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
"""A Monday, 9 in Paris."""
LEA = Actor(id="u1", name="Léa Morin", role="operator")

WEEK = OpeningHours(week=(((540, 720), (840, 1080)),) * 5 + ((), ()))
"""9-12 and 14-18, Monday to Friday."""

CHECKUP = VisitType(id="bilan", name="Bilan", duration_min=30, after_min=10)
LONG = VisitType(id="soin", name="Soin", duration_min=60, before_min=15, practitioners=("vasseur",))
VASSEUR = Practitioner(id="vasseur", name="Dr Vasseur")
LEROY = Practitioner(id="leroy", name="Dr Leroy")
RULES = AgendaRules(
    hours=WEEK, practitioners=(VASSEUR, LEROY), visits=(CHECKUP, LONG), notice_min=60
)


def held(client_id: str, call_id: str, begins: datetime = NOW, **values: object) -> Appointment:
    """A time kept for nobody yet."""
    whole = {
        "id": new_id(), "client_id": client_id, "call_id": call_id,
        "practitioner_id": "vasseur", "practitioner_name": "Dr Vasseur", "visit_name": "Bilan",
        "duration_min": 30, "before_min": 0, "after_min": 0, "begins_at": begins,
        "ends_at": begins + timedelta(minutes=30), "state": "held",
        "held_until": begins + timedelta(minutes=5), "person": None, "sequence": 0,
        "created_at": begins, "created_by": "u1", "created_by_name": "Léa Morin",
        "changed_at": begins, "account_id": None, "calendar": "", "place": None, "written": -1,
        "sync": "none", "fault": None, "forced": False, "attempts": 0, "claim": None,
    }  # fmt: skip
    return Appointment(**{**whole, **values})  # type: ignore[arg-type]


PERSON = Person(name="Claire Fontaine", phone="+33639981234", email="claire@example.fr")


def act(client_id: str, action: str = "appointment.booked", at: datetime = NOW) -> Act:
    return Act(actor=LEA, action=action, at=at, client_id=client_id)
