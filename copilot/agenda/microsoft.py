"""Microsoft 365 calendars by Microsoft Graph v1.0. Writes are conditional on the ETag."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from copilot.agenda.calendar import (
    CalendarName,
    ChangedError,
    Entry,
    Place,
    UnreachableError,
    Unread,
    logged,
    uid_of,
)
from copilot.agenda.reaching import Answer
from copilot.agenda.slots import Busy
from copilot.agenda.tokens import Authorised

API = "https://graph.microsoft.com/v1.0"
TOKENS = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
CONSENT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"
SCOPE = "https://graph.microsoft.com/.default"
REFRESH_SCOPE = "offline_access https://graph.microsoft.com/Calendars.ReadWrite"
MAIL_SCOPE = "offline_access https://outlook.office.com/IMAP.AccessAsUser.All"
MOST_PAGES = 40
OURS = "String {6f2a2f9c-4f5e-4b57-9a53-8f1ce1c0a7d4} Name SouffleurAppointment"
"""A property of ours on each event: found again when an answer was lost."""
UTC_TIMES = {"Prefer": 'outlook.timezone="UTC"'}


class MicrosoftAccount:
    """A mailbox's calendars; without a mailbox, those of whoever consented."""

    def __init__(self, http: Authorised, *, mailbox: str, closing: Any, api: str = API) -> None:
        """`closing`: the client to be closed with it."""
        self._http = http
        self._closing = closing
        self._api = api
        self._who = f"/users/{quote(mailbox, safe='@')}" if mailbox else "/me"

    async def calendars(self) -> Sequence[CalendarName]:
        return [
            CalendarName(
                id=str(item["id"]),
                name=str(item.get("name") or item["id"]),
                writable=bool(item.get("canEdit", True)),
            )
            async for item in self.pages("/calendars", {})
        ]

    def calendar(self, calendar_id: str) -> MicrosoftCalendar:
        return MicrosoftCalendar(self, calendar_id)

    async def ask(self, method: str, path: str, **given: Any) -> Answer:
        """`path` of the mailbox, or a whole address of the service. Raises `CalendarError`."""
        url = path if path.startswith(self._api) else self._api + self._who + path
        return await self._http.ask(method, url, **given)

    async def pages(self, path: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, times in UTC."""
        answer = await self.ask("GET", path, params=query, headers=UTC_TIMES)
        for _ in range(MOST_PAGES):
            said = answer.json()
            for item in said.get("value", []):
                yield item
            further = said.get("@odata.nextLink")
            if not further:
                return
            if urlsplit(further)[:2] != urlsplit(self._api)[:2]:
                raise UnreachableError("the list goes on at another place")
            answer = await self.ask("GET", further, headers=UTC_TIMES)
        raise UnreachableError("a list without end")

    async def close(self) -> None:
        await self._closing.aclose()


class MicrosoftCalendar:
    """One calendar."""

    def __init__(self, account: MicrosoftAccount, calendar_id: str) -> None:
        self._account = account
        self._path = f"/calendars/{quote(calendar_id, safe='')}"

    async def busy(
        self, begins: datetime, ends: datetime, *, unread: Unread = logged
    ) -> Sequence[Busy]:
        query = {
            "startDateTime": begins.astimezone(UTC).isoformat(),
            "endDateTime": ends.astimezone(UTC).isoformat(),
            "$select": "id,start,end,showAs,isCancelled",
            "$expand": f"singleValueExtendedProperties($filter=id eq '{OURS}')",
            "$top": "250",
        }
        found: list[Busy] = []
        async for item in self._account.pages(f"{self._path}/calendarView", query):
            if item.get("isCancelled") or item.get("showAs") in ("free", "workingElsewhere"):
                continue
            try:
                begin, end = _moment(item["start"]), _moment(item["end"])
            except (KeyError, TypeError, ValueError) as error:
                unread(f"{type(error).__name__}: {error}")
                continue
            ours = [one.get("value") for one in item.get("singleValueExtendedProperties") or []]
            uid = uid_of(str(ours[0])) if ours else None
            found.append(Busy(begins=begin, ends=end, uid=uid))
        return found

    async def add(self, entry: Entry) -> Place:
        if (there := await self.find(entry)) is not None:
            return await self.change(entry, there)
        body = {
            **_body(entry),
            "transactionId": entry.id,
            "singleValueExtendedProperties": [{"id": OURS, "value": entry.id}],
        }
        return _place(await self._account.ask("POST", f"{self._path}/events", json=body))

    async def change(self, entry: Entry, place: Place, *, force: bool = False) -> Place:
        answer = await self._account.ask(
            "PATCH",
            f"/events/{quote(place.id, safe='')}",
            json=_body(entry),
            headers={} if force else {"If-Match": place.etag},
            takes=(404, 409, 412),
        )
        if answer.status == 404 and force:
            return await self.add(entry)
        if answer.status in (404, 409, 412):
            raise ChangedError(f"HTTP {answer.status}")
        return _place(answer)

    async def remove(self, place: Place, *, force: bool = False) -> None:
        answer = await self._account.ask(
            "DELETE",
            f"/events/{quote(place.id, safe='')}",
            headers={} if force else {"If-Match": place.etag},
            takes=(404, 410, 412),
        )
        if answer.status == 412:
            raise ChangedError("HTTP 412")

    async def find(self, entry: Entry) -> Place | None:
        which = (
            f"singleValueExtendedProperties/Any(ep: ep/id eq '{OURS}' and ep/value eq '{entry.id}')"
        )
        answer = await self._account.ask(
            "GET", f"{self._path}/events", params={"$filter": which, "$top": "1"}
        )
        for item in answer.json().get("value", []):
            return Place(id=str(item["id"]), etag=str(item["@odata.etag"]))
        return None


def _body(entry: Entry) -> dict[str, Any]:
    return {
        "subject": entry.title,
        "body": {"contentType": "text", "content": entry.details},
        "start": {"dateTime": _written(entry.begins), "timeZone": "UTC"},
        "end": {"dateTime": _written(entry.ends), "timeZone": "UTC"},
        "showAs": "busy",
    }


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _moment(value: dict[str, str]) -> datetime:
    """A local time in the zone asked for, UTC; seven decimals."""
    if value.get("timeZone", "UTC") != "UTC":
        raise ValueError(f"a time of {value['timeZone']}")
    return datetime.fromisoformat(value["dateTime"].partition(".")[0].rstrip("Z")).replace(
        tzinfo=UTC
    )


def _place(answer: Answer) -> Place:
    said = answer.json()
    try:
        return Place(id=str(said["id"]), etag=str(said["@odata.etag"]))
    except KeyError as error:
        raise UnreachableError("an answer without its entry") from error
