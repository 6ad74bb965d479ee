"""Calendars of a CalDAV server (RFC 4791): Nextcloud, SOGo, Radicale, Zimbra, iCloud, ...

Every write is conditional (RFC 7232): a new entry only where there is none (If-None-Match), a
change only to what we left there (If-Match).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import httpx

from copilot.agenda.calendar import (
    CalendarName,
    ChangedError,
    Entry,
    MissingError,
    Place,
    RefusedError,
    UnreachableError,
    Unread,
    logged,
)
from copilot.agenda.icalendars import stored
from copilot.agenda.reaching import Answer, Reach, ask
from copilot.agenda.recurring import UnreadableCalendarError, busy_times, parsed
from copilot.agenda.slots import Busy

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
XML = {"Content-Type": "application/xml; charset=utf-8"}
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 307, 308)

FIND = """<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>
<d:resourcetype/><d:displayname/><d:current-user-principal/><d:current-user-privilege-set/>
<c:calendar-home-set/><c:supported-calendar-component-set/>
</d:prop></d:propfind>"""

BETWEEN = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:prop><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
<c:time-range start="{begins:%Y%m%dT%H%M%SZ}" end="{ends:%Y%m%dT%H%M%SZ}"/>
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""


class CalDavAccount:
    """Access to a CalDAV server by user and password."""

    def __init__(
        self, reach: Reach, *, address: str, user: str, password: str, zone: ZoneInfo
    ) -> None:
        """`address`: of the server, of the user's home, or of one calendar. `zone`: of entries
        whose times name none."""
        self._http = reach.opened()
        self._address = address
        self._auth = httpx.BasicAuth(user, password)
        self._zone = zone

    async def calendars(self) -> Sequence[CalendarName]:
        """Found from the address on (RFC 6764, RFC 4791 section 6.2.1). Raises `CalendarError`."""
        here = await self._here()
        own = [one for one in here if one.calendar]
        if own:
            return [one.named() for one in own]
        homes = [home for one in here for home in one.homes]
        for principal in [one.principal for one in here if one.principal and not homes]:
            homes = [home for one in await self.find(principal, depth=0) for home in one.homes]
        found: list[CalendarName] = []
        for home in homes:
            found += [one.named() for one in await self.find(home, depth=1) if one.calendar]
        if not found:
            raise MissingError("no calendar at this address")
        return found

    async def _here(self) -> list[_Resource]:
        """What the address says; a whole server's says it at a place of its own (RFC 6764
        section 5), and may serve anything else itself."""
        if urlsplit(self._address).path in ("", "/"):
            try:
                known = urljoin(self._address, "/.well-known/caldav")
                return await self.find(known, depth=0)
            except (MissingError, RefusedError, UnreachableError):
                pass  # what the address itself says is what counts then
        return await self.find(self._address, depth=0)

    async def find(self, address: str, *, depth: int) -> list[_Resource]:
        answer = await self.ask("PROPFIND", address, content=FIND, headers={"Depth": str(depth)})
        return [_Resource(part, str(answer.url)) for part in _responses(answer)]

    def calendar(self, calendar_id: str) -> CalDavCalendar:
        return CalDavCalendar(self, calendar_id, self._zone)

    async def ask(
        self,
        method: str,
        address: str,
        *,
        content: str | bytes = b"",
        headers: dict[str, str] | None = None,
        takes: Sequence[int] = (),
    ) -> Answer:
        """One request with the password, which goes nowhere but over TLS or to the address given.

        Follows redirects with the same method. Raises `CalendarError`.
        """
        for _ in range(MOST_REDIRECTS + 1):
            own = urlsplit(address)[:2] == urlsplit(self._address)[:2]
            if not own and urlsplit(address).scheme != "https":
                raise RefusedError("the server leads to another place, in clear")
            answer = await ask(
                self._http,
                method,
                address,
                content=content,
                headers={**XML, **(headers or {})},
                auth=self._auth,
                takes=(*takes, *REDIRECTS),
            )
            if answer.status not in REDIRECTS:
                return answer
            address = urljoin(address, answer.headers.get("location", ""))
        raise UnreachableError("the server keeps sending elsewhere")

    async def close(self) -> None:
        await self._http.aclose()


class CalDavCalendar:
    """One collection."""

    def __init__(self, account: CalDavAccount, address: str, zone: ZoneInfo) -> None:
        self._account = account
        self._address = address if address.endswith("/") else f"{address}/"
        self._zone = zone

    async def busy(
        self, begins: datetime, ends: datetime, *, unread: Unread = logged
    ) -> Sequence[Busy]:
        begins, ends = begins.astimezone(UTC), ends.astimezone(UTC)
        answer = await self._account.ask(
            "REPORT",
            self._address,
            content=BETWEEN.format(begins=begins, ends=ends),
            headers={"Depth": "1"},
        )
        # Rules that repeat every few minutes take seconds to go through: no call waits for them.
        found, faults = await asyncio.to_thread(self._taken, answer, begins, ends)
        for why in faults:
            unread(why)
        return found

    def _taken(
        self, answer: Answer, begins: datetime, ends: datetime
    ) -> tuple[list[Busy], list[str]]:
        """What can be read, and why what cannot."""
        found: list[Busy] = []
        faults: list[str] = []
        for part in _responses(answer):
            for data in part.iter(f"{CAL}calendar-data"):
                try:
                    found += busy_times(parsed(data.text or ""), begins, ends, self._zone)
                except UnreadableCalendarError as error:
                    faults.append(str(error))
        return found, faults

    async def add(self, entry: Entry) -> Place:
        address = self._address_of(entry)
        answer = await self._put(address, entry, {"If-None-Match": "*"})
        if answer.status != 412:
            return await self._place(address, answer)
        if (there := await self.find(entry)) is None:
            raise ChangedError("another entry is there")
        return await self.change(entry, there)

    async def find(self, entry: Entry) -> Place | None:
        address = self._address_of(entry)
        there = await self._account.ask("GET", address, takes=(404, 410))
        if there.status >= 400 or entry.uid.encode() not in there.content:
            return None
        return await self._place(address, there)

    async def change(self, entry: Entry, place: Place, *, force: bool = False) -> Place:
        etag = place.etag
        if force:
            there = await self._account.ask("GET", place.id, takes=(404, 410))
            if there.status >= 400:
                return await self.add(entry)
            etag = there.headers.get("etag", etag)
        answer = await self._put(place.id, entry, {"If-Match": etag})
        if answer.status in (404, 410, 412):
            raise ChangedError(f"HTTP {answer.status}")
        return await self._place(place.id, answer)

    async def remove(self, place: Place, *, force: bool = False) -> None:
        headers = {} if force else {"If-Match": place.etag}
        answer = await self._account.ask("DELETE", place.id, headers=headers, takes=(404, 410, 412))
        if answer.status == 412:
            # Some servers answer so for what is gone.
            if (await self._account.ask("GET", place.id, takes=(404, 410))).status >= 400:
                return
            raise ChangedError("HTTP 412")

    def _address_of(self, entry: Entry) -> str:
        return urljoin(self._address, f"{entry.id}.ics")

    async def _put(self, address: str, entry: Entry, condition: dict[str, str]) -> Answer:
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        return await self._account.ask(
            "PUT", address, content=stored(entry), headers=headers, takes=(404, 410, 412)
        )

    async def _place(self, address: str, answer: Answer) -> Place:
        """Servers that change what they are given say no ETag (RFC 4791 section 5.3.4)."""
        if answer.status in (404, 410):
            raise MissingError(f"HTTP {answer.status}")
        etag = answer.headers.get("etag")
        if not etag:
            etag = (await self._account.ask("GET", address)).headers.get("etag", "")
        return Place(id=address, etag=etag)


class _Resource:
    """One answer of a PROPFIND."""

    def __init__(self, response: Element, base: str) -> None:
        self._response = response
        self._base = base

    def _inside(self, *path: str) -> Iterator[Element]:
        yield from self._response.iterfind(".//" + "/".join(path))

    def _links(self, name: str) -> list[str]:
        found = self._inside(name, f"{DAV}href")
        return [urljoin(self._base, one.text.strip()) for one in found if one.text]

    @property
    def address(self) -> str:
        href = str(self._response.findtext(f"{DAV}href") or "")
        return urljoin(self._base, href.strip())

    @property
    def principal(self) -> str | None:
        return next(iter(self._links(f"{DAV}current-user-principal")), None)

    @property
    def homes(self) -> list[str]:
        return self._links(f"{CAL}calendar-home-set")

    @property
    def calendar(self) -> bool:
        """A calendar, of events."""
        kind = next(self._inside(f"{DAV}resourcetype", f"{CAL}calendar"), None)
        parts = [one.get("name") for one in self._inside(f"{CAL}comp")]
        return kind is not None and (not parts or "VEVENT" in parts)

    @property
    def writable(self) -> bool:
        """By the privileges it says (RFC 3744); it may say none."""
        allowed = {
            child.tag for one in self._inside(f"{DAV}privilege") for child in one
        }  # fmt: skip
        writes = {f"{DAV}{name}" for name in ("all", "write", "write-content", "bind")}
        return not allowed or bool(allowed & writes)

    def named(self) -> CalendarName:
        name = next((one.text for one in self._inside(f"{DAV}displayname")), None)
        last = self.address.rstrip("/").rpartition("/")[2]
        return CalendarName(
            id=self.address, name=(name or "").strip() or last, writable=self.writable
        )


def _responses(answer: Answer) -> list[Element]:
    """Raises `UnreachableError` on what is no multi-status: some page on the way."""
    from defusedxml.common import DefusedXmlException
    from lxml import etree

    try:
        # Nothing outside the answer is read, nothing in it expands.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(answer.content, parser)
    except (etree.XMLSyntaxError, DefusedXmlException, ValueError) as error:
        raise UnreachableError("an answer that is no CalDAV") from error
    if root.tag != f"{DAV}multistatus":
        raise UnreachableError("an answer that is no CalDAV")
    return list(root.iterfind(f"{DAV}response"))
