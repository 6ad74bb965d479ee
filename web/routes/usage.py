"""What is agreed with clients, and their months in money."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from copilot.accounts import SignedIn
from copilot.quality.rules import tidy
from copilot.reporting.papers import statement_paper
from copilot.reporting.statement import Statement
from copilot.reporting.tariff import read_tariff, tariff_values
from copilot.store.audit import Act
from copilot.store.records.clients import Client
from copilot.timing import zone_of
from web import reportschemas as shapes
from web.access import ClientReader, Overseer, note, only, own_scope
from web.filing import file_of
from web.house import InHouse

router = APIRouter(prefix="/api", tags=["usage"])

Month = Annotated[str, Path(pattern=shapes.MONTH)]
ClientManager = Annotated[SignedIn, Depends(only("client"))]


@router.get("/clients/{client_id}/agreement")
async def agreement(client_id: str, _: Overseer, house: InHouse) -> shapes.AgreementView:
    """The seconds to answer, the words that alert, the prices."""
    return _agreement(await house.store.for_client(client_id).client())


@router.put("/clients/{client_id}/agreement")
async def agree(
    client_id: str, given: shapes.AgreementView, person: Overseer, house: InHouse
) -> shapes.AgreementView:
    """Change them whole; audited. Closed months stay as they were."""
    scope = house.store.for_client(client_id)
    settings = (await scope.client()).settings
    changed = replace(
        settings,
        answer_within_s=given.answer_within_s,
        alert_words=tidy(given.alert_words),
        tariff=read_tariff(given.tariff.model_dump()),
    )
    act = Act(
        actor=person.actor,
        action="client.agreement",
        at=house.journal.now(),
        client_id=client_id,
        subject=client_id,
        detail={
            "answer_within_s": [settings.answer_within_s, changed.answer_within_s],
            "tariff": [tariff_values(settings.tariff), tariff_values(changed.tariff)],
        },
    )
    await scope.save_settings(changed, before=settings, act=act)
    await house.alerts.read_rules()
    return _agreement(await scope.client())


@router.get("/usage")
async def usage(
    _: Overseer, house: InHouse, month: Annotated[str, Query(pattern=shapes.MONTH)]
) -> list[shapes.StatementView]:
    """Every client's month, by name."""
    return [
        _view(await house.store.for_client(client.id).month_usage(month))
        for client in await house.store.provider.clients()
    ]


@router.get("/clients/{client_id}/statements/{month}")
async def month_of_client(
    client_id: str, month: Month, _: Overseer, house: InHouse
) -> shapes.StatementView:
    """A client's month, as closed or as it stands."""
    return _view(await house.store.for_client(client_id).month_usage(month))


@router.get("/clients/{client_id}/statements/{month}/file", response_class=Response)
async def month_file(
    client_id: str,
    month: Month,
    person: Overseer,
    house: InHouse,
    kind: shapes.FileFormat = "pdf",
) -> Response:
    """The same as a file, in the reader's language; audited."""
    scope = house.store.for_client(client_id)
    found = await scope.month_usage(month)
    zone = zone_of((await scope.client()).settings.time_zone)
    paper = statement_paper(found, zone=zone, language=person.user.language)
    await note(house, person, "usage.exported", client_id=client_id, subject=month)
    return await file_of(paper, kind, "releve", found.client_name, month)


@router.post("/clients/{client_id}/statements/{month}/close")
async def close_month(
    client_id: str, month: Month, person: Overseer, house: InHouse
) -> shapes.StatementView:
    """Close a month that is over: it never changes again."""
    scope = house.store.for_client(client_id)
    closed = await scope.close_month(month, actor=person.actor, at=house.journal.now())
    return _view(closed)


@router.put("/messages/{message_id}/served", status_code=204)
async def served(
    message_id: str, given: shapes.Served, person: ClientManager, house: InHouse
) -> None:
    """Whether the client was well served: its own answer, which reports count."""
    scope = own_scope(house, person)
    await scope.mark_served(
        message_id, given.well_served, actor=person.actor, at=house.journal.now()
    )


@router.get("/portal/served")
async def served_messages(person: ClientReader, house: InHouse) -> dict[str, bool]:
    """The client's answers of the last messages, by message."""
    return await own_scope(house, person).served()


def _agreement(client: Client) -> shapes.AgreementView:
    settings = client.settings
    return shapes.AgreementView(
        answer_within_s=settings.answer_within_s,
        alert_words=list(settings.alert_words),
        tariff=shapes.TariffView(**tariff_values(settings.tariff)),
    )


def _view(found: Statement) -> shapes.StatementView:
    return shapes.StatementView(
        client_id=found.client_id,
        client_name=found.client_name,
        month=found.month,
        monthly=str(found.monthly),
        lines=[
            shapes.StatementLine(
                item=line.item,
                quantity=f"{line.quantity:f}",
                included=line.included,
                billed=f"{line.billed:f}",
                price=str(line.price),
                amount=str(line.amount),
            )
            for line in found.lines
        ],
        net=str(found.net),
        tax=str(found.tax),
        gross=str(found.gross),
        tax_percent=str(found.tax_percent),
        currency=found.currency,
        step_s=found.step_s,
        closed_at=found.closed_at,
        closed_by_name=found.closed_by_name,
    )
