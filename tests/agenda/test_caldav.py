"""A real CalDAV server: found, asked, written on conditions; and what is no CalDAV at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from copilot.agenda.caldav import CalDavAccount
from copilot.agenda.calendar import (
    CalendarError,
    ChangedError,
    Entry,
    ExpiredError,
    ForbiddenPlaceError,
    MissingError,
    Place,
    RefusedError,
    UnreachableError,
)
from copilot.agenda.reaching import Reach
from tests.agenda.examples import NOW, PARIS
from tests.agenda.published import listening
from tests.agenda.servers import LOOPBACK, PASSWORD, USER, Radicale, radicale
from tests.servers import free_port

HOUR = timedelta(hours=1)
ENTRY = Entry(
    id="0" * 31 + "1", sequence=0, title="Bilan – Claire Fontaine", details="06 39 98 12 34",
    begins=NOW, ends=NOW + HOUR, changed=NOW,
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@pytest.fixture
async def account(server: Radicale) -> AsyncIterator[CalDavAccount]:
    for one in server.request("PROPFIND", server.calendar, Depth="1").text.split("<href>")[1:]:
        path = one.partition("<")[0]
        if path.endswith(".ics"):
            server.request("DELETE", path)
    opened = CalDavAccount(LOOPBACK, address=server.url, user=USER, password=PASSWORD, zone=PARIS)
    yield opened
    await opened.close()


async def test_its_calendars_are_found_from_the_server_s_address(
    server: Radicale, account: CalDavAccount
) -> None:
    found = await account.calendars()
    assert {(one.name, one.writable) for one in found} == {("Dr Vasseur", True), ("Dr Leroy", True)}
    assert server.calendar in {one.id for one in found}
    direct = CalDavAccount(
        LOOPBACK, address=server.calendar, user=USER, password=PASSWORD, zone=PARIS
    )
    assert [one.id for one in await direct.calendars()] == [server.calendar]
    await direct.close()


def _multistatus(href: str, properties: str) -> Response:
    body = (
        '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response>'
        f"<d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
    )
    return Response(body, status_code=207, media_type="application/xml")


async def _cloud(request: Request) -> Response:
    """A server of other things, whose calendars are below /dav, as RFC 6764 has it."""
    calendar = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
    said = {
        "/dav/": "<d:current-user-principal><d:href>/dav/me/</d:href></d:current-user-principal>",
        "/dav/me/": "<c:calendar-home-set><d:href>/dav/cal/</d:href></c:calendar-home-set>",
        "/dav/cal/": f"{calendar}<d:displayname>Cabinet</d:displayname>",
    }
    path = request.url.path
    if path == "/.well-known/caldav":
        return Response(status_code=301, headers={"Location": "/dav/"})
    if path not in said:
        return Response("<html>", status_code=405)
    return _multistatus(path, said[path])


async def test_calendars_of_a_server_of_other_things_are_found_too() -> None:
    app = Starlette(routes=[Route("/{path:path}", _cloud, methods=["PROPFIND"])])
    async with listening(app) as url:
        account = CalDavAccount(LOOPBACK, address=url, user=USER, password="x", zone=PARIS)
        (found,) = await account.calendars()
        assert (found.name, found.id) == ("Cabinet", f"{url}/dav/cal/")
        await account.close()


async def test_the_password_goes_nowhere_else_in_clear(server: Radicale) -> None:
    async def elsewhere(_: Request) -> Response:
        return Response(status_code=302, headers={"Location": server.calendar})

    app = Starlette(routes=[Route("/{path:path}", elsewhere, methods=["PROPFIND"])])
    async with listening(app) as url:
        account = CalDavAccount(
            LOOPBACK, address=f"{url}/dav/", user=USER, password=PASSWORD, zone=PARIS
        )
        with pytest.raises(RefusedError):
            await account.calendars()
        await account.close()


async def test_an_entry_is_written_changed_and_taken_out(
    server: Radicale, account: CalDavAccount
) -> None:
    calendar = account.calendar(server.calendar)
    assert await calendar.find(ENTRY) is None
    place = await calendar.add(ENTRY)
    (busy,) = await calendar.busy(NOW, NOW + HOUR)
    assert (busy.begins, busy.ends, busy.uid) == (NOW, NOW + HOUR, ENTRY.uid)
    kept = server.request("GET", place.id).text
    assert "SUMMARY:Bilan – Claire Fontaine" in kept and "SEQUENCE:0" in kept
    moved = replace(ENTRY, sequence=1, begins=NOW + 2 * HOUR, ends=NOW + 3 * HOUR)
    place = await calendar.change(moved, place)
    assert await calendar.busy(NOW, NOW + HOUR) == []
    assert len(await calendar.busy(NOW + 2 * HOUR, NOW + 3 * HOUR)) == 1
    await calendar.remove(place)
    assert await calendar.busy(NOW, NOW + 9 * HOUR) == []
    await calendar.remove(place)  # gone is gone


async def test_a_try_whose_answer_was_lost_is_not_a_second_entry(
    server: Radicale, account: CalDavAccount
) -> None:
    calendar = account.calendar(server.calendar)
    await calendar.add(ENTRY)
    place = await calendar.add(replace(ENTRY, title="encore"))
    assert len(await calendar.busy(NOW, NOW + HOUR)) == 1
    assert (await calendar.find(ENTRY)) == place


async def test_what_the_practice_changed_is_not_written_over(
    server: Radicale, account: CalDavAccount
) -> None:
    calendar = account.calendar(server.calendar)
    place = await calendar.add(ENTRY)
    theirs = server.request("GET", place.id).text.replace("SUMMARY:Bilan", "SUMMARY:Changé")
    assert server.request("PUT", place.id, theirs).status_code in (201, 204)
    moved = replace(ENTRY, sequence=1)
    with pytest.raises(ChangedError):
        await calendar.change(moved, place)
    with pytest.raises(ChangedError):
        await calendar.remove(place)
    assert "Changé" in server.request("GET", place.id).text
    forced = await calendar.change(moved, place, force=True)
    assert "SUMMARY:Bilan" in server.request("GET", place.id).text
    server.request("DELETE", place.id)
    with pytest.raises(ChangedError):
        await calendar.change(moved, forced)
    await calendar.change(moved, forced, force=True)
    assert len(await calendar.busy(NOW, NOW + HOUR)) == 1


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        # Every weekday at 9 in Paris, but not on the 17th, and on the 18th at 15 instead.
        (("DTSTART;TZID=Europe/Paris:20260105T090000", "DURATION:PT30M",
          "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260401T000000Z",
          "EXDATE;TZID=Europe/Paris:20260317T090000"), ["16 08:00", "18 08:00", "19 08:00"]),
        # The whole of the 17th.
        (("DTSTART;VALUE=DATE:20260317",), ["16 23:00"]),
        (("DTSTART;VALUE=DATE:20260310", "RRULE:FREQ=WEEKLY;COUNT=3"), ["16 23:00"]),
        (("DTSTART:20260317T100000Z", "DTEND:20260317T110000Z", "TRANSP:TRANSPARENT"), []),
        (("DTSTART:20260317T100000Z", "DTEND:20260317T110000Z", "STATUS:CANCELLED"), []),
        # Without a zone: the client's.
        (("DTSTART:20260317T100000", "DTEND:20260317T110000"), ["17 09:00"]),
        (("DTSTART:20260301T100000Z", "DTEND:20260301T103000Z",
          "RDATE:20260318T100000Z,20260418T100000Z"), ["18 10:00"]),
    ],
)  # fmt: skip
async def test_the_practice_s_own_events_take_their_time(
    server: Radicale, account: CalDavAccount, lines: tuple[str, ...], taken: list[str]
) -> None:
    server.put("prive", *lines)
    found = await account.calendar(server.calendar).busy(NOW, NOW + timedelta(days=3.5))
    assert sorted(one.begins.strftime("%d %H:%M") for one in found) == taken


async def test_an_entry_that_cannot_be_read_hides_no_other() -> None:
    def entry(*lines: str) -> str:
        event = ("BEGIN:VEVENT", "UID:u", *lines, "END:VEVENT")
        body = "\r\n".join(("BEGIN:VCALENDAR", *event, "END:VCALENDAR"))
        return (
            "<d:response><d:href>/x.ics</d:href><d:propstat><d:prop>"
            f"<c:calendar-data>{body}</c:calendar-data></d:prop></d:propstat></d:response>"
        )

    async def report(_: Request) -> Response:
        parts = (
            entry("DTSTART:20260317T100000Z", "DTEND:demain"),
            entry("DTSTART:20260317T140000Z", "DTEND:20260317T150000Z"),
            entry("DTSTART:20260317T090000Z", "RRULE:FREQ=NEVER"),
        )
        head = '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        return Response(f"{head}{''.join(parts)}</d:multistatus>", 207)

    app = Starlette(routes=[Route("/c/", report, methods=["REPORT"])])
    async with listening(app) as url:
        account = CalDavAccount(
            LOOPBACK, address=f"{url}/c/", user=USER, password=PASSWORD, zone=PARIS
        )
        unread: list[str] = []
        found = await account.calendar(f"{url}/c/").busy(
            NOW, NOW + timedelta(days=4), unread=unread.append
        )
        await account.close()
    assert [one.begins.strftime("%d %H") for one in found] == ["17 14"]
    assert len(unread) == 2


async def test_one_occurrence_that_was_moved(server: Radicale, account: CalDavAccount) -> None:
    series = ("DTSTART;TZID=Europe/Paris:20260316T090000", "DURATION:PT1H",
              "RRULE:FREQ=DAILY;COUNT=3", "END:VEVENT", "BEGIN:VEVENT", "UID:serie",
              "DTSTAMP:20260101T000000Z", "RECURRENCE-ID;TZID=Europe/Paris:20260317T090000",
              "DTSTART;TZID=Europe/Paris:20260317T160000", "DURATION:PT1H")  # fmt: skip
    server.put("serie", *series)
    found = await account.calendar(server.calendar).busy(NOW, NOW + timedelta(days=4))
    assert sorted(one.begins.strftime("%d %H") for one in found) == ["16 08", "17 15", "18 08"]


async def test_a_weekly_meeting_keeps_its_hour_when_clocks_change(
    server: Radicale, account: CalDavAccount
) -> None:
    server.put(
        "hebdo", "DTSTART;TZID=Europe/Paris:20260323T090000", "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )  # fmt: skip
    begins = datetime(2026, 3, 22, tzinfo=UTC)
    found = await account.calendar(server.calendar).busy(begins, begins + timedelta(days=10))
    assert [one.begins.hour for one in found] == [8, 7]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"password": "autre"}, ExpiredError),
        ({"address": "http://127.0.0.1:{free}/"}, UnreachableError),
        ({"address": "http://nulle-part.invalid/"}, UnreachableError),
        ({"address": "{url}/personne/"}, CalendarError),
        ({"address": "{url}/.web/"}, CalendarError),
        ({"reach": Reach()}, ForbiddenPlaceError),
    ],
)
async def test_what_cannot_be_used_says_why(
    server: Radicale, change: dict[str, object], expected: type[CalendarError]
) -> None:
    values: dict[str, object] = {"address": server.url, "password": PASSWORD, **change}
    address = str(values["address"]).format(free=free_port(), url=server.url)
    reach = values.get("reach", LOOPBACK)
    assert isinstance(reach, Reach)
    account = CalDavAccount(
        reach, address=address, user=USER, password=str(values["password"]), zone=PARIS
    )
    with pytest.raises(expected):
        await account.calendars()
    await account.close()


async def test_a_calendar_that_is_gone(account: CalDavAccount, server: Radicale) -> None:
    calendar = account.calendar(f"{server.url}/{USER}/personne/")
    with pytest.raises(MissingError):
        await calendar.busy(NOW, NOW + HOUR)
    with pytest.raises(CalendarError):
        await calendar.add(ENTRY)
    await calendar.remove(Place(id=f"{server.url}/{USER}/personne/x.ics", etag='"x"'))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("1.1.1.1", True), ("127.0.0.1", False), ("10.0.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("::1", False), ("::ffff:127.0.0.1", False),
        ("fe80::1%eth0", False), ("100.64.0.1", False), ("0.0.0.0", False),
    ],
)  # fmt: skip
def test_only_the_open_internet_is_reached(address: str, allowed: bool) -> None:
    assert Reach().permits(address) is allowed
