"""Google's and Microsoft's calendar services on loopback, by their published contracts.

Google Calendar API v3 (events: list, insert, get, patch, delete; calendarList) and Microsoft Graph
v1.0 (calendarView, events with extended properties); tokens by RFC 6749 and RFC 7523. Each can be
told to refuse the next requests as the services do.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from copilot.agenda.accounts import Providers
from tests.servers import served


@dataclass(kw_only=True)
class Service:
    """What either has: tokens, events, and refusals to come."""

    url: str
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=lambda: {"refresh-1"})
    rotates: bool = False
    refusals: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """Given to the next requests with a token: status, headers, body."""
    lost: int = 0
    """Answers of writes that do not arrive: done, then a 502."""
    meanwhile: Callable[[Any], object] = lambda _: None
    """Done just before an event is made."""
    asked: list[str] = field(default_factory=list)
    granted: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Given out by the page of consent, with what it was asked."""
    declines: bool = False
    ticks: bool = True
    """Whether the calendars are ticked on that page."""
    revoked: list[str] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def number(self) -> int:
        return next(self._numbers)

    async def consent(self, request: Request) -> Response:
        """The page, where somebody consents at once (RFC 6749 section 4.1.1)."""
        asked = dict(request.query_params)
        if self.declines:
            answer = {"error": "access_denied"}
        else:
            code = f"code-{self.number()}"
            self.codes[code] = asked
            answer = {"code": code}
        back = urlencode({**answer, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    async def revocation(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        self.revoked.append(form["token"][0])
        self.refresh_tokens.discard(form["token"][0])
        return JSONResponse({})

    def exchanged(self, form: dict[str, str]) -> dict[str, str] | None:
        """For a code: what goes with the token (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = all(asked[name] == form[name] for name in ("client_id", "redirect_uri"))
        if not known or challenge != asked["code_challenge"]:
            return None
        refresh = f"refresh-{self.number()}"
        self.refresh_tokens.add(refresh)
        return {"refresh_token": refresh, "scope": asked["scope"] if self.ticks else "openid"}

    async def token(self, request: Request) -> Response:
        form = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
        self.granted.append(form)
        more: dict[str, str] = {}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
        elif form["grant_type"] == "authorization_code":
            if form["client_secret"] != "secret":
                return JSONResponse({"error": "invalid_client"}, status_code=401)
            if (given := self.exchanged(form)) is None:
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            more = given
        elif form["grant_type"] == "client_credentials":
            if form["client_secret"] != "secret":
                return JSONResponse({"error": "invalid_client"}, status_code=401)
        else:
            header, claims, signature = form["assertion"].split(".")
            assert json.loads(_decoded(header)) == {"alg": "RS256", "typ": "JWT"}
            assert json.loads(_decoded(claims))["aud"] == str(request.url) and signature
        token = f"access-{self.number()}"
        self.tokens.add(token)
        answer: dict[str, Any] = {
            "access_token": token, "expires_in": 3599, "token_type": "Bearer", **more,
        }  # fmt: skip
        if self.rotates:
            self.refresh_tokens = {f"refresh-{self.number()}"}
            answer["refresh_token"] = next(iter(self.refresh_tokens))
        return JSONResponse(answer)

    def refused(self, request: Request) -> Response | None:
        self.asked.append(f"{request.method} {unquote(request.url.path)}")
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"error": {"code": 401}}, status_code=401)
        if self.refusals:
            status, headers, body = self.refusals.pop(0)
            return JSONResponse(body, status_code=status, headers=headers)
        return None

    def lose(self, answer: Response) -> Response:
        if self.lost:
            self.lost -= 1
            return JSONResponse({}, status_code=502)
        return answer


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Google(Service):
    """API v3."""

    def app(self) -> Starlette:
        events = "/calendar/v3/calendars/{calendar}/events"
        return Starlette(
            routes=[
                Route("/consent", self.consent),
                Route("/token", self.token, methods=["POST"]),
                Route("/revoke", self.revocation, methods=["POST"]),
                Route("/calendar/v3/users/me/calendarList", self.calendar_list),
                Route(events, self.listed, methods=["GET"]),
                Route(events, self.inserted, methods=["POST"]),
                Route(events + "/{event}", self.one, methods=["GET", "PATCH", "DELETE"]),
            ]
        )

    def providers(self) -> Providers:
        return Providers(
            google_api=f"{self.url}/calendar/v3",
            google_tokens=f"{self.url}/token",
            google_consent=f"{self.url}/consent",
            google_revocation=f"{self.url}/revoke",
        )

    def book(self, begins: str, ends: str, **values: Any) -> str:
        """An event of the practice's own."""
        event_id = f"theirs{self.number()}"
        kind = "dateTime" if "T" in begins else "date"
        self.events[event_id] = {
            "id": event_id, "etag": f'"{self.number()}"', "status": "confirmed",
            "iCalUID": f"{event_id}@google.com", "start": {kind: begins}, "end": {kind: ends},
            **values,
        }  # fmt: skip
        return event_id

    async def calendar_list(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        if "pageToken" not in request.query_params:
            item = {"id": "vasseur@example.fr", "summary": "Dr Vasseur", "accessRole": "owner"}
            return JSONResponse({"items": [item], "nextPageToken": "2"})
        item = {"id": "leroy@example.fr", "summary": "Dr Leroy", "accessRole": "reader"}
        return JSONResponse({"items": [item]})

    async def listed(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        query = request.query_params
        assert query["singleEvents"] == "true"
        first, last = (datetime.fromisoformat(query[name]) for name in ("timeMin", "timeMax"))
        found = [
            event for event in self.events.values()
            if _google_moment(event["start"]) < last and _google_moment(event["end"]) > first
        ]  # fmt: skip
        at = int(query.get("pageToken", "0"))
        more = {"nextPageToken": str(at + 2)} if len(found) > at + 2 else {}
        return JSONResponse({"items": found[at : at + 2], **more})

    async def inserted(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        body = await request.json()
        assert re.fullmatch(r"[0-9a-v]{5,1024}", body["id"])
        assert "iCalUID" not in body  # "only one of them should be supplied at creation"
        if body["id"] in self.events:
            return JSONResponse({"error": {"code": 409}}, status_code=409)
        self.meanwhile(self)
        self.events[body["id"]] = {**body, "etag": f'"{self.number()}"', "status": "confirmed"}
        return self.lose(JSONResponse(self.events[body["id"]]))

    async def one(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        event_id = request.path_params["event"]
        event = self.events.get(event_id)
        if event is None:
            return JSONResponse({"error": {"code": 404}}, status_code=404)
        wanted = request.headers.get("if-match")
        if wanted is not None and wanted != event["etag"]:
            return JSONResponse({"error": {"code": 412}}, status_code=412)
        if request.method == "DELETE":
            del self.events[event_id]
            return Response(status_code=204)
        if request.method == "PATCH":
            event |= {**await request.json(), "etag": f'"{self.number()}"'}
        return JSONResponse(event)


def _google_moment(value: dict[str, str]) -> datetime:
    if "dateTime" in value:
        return datetime.fromisoformat(value["dateTime"])
    return datetime.fromisoformat(value["date"]).replace(tzinfo=UTC)


class Microsoft(Service):
    """Graph v1.0."""

    def app(self) -> Starlette:
        mailbox = "/v1.0/users/{mailbox}"
        calendar = mailbox + "/calendars/{calendar}"
        return Starlette(
            routes=[
                Route("/{tenant}/oauth2/v2.0/authorize", self.consent),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/v1.0/me/calendars", self.calendar_list),
                Route("/v1.0/me/calendars/{calendar}/calendarView", self.view),
                Route(mailbox + "/calendars", self.calendar_list),
                Route(calendar + "/calendarView", self.view),
                Route(calendar + "/events", self.found, methods=["GET"]),
                Route(calendar + "/events", self.created, methods=["POST"]),
                Route(mailbox + "/events/{event}", self.one, methods=["PATCH", "DELETE"]),
            ]
        )

    def providers(self) -> Providers:
        return Providers(
            microsoft_api=f"{self.url}/v1.0",
            microsoft_tokens=self.url + "/{tenant}/oauth2/v2.0/token",
            microsoft_consent=self.url + "/{tenant}/oauth2/v2.0/authorize",
        )

    def book(self, begins: str, ends: str, **values: Any) -> str:
        """An event of the practice's own."""
        event_id = f"AAMk{self.number()}="
        self.events[event_id] = {
            "id": event_id, "@odata.etag": f'W/"{self.number()}"', "showAs": "busy",
            "isCancelled": False, "start": {"dateTime": begins + ".0000000", "timeZone": "UTC"},
            "end": {"dateTime": ends + ".0000000", "timeZone": "UTC"}, **values,
        }  # fmt: skip
        return event_id

    async def calendar_list(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        item = {"id": "AAMkCal=", "name": "Calendrier", "canEdit": True}
        return JSONResponse({"value": [item]})

    async def view(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        assert request.headers["prefer"] == 'outlook.timezone="UTC"'
        query = request.query_params
        first, last = (
            datetime.fromisoformat(query[name]) for name in ("startDateTime", "endDateTime")
        )
        found = [
            event for event in self.events.values()
            if _graph_moment(event["start"]) < last and _graph_moment(event["end"]) > first
        ]  # fmt: skip
        skip = int(query.get("$skip", "0"))
        answer: dict[str, Any] = {"value": found[skip : skip + 2]}
        if len(found) > skip + 2:
            further = request.url.include_query_params(**{"$skip": skip + 2})
            answer["@odata.nextLink"] = str(further)
        return JSONResponse(answer)

    async def found(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        wanted = re.search(r"ep/value eq '(\w+)'", request.query_params["$filter"])
        assert wanted is not None
        ours = [event for event in self.events.values() if _ours(event) == wanted[1]]
        return JSONResponse({"value": ours[:1]})

    async def created(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        body = await request.json()
        event_id = f"AAMk{self.number()}="
        self.events[event_id] = {
            **body, "id": event_id, "@odata.etag": f'W/"{self.number()}"', "isCancelled": False
        }  # fmt: skip
        return self.lose(JSONResponse(self.events[event_id], status_code=201))

    async def one(self, request: Request) -> Response:
        if refused := self.refused(request):
            return refused
        event_id = request.path_params["event"]
        event = self.events.get(event_id)
        if event is None:
            return JSONResponse({"error": {"code": "ErrorItemNotFound"}}, status_code=404)
        wanted = request.headers.get("if-match")
        if wanted is not None and wanted != event["@odata.etag"]:
            return JSONResponse({"error": {"code": "ErrorIrresolvableConflict"}}, status_code=412)
        if request.method == "DELETE":
            del self.events[event_id]
            return Response(status_code=204)
        event |= {**await request.json(), "@odata.etag": f'W/"{self.number()}"'}
        return JSONResponse(event)


def _ours(event: dict[str, Any]) -> str | None:
    properties = event.get("singleValueExtendedProperties") or [{}]
    value: str | None = properties[0].get("value")
    return value


def _graph_moment(value: dict[str, str]) -> datetime:
    return datetime.fromisoformat(value["dateTime"].partition(".")[0]).replace(tzinfo=UTC)


S = TypeVar("S", Google, Microsoft)


@asynccontextmanager
async def serving(kind: type[S]) -> AsyncIterator[S]:
    """The service, on a free port."""
    service = kind(url="")
    async with listening(service.app()) as service.url:
        yield service


@asynccontextmanager
async def listening(app: Starlette) -> AsyncIterator[str]:
    """An application on a free port; its address."""
    async with served(app, lifespan="off", log_level="error") as port:
        yield f"http://127.0.0.1:{port}"
