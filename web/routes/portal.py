"""The client company's own pages: its sheet and its knowledge."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, UploadFile

from knowledge.importing import parse_faq
from web import schemas, views
from web.access import ClientPerson, ClientReader, own_scope
from web.house import InHouse

router = APIRouter(prefix="/api/portal", tags=["portal"])

UPLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes read of an upload; the importer refuses far less."""


@router.get("/client")
async def client(person: ClientReader, house: InHouse) -> schemas.ClientCard:
    """The sheet operators see, as it is now."""
    return views.client_card(await own_scope(house, person).sheet(house.journal.now()))


@router.get("/entries")
async def entries(person: ClientReader, house: InHouse) -> list[schemas.EntryView]:
    """Questions and answers."""
    return [views.entry(record) for record in await own_scope(house, person).entries()]


@router.post("/entries/import")
async def import_entries(
    file: UploadFile, person: ClientPerson, house: InHouse, apply: bool = False
) -> schemas.ImportPreview:
    """Replace the questions and answers by a CSV's: previewed, or applied as a whole."""
    content = await file.read(UPLOAD_LIMIT + 1)
    sheet = await asyncio.to_thread(parse_faq, content, name=file.filename or "faq.csv")
    scope = own_scope(house, person)
    if apply:
        outcome = await scope.apply_import(
            sheet.entries,
            file_name=file.filename or "faq.csv",
            imported_by=person.user.id,
            at=house.journal.now(),
        )
        house.shelf.changed(scope.client_id)
    else:
        outcome = await scope.preview_import(sheet.entries)
    return schemas.ImportPreview(
        applied=apply,
        added=outcome.added,
        changed=outcome.changed,
        removed=outcome.removed,
        unchanged=outcome.unchanged,
        problems=[
            schemas.ImportProblem(line=problem.line, message=problem.message)
            for problem in sheet.problems
        ],
    )
