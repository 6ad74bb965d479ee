"""The attack texts through the newer doors: a file of contacts, calendars, exercises.

Nothing but what was asked for changes, no file that is given out acts, nothing is sent.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from icalendar import Calendar

from copilot.agenda.calendar import Entry
from copilot.agenda.icalendars import invitation, stored
from copilot.delivery.letter import one_line
from copilot.store.records.agenda import Notice
from tests.agenda.examples import NOW
from tests.injection.attacks import attacks
from tests.injection.test_service import everything_that_stays, secrets_of_the_other
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Running, running

PEOPLE = "/api/clients/demo-delorme/known-callers"
ACTS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula (OWASP, CSV injection)."""


@pytest.fixture
async def service(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with running(tmp_path) as service:
        yield service


async def test_a_file_of_contacts(service: Running) -> None:
    portal = await service.signed_in(CLIENT)
    before = await everything_that_stays(service)
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(["nom", "téléphone", "note", "consigne"])
    for number, attack in enumerate(attacks()):
        text = attack.text.replace("\x00", "")
        rows.writerow([text[:150], f"+331990{number:05}"[:12], text[:900], text[:900]])
    content = out.getvalue().encode()

    async def sent(what: str, **fields: str):  # type: ignore[no-untyped-def]
        file = {"file": ("contacts.csv", content, "text/csv")}
        return await portal.http.post(f"{PEOPLE}/{what}", data=fields, files=file)

    preview = await sent("preview")
    assert preview.status_code == 200, preview.text
    applied = await sent("apply", token=preview.json()["token"])
    assert applied.status_code == 200 and applied.json()["added"] > 100
    assert await everything_that_stays(service) == before
    everybody = await portal.http.get(f"{PEOPLE}/export", params={"format": "csv"})
    assert everybody.status_code == 200, everybody.text
    table = list(csv.reader(io.StringIO(everybody.text.lstrip("\ufeff")), delimiter=";"))
    assert len(table) > 100
    for row in table:
        for cell in row:
            is_number = cell.startswith("+") and cell[1:].replace(" ", "").isdecimal()
            assert is_number or not cell.startswith(ACTS), cell
    desk = await service.signed_in(OPERATOR)
    shown = await desk.http.get(PEOPLE)
    for secret in await secrets_of_the_other(service):
        assert secret not in shown.text


def test_titles_and_names_in_a_calendar() -> None:
    entry = Entry(
        id="0" * 32, sequence=0, title="x", details="y", begins=NOW, ends=NOW, changed=NOW
    )
    notice = Notice(
        id="n", client_id="c", appointment_id="0" * 32, channel="email",
        recipient="zoe@example.fr", occasion="booked", sequence=0, begins_at=NOW, ends_at=NOW,
        approved_by="o", approved_by_name="n", created_at=NOW, state="waiting", attempts=0,
        claim=None, last_error=None, delivered_at=None,
    )  # fmt: skip
    plain = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS"}
    for attack in (*(one.text for one in attacks()), 'a"b', "a\r\nATTENDEE:mailto:x@example.fr"):
        event = _only_event(stored(replace(entry, title=attack, details=attack)))
        assert set(event) == plain | {"LAST-MODIFIED", "DESCRIPTION", "TRANSP"}, attack
        _, written = invitation(
            notice,
            title=one_line(attack),
            organiser="messages@example.fr",
            organiser_name=one_line(attack),
        )
        event = _only_event(written)
        assert set(event) == plain | {"ORGANIZER", "ATTENDEE"}, attack
        assert event["ATTENDEE"] == "mailto:zoe@example.fr"
        assert event["ORGANIZER"] == "mailto:messages@example.fr"


def _only_event(written: bytes):  # type: ignore[no-untyped-def]
    calendar = Calendar.from_ical(written)
    (event,) = calendar.walk("VEVENT")
    assert [one.name for one in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    return event


async def test_an_exercise(service: Running) -> None:
    supervisor = await service.signed_in(SUPERVISOR)
    desk = await service.signed_in(OPERATOR)
    before = await everything_that_stays(service)
    texts = [attack.text.replace("\x00", " ") for attack in attacks()]
    made = []
    for at in range(0, len(texts), 20):
        some = [text[:500] for text in texts[at : at + 20]]
        exercise = {
            "client_id": "demo-delorme", "title": some[0][:150],
            "lines": [{"speaker": "caller", "text": text, "pause_s": 0.5} for text in some],
            "expected": {"reason": some[1]}, "points": [one[:200] for one in some[2:4]],
            "target_s": 60,
        }  # fmt: skip
        answer = await supervisor.http.post("/api/training/exercises", json=exercise)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    run = await desk.http.post("/api/training/runs", json={"exercise_id": made[0]})
    assert run.status_code == 201, run.text
    sent = {"fields": {"reason": texts[5][:300]}, "ticked": []}
    scored = await desk.http.post(f"/api/training/runs/{run.json()['id']}/message", json=sent)
    assert scored.status_code in (200, 409), scored.text
    assert await everything_that_stays(service) == before
    for secret in await secrets_of_the_other(service):
        assert secret not in run.text + scored.text
    assert list(service.house.board.calls()) == []
