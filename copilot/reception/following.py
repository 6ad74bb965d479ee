"""Calls that somebody else keeps and sends us a copy of: a PBX (SIPREC), a platform."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from copilot.events import CallAnswered
from copilot.journal import Journal
from copilot.parties import Parties, tell_apart
from copilot.reception.life import CallLife, readable_number
from copilot.reception.ongoing import CallEnd, CallVoices, OngoingCall, OngoingCalls
from copilot.store.records.calls import EndedBy, NewCall, RungSource
from copilot.store.store import Store
from telephony.errors import OfferRefused, TelephonyError

if TYPE_CHECKING:
    from telephony.mediastream import CopiedStream
    from telephony.sip.recording import RecordedCall

logger = logging.getLogger(__name__)


class CopiedCall(CallEnd, Protocol):
    """A call that goes on whatever becomes of us."""

    @property
    def call_id(self) -> str: ...

    @property
    def forwarded_from(self) -> str | None: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    async def listen(self, *, operator: int) -> CallVoices:
        """Both voices; `operator` says which of the two streams is theirs, 0 or 1."""
        ...

    def refuse(self, status: int, reason: str) -> None: ...

    async def hang_up(self, *, by: EndedBy = "system", reason: str = "hung_up") -> None: ...


class Follower:
    """Follows such calls to their last word; the voices pass elsewhere."""

    def __init__(
        self,
        *,
        calls: OngoingCalls,
        store: Store,
        journal: Journal,
        life: CallLife,
        operators: Mapping[str, str],
    ) -> None:
        """`operators`: e-mail addresses of those who answer on the PBX's telephones, by
        extension."""
        self._calls = calls
        self._store = store
        self._journal = journal
        self._life = life
        self._operators = operators

    async def follow_stream(self, copy: CopiedStream) -> None:
        """Listen to a call that a platform keeps: it says itself whose track is whose."""
        told = copy.operator or ""
        parties = Parties(
            operator_at=1,
            user=self._operators.get(told, told if "@" in told else None),
            operator_name=told or None,
            caller_number=copy.caller_number,
            caller_name=copy.caller_name,
            numbers=(copy.dialled,),
        )
        await self._follow(copy, parties, source="mediacopy")

    async def follow(self, recording: RecordedCall) -> None:
        """Listen to a call that a PBX copies to us until everything said in it is transcribed."""
        try:
            people = recording.read()
        except OfferRefused:
            return  # it was told why
        parties = tell_apart(people, operators=self._operators)
        await self._follow(recording, parties, source="siprec")

    async def _follow(self, recording: CopiedCall, parties: Parties, *, source: RungSource) -> None:
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
            source=source,
            ringing_at=self._journal.now(),
            caller_number=readable_number(parties.caller_number),
            caller_name=parties.caller_name,
            forwarded_from=readable_number(recording.forwarded_from),
            names=recording.names,
        )
        call = await self._life.open(route.client_id, new)
        try:
            call.voices = await recording.listen(operator=parties.operator_at)
            await self._mark_followed(call, parties)
            await self._life.converse(call, recording)
        except TelephonyError as error:
            logger.info("recording %s: %s", recording.call_id, error)
            recording.refuse(480, "Temporarily Unavailable")
        finally:
            if call.state != "ended":
                await recording.hang_up(by="system", reason="failed")
                self._life.end(call, recording)
            self._calls.remove(call)

    async def _mark_followed(self, call: OngoingCall, parties: Parties) -> None:
        """Live at once: the operator answered on a telephone of the PBX's."""
        found = await self._store.people.by_email(parties.user) if parties.user else None
        if found is not None:
            self._life.mark_answered(call, found.user)
            return
        call.state, call.answered_at = "live", self._journal.now()
        call.log.tell(
            CallAnswered(
                **call.log.stamp(), operator_id="", operator_name=parties.operator_name or ""
            )
        )
