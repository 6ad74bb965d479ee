"""Appointments over HTTP, with a real CalDAV server behind: offered, booked, told, in the way."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import icalendar
import pytest

from copilot.store.records.calls import NewCall
from tests.agenda.servers import PASSWORD, USER, Radicale, radicale
from tests.web.running import CLIENT, DELORME_LINE, OPERATOR, Browser, Running, running

PARIS = ZoneInfo("Europe/Paris")
ID = "demo-delorme"
CALL = "call-1"
WEEK = {
    "week": [[{"from_time": "09:00", "until_time": "12:00"}]] * 7, "holidays": "open",
    "special": [],
}  # fmt: skip
CLAIRE = {"name": "Claire Fontaine", "phone": "06 39 98 12 34", "email": "claire@example.fr"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale(tmp_path_factory.mktemp("radicale")) as one:
        yield one


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, agenda_networks="127.0.0.0/8") as one:
        scope = one.house.store.for_client(ID)
        now = one.house.journal.now()
        await scope.create_call(
            NewCall(id=CALL, dialled=DELORME_LINE, source="sip", ringing_at=now)
        )
        yield one


def rules(**values: Any) -> dict[str, Any]:
    return {
        "version": 0, "hours": WEEK, "notice_min": 0, "horizon_days": 30, "step_min": 30,
        "practitioners": [{"id": "vasseur", "name": "Dr Vasseur"}],
        "visits": [{"id": "bilan", "name": "Bilan", "duration_min": 30}], **values,
    }  # fmt: skip


async def connected(service: Running, server: Radicale, password: str = PASSWORD) -> str:
    """The client connects its calendar and has its practitioner in it; the account's id."""
    for line in server.request("PROPFIND", server.calendar, Depth="1").text.split("<href>")[1:]:
        if (path := line.partition("<")[0]).endswith(".ics"):
            server.request("DELETE", path)
    portal = await service.signed_in(CLIENT)
    access = {"address": server.url, "user": USER, "password": password}
    made = await portal.http.post(
        f"/api/clients/{ID}/calendars",
        json={"provider": "caldav", "name": "Cabinet", "access": access},
    )
    assert made.status_code == 201, made.text
    assert password not in made.text and made.json()["kept"] == ["password"]
    account: str = made.json()["id"]
    told = {"id": "vasseur", "name": "Dr Vasseur", "account": account, "calendar": server.calendar}
    saved = await portal.http.put(f"/api/clients/{ID}/agenda", json=rules(practitioners=[told]))
    assert saved.status_code == 200, saved.text
    return account


async def offered(desk: Browser, **query: Any) -> dict[str, Any]:
    answer = await desk.http.get(f"/api/clients/{ID}/slots", params={"visit_id": "bilan", **query})
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json())


async def taken(desk: Browser, slot: dict[str, Any], tell: list[dict[str, str]]) -> dict[str, Any]:
    """Hold and book; the appointment."""
    held = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={
            "call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
            "practitioner_id": slot["practitioner_id"],
        },
    )  # fmt: skip
    assert held.status_code == 201, held.text
    booked = await desk.http.post(
        f"/api/clients/{ID}/appointments/{held.json()['id']}/book",
        json={"person": CLAIRE, "tell": tell},
    )
    assert booked.status_code == 200, booked.text
    return cast("dict[str, Any]", booked.json())


