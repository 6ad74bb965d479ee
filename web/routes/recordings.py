"""Recordings: switched at the desk, listened to with a reason, given out by the administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import StreamingResponse

from copilot.accounts import SignedIn
from copilot.keyfile import KeyFileError
from copilot.recording.archive import archive
from copilot.recording.errors import RecordingError, RecordingOpenError
from copilot.recording.folder import RecordingFolder
from copilot.recording.policy import RecordingPolicy, policy_values
from copilot.store.audit import Act
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import CLIENT_ROLES
from copilot.store.records.calls import Call
from copilot.store.records.recordings import Recording
from copilot.store.sealing import DataKey
from copilot.store.store import ClientScope
from copilot.supervision import SupervisionForbiddenError
from web import recordingschemas as schemas
from web.access import Administrator, Operator, call_in_sight, note, only
from web.house import House, InHouse
from web.ranges import UnsatisfiableError, asked

router = APIRouter(tags=["recordings"])

Listener = Annotated[SignedIn, Depends(only("supervisor", "client", "reader"))]

LISTENED = "recording.opened"
LISTEN_FOR = timedelta(hours=4)
"""A reason that was stated is good for so long, for that person and that call."""
PIECE_BYTES = 64 * 1024


class ReasonNeededError(RecordingError):
    """Nobody listens who did not say why."""

    code = "reason_needed"


class RecordingLostError(RecordingError):
    """The file is gone, was changed, or is sealed with a key that is gone."""

    code = "recording_lost"


@router.put("/api/calls/{call_id}/recording", status_code=204)
async def switch(
    call_id: str, wanted: schemas.RecordingSwitch, person: Operator, house: InHouse
) -> None:
    """Record the call from now on, or pause its recording; everything else goes on."""
    house.reception.commands.record(call_id, operator=person.user, recording=wanted.recording)


@router.get("/api/calls/{call_id}/recording")
async def recording(call_id: str, person: Listener, house: InHouse) -> schemas.RecordingView | None:
    """What there is to hear of a call; null where there is nothing, for this person."""
    call = await call_in_sight(house, person, call_id)
    try:
        scope, found = await _of_call(house, person, call)
    except NotFoundError:
        return None  # most calls: no refusal that the audit trail would have to keep
    may_listen = found.playable and not await _forbidden(scope, person)
    return schemas.RecordingView(
        state=found.state,
        began_at=found.began_at,
        begins_s=found.begins_s,
        duration_s=found.duration_s or 0.0,
        gaps_s=found.gaps_s,
        silenced=list(found.silenced),
        may_listen=may_listen,
        reason_needed=may_listen and not await _has_said_why(house, person, call_id),
    )


@router.post("/api/calls/{call_id}/recording/listening", status_code=204)
async def listen(call_id: str, wanted: schemas.Listening, person: Listener, house: InHouse) -> None:
    """Say why one listens, before anything is heard; a client's people need not."""
    scope, found = await _in_sight(house, person, call_id)
    await _require_playable(scope, person, found)
    reason = wanted.reason.strip()
    if len(reason) < 3 and person.user.role not in CLIENT_ROLES:
        raise ReasonNeededError(call_id)
    await note(house, person, LISTENED, client_id=scope.client_id, subject=call_id, reason=reason)


@router.get(
    "/api/calls/{call_id}/recording/audio",
    response_class=StreamingResponse,
    responses={206: {"description": "A range of it"}, 416: {"description": "Behind its end"}},
)
async def audio(
    call_id: str,
    person: Listener,
    house: InHouse,
    wanted: Annotated[str | None, Header(alias="Range")] = None,
) -> Response:
    """Ogg Opus, the caller on the left and the operator on the right; ranges are served."""
    scope, found = await _in_sight(house, person, call_id)
    await _require_playable(scope, person, found)
    if not await _has_said_why(house, person, call_id):
        raise ReasonNeededError(call_id)
    keys = await scope.opening_keys()
    size = _size(house.recordings.folder, found, keys)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    try:
        part = asked(wanted, size)
    except UnsatisfiableError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    first, length = part or (0, size)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{size}"
    return StreamingResponse(
        _pieces(house.recordings.folder, found, keys, first, length),
        status_code=200 if part is None else 206,
        media_type="audio/ogg",
        headers={**headers, "Content-Length": str(length)},
    )


