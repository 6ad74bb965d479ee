"""`souffleur replay` through the running service, so that the desk shows the call as it plays."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from copilot.codec import encode
from telephony.errors import RecordingUnreadable
from web.access import ForgedRequestError
from web.house import InHouse
from web.replay import prepare

router = APIRouter(prefix="/api/replay", tags=["replay"], include_in_schema=False)

LARGEST_BYTES = 512 * 1024 * 1024


@router.post("")
async def play(
    request: Request, house: InHouse, number: str | None = None, fast: bool = False
) -> StreamingResponse:
    """Play the recording in the body; events come back as lines of JSON.

    Only for whoever can read the data folder: the command proves it with the house's secret.
    """
    if not house.cookie.is_local_proof(request.headers.get("x-local-proof", "")):
        raise ForgedRequestError("run the command on the machine of the service")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BYTES:
                raise RecordingUnreadable("the recording is larger than 512 MB")
            file.write(chunk)
        file.flush()
        ready = await prepare(house, Path(file.name), number=number, paced=not fast)

    async def lines() -> AsyncIterator[bytes]:
        async for event in ready.events():
            yield encode(event) + b"\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")
