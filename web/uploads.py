"""Uploads: counted while they arrive, kept on disk, refused as soon as they are too large."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.types import Message

from knowledge.documents.reading import MAX_FILE_BYTES, ImportingError, safe_name
from knowledge.documents.sandbox import too_large
from web.house import house_of

_OVERHEAD = 64 * 1024
"""Headers and other fields of a form."""
_CHUNK = 1 << 20


UPLOADED, FETCHED = "souffleur-upload-", "souffleur-page-"
"""How files begin that are there while they are read."""
LEFT_AFTER_S = 24 * 3600.0
"""Another process may be reading a younger one."""


def forget_left(now_s: float, folder: Path | None = None) -> None:
    """Remove uploads and pages that a process which was killed left behind."""
    for prefix in (UPLOADED, FETCHED):
        for path in (folder or Path(tempfile.gettempdir())).glob(f"{prefix}*"):
            with suppress(OSError):  # gone meanwhile, or another user's
                if path.stat().st_mtime < now_s - LEFT_AFTER_S:
                    path.unlink()


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


class Upload:
    """A file on its way; nothing of it is in memory but the piece just received."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @asynccontextmanager
    async def form(
        self, *, limit: int = MAX_FILE_BYTES
    ) -> AsyncIterator[tuple[FormData, UploadFile]]:
        """The form and its `file`, which the antivirus saw where there is one.

        Raises ImportingError (`import_too_large`, `import_format`), InfectedError,
        ScannerAwayError.
        """
        declared = int(self._request.headers.get("content-length") or 0)
        if declared > limit + _OVERHEAD:
            raise too_large("Fichier", declared, limit)
        counted = Request(self._request.scope, receive=self._counting(limit))
        try:
            form = await counted.form(max_files=1, max_fields=8)
        except MultiPartException as error:
            raise _no_file() from error
        async with _closing(form):
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise _no_file()
            if (scanner := house_of(self._request).scanner) is not None:
                await scanner.check(_pieces(file))
                await file.seek(0)
            yield form, file

    async def kept(self, file: UploadFile, *, limit: int = MAX_FILE_BYTES) -> Path:
        """The file on disk, the caller's to delete. Raises ImportingError."""
        name = safe_name(file.filename or "fichier")
        with tempfile.NamedTemporaryFile(prefix=UPLOADED, delete=False) as kept:
            path = Path(kept.name)
            try:
                size = 0
                while piece := await file.read(_CHUNK):
                    size += len(piece)
                    if size > limit:
                        raise too_large(name, size, limit)
                    kept.write(piece)
            except BaseException:  # a full disk keeps no half of it
                _drop(path)
                raise
        return path

    def _counting(self, limit: int):  # type: ignore[no-untyped-def]
        received = 0

        async def receive() -> Message:
            nonlocal received
            message = await self._request.receive()
            received += len(message.get("body", b""))
            if received > limit + _OVERHEAD:
                raise too_large("Fichier", None, limit)
            return message

        return receive


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_CHUNK):
        yield piece


@asynccontextmanager
async def _closing(form: FormData) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await form.close()


def _no_file() -> ImportingError:
    return ImportingError(
        "import_format",
        french="Aucun fichier reçu : choisissez un fichier et recommencez.",
        english="No file received: choose a file and try again.",
    )


def an_upload(request: Request) -> Upload:
    """Dependency: the request's body, unread."""
    return Upload(request)


AnUpload = Annotated[Upload, Depends(an_upload)]

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "mode": {"type": "string", "enum": ["replace", "merge"]},
                    },
                }
            }
        },
    }
}
"""What the interface's description says of an upload: its body is read by hand, as it comes."""
