"""People's rights: found, exported, erased; a client's export and its end."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Response

from copilot.store.errors import ConflictError, StoreError
from copilot.store.numbering import e164
from copilot.store.personsearch import Sought
from copilot.store.privacy import Erased
from knowledge.wording import plain
from web import privacyschemas as schemas
from web import views
from web.access import Administrator, note
from web.house import House, InHouse

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/api/admin/clients/{client_id}", tags=["privacy"])


class WrongNameError(ConflictError):
    """What was typed is not the client's name."""

    code = "wrong_name"


class NobodySoughtError(ConflictError):
    """Neither a number, nor an address, nor a name."""

    code = "nobody_sought"


@router.post("/people/find")
async def find(
    client_id: str, sought: schemas.PersonSought, person: Administrator, house: InHouse
) -> schemas.PersonFound:
    """Where somebody is named; the search is audited, not whom it was for."""
    scope = house.store.for_client(client_id)
    await scope.client()
    phone = e164(sought.phone) if sought.phone else None
    if sought.phone and phone is None:
        raise NobodySoughtError("no telephone number")
    wanted = Sought(
        phone=phone,
        email=(sought.email or "").strip().lower() or None,
        words=tuple(word for word in plain(sought.name or "").split() if word.strip("'-.")),
    )
    if wanted.nobody:
        raise NobodySoughtError("nobody is named")
    found = await scope.find_person(wanted)
    await note(house, person, "person.sought", client_id=client_id)
    return schemas.PersonFound(
        calls=[
            schemas.NamedCallView(call=views.call_summary(one.call), places=list(one.places))
            for one in found.calls
        ],
        things=[
            schemas.NamedThingView(kind=one.kind, id=one.id, label=one.label)
            for one in found.things
        ],
    )


@router.post("/people/export")
async def export_person(
    client_id: str, chosen: schemas.CallsChosen, person: Administrator, house: InHouse
) -> Response:
    """Everything kept of these calls but their sound, as JSON, for the person who asked; the
    sound is at `.../recordings/export`."""
    scope = house.store.for_client(client_id)
    await scope.client()
    exported = await scope.export_calls(chosen.call_ids)
    await note(house, person, "person.exported", client_id=client_id, reason=chosen.reason)
    return _file(exported, f"acces-{client_id}.json")


@router.post("/people/erase")
async def erase_person(
    client_id: str, chosen: schemas.PersonErasure, person: Administrator, house: InHouse
) -> schemas.ErasureView:
    """Remove these calls (transcripts, recordings, drafts, messages, letters that wait), people
    whom the client knows by their number, exercises, and what is told of letters left aside in
    mailboxes; all or nothing."""
    scope = house.store.for_client(client_id)
    await scope.client()
    if not (chosen.call_ids or chosen.known_callers or chosen.exercises or chosen.asides):
        raise NobodySoughtError("nothing is chosen")
    erased = await scope.erase_calls(
        chosen.call_ids,
        known_callers=chosen.known_callers,
        exercises=chosen.exercises,
        asides=chosen.asides,
        actor=person.actor,
        reason=chosen.reason,
        at=house.journal.now(),
    )
    await forget_outside(house)
    return _certificate(erased)


@router.post("/export")
async def export_client(client_id: str, person: Administrator, house: InHouse) -> Response:
    """Everything of a client, as JSON by table."""
    exported = await house.store.for_client(client_id).export_client()
    await note(house, person, "client.exported", client_id=client_id)
    return _file(exported, f"export-{client_id}.json")


@router.post("/wipe")
async def wipe(
    client_id: str, end: schemas.EndOfContract, person: Administrator, house: InHouse
) -> schemas.ErasureView:
    """Remove a client for good, with its people and everything of it."""
    scope = house.store.for_client(client_id)
    if end.name.strip() != (await scope.client()).name:
        raise WrongNameError("type the client's name exactly")
    erased = await scope.wipe(actor=person.actor, reason=end.reason, at=house.journal.now())
    await house.shelf.forget_removed()
    await forget_outside(house)
    return _certificate(erased)


async def forget_outside(house: House) -> None:
    """What is not in the database follows: files of sound, and what restored backups must forget.

    The erasure itself is done, and said in the audit trail: what fails here is tried again.
    """
    try:
        await house.recordings.sweep()
        await house.trust.erasures.sync(house.store)
    except (OSError, StoreError):
        logger.exception("an erasure could not be finished outside the database")


def _certificate(erased: Erased) -> schemas.ErasureView:
    return schemas.ErasureView(
        rows=erased.rows,
        digest=erased.digest,
        audit_seq=erased.audit_seq,
        audit_digest=erased.audit_digest,
        note="Letters already handed over, and backups made before, are not reached from here.",
    )


def _file(content: dict[str, Any], name: str) -> Response:
    body = json.dumps(content, ensure_ascii=False, indent=1, default=_plain)
    return Response(
        body,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return str(value)
