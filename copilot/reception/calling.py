"""Calls that operators place for a client: to call back, to ask, to tell."""

from __future__ import annotations

import asyncio
import uuid

from copilot.journal import Journal
from copilot.linecontrols import LineControls
from copilot.reception.callerid import client_number, for_client
from copilot.reception.errors import why
from copilot.reception.life import CallLife
from copilot.reception.ongoing import Media, OngoingCall, OngoingCalls
from copilot.reception.placing import Placement
from copilot.store.numbering import e164
from copilot.store.records.accounts import User
from copilot.store.records.calls import NewCall
from copilot.store.records.clients import ClientSheet
from copilot.store.store import Store
from telephony.call import CodecName, Endpoint, OutgoingCall
from telephony.errors import CallFailed, CallOver
from telephony.tone import ringing

PREFERRED: CodecName = "PCMA"


class Calling:
    """Places calls, and sees each to its end."""

    def __init__(
        self, *, calls: OngoingCalls, store: Store, journal: Journal, life: CallLife, media: Media
    ) -> None:
        self._calls = calls
        self._store = store
        self._journal = journal
        self._life = life
        self._media = media
        self._going: set[asyncio.Task[None]] = set()
        """One a call; they end with the calls, which the line ends when it stops."""

    async def call(
        self, client_id: str, number: str, *, operator: User, offer: str
    ) -> tuple[str, str]:
        """Call a number in a client's name: the call's id and the SDP answer.

        The call is in the log before anything rings. Raises TelephonyError: a barred number, too
        many calls, no way out, an offer without sound; NotFoundError.
        """
        now = self._journal.now()
        sheet = await self._store.for_client(client_id).sheet(now)
        endpoint, answer = await self._media.accept_operator(offer, PREFERRED)
        try:
            new = NewCall(
                id=uuid.uuid4().hex,
                dialled=client_number(sheet) or "",
                source="outgoing",
                ringing_at=now,
                caller_number=number,
                caller_name=contact_name(sheet, number),
            )
            call = await self._life.open(client_id, new)
        except BaseException:
            await endpoint.close()
            raise
        call.operator = operator
        try:
            placed = await self._media.place(
                number,
                presented=for_client(sheet),
                prefer=endpoint.codec,
                placement=Placement(client_id=client_id, operator=operator),
            )
        except BaseException as error:
            await endpoint.close()
            self._life.close(call, ended_by="system", reason=why(error))
            self._calls.remove(call)
            await self._journal.kept(timeout_s=1.0)
            raise
        call.line = placed
        call.bridge = call.voices = self._media.bridge(placed.endpoint)
        await call.bridge.connect_operator(endpoint)
        task = asyncio.create_task(
            self._see_through(call, placed, operator), name=f"calling-{call.call_id}"
        )
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        return call.call_id, answer

    async def _see_through(self, call: OngoingCall, placed: OutgoingCall, operator: User) -> None:
        assert call.bridge is not None  # noqa: S101 - set by `call`
        try:
            await self._ring(call, placed)
            call.controls = LineControls(log=call.log, voices=call.bridge, incoming=placed)
            self._life.mark_answered(call, operator)
            call.answered.set()
            await self._life.converse(call, placed)
        except (CallFailed, CallOver):
            self._life.end(call, placed)
        finally:
            if call.state != "ended":
                await placed.hang_up(by="system", reason="failed")
                self._life.end(call, placed)
            await call.bridge.close()
            self._calls.remove(call)

    async def _ring(self, call: OngoingCall, placed: OutgoingCall) -> Endpoint:
        """Wait for the answer; the operator hears that it rings, or what comes before it."""
        assert call.bridge is not None  # noqa: S101 - set by `call`
        tone = call.bridge.play("operator", ringing())
        early = asyncio.create_task(placed.early_media.wait())
        answered = asyncio.create_task(placed.answered())
        try:
            await asyncio.wait((early, answered), return_when=asyncio.FIRST_COMPLETED)
            tone.stop()
            return await answered
        finally:
            tone.stop()
            early.cancel()
            answered.cancel()


def contact_name(sheet: ClientSheet, number: str) -> str | None:
    """Who has this number at the client."""
    return next(
        (
            contact.name
            for contact in sheet.contacts
            if contact.phone and e164(contact.phone) == number
        ),
        None,
    )
