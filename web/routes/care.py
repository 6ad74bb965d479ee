"""A client sets itself up: how it wants to be served, and what is missing before its first call."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from copilot.accounts import SignedIn
from copilot.goinglive import preset_for, steps_of
from copilot.guide import form_of
from copilot.privacy.presets import with_preset
from copilot.privacy.redaction import KINDS
from copilot.store.audit import Act
from copilot.store.records.clients import Client
from web import careschemas as shapes
from web.access import client_filter, only
from web.house import InHouse
from web.routes.clients import check_zone

router = APIRouter(prefix="/api/clients", tags=["set-up"])

Keeper = Annotated[SignedIn, Depends(only("supervisor", "client"))]
LISTS = ("urgent_rules", "never", "vocabulary", "redact")
PLAIN = ("time_zone", "transcript_days")


@router.get("/{client_id}/care")
async def care(client_id: str, person: Keeper, house: InHouse) -> shapes.CareView:
    """How the client wants to be served."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    return _view(await scope.client())


@router.patch("/{client_id}/care")
async def change_care(
    client_id: str, edit: shapes.CareEdit, person: Keeper, house: InHouse
) -> shapes.CareView:
    """Change it; all or nothing, from the next call on. Audited."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    known = await scope.client()
    given = edit.model_dump(exclude_none=True)
    if "time_zone" in given:
        check_zone(given["time_zone"])
    changes: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
    changes |= {name: _trimmed(given[name]) for name in LISTS if name in given}
    settings = dataclasses.replace(known.settings, **changes)
    if edit.preset is not None:
        settings = with_preset(settings, edit.preset)
    client = dataclasses.replace(
        known,
        settings=settings,
        sector=given.get("sector", known.sector).strip(),
        greeting=given.get("greeting", known.greeting).strip(),
    )
    act = Act(
        actor=person.actor, action="client.changed", at=house.journal.now(), client_id=client.id,
        subject=client.id, detail={"fields": sorted(given)},
    )  # fmt: skip
    await house.store.provider.save_client(client, at=house.journal.now(), act=act)
    return _view(await scope.client())


@router.get("/{client_id}/set-up")
async def set_up(client_id: str, person: Keeper, house: InHouse) -> shapes.SetUpView:
    """What is set, and what is missing before calls can be answered."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    client = await scope.client()
    numbers = await scope.numbers()
    steps = steps_of(client, numbers=numbers, answers=len(await scope.entries()))
    return shapes.SetUpView(
        steps=[shapes.StepView(name=step.name, state=step.state) for step in steps],
        ready=all(step.state != "missing" for step in steps),
        numbers=[number.number for number in numbers],
        form=[field.label or field.name for field in form_of(client).fields],
    )


def _trimmed(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _view(client: Client) -> shapes.CareView:
    settings, preset = client.settings, preset_for(client)
    return shapes.CareView(
        sector=client.sector,
        trade=form_of(client).trade,
        greeting=client.greeting,
        urgent_rules=list(settings.urgent_rules),
        never=list(settings.never),
        vocabulary=list(settings.vocabulary),
        time_zone=settings.time_zone,
        redact=[kind for kind in KINDS if kind in settings.redact],
        transcript_days=settings.transcript_days,
        preset=preset,
        preset_met=preset is None or with_preset(settings, preset) == settings,
    )
