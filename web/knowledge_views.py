"""From records of knowledge and consignes to their JSON."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from copilot.consignes import precision
from copilot.opening import attachment_address, source_address
from copilot.store.difference import fields_changed
from copilot.store.records.consignes import Consigne, ConsigneChange
from copilot.store.records.knowledge import (
    Document,
    EntryChange,
    ImportJob,
    StoredEntry,
    StoredFile,
)
from copilot.store.records.versions import Version
from knowledge.passages import Entry
from web import knowledge_schemas as shapes
from web import schemas

_FIELD_NAMES = {"entry_id": "id", "anchor": "place", "document_id": "source"}


def content(entry: Entry, client_id: str) -> shapes.EntryContent:
    return shapes.EntryContent(**_content(entry, client_id))


def entry(stored: StoredEntry, client_id: str, today: date) -> shapes.EntryView:
    record = stored.entry
    return shapes.EntryView(
        **_content(record, client_id),
        document_id=record.document_id,
        source_address=source_address(client_id, record),
        version=stored.version,
        author=stored.author,
        revised_at=stored.revised_at,
        in_force=record.in_force(today),
    )


def attachment(file: StoredFile, client_id: str) -> shapes.AttachmentView:
    return shapes.AttachmentView(
        id=file.id,
        file_name=file.file_name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        address=attachment_address(client_id, file.id),
    )


def change(record: EntryChange, client_id: str) -> shapes.EntryChange:
    before = record.before.entry if record.before else None
    after = record.after.entry if record.after else None
    names = fields_changed(before, after) if before and after else ()
    return shapes.EntryChange(
        kind="changed" if before and after else "added" if after else "removed",
        before=content(before, client_id) if before else None,
        after=content(after, client_id) if after else None,
        fields=list(dict.fromkeys(_FIELD_NAMES.get(name, name) for name in names)),
    )


def version(record: Version) -> shapes.VersionView:
    return shapes.VersionView(
        number=record.number,
        at=record.at,
        by=record.made_by_name,
        action=record.action,
        label=record.label,
        **dataclasses.asdict(record.outcome),
        reversible=record.reversible,
    )


def document(
    record: Document, client_id: str, *, passages: int, size_bytes: int
) -> shapes.DocumentView:
    return shapes.DocumentView(
        id=record.id,
        name=record.name,
        kind=record.kind,
        address=record.address,
        source_address=f"/api/clients/{client_id}/documents/{record.id}",
        passages=passages,
        size_bytes=size_bytes,
        imported_at=record.imported_at,
        imported_by=record.imported_by,
    )


def job(record: ImportJob, *, latest: int, in_english: bool) -> shapes.ImportJob:
    """`latest`: the version of the knowledge now."""
    failure = None
    if record.failure is not None:
        said = record.failure["english" if in_english else "french"]
        failure = schemas.Problem(code=record.failure["code"], message=said)
    summary = None
    if record.summary is not None and record.state in ("ready", "applied"):
        stale = record.state == "ready" and record.base_version != latest
        summary = _summary(record.summary, stale=stale, in_english=in_english)
    return shapes.ImportJob(
        id=record.id,
        name=record.name,
        mode=record.mode,
        state=record.state,
        stage=record.stage,
        done=record.done,
        total=record.total,
        created_at=record.created_at,
        created_by=record.created_by_name,
        failure=failure,
        summary=summary,
        version=record.version,
    )


def consigne(record: Consigne, zone: ZoneInfo) -> schemas.ConsigneView:
    """Moments are told as the client's clock tells them: their day is the day meant."""
    values = {**dataclasses.asdict(record), "weekdays": list(record.weekdays)}
    for name in ("valid_from", "valid_until"):
        values[name] = values[name].astimezone(zone) if values[name] else None
    return schemas.ConsigneView(**values, precision=precision(record, zone))


def consigne_change(record: ConsigneChange) -> schemas.ConsigneChange:
    shown = record.after or record.before
    return schemas.ConsigneChange(
        kind="changed"
        if record.before and record.after
        else "added"
        if record.after
        else "removed",
        at=record.at,
        title=shown.title if shown else "",
        before=record.before.body if record.before else None,
        after=record.after.body if record.after else None,
    )


def _content(entry: Entry, client_id: str) -> dict[str, Any]:
    return {
        "id": entry.entry_id,
        "question": entry.question,
        "answer": entry.answer,
        "tags": list(entry.tags),
        "alternatives": list(entry.alternatives),
        "note": entry.note,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "links": [shapes.LinkInput(label=link.label, address=link.address) for link in entry.links],
        "attachments": [
            shapes.AttachmentView(
                id=item.attachment_id,
                file_name=item.file_name,
                media_type=item.media_type,
                size_bytes=item.size_bytes,
                address=attachment_address(client_id, item.attachment_id),
            )
            for item in entry.attachments
        ],
        "source": entry.source,
        "place": entry.place,
    }


def _summary(values: dict[str, Any], *, stale: bool, in_english: bool) -> shapes.ImportSummary:
    return shapes.ImportSummary(
        token=values["token"],
        stale=stale,
        added=values["added"],
        changed=values["changed"],
        removed=values["removed"],
        unchanged=values["unchanged"],
        problems=[
            shapes.ReadingProblem(
                code=problem["code"],
                left_out=problem["left_out"],
                line=problem["line"],
                place=problem["place"],
                message=problem["english" if in_english else "french"],
                entries=[
                    shapes.ProblemEntry(
                        id=item["entry_id"],
                        question=item["question"],
                        answer=item["answer"],
                        line=item["line"],
                    )
                    for item in problem["entries"]
                ],
            )
            for problem in values["problems"]
        ],
        problems_total=values["problems_total"],
    )
