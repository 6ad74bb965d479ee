"""What operators do with calls in progress: answer, hang up, hold, pause."""

from __future__ import annotations

from copilot.events import TranscriptionPaused
from copilot.linecontrols import LineControls
from copilot.reception.errors import (
    CallerGoneError,
    NoSuchCallError,
    NotCarriedError,
    TakenError,
    TransferringError,
)
from copilot.reception.life import CallLife
from copilot.reception.ongoing import CallBridge, Media, OngoingCall, OngoingCalls
from copilot.recording.errors import NotRecordedError
from copilot.store.records.accounts import User
from telephony.call import IncomingCall
from telephony.errors import CallOver, TelephonyError


class OperatorCommands:
    """Each names the call and who commands it."""

    def __init__(self, *, calls: OngoingCalls, life: CallLife, media: Media) -> None:
        self._calls = calls
        self._life = life
        self._media = media

    async def answer(self, call_id: str, *, operator: User, offer: str) -> str:
        """Join an operator's browser to a call; the SDP answer.

        The operator who has the call may answer again: media comes back after a page reload.

        Raises:
            NoSuchCallError, TakenError, CallerGoneError.
        """
        call = self._calls.in_progress(call_id)
        if call.claimed_by is not None and call.claimed_by.id != operator.id:
            raise TakenError(call.claimed_by.name)
        async with call.answering:
            if call.state == "ended" or (call.line is None and call.incoming is None):
                raise CallerGoneError(call_id)
            if not call.answerable:
                raise CallerGoneError(call_id)
            if call.operator is not None and call.operator.id != operator.id:
                raise TakenError(call.operator.name)
            if call.transfer is not None and not call.transfer.under_way:
                raise TransferringError(call_id)
            if call.bridge is None or call.line is None:
                assert call.incoming is not None  # noqa: S101 - what has no line yet rings
                call.claimed_by = operator
                try:
                    return await self._answer_first(call, call.incoming, operator, offer)
                finally:
                    call.claimed_by = None
            try:
                endpoint, answer = await self._media.accept_operator(offer, call.line.codec)
            except TelephonyError as error:
                raise CallerGoneError(str(error)) from error
            await call.bridge.connect_operator(endpoint)
            return answer

    async def _answer_first(
        self, call: OngoingCall, incoming: IncomingCall, operator: User, offer: str
    ) -> str:
        """Accept the browser before picking up: a bad offer must not cost the caller the call."""
        try:
            endpoint, answer = await self._media.accept_operator(offer, incoming.codec)
        except TelephonyError as error:
            raise CallerGoneError(str(error)) from error
        try:
            bridge = await self._pick_up(call, incoming)
        except TelephonyError as error:
            await endpoint.close()
            raise CallerGoneError(str(error)) from error
        except BaseException:
            await endpoint.close()
            raise
        bridge.begin()
        call.line = incoming
        on_hold = call.welcoming.on_hold if call.welcoming else None
        call.bridge = call.voices = bridge
        call.controls = LineControls(
            log=call.log, voices=bridge, incoming=incoming, on_hold=on_hold
        )
        await bridge.connect_operator(endpoint)
        self._life.mark_answered(call, operator)
        call.answered.set()
        return answer

    async def _pick_up(self, call: OngoingCall, incoming: IncomingCall) -> CallBridge:
        """Answer the caller, once they heard what they must. Raises TelephonyError."""
        welcoming = call.welcoming
        if welcoming is not None:
            welcoming.hurry()
            await welcoming.done.wait()
        if incoming.ended.is_set():
            raise CallOver(f"the call is over: {incoming.end_reason}")
        if call.bridge is None:
            return self._media.bridge(await incoming.answer())
        if welcoming is None or not welcoming.picked_up:
            await incoming.answer()
        return call.bridge

    async def hang_up(self, call_id: str, *, operator: User) -> None:
        """End a call from the operator's side; while it is being transferred, only the transfer.

        Raises NoSuchCallError, TakenError, TransferringError; NotCarriedError where a PBX keeps
        the call.
        """
        call = self._calls.of(call_id, operator)
        if call.transfer is not None and call.transfer.under_way:
            call.transfer.take_back("operator_hung_up")
            return
        call = self._calls.in_hand(call_id, operator)
        if call.line is not None:
            await call.line.hang_up(by="operator", reason="hung_up")
        elif call.voices is not None:
            raise NotCarriedError(call_id)
        else:
            call.stopped.set()

    def controls(self, call_id: str, *, operator: User) -> LineControls:
        """Hold, mute and keys of a call. Raises NoSuchCallError, TakenError, NotCarriedError."""
        call = self._calls.in_hand(call_id, operator)
        if call.controls is None:
            raise NotCarriedError(call_id)
        return call.controls

    def record(self, call_id: str, *, operator: User, recording: bool) -> None:
        """Begin, pause or resume the recording of a call; everything else goes on. Idempotent.

        Raises NoSuchCallError, TakenError, TransferringError, NotRecordedError,
        NotAnnouncedError, RecordingOverError.
        """
        call = self._calls.in_hand(call_id, operator)
        if call.recorder is None:
            raise NotRecordedError(call_id)
        call.recorder.record(recording, operator_id=operator.id)

    def pause(self, call_id: str, *, operator: User, paused: bool) -> None:
        """Stop listening to a call, or go on: nothing said meanwhile is heard, kept or drafted.

        Idempotent. Raises NoSuchCallError, TakenError.
        """
        call = self._calls.in_hand(call_id, operator)
        if call.session is None:
            raise NoSuchCallError(call_id)
        if call.session.paused != paused:
            call.session.paused = paused
            if call.recorder is not None:
                call.recorder.hush(paused, operator_id=operator.id)
            call.log.tell(
                TranscriptionPaused(**call.log.stamp(), paused=paused, operator_id=operator.id)
            )
