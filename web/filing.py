"""Documents as answers: a file to be kept, written off the event loop."""

from __future__ import annotations

import asyncio

from fastapi import Response

from copilot.reporting.documents import MEDIA_TYPES, Document, Format, file_name, written


async def file_of(document: Document, wanted: Format, *name: str) -> Response:
    """The document in the format wanted, under a name made of these parts."""
    content = await asyncio.to_thread(written, document, wanted)
    kept_as = f"{file_name(*name)}.{wanted}"
    return Response(
        content,
        media_type=MEDIA_TYPES[wanted],
        headers={"Content-Disposition": f'attachment; filename="{kept_as}"'},
    )
