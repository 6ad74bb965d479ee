"""Administration: the client companies, and the audit trail."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query

from copilot.accounts import SignedIn
from copilot.messagedraft import check_names
from copilot.privacy.presets import with_preset
from copilot.privacy.redaction import KINDS
from copilot.store.audit import Act
from copilot.store.errors import ConflictError
from copilot.store.numbering import require_e164
from copilot.store.records.clients import Client, ClientNumber, ClientSettings, NumberKind
from copilot.store.records.identifiers import new_id
from web import accountschemas as schemas
from web.access import Administrator, Overseer
from web.house import House, InHouse

router = APIRouter(prefix="/api/admin", tags=["administration"])

OF_SETTINGS = (
    "recipients", "languages", "required_fields", "urgent_rules", "never", "vocabulary",
    "time_zone", "redact", "supervision", "transcript_days", "call_days", "transfer_shows",
    "transfer_transcribed",
)  # fmt: skip
OF_CLIENT = ("name", "sector", "colour", "greeting", "disabled")


class UnknownTimeZoneError(ConflictError):
    """Not a time zone of the IANA list."""

    code = "unknown_time_zone"


@router.get("/clients")
async def clients(_: Administrator, house: InHouse) -> list[schemas.ClientAccount]:
    """Every client company, by name."""
    numbers = await house.store.provider.numbers()
    return [
        _view(client, [number for owner, number in numbers if owner.id == client.id])
        for client in await house.store.provider.clients()
    ]


@router.post("/clients", status_code=201)
async def add_client(
    new: schemas.NewClient, person: Administrator, house: InHouse
) -> schemas.ClientAccount:
    """Set a client company up. Nothing is kept when one of its numbers cannot be."""
    empty = Client(
        id=new_id(), name=new.name, sector="", colour="#1f6f8b", greeting="",
        settings=ClientSettings(),
    )  # fmt: skip
    return await _save(house, person, empty, (), new, action="client.created")


@router.get("/clients/{client_id}")
async def client(client_id: str, _: Administrator, house: InHouse) -> schemas.ClientAccount:
    """One client company."""
    scope = house.store.for_client(client_id)
    return _view(await scope.client(), await scope.numbers())


@router.patch("/clients/{client_id}")
async def change_client(
    client_id: str, change: schemas.ClientChange, person: Administrator, house: InHouse
) -> schemas.ClientAccount:
    """Change a client company. Disabled: its calls are refused, its people signed out."""
    scope = house.store.for_client(client_id)
    known = await scope.client()
    action = "client.changed"
    if change.disabled is not None and change.disabled != known.disabled:
        action = "client.disabled" if change.disabled else "client.enabled"
    return await _save(house, person, known, await scope.numbers(), change, action=action)


@router.post("/clients/{client_id}/privacy-preset")
async def apply_preset(
    client_id: str, chosen: schemas.PrivacyPreset, person: Administrator, house: InHouse
) -> schemas.ClientAccount:
    """Set what a trade asks of privacy, in one go; what is stricter already stays."""
    scope = house.store.for_client(client_id)
    known = await scope.client()
    client = dataclasses.replace(known, settings=with_preset(known.settings, chosen.preset))
    act = Act(
        actor=person.actor,
        action="client.preset",
        at=house.journal.now(),
        client_id=client_id,
        subject=client_id,
        detail={"preset": chosen.preset},
    )
    await house.store.provider.save_client(client, at=house.journal.now(), act=act)
    return _view(await scope.client(), await scope.numbers())


@router.get("/audit")
async def audit(
    _: Overseer,
    house: InHouse,
    before: int | None = None,
    client_id: str | None = None,
    action: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[schemas.AuditEntryView]:
    """Who did what, newest first; `before` is the seq of the last entry of the page above."""
    found = await house.store.audit.entries(
        before=before, client_id=client_id, action=action, limit=limit
    )
    return [
        schemas.AuditEntryView(
            seq=entry.seq,
            at=entry.act.at,
            actor_id=entry.act.actor.id,
            actor_name=entry.act.actor.name,
            actor_role=entry.act.actor.role,
            address=entry.act.actor.address,
            action=entry.act.action,
            client_id=entry.act.client_id,
            subject=entry.act.subject,
            reason=entry.act.reason,
            detail=dict(entry.act.detail),
        )
        for entry in found
    ]


@router.get("/audit/verify")
async def verify_audit(_: Overseer, house: InHouse) -> schemas.AuditCheck:
    """Follow the whole chain."""
    found = await house.store.audit.verify()
    return schemas.AuditCheck(
        entries=found.entries,
        last_seq=found.last_seq,
        last_digest=found.last_digest,
        broken_at=found.broken_at,
    )


async def _save(
    house: House,
    person: SignedIn,
    known: Client,
    had: Sequence[ClientNumber],
    change: schemas.ClientChange,
    *,
    action: str,
) -> schemas.ClientAccount:
    given = change.model_dump(exclude_none=True)
    _check(given)
    changes: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if name in OF_SETTINGS
    }
    if "shown_number" in given:
        shown = str(given["shown_number"]).strip()
        changes["shown_number"] = require_e164(shown) if shown else None
    settings = dataclasses.replace(known.settings, **changes)
    client = dataclasses.replace(
        known,
        settings=settings,
        **{name: value for name, value in given.items() if name in OF_CLIENT},
    )
    act = Act(
        actor=person.actor,
        action=action,
        at=house.journal.now(),
        client_id=client.id,
        subject=client.id,
        detail={"fields": sorted(given)},
    )
    await house.store.provider.save_client(
        client, numbers=_wanted(had, given), at=house.journal.now(), act=act
    )
    scope = house.store.for_client(client.id)
    return _view(await scope.client(), await scope.numbers())


def _wanted(had: Sequence[ClientNumber], given: dict[str, list[str]]) -> tuple[ClientNumber, ...]:
    """Every number the client is to have. Raises `BadNumberError`."""
    kinds: tuple[tuple[str, NumberKind], ...] = (("numbers", "did"), ("forwarding", "forwarding"))
    wanted: dict[str, ClientNumber] = {}
    for name, kind in kinds:
        kept = [number.number for number in had if number.kind == kind]
        for number in given.get(name, kept):
            normal = require_e164(number)
            wanted[normal] = ClientNumber(number=normal, kind=kind)
    return tuple(wanted.values())


def _check(given: dict[str, list[str]]) -> None:
    """Raises UnknownFieldError, UnknownTimeZoneError."""
    check_names(given.get("required_fields", ()))
    zone = given.get("time_zone")
    if zone is not None:
        check_zone(str(zone))


def check_zone(zone: str) -> None:
    """Raises UnknownTimeZoneError."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZoneError(zone) from error


def _view(client: Client, numbers: Sequence[ClientNumber]) -> schemas.ClientAccount:
    settings = client.settings
    return schemas.ClientAccount(
        id=client.id,
        name=client.name,
        sector=client.sector,
        colour=client.colour,
        greeting=client.greeting,
        disabled=client.disabled,
        numbers=[number.number for number in numbers if number.kind == "did"],
        forwarding=[number.number for number in numbers if number.kind == "forwarding"],
        recipients=list(settings.recipients),
        languages=list(settings.languages),
        required_fields=list(settings.required_fields),
        urgent_rules=list(settings.urgent_rules),
        never=list(settings.never),
        vocabulary=list(settings.vocabulary),
        time_zone=settings.time_zone,
        redact=[kind for kind in KINDS if kind in settings.redact],
        supervision=settings.supervision,
        transcript_days=settings.transcript_days,
        call_days=settings.call_days,
        shown_number=settings.shown_number,
        transfer_shows=settings.transfer_shows,
        transfer_transcribed=settings.transfer_transcribed,
    )
