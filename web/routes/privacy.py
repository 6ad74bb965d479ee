"""People's rights: found, exported, erased; a client's export and its end."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from copilot.store.errors import ConflictError, StoreError
from copilot.store.numbering import e164
from copilot.store.privacy import Erased
from knowledge.wording import plain
from web import views
from web.access import Administrator, note
from web.house import House, InHouse
from web.schemas import CallSummary, Schema

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/api/admin/clients/{client_id}", tags=["privacy"])

Reason = Annotated[str, Field(min_length=3, max_length=1000)]
CallIds = Annotated[
    list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=1000)
]


class PersonSought(Schema):
    """Somebody who asks for what is kept about them: a number, a name, or both."""

    phone: str | None = Field(default=None, max_length=32)
    name: str | None = Field(default=None, max_length=200)


class CallsChosen(Schema):
    call_ids: CallIds
    reason: Reason


class EndOfContract(Schema):
    name: str = Field(max_length=200)
    """The client's name, typed again."""
    reason: Reason


class ErasureView(Schema):
    """A certificate: what was removed, and the entry of the audit trail that says so."""

    rows: dict[str, int]
    digest: str
    audit_seq: int
    audit_digest: str
    note: str


class WrongNameError(ConflictError):
    """What was typed is not the client's name."""

    code = "wrong_name"


@router.post("/people/find")
async def find(
    client_id: str, sought: PersonSought, person: Administrator, house: InHouse
) -> list[CallSummary]:
    """Calls that name somebody; the search is audited, not what was searched for."""
    scope = house.store.for_client(client_id)
    await scope.client()
    found = await scope.calls_of_person(
        phone=e164(sought.phone) if sought.phone else None,
        folded_name=plain(sought.name or "").split(),
    )
    await note(house, person, "person.sought", client_id=client_id)
    return [views.call_summary(call) for call in found]


@router.post("/people/export")
async def export_person(
    client_id: str, chosen: CallsChosen, person: Administrator, house: InHouse
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
    client_id: str, chosen: CallsChosen, person: Administrator, house: InHouse
) -> ErasureView:
    """Remove these calls: transcripts, recordings, drafts, messages, letters that wait."""
    erased = await house.store.for_client(client_id).erase_calls(
        chosen.call_ids, actor=person.actor, reason=chosen.reason, at=house.journal.now()
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
    client_id: str, end: EndOfContract, person: Administrator, house: InHouse
) -> ErasureView:
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


def _certificate(erased: Erased) -> ErasureView:
    return ErasureView(
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
