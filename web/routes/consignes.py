"""Consignes: the client writes them, operators are shown those in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from copilot.consignes import greeting_of, shown_at
from copilot.store.records.consignes import Consigne
from copilot.store.records.identifiers import new_id
from knowledge.documents.reading import ImportingError
from web import knowledge_schemas as shapes
from web import knowledge_views as views
from web import schemas
from web.access import ConsignesReader, ConsignesWriter, Operator, own_scope
from web.house import InHouse
from web.localtime import aware, zone_of
from web.routes.knowledge import author

router = APIRouter(tags=["consignes"])


@router.get("/api/portal/consignes")
async def consignes(person: ConsignesReader, house: InHouse) -> list[schemas.ConsigneView]:
    """All of them, in the client's order."""
    scope = own_scope(house, person)
    zone = await zone_of(scope)
    return [views.consigne(record, zone) for record in await scope.consignes()]


@router.post("/api/portal/consignes", status_code=201)
async def create(
    given: shapes.ConsigneInput, person: ConsignesWriter, house: InHouse
) -> schemas.ConsigneView:
    """Add one."""
    scope = own_scope(house, person)
    zone = await zone_of(scope)
    consigne = Consigne(id=new_id(), **_fields(given.model_dump(), zone))
    _check(consigne)
    made = await scope.create_consigne(consigne, author=author(person), at=house.journal.now())
    return views.consigne(made, zone)


@router.get("/api/portal/consignes/at")
async def at(
    person: ConsignesReader, house: InHouse, moment: datetime | None = None
) -> shapes.ConsignesAt:
    """What operators see at a moment; a moment without offset is local."""
    scope = own_scope(house, person)
    client = await scope.client()
    zone = ZoneInfo(client.settings.time_zone)
    when = aware(moment, zone) if moment else house.journal.now()
    shown = shown_at(await scope.consignes(), when, zone)
    return shapes.ConsignesAt(
        at=when.astimezone(zone),
        greeting=greeting_of(shown, client.greeting),
        consignes=[views.consigne(record, zone) for record in shown.consignes],
        overruled=[views.consigne(record, zone) for record in shown.overruled],
    )


@router.get("/api/portal/consignes/versions")
async def versions(person: ConsignesReader, house: InHouse) -> list[shapes.VersionView]:
    """Newest first."""
    found = await own_scope(house, person).consigne_versions()
    return [views.version(record) for record in found]


@router.post("/api/portal/consignes/versions/{number}/undo")
async def undo(
    number: int, given: shapes.Undo, person: ConsignesWriter, house: InHouse
) -> shapes.VersionView:
    """Put back what was there before a version, as a new version."""
    made = await own_scope(house, person).undo_consignes(
        number, latest=given.latest, author=author(person), at=house.journal.now()
    )
    return views.version(made)


@router.patch("/api/portal/consignes/{consigne_id}")
async def edit(
    consigne_id: str, given: shapes.ConsigneEdit, person: ConsignesWriter, house: InHouse
) -> schemas.ConsigneView:
    """Change the fields given."""
    scope = own_scope(house, person)
    zone = await zone_of(scope)
    said = given.model_dump(exclude_unset=True, exclude={"version"})
    edits = _fields(said, zone)
    before = next((item for item in await scope.consignes() if item.id == consigne_id), None)
    if before is not None:
        known = {name: getattr(before, name) for name in Consigne.__dataclass_fields__}
        _check(Consigne(**{**known, **edits}))
    made = await scope.edit_consigne(
        consigne_id, edits, version=given.version, author=author(person), at=house.journal.now()
    )
    return views.consigne(made, zone)


@router.delete("/api/portal/consignes/{consigne_id}", status_code=204)
async def delete(consigne_id: str, version: int, person: ConsignesWriter, house: InHouse) -> None:
    """Take one away; can be undone."""
    await own_scope(house, person).delete_consigne(
        consigne_id, version=version, author=author(person), at=house.journal.now()
    )


@router.post("/api/clients/{client_id}/consignes/seen", status_code=204)
async def seen(
    client_id: str, given: shapes.ConsigneSeen, person: Operator, house: InHouse
) -> None:
    """The operator has read what changed."""
    await house.store.for_client(client_id).consignes_seen_by(
        person.user.id, given.version, at=house.journal.now()
    )


def _fields(said: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A consigne's fields; null empties what can be empty, and leaves the rest."""
    fields = {
        name: value
        for name, value in said.items()
        if value is not None or name in ("valid_from", "valid_until", "from_time", "until_time")
    }
    if "weekdays" in fields:
        fields["weekdays"] = tuple(sorted(set(fields["weekdays"])))
    for name in ("valid_from", "valid_until"):
        if fields.get(name) is not None:
            fields[name] = aware(fields[name], zone)
    for name in ("from_time", "until_time"):
        if fields.get(name) is not None:
            fields[name] = fields[name].replace(second=0, microsecond=0, tzinfo=None)
    return fields


def _check(consigne: Consigne) -> None:
    begin, end = consigne.valid_from, consigne.valid_until
    if begin is not None and end is not None and end <= begin:
        raise ImportingError(
            "bad_period",
            french="La période finit avant de commencer : corrigez les dates.",
            english="The period ends before it begins: correct the dates.",
        )
    if consigne.from_time is not None and consigne.from_time == consigne.until_time:
        raise ImportingError(
            "bad_period",
            french="L'heure de fin est celle du début : corrigez les heures.",
            english="The end time is the start time: correct the hours.",
        )