async def settled(desk: Browser, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The call's appointment once it is as wanted."""
    async with asyncio.timeout(20):
        while True:
            (one,) = (await desk.http.get(f"/api/calls/{CALL}/appointments")).json()
            if wanted(one):
                return cast("dict[str, Any]", one)
            await asyncio.sleep(0.05)


def letters(service: Running, tmp_path: Path) -> list[EmailMessage]:
    files = sorted((tmp_path / "mail").rglob("*.eml"), key=lambda path: path.stat().st_mtime)
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


async def test_a_time_is_booked_told_moved_and_cancelled(
    service: Running, server: Radicale, tmp_path: Path
) -> None:
    await connected(service, server)
    desk = await service.signed_in(OPERATOR)
    day = (datetime.now(PARIS) + timedelta(days=3)).date().isoformat()
    theirs = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=PARIS)
    server.put("prive", f"DTSTART;TZID=Europe/Paris:{theirs:%Y%m%dT%H%M%S}", "DURATION:PT1H")
    found = await offered(desk, when=f"{day}T10:00", limit=4)
    times = [datetime.fromisoformat(one["begins"]).astimezone(PARIS) for one in found["slots"]]
    assert [f"{at:%H:%M}" for at in times] == ["09:00", "09:30", "11:00", "11:30"]
    tell = [{"channel": "email", "recipient": "claire@example.fr"}]
    booked = await taken(desk, found["slots"][1], tell)
    assert (booked["state"], booked["when"]) == ("booked", f"{day}T09:30")
    draft = await service.house.reception.drafts.of(ID, CALL)
    assert {one.name: one.value for one in draft.fields() if one.value} == {
        "appointment_action": "prendre", "appointment_when": f"{day}T09:30",
    }  # fmt: skip
    done = (await desk.http.get(f"/api/calls/{CALL}/wrapup")).json()["actions"]
    assert [one["what"] for one in done if one["deed"] == "booked"] == ["Bilan, Dr Vasseur"]
    one = await settled(desk, lambda one: one["notices"][0]["state"] == "delivered")
    assert one["sync"] == "written"
    kept = server.request("GET", f"{server.calendar}{booked['id']}.ics").text
    assert "SUMMARY:Bilan – Claire Fontaine" in kept

    moved = await desk.http.post(
        f"/api/clients/{ID}/appointments/{booked['id']}/move",
        json={"begins": found["slots"][2]["begins"], "tell": tell, "call_id": CALL},
    )
    assert moved.status_code == 200, moved.text
    await settled(desk, lambda one: [n["state"] for n in one["notices"]] == ["delivered"] * 2)
    gone = await desk.http.post(
        f"/api/clients/{ID}/appointments/{booked['id']}/cancel", json={"tell": tell}
    )
    assert gone.json()["state"] == "cancelled"
    await settled(desk, lambda one: [n["state"] for n in one["notices"]] == ["delivered"] * 3)
    missing = server.request("GET", f"{server.calendar}{booked['id']}.ics")
    assert missing.status_code == 404

    said = []
    for letter in letters(service, tmp_path):
        (attached,) = [part for part in letter.walk() if part.get_filename() == "rendez-vous.ics"]
        invitation = icalendar.Calendar.from_ical(attached.get_content())
        (event,) = invitation.walk("VEVENT")
        assert str(event["UID"]).startswith(booked["id"])
        said.append((str(invitation["METHOD"]), str(event["SEQUENCE"])))
        assert letter["To"] == "claire@example.fr" and "Plomberie Delorme" in letter["From"]
    assert said == [("REQUEST", "0"), ("REQUEST", "1"), ("CANCEL", "2")]
    actions = {entry.act.action for entry in await service.house.store.audit.entries(limit=50)}
    assert {"appointment.booked", "appointment.moved", "appointment.cancelled"} <= actions


async def test_what_the_practice_entered_meanwhile_is_a_conflict_and_nobody_is_told(
    service: Running, server: Radicale, tmp_path: Path
) -> None:
    await connected(service, server)
    desk = await service.signed_in(OPERATOR)
    slot = (await offered(desk))["slots"][0]
    held = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"},
    )  # fmt: skip
    begins = datetime.fromisoformat(slot["begins"])
    server.put("entretemps", f"DTSTART:{begins:%Y%m%dT%H%M%SZ}", "DURATION:PT15M")
    path = f"/api/clients/{ID}/appointments/{held.json()['id']}"
    tell = [{"channel": "email", "recipient": "claire@example.fr"}]
    await desk.http.post(f"{path}/book", json={"person": CLAIRE, "tell": tell})
    one = await settled(desk, lambda one: one["sync"] != "pending")
    assert (one["sync"], one["fault"]) == ("conflict", "calendar_conflict")
    assert letters(service, tmp_path) == [] and one["notices"][0]["state"] == "pending"
    portal = await service.signed_in(CLIENT)
    for who in (desk, portal):  # whoever booked it is in another call by now
        (found,) = (await who.http.get("/api/appointments/stuck")).json()
        assert found["time_zone"] == "Europe/Paris"
        assert found["appointment"]["id"] == one["id"] and found["client_name"]
    assert (await desk.http.post(f"{path}/insist")).json()["sync"] == "pending"
    one = await settled(desk, lambda one: one["notices"][0]["state"] == "delivered")
    assert one["sync"] == "written"
    assert (await portal.http.get("/api/appointments/stuck")).json() == []


async def test_an_access_that_expired_is_said_and_mended(
    service: Running, server: Radicale
) -> None:
    account = await connected(service, server)
    desk, portal = await service.signed_in(OPERATOR), await service.signed_in(CLIENT)
    slot = (await offered(desk))["slots"][0]
    path = f"/api/clients/{ID}/calendars/{account}"
    broken = {"provider": "caldav", "name": "Cabinet", "access": {
        "address": server.url, "user": USER, "password": "perimé"}}  # fmt: skip
    assert (await portal.http.put(path, json=broken)).status_code == 200
    assert (await portal.http.post(f"{path}/trial")).json() == {
        "fault": "calendar_expired", "calendars": [],
    }  # fmt: skip
    found = await offered(desk)
    assert found == {
        "slots": [], "faults": [{"practitioner": "Dr Vasseur", "code": "calendar_expired"}],
    }  # fmt: skip
    refused = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"},
        headers={"Accept-Language": "fr"},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (409, "calendar_closed")
    assert "rien n'est réservé" in refused.json()["message"]
    (shown,) = (await portal.http.get(f"/api/clients/{ID}/agenda")).json()["accounts"]
    assert shown["fault"] == "calendar_expired"
    # Only the name changes: the secret stays as it is; then the right one is typed.
    renamed = {**broken, "name": "Ailleurs", "access": {"address": server.url, "user": USER}}
    assert (await portal.http.put(path, json=renamed)).json()["name"] == "Ailleurs"
    mended = {**broken, "access": {**broken["access"], "password": PASSWORD}}  # type: ignore[dict-item]
    assert (await portal.http.put(path, json=mended)).status_code == 200
    assert len((await portal.http.post(f"{path}/trial")).json()["calendars"]) == 2
    assert (await offered(desk))["slots"]
    assert (await portal.http.delete(path)).status_code == 409


