"""What every call goes through, however it came: opened, conversed, ended."""

from __future__ import annotations

import asyncio
import logging

from copilot.events import CallAnswered, CallEnded, CallRinging, Trouble
from copilot.guide import guide_for
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from copilot.reception.assistance import Assistance
from copilot.reception.audiowatch import watch_audio
from copilot.reception.moving import last_line
from copilot.reception.ongoing import CallEnd, Media, OngoingCall, OngoingCalls
from copilot.recording.recordings import Recordings
from copilot.store.numbering import e164
from copilot.store.records.accounts import User
from copilot.store.records.calls import EndedBy, NewCall
from copilot.store.store import Store

logger = logging.getLogger(__name__)


class CallLife:
    """The steps of a call, each told in its log."""

    def __init__(
        self,
        *,
        calls: OngoingCalls,
        store: Store,
        journal: Journal,
        assistance: Assistance,
        media: Media,
        no_audio_s: float,
        recordings: Recordings,
    ) -> None:
        self._recordings = recordings
        self._media = media
        self._calls = calls
        self._store = store
        self._journal = journal
        self._assistance = assistance
        self._no_audio_s = no_audio_s

    async def open(self, client_id: str, new: NewCall) -> OngoingCall:
        """A call that comes in, in the store, the log and among those in progress."""
        scope = self._store.for_client(client_id)
        await scope.create_call(new)
        sheet = await scope.sheet(new.ringing_at)
        log = self._journal.open(client_id, new.id)
        call = OngoingCall(
            call_id=new.id,
            sheet=sheet,
            log=log,
            draft=MessageDraft(log, guide=guide_for(sheet)),
            ringing_at=new.ringing_at,
        )
        self._calls.add(call)
        log.tell(
            CallRinging(
                **log.stamp(),
                client_id=client_id,
                client_name=sheet.client.name,
                dialled=new.dialled,
                caller_number=new.caller_number,
                caller_name=new.caller_name,
                forwarded_from=new.forwarded_from,
                source=new.source,
            )
        )
        return call

    def mark_answered(self, call: OngoingCall, operator: User) -> None:
        """An operator has it."""
        call.operator = operator
        call.state = "live"
        call.answered_at = self._journal.now()
        call.log.tell(
            CallAnswered(**call.log.stamp(), operator_id=operator.id, operator_name=operator.name)
        )

    async def converse(self, call: OngoingCall, line: CallEnd) -> None:
        """Help the two people until the call ends, then finish what was said."""
        assert call.voices is not None  # noqa: S101 - set before `answered`
        legs = (call.voices.caller, call.voices.operator)
        self.open_recorder(call, announced=call.welcoming is not None and call.welcoming.announced)
        call.session = self._assistance.session(call)
        helping = asyncio.create_task(call.session.run(legs), name=f"session-{call.call_id}")
        watching = asyncio.create_task(
            watch_audio(call, no_audio_s=self._no_audio_s), name=f"audio-{call.call_id}"
        )
        try:
            self.end(call, await last_line(call, line, self._media))
        finally:
            watching.cancel()
            if call.move is not None:
                await call.move.stop()
            if call.transfer is not None:
                await call.transfer.call_over()
            await call.voices.close()
            try:
                await helping
            except Exception as error:
                logger.exception("the copilot failed on call %s", call.call_id)
                call.log.tell(
                    Trouble(
                        **call.log.stamp(),
                        part="recognition",
                        code="session_failed",
                        detail=str(error),
                    )
                )
            finally:
                self.close_recorder(call)

    def open_recorder(self, call: OngoingCall, *, announced: bool) -> None:
        """Begin its recording, where the client wants one."""
        call.recorder = self._recordings.open(
            call.sheet.client.settings, call.log, announced=announced
        )

    def close_recorder(self, call: OngoingCall) -> None:
        """Everything was said. Idempotent; waits for nothing."""
        if call.recorder is not None:
            self._recordings.finish(call.recorder)

    def end(self, call: OngoingCall, line: CallEnd) -> None:
        """It is over, as its line says."""
        self.close(call, ended_by=line.ended_by or "system", reason=line.end_reason or "unanswered")

    def close(self, call: OngoingCall, *, ended_by: EndedBy, reason: str) -> None:
        """It is over, and so it is told."""
        now = self._journal.now()
        call.state = "ended"
        duration_s = (now - call.answered_at).total_seconds() if call.answered_at else 0.0
        call.log.tell(
            CallEnded(**call.log.stamp(), ended_by=ended_by, reason=reason, duration_s=duration_s)
        )
        if call.answered_at is not None:
            call.draft.wrap_up(language=call.sheet.client.settings.written_in)


def readable_number(signalled: str | None) -> str | None:
    """E.164 where it can be told, else as the network gave it."""
    return (e164(signalled) or signalled) if signalled else None