@router.get("/api/admin/clients/{client_id}/recording")
async def policy(client_id: str, _: Administrator, house: InHouse) -> schemas.RecordingPolicyView:
    """What the client wants recorded."""
    client = await house.store.for_client(client_id).client()
    return schemas.RecordingPolicyView(**policy_values(client.settings.recording))


@router.put("/api/admin/clients/{client_id}/recording")
async def save_policy(
    client_id: str,
    wanted: schemas.RecordingPolicyView,
    person: Administrator,
    house: InHouse,
) -> schemas.RecordingPolicyView:
    """Keep it; it counts from the next call on, and at the next purge."""
    scope = house.store.for_client(client_id)
    act = Act(
        actor=person.actor,
        action="client.recording",
        at=house.journal.now(),
        client_id=client_id,
        subject=client_id,
        detail=wanted.model_dump(),
    )
    await scope.save_recording_policy(RecordingPolicy(**wanted.model_dump()), act=act)
    return wanted


@router.post("/api/admin/clients/{client_id}/recordings/export", response_class=StreamingResponse)
async def export(
    client_id: str, chosen: schemas.RecordingsChosen, person: Administrator, house: InHouse
) -> StreamingResponse:
    """A ZIP of these calls' recordings, in the clear: for the person who asked, or the client."""
    scope = house.store.for_client(client_id)
    await scope.client()
    wanted = None if chosen.call_ids is None else set(chosen.call_ids)
    found = [
        one for one in await scope.recordings() if wanted is None or one.call_id in wanted
    ]  # fmt: skip
    keys = await scope.opening_keys()
    await note(
        house, person, "recordings.exported", client_id=client_id, reason=chosen.reason,
        subject=f"{len(found)} recordings",
    )  # fmt: skip
    return StreamingResponse(
        archive(house.recordings.folder, found, keys),
        media_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="enregistrements.zip"',
            "Cache-Control": "private, no-store",
        },
    )


async def _in_sight(house: House, person: SignedIn, call_id: str) -> tuple[ClientScope, Recording]:
    """A recording that this person may know of. Raises NotFoundError."""
    return await _of_call(house, person, await call_in_sight(house, person, call_id))


async def _of_call(house: House, person: SignedIn, call: Call) -> tuple[ClientScope, Recording]:
    scope = house.store.for_client(call.client_id)
    if person.user.role in CLIENT_ROLES:
        settings = (await scope.client()).settings
        if not settings.recording.portal or await scope.message_of_call(call.id) is None:
            raise NotFoundError("no recording")
    return scope, await scope.recording(call.id)


async def _forbidden(scope: ClientScope, person: SignedIn) -> bool:
    """The client wants nobody of the provider's to listen."""
    if person.user.role in CLIENT_ROLES:
        return False
    return (await scope.client()).settings.supervision == "forbidden"


async def _require_playable(scope: ClientScope, person: SignedIn, found: Recording) -> None:
    """Raises SupervisionForbiddenError, RecordingOpenError, RecordingLostError."""
    if await _forbidden(scope, person):
        raise SupervisionForbiddenError(found.call_id)
    if found.state == "open":
        raise RecordingOpenError(found.call_id)
    if not found.playable:
        raise RecordingLostError(found.call_id)


async def _has_said_why(house: House, person: SignedIn, call_id: str) -> bool:
    """The audit trail says so: nothing is heard that it does not know of, in any process."""
    return await house.store.audit.has(
        LISTENED,
        actor_id=person.user.id,
        subject=call_id,
        since=house.journal.now() - LISTEN_FOR,
    )


def _size(folder: RecordingFolder, found: Recording, keys: Mapping[str, DataKey]) -> int:
    """Bytes of sound. Raises RecordingLostError."""
    try:
        with folder.opened(found, keys) as reader:
            return reader.size
    except (OSError, KeyFileError) as error:
        raise RecordingLostError(str(error)) from error


def _pieces(
    folder: RecordingFolder,
    found: Recording,
    keys: Mapping[str, DataKey],
    first: int,
    length: int,
) -> Iterator[bytes]:
    """Read in a thread, opened chunk by chunk; nothing of it is written anywhere."""
    waiting = bytearray()
    with folder.opened(found, keys) as reader:
        for piece in reader.read(first, length):
            waiting += piece
            if len(waiting) >= PIECE_BYTES:
                yield bytes(waiting)
                waiting.clear()
    yield bytes(waiting)