async def test_what_could_not_be_written_is_written_once_the_access_is_mended(
    service: Running, server: Radicale
) -> None:
    account = await connected(service, server)
    desk, portal = await service.signed_in(OPERATOR), await service.signed_in(CLIENT)
    slot = (await offered(desk))["slots"][0]
    held = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"},
    )  # fmt: skip
    path = f"/api/clients/{ID}/calendars/{account}"
    access = {"address": server.url, "user": USER, "password": "perimé"}
    edit = {"provider": "caldav", "name": "Cabinet", "access": access}
    await portal.http.put(path, json=edit)
    await desk.http.post(
        f"/api/clients/{ID}/appointments/{held.json()['id']}/book", json={"person": CLAIRE}
    )
    one = await settled(desk, lambda one: one["sync"] == "failed")
    assert one["fault"] == "calendar_expired" and one["state"] == "booked"
    await portal.http.put(path, json={**edit, "access": {**access, "password": PASSWORD}})
    await settled(desk, lambda one: one["sync"] == "written")


async def test_bad_rules_name_the_field_and_change_nothing(service: Running) -> None:
    portal = await service.signed_in(CLIENT)
    path = f"/api/clients/{ID}/agenda"
    assert (await portal.http.put(path, json=rules())).status_code == 200
    bad = [
        rules(version=1, visits=[{"id": "v", "name": "v", "duration_min": 7}]),
        rules(version=1, practitioners=[{"id": "v", "name": "v", "account": "theirs"}]),
    ]
    for edit, place in zip(bad, ("visits.0.duration_min", "practitioners.0.account"), strict=True):
        answer = await portal.http.put(path, json=edit)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_agenda")
        assert place in answer.json()["message"]
    stale = await portal.http.put(path, json=rules())
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert (await portal.http.get(path)).json()["version"] == 1


async def test_a_name_of_blanks_is_none_and_no_list_breaks(service: Running) -> None:
    portal, desk = await service.signed_in(CLIENT), await service.signed_in(OPERATOR)
    assert (await portal.http.put(f"/api/clients/{ID}/agenda", json=rules())).status_code == 200
    slot = (await offered(desk))["slots"][0]
    wanted = {"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"}  # fmt: skip
    held = (await desk.http.post(f"/api/clients/{ID}/appointments", json=wanted)).json()
    path = f"/api/clients/{ID}/appointments/{held['id']}/book"
    blank = await desk.http.post(path, json={"person": {"name": "  "}, "tell": []})
    assert blank.status_code == 422
    assert (await desk.http.post(path, json={"person": CLAIRE, "tell": []})).status_code == 200
    assert len((await desk.http.get(f"/api/calls/{CALL}/appointments")).json()) == 1


async def test_a_confirmation_that_cannot_go_books_nothing(service: Running) -> None:
    portal, desk = await service.signed_in(CLIENT), await service.signed_in(OPERATOR)
    await portal.http.put(f"/api/clients/{ID}/agenda", json=rules())
    slot = (await offered(desk))["slots"][0]
    held = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"},
    )  # fmt: skip
    path = f"/api/clients/{ID}/appointments/{held.json()['id']}"
    for tell in ({"channel": "sms", "recipient": "+33639981234"},
                 {"channel": "email", "recipient": "claire@@example"}):  # fmt: skip
        answer = await desk.http.post(f"{path}/book", json={"person": CLAIRE, "tell": [tell]})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_notice")
    again = await desk.http.post(
        f"/api/clients/{ID}/appointments",
        json={"call_id": CALL, "visit_id": "bilan", "begins": slot["begins"],
              "practitioner_id": "vasseur"},
    )  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (409, "slot_not_free")
    assert (await desk.http.delete(f"{path}/hold")).status_code == 204
    assert (await offered(desk))["slots"][0] == slot
    late = await desk.http.post(f"{path}/book", json={"person": CLAIRE})
    assert (late.status_code, late.json()["code"]) == (409, "hold_over")
