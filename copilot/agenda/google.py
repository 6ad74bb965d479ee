"""Google Calendar, API v3. Writes are conditional on the ETag; entries have an id of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from copilot.agenda.calendar import (
    CalendarName,
    ChangedError,
    Entry,
    Place,
    ThrottledError,
    UnreachableError,
    Unread,
    logged,
    uid_of,
)
from copilot.agenda.reaching import Answer, refusal, retry_after_s
from copilot.agenda.slots import Busy
from copilot.agenda.tokens import Authorised

API = "https://www.googleapis.com/calendar/v3"
TOKENS = "https://oauth2.googleapis.com/token"
CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
REVOCATION = "https://oauth2.googleapis.com/revoke"
SCOPE = "https://www.googleapis.com/auth/calendar"
MAIL_SCOPE = "https://mail.google.com/"
"""Google has none for reading alone over IMAP."""
MOST_PAGES = 40
RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


class GoogleAccount:
    """Somebody's Google calendars, or those shared with a service account."""

    def __init__(self, http: Authorised, *, zone: ZoneInfo, closing: Any, api: str = API) -> None:
        """`closing`: the client to be closed with it. `zone`: of whole days."""
        self._http = http
        self._closing = closing
        self._zone = zone
        self._api = api

    async def calendars(self) -> Sequence[CalendarName]:
        return [
            CalendarName(
                id=str(item["id"]),
                name=str(item.get("summaryOverride") or item.get("summary") or item["id"]),
                writable=item.get("accessRole") in ("owner", "writer"),
            )
            async for item in self.pages("/users/me/calendarList", {})
        ]

    def calendar(self, calendar_id: str) -> GoogleCalendar:
        return GoogleCalendar(self, calendar_id, self._zone)

    async def ask(
        self, method: str, path: str, *, takes: tuple[int, ...] = (), **given: Any
    ) -> Answer:
        """Raises `CalendarError`. Google says 403 for what others say 429."""
        answer = await self._http.ask(
            method, self._api + path, takes=(*takes, 403), **given
        )  # fmt: skip
        if answer.status == 403:
            errors = answer.json().get("error", {})
            reasons = {one.get("reason") for one in errors.get("errors", [])}
            if reasons & RATE:
                raise ThrottledError("HTTP 403", retry_after_s=retry_after_s(answer.headers))
            raise refusal(answer)
        return answer

    async def pages(self, path: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list."""
        more: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = (await self.ask("GET", path, params={**query, **more})).json()
            for item in answer.get("items", []):
                yield item
            if not (token := answer.get("nextPageToken")):
                return
            more = {"pageToken": token}
        raise UnreachableError("a list without end")

    async def close(self) -> None:
        await self._closing.aclose()


class GoogleCalendar:
    """One calendar."""

    def __init__(self, account: GoogleAccount, calendar_id: str, zone: ZoneInfo) -> None:
        self._account = account
        self._path = f"/calendars/{quote(calendar_id, safe='')}/events"
        self._zone = zone

    async def busy(
        self, begins: datetime, ends: datetime, *, unread: Unread = logged
    ) -> Sequence[Busy]:
        query = {
            "timeMin": begins.astimezone(UTC).isoformat(),
            "timeMax": ends.astimezone(UTC).isoformat(),
            "singleEvents": "true",
            "maxResults": "2500",
        }
        found: list[Busy] = []
        async for item in self._account.pages(self._path, query):
            if item.get("status") == "cancelled" or item.get("transparency") == "transparent":
                continue
            try:
                begin, end = self._moment(item["start"]), self._moment(item["end"])
            except (KeyError, TypeError, ValueError) as error:
                unread(f"{type(error).__name__}: {error}")
                continue
            found.append(Busy(begins=begin, ends=end, uid=uid_of(str(item.get("id", "")))))
        return found

    async def add(self, entry: Entry) -> Place:
        # Identifiers may be chosen: five characters or more of 0-9, a-v.
        body = {"id": entry.id, **_body(entry)}  # with an `id`, an `iCalUID` is refused
        answer = await self._account.ask(
            "POST", self._path, json=body, params={"sendUpdates": "none"}, takes=(409,)
        )
        if answer.status != 409:
            return _place(answer)
        if (there := await self.find(entry)) is None:
            raise ChangedError("another entry is there")
        return await self.change(entry, there)

    async def find(self, entry: Entry) -> Place | None:
        there = await self._account.ask("GET", f"{self._path}/{entry.id}", takes=(404, 410))
        return _place(there) if there.status == 200 else None

    async def change(self, entry: Entry, place: Place, *, force: bool = False) -> Place:
        condition = {} if force else {"If-Match": place.etag}
        answer = await self._account.ask(
            "PATCH",
            f"{self._path}/{quote(place.id, safe='')}",
            json={**_body(entry), "status": "confirmed"},
            params={"sendUpdates": "none"},
            headers=condition,
            takes=(404, 410, 412),
        )
        if answer.status in (404, 410) and force:
            return await self.add(entry)
        if answer.status in (404, 410, 412):
            raise ChangedError(f"HTTP {answer.status}")
        return _place(answer)

    async def remove(self, place: Place, *, force: bool = False) -> None:
        answer = await self._account.ask(
            "DELETE",
            f"{self._path}/{quote(place.id, safe='')}",
            params={"sendUpdates": "none"},
            headers={} if force else {"If-Match": place.etag},
            takes=(404, 410, 412),
        )
        if answer.status == 412:
            raise ChangedError("HTTP 412")

    def _moment(self, value: dict[str, str]) -> datetime:
        """`dateTime` with its offset, or the `date` of a whole day."""
        if text := value.get("dateTime"):
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        return datetime.fromisoformat(value["date"]).replace(tzinfo=self._zone).astimezone(UTC)


def _body(entry: Entry) -> dict[str, Any]:
    return {
        "summary": entry.title,
        "description": entry.details,
        "start": {"dateTime": entry.begins.astimezone(UTC).isoformat(), "timeZone": "UTC"},
        "end": {"dateTime": entry.ends.astimezone(UTC).isoformat(), "timeZone": "UTC"},
        "sequence": entry.sequence,
    }


def _place(answer: Answer) -> Place:
    said = answer.json()
    try:
        return Place(id=str(said["id"]), etag=str(said["etag"]))
    except KeyError as error:
        raise UnreachableError("an answer without its entry") from error
