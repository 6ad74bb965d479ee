"""The calls in progress: each is found a client, rings, is answered, is helped, and ends.

    receive (one task per call, owned by the telephony server)
        route ─> ring ─> answer (an operator's command) ─> bridge + CallSession ─> ended

The bridge carries the two voices by itself; everything else here may fail without being heard.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol
from zoneinfo import ZoneInfo

from copilot.codec import event_of, kind_of
from copilot.drafting.draft import ClientProfile, OpenDrafter, Turn
from copilot.drafting.draft import Contact as ProfileContact
from copilot.events import (
    CallAnswered,
    CallEnded,
    CallRinging,
    DraftChanged,
    DraftField,
    TranscriptionPaused,
    Trouble,
)
from copilot.guide import guide_for
from copilot.journal import CallLog, Journal
from copilot.linecontrols import JoinedVoices, LineControls
from copilot.messagedraft import MessageDraft
from copilot.parties import Parties, tell_apart
from copilot.session import CallSession, Copilot
from copilot.store.numbering import e164
from copilot.store.records import ClientSheet, EndedBy, NewCall, User
from copilot.store.store import Store
from knowledge.passages import Prompter
from models.hearing import Hearing, HearingContext
from telephony.call import CodecName, Endpoint, IncomingCall
from telephony.errors import OfferRefused, TelephonyError
from telephony.leg import Leg, LegRole

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from telephony.sip.recording import RecordedCall

WATCH_S = 1.0
"""How often the bridge is asked whether both voices still come."""


class ReceptionError(Exception):
    """A command on a call that cannot be done.

    ├── NoSuchCallError   not in progress here
    ├── TakenError        another operator has it
    ├── CallerGoneError   the caller hung up first
    └── NotCarriedError   its voices pass elsewhere: a copy of a PBX's call, a recording
    """

    code = "reception"


class NoSuchCallError(ReceptionError):
    """The call is not in progress."""

    code = "no_such_call"


class TakenError(ReceptionError):
    """Another operator answered first."""

    code = "taken"


class CallerGoneError(ReceptionError):
    """The caller hung up before the answer, or the media could not be set up."""

    code = "caller_gone"


class NotCarriedError(ReceptionError):
    """The voices of this call do not pass through here."""

    code = "not_carried"


class CallVoices(Protocol):
    """The two voices of a call, wherever they are carried (`telephony.listening.Listening`)."""

    @property
    def caller(self) -> Leg: ...

    @property
    def operator(self) -> Leg: ...

    def silent_s(self, role: LegRole) -> float | None:
        """Seconds since this person's last packet; None before the first."""
        ...

    async def close(self) -> None: ...


class CallBridge(CallVoices, JoinedVoices, Protocol):
    """Two joined endpoints and their legs (`telephony.bridge.Bridge`)."""

    async def connect_operator(self, endpoint: Endpoint) -> None: ...


