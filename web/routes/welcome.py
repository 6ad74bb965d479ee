"""How a client's callers are received: hours, sounds, waiting line."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from copilot.accounts import SignedIn
from copilot.store.audit import Act
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import CLIENT_ROLES
from copilot.store.records.clients import StoredSound
from copilot.store.store import ClientScope
from copilot.waiting.hours import is_open, next_opening
from copilot.waiting.welcome import LONGEST_S, SoundKind, Welcome
from knowledge.documents.reading import safe_name
from telephony.sound import RATE_HZ, read_wav, write_wav
from web import lineschemas as schemas
from web.access import client_filter, only
from web.hours_views import hours_of, hours_view
from web.house import House, InHouse
from web.routes.forms import Keeper
from web.uploads import UPLOAD_BODY, AnUpload

router = APIRouter(prefix="/api/clients", tags=["welcome"])

SOUND_BYTES = 40 * 1024 * 1024
Reader = Annotated[SignedIn, Depends(only("supervisor", "client", "reader"))]


@router.get("/{client_id}/welcome")
async def welcome(client_id: str, person: Reader, house: InHouse) -> schemas.WelcomeView:
    """The welcome in force, and whether calls are answered now."""
    return await _view(house, person, _scope(house, person, client_id))


@router.put("/{client_id}/welcome")
async def save_welcome(
    client_id: str, edit: schemas.WelcomeEdit, person: Keeper, house: InHouse
) -> schemas.WelcomeView:
    """Keep the welcome; it counts from the next call on."""
    scope = _scope(house, person, client_id)
    client = await scope.client()
    group = client.settings.welcome.group
    if person.user.role not in CLIENT_ROLES:
        if edit.group and edit.group not in house.attendance.groups:
            raise NotFoundError("no such group")
        group = edit.group
    await scope.save_welcome(
        Welcome(
            hours=hours_of(edit.hours) if edit.hours else None,
            group=group,
            early=edit.early,
            announce=edit.announce,
            waiting=edit.waiting,
            hold=edit.hold,
            max_wait_s=edit.max_wait_s,
            most_waiting=edit.most_waiting,
        )
    )
    await _note(house, person, "welcome.changed", scope.client_id, "")
    return await _view(house, person, scope)


@router.put("/{client_id}/sounds/{kind}", openapi_extra=UPLOAD_BODY)
async def put_sound(
    client_id: str, kind: SoundKind, upload: AnUpload, person: Keeper, house: InHouse
) -> schemas.WelcomeView:
    """Keep a WAV file in place of the one before; heard from the next call on."""
    scope = _scope(house, person, client_id)
    await scope.client()
    async with upload.form(limit=SOUND_BYTES) as (_, file):
        name = safe_name(file.filename or "son.wav")
        content = await file.read(SOUND_BYTES + 1)
    pcm = await asyncio.to_thread(read_wav, content, longest_s=LONGEST_S[kind])
    sound = StoredSound(
        kind=kind,
        file_name=name,
        duration_s=round(len(pcm) / RATE_HZ, 2),
        added_at=house.journal.now(),
        added_by=person.user.id,
    )
    await scope.put_sound(sound, write_wav(pcm))
    await _note(house, person, "sound.added", scope.client_id, kind)
    return await _view(house, person, scope)


@router.get("/{client_id}/sounds/{kind}", response_class=Response)
async def sound(client_id: str, kind: SoundKind, person: Reader, house: InHouse) -> Response:
    """What callers hear, as a WAV file."""
    _, content = await _scope(house, person, client_id).sound(kind)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="audio/wav", headers=headers)


@router.delete("/{client_id}/sounds/{kind}")
async def drop_sound(
    client_id: str, kind: SoundKind, person: Keeper, house: InHouse
) -> schemas.WelcomeView:
    """Take a sound away; refused while the welcome needs it."""
    scope = _scope(house, person, client_id)
    await scope.client()
    await scope.drop_sound(kind)
    await _note(house, person, "sound.removed", scope.client_id, kind)
    return await _view(house, person, scope)


def _scope(house: House, person: SignedIn, client_id: str) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


async def _note(house: House, person: SignedIn, action: str, client_id: str, subject: str) -> None:
    await house.store.audit.record(
        Act(
            actor=person.actor,
            action=action,
            at=house.journal.now(),
            client_id=client_id,
            subject=subject,
        )
    )


def _group_name(house: House, group_id: str | None) -> str | None:
    group = house.attendance.groups.get(group_id or "")
    return group.name if group else None


async def _view(house: House, person: SignedIn, scope: ClientScope) -> schemas.WelcomeView:
    client = await scope.client()
    kept, zone = client.settings.welcome, ZoneInfo(client.settings.time_zone)
    now = house.journal.now()
    own = person.user.role in CLIENT_ROLES
    return schemas.WelcomeView(
        hours=hours_view(kept.hours) if kept.hours else None,
        group=kept.group,
        early=kept.early,
        announce=kept.announce,
        waiting=kept.waiting,
        hold=kept.hold,
        max_wait_s=kept.max_wait_s,
        most_waiting=kept.most_waiting,
        sounds=[
            schemas.SoundView(
                kind=one.kind,
                file_name=one.file_name,
                duration_s=one.duration_s,
                added_at=one.added_at,
            )
            for one in await scope.sounds()
        ],
        groups=[]
        if own
        else [
            schemas.GroupName(
                id=group.id,
                name=group.name,
                overflow_to=_group_name(house, group.overflow_to),
                overflow_after_s=group.overflow_after_s,
            )
            for group in house.attendance.groups.values()
        ],
        open_now=is_open(kept.hours, now, zone),
        opens_at=next_opening(kept.hours, now, zone),
    )
