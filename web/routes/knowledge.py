"""The client's knowledge in the portal: entries, imports, versions, documents."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from copilot.accounts import SignedIn
from copilot.importjob import incoming_of, incoming_reading
from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.versions import Author
from copilot.store.store import ClientScope
from knowledge.documents.export import as_csv, as_xlsx
from knowledge.documents.reading import ImportingError, tidy
from knowledge.passages import Attachment, Entry, Link
from web import knowledge_schemas as shapes
from web import knowledge_views as views
from web.access import KnowledgeReader, KnowledgeWriter, note, own_scope
from web.house import House, InHouse
from web.problems import english
from web.uploads import UPLOAD_BODY, AnUpload

router = APIRouter(prefix="/api/portal", tags=["knowledge"])

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


@router.get("/entries")
async def entries(person: KnowledgeReader, house: InHouse) -> list[shapes.EntryView]:
    """All of them, in force or not."""
    scope = own_scope(house, person)
    today = await _today(scope, house)
    found = await scope.stored_entries()
    return [views.entry(stored, scope.client_id, today) for stored in found]


@router.post("/entries", status_code=201)
async def create_entry(
    given: shapes.EntryInput, person: KnowledgeWriter, house: InHouse
) -> shapes.EntryView:
    """Add one to the FAQ."""
    scope = own_scope(house, person)
    entry = Entry(entry_id=new_id(), **await _fields(scope, given))
    _check_period(entry.valid_from, entry.valid_until)
    stored = await scope.create_entry(entry, author=author(person), at=house.journal.now())
    house.knowledge_changed(scope.client_id, stored.version)
    return views.entry(stored, scope.client_id, await _today(scope, house))


@router.get("/entries/export", response_class=Response)
async def export(
    person: KnowledgeReader, house: InHouse, format: Literal["csv", "xlsx"] = "csv"
) -> Response:
    """The FAQ as a file that can be imported again."""
    scope = own_scope(house, person)
    faq = [entry for entry in await scope.entries() if not entry.document_id]
    await note(house, person, "knowledge.exported", client_id=scope.client_id)
    write, media_type = {
        "csv": (as_csv, "text/csv; charset=utf-8"),
        "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }[format]
    headers = {
        "Content-Disposition": f'attachment; filename="faq.{format}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(write(faq), media_type=media_type, headers=headers)


@router.patch("/entries/{entry_id}")
async def edit_entry(
    entry_id: str, given: shapes.EntryEdit, person: KnowledgeWriter, house: InHouse
) -> shapes.EntryView:
    """Change the fields given."""
    scope = own_scope(house, person)
    edits = await _fields(scope, given)
    before = (await scope.stored_entry(entry_id)).entry
    _check_period(
        edits.get("valid_from", before.valid_from), edits.get("valid_until", before.valid_until)
    )
    stored = await scope.edit_entry(
        entry_id, edits, version=given.version, author=author(person), at=house.journal.now()
    )
    house.knowledge_changed(scope.client_id, stored.version)
    return views.entry(stored, scope.client_id, await _today(scope, house))


@router.delete("/entries/{entry_id}", status_code=204)
async def delete_entry(
    entry_id: str, version: int, person: KnowledgeWriter, house: InHouse
) -> None:
    """Take one away; can be undone."""
    scope = own_scope(house, person)
    await scope.delete_entry(
        entry_id, version=version, author=author(person), at=house.journal.now()
    )
    house.knowledge_changed(scope.client_id, await scope.knowledge_version())


@router.post("/imports", status_code=202, openapi_extra=UPLOAD_BODY)
async def start_import(
    request: Request, upload: AnUpload, person: KnowledgeWriter, house: InHouse
) -> shapes.ImportJob:
    """Read an uploaded file; nothing changes before `apply`."""
    scope = own_scope(house, person)
    async with upload.form() as (form, file):
        mode: Literal["replace", "merge"] = "merge" if form.get("mode") == "merge" else "replace"
        path = await upload.kept(file)
        job = await house.imports.start_file(
            scope.client_id, path, name=file.filename or "fichier", mode=mode,
            author=author(person),
        )  # fmt: skip
    return views.job(job, latest=0, in_english=english(request))


@router.post("/imports/address", status_code=202)
async def start_address_import(
    given: shapes.AddressImport, request: Request, person: KnowledgeWriter, house: InHouse
) -> shapes.ImportJob:
    """Fetch and read a public page; nothing changes before `apply`."""
    scope = own_scope(house, person)
    job = await house.imports.start_address(
        scope.client_id, given.address, mode=given.mode, author=author(person)
    )
    return views.job(job, latest=0, in_english=english(request))


@router.get("/imports")
async def imports(
    request: Request, person: KnowledgeReader, house: InHouse
) -> list[shapes.ImportJob]:
    """Those of the last days, newest first."""
    scope = own_scope(house, person)
    latest = await scope.knowledge_version()
    jobs = await house.imports.jobs(scope.client_id)
    return [views.job(job, latest=latest, in_english=english(request)) for job in jobs]


@router.get("/imports/{job_id}")
async def import_job(
    job_id: str, request: Request, person: KnowledgeReader, house: InHouse
) -> shapes.ImportJob:
    """How far it is; its preview once it is ready."""
    scope = own_scope(house, person)
    job = await house.imports.job(scope.client_id, job_id)
    latest = await scope.knowledge_version()
    return views.job(job, latest=latest, in_english=english(request))


@router.get("/imports/{job_id}/changes")
async def import_changes(
    job_id: str, person: KnowledgeReader, house: InHouse, offset: Offset = 0, limit: Limit = 100
) -> list[shapes.EntryChange]:
    """What applying would do, entry by entry."""
    scope = own_scope(house, person)
    job = await house.imports.job(scope.client_id, job_id)
    if job.state == "applied" and job.version is not None:
        done = await scope.version_changes(job.version, offset=offset, limit=limit)
        return [views.change(change, scope.client_id) for change in done]
    if job.state != "ready":
        return []
    changes, _ = await scope.preview_import(incoming_of(job, incoming_reading(job)))
    told = [change for change in changes if not change.moves_only]
    return [views.change(change, scope.client_id) for change in told[offset : offset + limit]]


@router.post("/imports/{job_id}/refresh")
async def refresh_import(
    job_id: str,
    request: Request,
    person: KnowledgeWriter,
    house: InHouse,
    mode: Literal["replace", "merge"] | None = None,
) -> shapes.ImportJob:
    """Compare anew with the knowledge as it is now, or in another mode."""
    scope = own_scope(house, person)
    job = await house.imports.refresh(scope.client_id, job_id, mode=mode)
    latest = await scope.knowledge_version()
    return views.job(job, latest=latest, in_english=english(request))


@router.post("/imports/{job_id}/apply")
async def apply_import(
    job_id: str,
    given: shapes.ApplyImport,
    request: Request,
    person: KnowledgeWriter,
    house: InHouse,
) -> shapes.ImportJob:
    """Make the preview true, whole or not at all."""
    scope = own_scope(house, person)
    job = await house.imports.apply(
        scope.client_id, job_id, token=given.token, author=author(person)
    )
    latest = await scope.knowledge_version()
    return views.job(job, latest=latest, in_english=english(request))


@router.delete("/imports/{job_id}", status_code=204)
async def discard_import(job_id: str, person: KnowledgeWriter, house: InHouse) -> None:
    """Throw it away."""
    await house.imports.discard(own_scope(house, person).client_id, job_id)


@router.get("/versions")
async def versions(
    person: KnowledgeReader, house: InHouse, before: int | None = None, limit: Limit = 50
) -> list[shapes.VersionView]:
    """Newest first."""
    found = await own_scope(house, person).versions(before=before, limit=limit)
    return [views.version(record) for record in found]


@router.get("/versions/{number}/changes")
async def version_changes(
    number: int, person: KnowledgeReader, house: InHouse, offset: Offset = 0, limit: Limit = 100
) -> list[shapes.EntryChange]:
    """What a version did, entry by entry."""
    scope = own_scope(house, person)
    found = await scope.version_changes(number, offset=offset, limit=limit)
    return [views.change(change, scope.client_id) for change in found]


@router.post("/versions/{number}/undo")
async def undo(
    number: int, given: shapes.Undo, person: KnowledgeWriter, house: InHouse
) -> shapes.VersionView:
    """Put back what was there before a version, as a new version."""
    made = await house.imports.undo(
        own_scope(house, person).client_id, number, latest=given.latest, author=author(person)
    )
    return views.version(made)


@router.get("/documents")
async def documents(person: KnowledgeReader, house: InHouse) -> list[shapes.DocumentView]:
    """Files and pages whose passages are entries."""
    scope = own_scope(house, person)
    found = await scope.documents()
    sizes = {file.id: file.size_bytes for file in
             await scope.files(tuple(document.file_id for document in found))}  # fmt: skip
    all_entries = await scope.entries()
    return [
        views.document(
            document,
            scope.client_id,
            passages=sum(entry.document_id == document.id for entry in all_entries),
            size_bytes=sizes[document.file_id],
        )
        for document in found
    ]


@router.delete("/documents/{document_id}", status_code=204)
async def delete_document(document_id: str, person: KnowledgeWriter, house: InHouse) -> None:
    """Take a document and its passages away; can be undone."""
    scope = own_scope(house, person)
    number = await scope.delete_document(document_id, author=author(person), at=house.journal.now())
    house.knowledge_changed(scope.client_id, number)


def author(person: SignedIn) -> Author:
    """Who makes a change."""
    return Author(user_id=person.user.id, name=person.user.name)


async def _today(scope: ClientScope, house: House) -> date:
    zone = ZoneInfo((await scope.client()).settings.time_zone)
    return house.journal.now().astimezone(zone).date()


async def _fields(
    scope: ClientScope, given: shapes.EntryInput | shapes.EntryEdit
) -> dict[str, Any]:
    """The entry's fields that a request gives; null empties what can be empty."""
    said = given.model_dump(exclude_unset=True, exclude={"version"})
    fields: dict[str, Any] = {}
    for name, value in said.items():
        if name in ("question", "answer"):
            if value is not None:
                fields[name] = _required(tidy(value))
        elif name == "note":
            fields[name] = tidy(value or "")
        elif name in ("tags", "alternatives"):
            words = (tidy(word).replace("\n", " ") for word in value or ())
            fields[name] = tuple(dict.fromkeys(word for word in words if word))
        elif name == "links":
            fields[name] = tuple(
                Link(label=tidy(link.label).replace("\n", " "), address=link.address)
                for link in given.links or ()
            )
        elif name == "attachments":
            fields[name] = await _attachments(scope, tuple(value or ()))
        else:
            fields[name] = value
    return fields


def _required(text: str) -> str:
    if not text:
        raise ImportingError(
            "entry_empty",
            french="La question et la réponse ne peuvent pas être vides.",
            english="The question and the answer cannot be empty.",
        )
    return text


async def _attachments(scope: ClientScope, ids: tuple[str, ...]) -> tuple[Attachment, ...]:
    found = await scope.files(ids)
    if len(found) != len(set(ids)):
        raise NotFoundError("no such attachment")
    return tuple(
        Attachment(
            attachment_id=file.id,
            file_name=file.file_name,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
        )
        for file in found
    )


def _check_period(begin: object, end: object) -> None:
    if isinstance(begin, date) and isinstance(end, date) and end < begin:
        raise ImportingError(
            "bad_period",
            french="La période finit avant de commencer : corrigez les dates.",
            english="The period ends before it begins: correct the dates.",
        )