class CallEnd(Protocol):
    """How a call ends, of `IncomingCall` and of a recording."""

    @property
    def ended(self) -> asyncio.Event: ...

    @property
    def ended_by(self) -> EndedBy | None: ...

    @property
    def end_reason(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """How calls are joined, given by the composition root."""

    bridge: Callable[[Endpoint], CallBridge]
    accept_operator: Callable[[str, CodecName], Awaitable[tuple[Endpoint, str]]]
    """SDP offer of the operator's browser and preferred codec, to endpoint and SDP answer."""


@dataclass(slots=True, kw_only=True)
class OngoingCall:
    """A call from its first ring to the last word transcribed."""

    call_id: str
    sheet: ClientSheet
    log: CallLog
    draft: MessageDraft
    ringing_at: datetime
    state: Literal["ringing", "live", "ended"] = "ringing"
    operator: User | None = None
    answered_at: datetime | None = None
    incoming: IncomingCall | None = None
    bridge: CallBridge | None = None
    voices: CallVoices | None = None
    """The bridge's, or a PBX's copies of them."""
    controls: LineControls | None = None
    """Of the bridge, from the answer on."""
    session: CallSession | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """The operator hung up on a recording."""


class Reception:
    """Every call in progress in this process."""

    def __init__(
        self,
        *,
        store: Store,
        journal: Journal,
        hearing: Hearing,
        prompter: Callable[[str], Awaitable[Prompter]],
        missed: Callable[[str, str, Turn], None] = lambda *_: None,
        open_drafter: OpenDrafter,
        executor: Executor,
        media: Media,
        ring_timeout_s: float,
        no_audio_s: float,
        operators: Mapping[str, str] | None = None,
    ) -> None:
        """`prompter` takes a client id; the first use of a client loads and indexes. `missed` is
        told client, call and turn when a question found nothing; it must not block. `operators`
        are the e-mail addresses of those who answer on a PBX's telephones, by extension."""
        self._store = store
        self._journal = journal
        self._hearing = hearing
        self._prompter = prompter
        self._missed = missed
        self._open_drafter = open_drafter
        self._executor = executor
        self._media = media
        self._ring_timeout_s = ring_timeout_s
        self._no_audio_s = no_audio_s
        self._operators = operators or {}
        self._calls: dict[str, OngoingCall] = {}

    def __iter__(self) -> Iterator[OngoingCall]:
        """Calls in progress, the longest waiting first."""
        return iter(tuple(self._calls.values()))

    def find(self, call_id: str) -> OngoingCall | None:
        """A call in progress."""
        return self._calls.get(call_id)

    # A call's life

    async def receive(self, incoming: IncomingCall) -> None:
        """Take a call from its arrival until everything said in it is transcribed."""
        forwarded_from = (incoming.forwarded_from,) if incoming.forwarded_from else ()
        route = await self._store.provider.route(incoming.dialled, forwarded_from=forwarded_from)
        if route is None:
            logger.warning(
                "call refused: no client has the number %s (forwarded from %s)",
                incoming.dialled,
                incoming.forwarded_from,
            )
            incoming.refuse(404, "No client has this number")
            return
        call = await self._ring(incoming, route.client_id)
        try:
            incoming.ring()
            await self._wait_for_answer(call, incoming)
            if call.answered.is_set():
                await self._converse(call, incoming)
            elif call.state != "ended":
                self._end(call, incoming)
        finally:
            if call.state != "ended":  # our own failure: nobody stays on a dead line
                await incoming.hang_up(by="system", reason="failed")
                self._end(call, incoming)
            self._calls.pop(call.call_id, None)

    async def receive_recording(self, recording: RecordedCall) -> None:
        """Follow a call that a PBX keeps and sends us a copy of (SIPREC), to its last word."""
        try:
            people = recording.read()
        except OfferRefused:
            return  # it was told why
        parties = tell_apart(people, operators=self._operators)
        numbers = [n for n in (recording.forwarded_from, *parties.numbers) if n]
        route = None
        if numbers:
            route = await self._store.provider.route(numbers[0], forwarded_from=numbers[1:])
        if route is None:
            told = ", ".join(numbers) or "none"
            logger.warning("recording refused: no client has any of its numbers (%s)", told)
            recording.refuse(404, "No client has these numbers")
            return
        new = NewCall(
            id=recording.call_id,
            dialled=route.number,
            source="siprec",
            ringing_at=self._journal.now(),
            caller_number=readable_number(parties.caller_number),
            caller_name=parties.caller_name,
            forwarded_from=readable_number(recording.forwarded_from),
        )
        call = await self._open(route.client_id, new)
        try:
            call.voices = await recording.listen(operator=parties.operator_at)
            await self._mark_followed(call, parties)
            await self._converse(call, recording)
        except TelephonyError as error:
            logger.info("recording %s: %s", recording.call_id, error)
            recording.refuse(480, "Temporarily Unavailable")
        finally:
            if call.state != "ended":
                await recording.hang_up(by="system", reason="failed")
                self._end(call, recording)
            self._calls.pop(call.call_id, None)

    async def _mark_followed(self, call: OngoingCall, parties: Parties) -> None:
        """Live at once: the operator answered on a telephone of the PBX's."""
        found = await self._store.people.by_email(parties.user) if parties.user else None
        if found is not None:
            self._mark_answered(call, found.user)
            return
        call.state, call.answered_at = "live", self._journal.now()
        call.log.tell(
            CallAnswered(
                **call.log.stamp(), operator_id="", operator_name=parties.operator_name or ""
            )
        )

    async def _ring(self, incoming: IncomingCall, client_id: str) -> OngoingCall:
        new = NewCall(
            id=incoming.call_id,
            dialled=readable_number(incoming.dialled) or "",
            source=incoming.source,
            ringing_at=self._journal.now(),
            caller_number=readable_number(incoming.caller_number),
            caller_name=incoming.caller_name,
            forwarded_from=readable_number(incoming.forwarded_from),
        )
        call = await self._open(client_id, new)
        call.incoming = incoming
        return call

    async def _open(self, client_id: str, new: NewCall) -> OngoingCall:
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
        self._calls[new.id] = call
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

    async def _wait_for_answer(self, call: OngoingCall, incoming: IncomingCall) -> None:
        waits = [
            asyncio.create_task(call.answered.wait(), name="answered"),
            asyncio.create_task(incoming.ended.wait(), name="ended"),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=self._ring_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            async with call.answering:  # an operator may be picking up at this very moment
                if not call.answered.is_set():
                    incoming.refuse(480, "Nobody answered")

    async def _converse(self, call: OngoingCall, incoming: CallEnd) -> None:
        """Help the two people until the call ends, then finish what was said."""
        assert call.voices is not None  # noqa: S101 - set before `answered`
        legs = (call.voices.caller, call.voices.operator)
        call.session = self._session(call)
        helping = asyncio.create_task(call.session.run(legs), name=f"session-{call.call_id}")
        watching = asyncio.create_task(self._watch_audio(call), name=f"audio-{call.call_id}")
        try:
            await incoming.ended.wait()
            self._end(call, incoming)
        finally:
            watching.cancel()
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

    async def _watch_audio(self, call: OngoingCall) -> None:
        """Say when nothing comes from one side, and when it comes again."""
        assert call.voices is not None  # noqa: S101 - set before `answered`
        missing: set[LegRole] = set()
        roles: tuple[LegRole, LegRole] = ("caller", "operator")
        since_s = 0.0
        while True:
            await asyncio.sleep(WATCH_S)
            since_s += WATCH_S
            for role in roles:
                silent_s = call.voices.silent_s(role)
                gone = (since_s if silent_s is None else silent_s) > self._no_audio_s
                if gone == (role in missing):
                    continue
                missing ^= {role}
                call.log.tell(
                    Trouble(
                        **call.log.stamp(),
                        part="audio",
                        code=f"no_audio_{role}",
                        detail="",
                        recovered=not gone,
                    )
                )

    def _session(self, call: OngoingCall, *, live: bool = True) -> CallSession:
        sheet = call.sheet
        client_id = sheet.client.id
        at = call.ringing_at.astimezone(ZoneInfo(sheet.client.settings.time_zone))
        return CallSession(
            log=call.log,
            copilot=Copilot(
                hearing=self._hearing,
                prompter=lambda: self._prompter(client_id),
                open_drafter=lambda: self._open_drafter(client=profile(sheet), at=at),
                executor=self._executor,
                unanswered=lambda call_id, turn: self._missed(client_id, call_id, turn),
            ),
            draft=call.draft,
            context=HearingContext(
                languages=sheet.client.settings.languages, vocabulary=vocabulary(sheet)
            ),
            live=live,
            redact=sheet.client.settings.redact,
        )

    def _end(self, call: OngoingCall, incoming: CallEnd) -> None:
        self._close(
            call, ended_by=incoming.ended_by or "system", reason=incoming.end_reason or "unanswered"
        )

    def _close(self, call: OngoingCall, *, ended_by: EndedBy, reason: str) -> None:
        now = self._journal.now()
        call.state = "ended"
        duration_s = (now - call.answered_at).total_seconds() if call.answered_at else 0.0
        call.log.tell(
            CallEnded(**call.log.stamp(), ended_by=ended_by, reason=reason, duration_s=duration_s)
        )

    # Operators' commands

    async def answer(self, call_id: str, *, operator: User, offer: str) -> str:
        """Join an operator's browser to a call; the SDP answer.

        The operator who has the call may answer again: media comes back after a page reload.

        Raises:
            NoSuchCallError, TakenError, CallerGoneError.
        """
        call = self._in_progress(call_id)
        async with call.answering:
            if call.state == "ended" or call.incoming is None:
                raise CallerGoneError(call_id)
            if call.operator is not None and call.operator.id != operator.id:
                raise TakenError(call.operator.name)
            if call.bridge is None:
                return await self._answer_first(call, call.incoming, operator, offer)
            try:
                endpoint, answer = await self._media.accept_operator(offer, call.incoming.codec)
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
            caller = await incoming.answer()
        except TelephonyError as error:
            await endpoint.close()
            raise CallerGoneError(str(error)) from error
        call.bridge = call.voices = self._media.bridge(caller)
        call.controls = LineControls(log=call.log, voices=call.bridge, incoming=incoming)
        await call.bridge.connect_operator(endpoint)
        self._mark_answered(call, operator)
        call.answered.set()
        return answer

    def _mark_answered(self, call: OngoingCall, operator: User) -> None:
        call.operator = operator
        call.state = "live"
        call.answered_at = self._journal.now()
        call.log.tell(
            CallAnswered(**call.log.stamp(), operator_id=operator.id, operator_name=operator.name)
        )

    async def hang_up(self, call_id: str, *, operator: User) -> None:
        """End a call from the operator's side.

        Raises NoSuchCallError, TakenError; NotCarriedError where a PBX keeps the call.
        """
        call = self._in_hand(call_id, operator)
        if call.incoming is not None:
            await call.incoming.hang_up(by="operator", reason="hung_up")
        elif call.voices is not None:
            raise NotCarriedError(call_id)
        else:
            call.stopped.set()

    def controls(self, call_id: str, *, operator: User) -> LineControls:
        """Hold, mute and keys of a call. Raises NoSuchCallError, TakenError, NotCarriedError."""
        call = self._in_hand(call_id, operator)
        if call.controls is None:
            raise NotCarriedError(call_id)
        return call.controls

    def pause(self, call_id: str, *, operator: User, paused: bool) -> None:
        """Stop listening to a call, or go on: nothing said meanwhile is heard, kept or drafted.

        Idempotent. Raises NoSuchCallError, TakenError.
        """
        call = self._in_hand(call_id, operator)
        if call.session is None:
            raise NoSuchCallError(call_id)
        if call.session.paused != paused:
            call.session.paused = paused
            call.log.tell(
                TranscriptionPaused(**call.log.stamp(), paused=paused, operator_id=operator.id)
            )

    def _in_hand(self, call_id: str, operator: User) -> OngoingCall:
        """A call in progress that this operator has. Raises NoSuchCallError, TakenError."""
        call = self._in_progress(call_id)
        if call.operator is None or call.operator.id != operator.id:
            raise TakenError(call.operator.name if call.operator else "")
        return call

    def _in_progress(self, call_id: str) -> OngoingCall:
        call = self._calls.get(call_id)
        if call is None:
            raise NoSuchCallError(call_id)
        return call

    # The message

    async def draft(self, client_id: str, call_id: str) -> MessageDraft:
        """The message of a call, in progress or over, as it last stood."""
        if call := self._calls.get(call_id):
            return call.draft
        log = await self._journal.reopen(client_id, call_id)
        scope = self._store.for_client(client_id)
        call_record = await scope.call(call_id)
        guide = guide_for(await scope.sheet(call_record.ringing_at))
        return MessageDraft(log, await last_told(self._store, client_id, call_id), guide=guide)

    # Recordings

    async def replay(
        self,
        *,
        call_id: str,
        client_id: str,
        dialled: str,
        operator: User,
        legs: tuple[Leg, Leg],
        paced: bool,
    ) -> None:
        """Play a recording through the same path as a live call, already answered."""
        call = await self._open(
            client_id,
            NewCall(id=call_id, dialled=dialled, source="replay", ringing_at=self._journal.now()),
        )
        self._mark_answered(call, operator)
        call.session = self._session(call, live=paced)
        playing = asyncio.create_task(call.session.run(legs), name=f"session-{call_id}")
        stopping = asyncio.create_task(call.stopped.wait(), name=f"stop-{call_id}")
        try:
            await asyncio.wait((playing, stopping), return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                await playing
        finally:
            for task in (playing, stopping):
                task.cancel()
            await asyncio.gather(playing, stopping, return_exceptions=True)
            ended_by: EndedBy = "operator" if call.stopped.is_set() else "caller"
            self._close(call, ended_by=ended_by, reason="recording_ended")
            self._calls.pop(call_id, None)


def readable_number(signalled: str | None) -> str | None:
    """E.164 where it can be told, else as the network gave it."""
    return (e164(signalled) or signalled) if signalled else None


async def last_told(store: Store, client_id: str, call_id: str) -> tuple[DraftField, ...]:
    """The message's fields as the call's log last has them."""
    events = await store.for_client(client_id).events_since(call_id)
    for stored in reversed(events):
        if stored.kind == kind_of(DraftChanged):
            event = event_of(
                kind=stored.kind,
                call_id=stored.call_id,
                seq=stored.seq,
                at=stored.at,
                data=stored.data,
            )
            assert isinstance(event, DraftChanged)  # noqa: S101 - by its kind
            return event.fields
    return ()


def profile(sheet: ClientSheet) -> ClientProfile:
    """What the drafter needs to know of a client."""
    settings = sheet.client.settings
    return ClientProfile(
        name=sheet.client.name,
        sector=sheet.client.sector,
        contacts=tuple(ProfileContact(name=c.name, role=c.role) for c in sheet.contacts),
        required_fields=settings.required_fields,
        urgent_rules=settings.urgent_rules,
        never=settings.never,
    )


def vocabulary(sheet: ClientSheet) -> tuple[str, ...]:
    """Words to expect: the client, its people, its jargon."""
    names = (sheet.client.name, *(contact.name for contact in sheet.contacts))
    return tuple(dict.fromkeys((*names, *sheet.client.settings.vocabulary)))
