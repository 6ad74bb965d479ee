"""Files that belong to a client: attachments of answers, documents. Served so that none can act."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from copilot.accounts import SignedIn
from copilot.store.errors import NotFoundError
from copilot.store.records.knowledge import StoredFile
from copilot.store.store import ClientScope
from knowledge.documents.reading import ImportingError, safe_name
from web import knowledge_schemas as shapes
from web import knowledge_views as views
from web.access import Anybody, ClientPerson, client_filter, own_scope
from web.house import House, InHouse
from web.uploads import UPLOAD_BODY, AnUpload

router = APIRouter(tags=["files"])

ATTACHMENT_BYTES = 10 * 1024 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".gif": ("image/gif", b"GIF8"),
    ".webp": ("image/webp", b"RIFF"),
    ".txt": ("text/plain", b""),
    ".csv": ("text/csv", b""),
    ".docx": (f"{_OFFICE}.wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": (f"{_OFFICE}.spreadsheetml.sheet", b"PK\x03\x04"),
}
"""What may be attached, and how it must begin: never a page, a script or a drawing with scripts."""

SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}
"""Opened by the browser itself; the rest is saved."""


@router.post("/api/portal/attachments", status_code=201, openapi_extra=UPLOAD_BODY)
async def attach(upload: AnUpload, person: ClientPerson, house: InHouse) -> shapes.AttachmentView:
    """Keep a file that entries can point at."""
    scope = own_scope(house, person)
    async with upload.form(limit=ATTACHMENT_BYTES) as (_, file):
        name = safe_name(file.filename or "fichier")
        content = await file.read(ATTACHMENT_BYTES + 1)
    kept = await scope.add_file(
        content,
        file_name=name,
        media_type=media_type_of(name, content),
        added_by=person.user.id,
        at=house.journal.now(),
    )
    return views.attachment(kept, scope.client_id)


@router.get("/api/clients/{client_id}/attachments/{file_id}", response_class=Response)
async def attachment(client_id: str, file_id: str, person: Anybody, house: InHouse) -> Response:
    """Opened from an answer."""
    file, content = await _in_sight(house, person, client_id).file(file_id)
    return _served(file, content)


@router.get("/api/clients/{client_id}/documents/{document_id}", response_class=Response)
async def document(client_id: str, document_id: str, person: Anybody, house: InHouse) -> Response:
    """What was imported: the file, or the page where it is."""
    scope = _in_sight(house, person, client_id)
    record = await scope.document(document_id)
    if record.address is not None:
        return RedirectResponse(record.address, status_code=302)
    file, content = await scope.file(record.file_id)
    return _served(file, content)


def media_type_of(name: str, content: bytes) -> str:
    """By name, when the content begins as it should. Raises ImportingError."""
    suffix = PurePath(name).suffix.lower()
    media_type, begins = KINDS.get(suffix, ("", b""))
    if not media_type or not content or not content.startswith(begins):
        raise ImportingError(
            "attachment_refused",
            french=f"{name} : ce type de fichier ne peut pas être joint."
            " Joignez un PDF, une image, un DOCX, un XLSX ou un texte.",
            english=f"{name}: this kind of file cannot be attached."
            " Attach a PDF, an image, a DOCX, an XLSX or a text.",
        )
    return media_type


def _in_sight(house: House, person: SignedIn, client_id: str) -> ClientScope:
    """A client whose files this person may open. Raises NotFoundError."""
    wanted = client_filter(person, client_id)
    if wanted is None:
        raise NotFoundError("no such client")
    return house.store.for_client(wanted)


def _served(file: StoredFile, content: bytes) -> Response:
    shown = file.media_type in SHOWN
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'};"
        f" filename*=UTF-8''{quote(file.file_name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        # Somebody else may sit at this browser next.
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
    if file.media_type != "application/pdf":  # browsers' own reader does not open in a sandbox
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    media_type = file.media_type if shown else "application/octet-stream"
    if media_type == "text/plain":
        media_type = "text/plain; charset=utf-8"
    return Response(content, media_type=media_type, headers=headers)
