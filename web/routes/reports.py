"""Reports: figures of a period, for a client, for the house, or of one's own calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from copilot.accounts import SignedIn
from copilot.reporting.figures import Figures, Scope
from copilot.reporting.papers import report_paper
from copilot.reporting.period import Period
from copilot.reporting.wording import word
from copilot.store.records.clients import Client
from copilot.store.reports import figures
from copilot.timing import zone_of
from web import reportschemas as shapes
from web.access import Operator, client_filter, note, only
from web.filing import file_of
from web.house import House, InHouse

router = APIRouter(prefix="/api/reports", tags=["reports"])

HOUSE_ZONE = "Europe/Paris"
"""Where days begin in a report over clients of several zones."""

Reader = Annotated[SignedIn, Depends(only("supervisor", "client", "reader"))]
Day = Annotated[date, Query()]


@router.get("")
async def report(
    person: Reader, house: InHouse, first: Day, last: Day, client_id: str | None = None
) -> shapes.ReportView:
    """Of one client, or of every client; both days included, in the client's time zone."""
    return await _view(house, *await _asked(house, person, first, last, client_id))


@router.get("/file", response_class=Response)
async def report_file(
    person: Reader,
    house: InHouse,
    first: Day,
    last: Day,
    client_id: str | None = None,
    kind: shapes.FileFormat = "pdf",
) -> Response:
    """The same as a file, in the reader's language; audited."""
    period, client = await _asked(house, person, first, last, client_id)
    found = await _figures(house, period, client)
    language = person.user.language
    whose = client.name if client else word("all_clients", language)
    paper = report_paper(found, period=period, whose=whose, language=language)
    await note(house, person, "report.exported", client_id=client.id if client else None)
    return await file_of(paper, kind, "rapport", whose, f"{first}", f"{last}")


@router.get("/own")
async def own(person: Operator, house: InHouse, first: Day, last: Day) -> shapes.ReportView:
    """An operator's own calls, and nobody else's."""
    period = Period(first=first, last=last, zone=ZoneInfo(HOUSE_ZONE))
    return await _view(house, period, None, operator_id=person.user.id)


async def _asked(
    house: House, person: SignedIn, first: date, last: date, client_id: str | None
) -> tuple[Period, Client | None]:
    """Raises NotFoundError, BadPeriodError."""
    wanted = client_filter(person, client_id)
    client = await house.store.for_client(wanted).client() if wanted else None
    zone = zone_of(client.settings.time_zone if client else HOUSE_ZONE)
    return Period(first=first, last=last, zone=zone), client


async def _figures(
    house: House, period: Period, client: Client | None, *, operator_id: str | None = None
) -> Figures:
    known = (client,) if client else await house.store.provider.clients()
    scope = Scope(
        client_id=client.id if client else None,
        operator_id=operator_id,
        within_s={one.id: one.settings.answer_within_s for one in known},
    )
    return await figures(house.store.database, period=period, scope=scope)


async def _view(
    house: House, period: Period, client: Client | None, *, operator_id: str | None = None
) -> shapes.ReportView:
    found = await _figures(house, period, client, operator_id=operator_id)
    totals, told = found.totals, found.messages
    return shapes.ReportView(
        first=period.first,
        last=period.last,
        zone=period.zone.key,
        client_id=client.id if client else None,
        client_name=client.name if client else None,
        answer_within_s=client.settings.answer_within_s if client else None,
        totals=shapes.TotalsView(
            **asdict(totals), answer_rate=totals.answer_rate, service_level=totals.service_level
        ),
        days=[shapes.ReportDay(**asdict(day)) for day in found.days],
        heat=[
            shapes.HeatView(weekday=weekday, hour=hour, calls=calls)
            for (weekday, hour), calls in sorted(found.heat.items())
        ],
        categories=_counts(told.categories),
        urgencies=_counts(told.urgencies),
        messages=told.messages,
        edit_rate=told.edit_rate,
        satisfaction=told.satisfaction,
        marked=told.marked,
        transcripts=found.copilot.calls,
        offered=found.copilot.offered,
        used=found.copilot.used,
    )


def _counts(counted: Mapping[str, int]) -> list[shapes.CountView]:
    """The most frequent first."""
    pairs = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [shapes.CountView(name=name, times=times) for name, times in pairs]
