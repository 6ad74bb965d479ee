"""A client's calls and messages as files, as its page filters them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from copilot.reporting.documents import MOST_ROWS
from copilot.reporting.papers import calls_paper, messages_paper
from copilot.reporting.period import Period
from copilot.store.records.messages import Message
from copilot.timing import zone_of
from knowledge.wording import plain
from web import reportschemas as shapes
from web.access import ClientReader, note, own_scope
from web.filing import file_of
from web.house import InHouse

router = APIRouter(prefix="/api/portal", tags=["portal"])

Asked = Annotated[str, Query(max_length=200)]
Filter = Literal["all", "unread", "read", "urgent"]
FEWEST_DIGITS = 3


@router.get("/calls/file", response_class=Response)
async def calls_file(
    person: ClientReader,
    house: InHouse,
    first: date,
    last: date,
    q: Asked = "",
    kind: shapes.FileFormat = "csv",
) -> Response:
    """Calls of a period; with `q`, those in which these words were said. Audited."""
    scope = own_scope(house, person)
    client = await scope.client()
    period = Period(first=first, last=last, zone=zone_of(client.settings.time_zone))
    found = await scope.calls_of_period(period, plain(q).split(), limit=MOST_ROWS + 1)
    paper = calls_paper(
        found, whose=client.name, period=period, asked=q, language=person.user.language
    )
    await note(house, person, "calls.exported", client_id=client.id)
    return await file_of(paper, kind, "appels", client.name, f"{first}", f"{last}")


@router.get("/messages/file", response_class=Response)
async def messages_file(
    person: ClientReader,
    house: InHouse,
    first: date,
    last: date,
    q: Asked = "",
    only: Filter = "all",
    kind: shapes.FileFormat = "csv",
) -> Response:
    """Messages of a period, filtered as the page filters them. Audited."""
    scope = own_scope(house, person)
    client = await scope.client()
    period = Period(first=first, last=last, zone=zone_of(client.settings.time_zone))
    found = [
        one
        for one in await scope.messages_of_period(period, limit=MOST_ROWS + 1)
        if passes(one, only) and matches(one, q)
    ]
    paper = messages_paper(
        found, whose=client.name, period=period, asked=q, language=person.user.language
    )
    await note(house, person, "messages.exported", client_id=client.id)
    return await file_of(paper, kind, "messages", client.name, f"{first}", f"{last}")


def passes(message: Message, only: Filter) -> bool:
    """Whether a message is among those that the page shows under this filter."""
    if only == "urgent":
        return message.urgency != "normal"
    read = message.acknowledged_at is not None
    return only == "all" or read == (only == "read")


def matches(message: Message, asked: str) -> bool:
    """Whether it has what was asked for in any of its fields, or these digits in its number."""
    wanted = plain(asked.strip())
    if not wanted:
        return True
    values = [value for value in message.fields.values() if value]
    if wanted in plain(" ".join([*values, message.note])):
        return True
    digits = re.sub(r"\D", "", asked)
    phone = re.sub(r"\D", "", message.fields.get("phone") or "")
    national = f"0{phone[2:]}" if phone.startswith("33") else phone
    return len(digits) >= FEWEST_DIGITS and (digits in phone or digits in national)
