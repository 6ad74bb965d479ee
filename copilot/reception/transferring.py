"""One transfer: somebody is called, and has the caller in the end, or the operator has again.

    dialling ─> ringing ─> announcing / consulting ─> together ─> completed
         └──────────┴──────────────┴─> returned (why)      abandoned: the caller hung up

Whatever happens to who is called, the caller stays on the bridge of their call.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from copilot.events import TransferChanged
from copilot.reception.errors import NoAnnouncementError, NoTransferError, why
from copilot.reception.ongoing import CallBridge, Media, OngoingCall
from copilot.reception.placing import Placement
from copilot.store.records.accounts import User
from telephony.announcement import Piece, Playing
from telephony.call import CallLine, OutgoingCall, Presented
from telephony.errors import CallFailed, CallOver, ReferRefused, TelephonyError
from telephony.tone import ringing

logger = logging.getLogger(__name__)

Released: TypeAlias = Callable[[str], Awaitable[None]]
Mode: TypeAlias = Literal["blind", "consult", "announced"]
State: TypeAlias = Literal[
    "dialling",
    "ringing",
    "announcing",
    "consulting",
    "together",
    "completed",
    "returned",
    "abandoned",
]

ACCEPT, REFUSE = "1", "2"
PRESS_WITHIN_S = 15.0
"""After the announcement; it is played twice."""
UNTAKEN = (403, 405, 420, 481, 489, 501, 603)
"""Answers to a REFER that mean: not in this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asked for."""

    mode: Mode
    number: str
    """E.164, or an extension."""
    name: str = ""


class Transfer:
    """Of one call. `run` is a task that lives until the call is over or back."""

    def __init__(
        self,
        call: OngoingCall,
        wish: Wish,
        *,
        bridge: CallBridge,
        line: CallLine,
        media: Media,
        presented: Presented,
        operator: User,
        released: Released,
    ) -> None:
        """`released` is told the operator once the call is another's."""
        self.state: State = "dialling"
        self.via: Literal["bridge", "refer"] = "bridge"
        self.wish = wish
        self._id = uuid.uuid4().hex
        self._call, self._bridge, self._line, self._media = call, bridge, line, media
        self._presented = presented
        self._placement = Placement(client_id=call.sheet.client.id, operator=operator)
        self._tell_released = released
        self.operator_released = False
        self._callee: OutgoingCall | None = None
        self._decision: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """"" when who was called takes the caller; else why not."""
        self._at_once = wish.mode == "blind"
        """Whoever answers gets the caller."""
        self._played: dict[str, Playing] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> bool:
        """The caller waits, or talks with both."""
        return self.state not in ("completed", "returned", "abandoned")

    @property
    def reached(self) -> bool:
        """Who was called has answered, and may be waited for to be heard."""
        return self.state in ("announcing", "consulting", "together", "completed")

    # Commands

    def start(self, announcement: Piece | None) -> None:
        """Begin. Raises NoAnnouncementError."""
        if self.wish.mode == "announced" and announcement is None:
            raise NoAnnouncementError(self._call.call_id)
        self._tell("dialling")
        self._task = asyncio.create_task(
            self._run(announcement), name=f"transfer-{self._call.call_id}"
        )

    def complete(self) -> None:
        """Join the two now, or as soon as somebody answers. Raises NoTransferError."""
        if not self.under_way or self.wish.mode != "consult":
            raise NoTransferError(self._call.call_id)
        if self.state in ("consulting", "together"):
            self._decide("")
        else:
            self._at_once = True

    def bring_together(self) -> None:
        """Let all three talk: caller, operator and who was consulted. Idempotent.

        From then on the operator lets one of them go: `complete` leaves them to each other,
        `take_back` has the caller alone. Raises NoTransferError before somebody answered.
        """
        if self.state == "together":
            return
        if self.state != "consulting" or self._decision.done():
            raise NoTransferError(self._call.call_id)
        self._quiet("caller")
        self._bridge.hold(False)
        self._tell("together")

    def take_back(self, reason: str = "taken_back") -> None:
        """The operator wants the caller back. Idempotent."""
        self._decide(reason)

    async def call_over(self) -> None:
        """The caller has hung up: so does who was called. Idempotent."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.under_way:
            self._tell("abandoned")

    # The way of it

    async def _run(self, announcement: Piece | None) -> None:
        try:
            await self._reach(announcement)
            if self.state == "completed" and self._callee is not None:
                await self._callee.ended.wait()
                await self._line.hang_up(by="system", reason="callee_hung_up")
        except Exception:
            logger.exception("the transfer of call %s failed", self._call.call_id)
            await self._come_back("failed")
        finally:
            self._quiet()
            if self._callee is not None:
                await self._callee.hang_up(by="system", reason="caller_gone")

    async def _reach(self, announcement: Piece | None) -> None:
        self._bridge.hold(True)
        try:
            if self._at_once:
                self._play("caller", ringing())
                if self._media.refers and await self._referred():
                    return
            else:
                self._play("caller", await self._media.waiting(self._call.sheet.client.id))
            why_not = await self._ask(announcement)
        except TelephonyError as error:
            why_not = why(error)
        if why_not:
            await self._come_back(why_not)
        elif self._callee is not None:
            await self._join(self._callee)

    async def _ask(self, announcement: Piece | None) -> str:
        """Call, and find out whether they take the caller; "" if so. Raises TelephonyError."""
        callee = self._callee = await self._media.place(
            self.wish.number,
            presented=self._presented,
            prefer=self._line.codec,
            placement=self._placement,
        )
        await self._bridge.connect_guest(callee.endpoint, held=self.wish.mode != "consult")
        answered = asyncio.ensure_future(callee.answered())
        telling = asyncio.create_task(self._tell_ringing(callee))
        try:
            await asyncio.wait((answered, self._decision), return_when=asyncio.FIRST_COMPLETED)
        finally:
            telling.cancel()
            if not answered.done():
                answered.cancel()
        self._quiet("operator")
        if self._decision.done():
            await asyncio.gather(answered, return_exceptions=True)
            return self._decision.result()
        await answered
        if self._at_once:
            return ""
        callee.endpoint.on_digit = self._key
        if announcement is not None and self.wish.mode == "announced":
            self._tell("announcing")
            return await self._announce(callee, announcement)
        self._tell("consulting")
        return await self._decided(callee)

    async def _tell_ringing(self, callee: OutgoingCall) -> None:
        """The operator who waits to talk hears that it rings, unless there is something better."""
        if self.wish.mode == "consult" and not callee.early_media.is_set():
            self._play("operator", ringing())
        await callee.ringing.wait()
        self._tell("ringing")
        await callee.early_media.wait()
        self._quiet("operator")

    async def _announce(self, callee: OutgoingCall, announcement: Piece) -> str:
        """Play it, twice at most, until a key is pressed."""
        deciding = asyncio.create_task(self._decided(callee))
        try:
            for _ in range(2):
                over = asyncio.create_task(self._play("guest", announcement).finished())
                try:
                    await asyncio.wait((deciding, over), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    over.cancel()
                if not deciding.done():
                    await asyncio.wait((deciding,), timeout=PRESS_WITHIN_S)
                if deciding.done():
                    return deciding.result()
            return "no_key"
        finally:
            self._quiet("guest")
            if not deciding.done():
                deciding.cancel()
                await asyncio.gather(deciding, return_exceptions=True)

    async def _decided(self, callee: OutgoingCall) -> str:
        """Wait for a decision, or for who was called to hang up."""
        gone = asyncio.ensure_future(callee.ended.wait())
        try:
            await asyncio.wait((self._decision, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        return self._decision.result() if self._decision.done() else "hung_up"

    def _key(self, key: str) -> None:
        if key == ACCEPT:
            self._decide("")
        elif key == REFUSE:
            self._decide("refused")

    def _decide(self, why_not: str) -> None:
        if not self._decision.done():
            self._decision.set_result(why_not)

    # Its end

    async def _join(self, callee: OutgoingCall) -> None:
        """The caller and who was called talk; the operator is free."""
        if callee.ended.is_set():
            await self._come_back("hung_up")
            return
        callee.endpoint.on_digit = None
        if self._media.refers and await self._replaced(callee):
            return
        transcribed = self._call.sheet.client.settings.transfer_transcribed
        self._quiet()
        self._bridge.hold(False)
        self._bridge.hold(False, person="guest")
        self._tell("completed", transcribed=transcribed)
        if transcribed:
            await self._bridge.hand_over()
        else:
            await self._bridge.drop("operator")
        await self._release()

    async def _come_back(self, reason: str) -> None:
        """The caller and the operator talk again."""
        self._quiet()
        if self._callee is not None:
            await self._callee.hang_up()
        await self._bridge.drop("guest")
        self._bridge.hold(False)
        if self._call.transfer is self:
            self._call.transfer = None
        self._tell("returned", reason=reason)

    async def _referred(self) -> bool:
        """Whether the caller's side took the call to the number by itself; False when it does not
        do such things. Raises CallFailed when it tried and could not."""
        try:
            await self._line.refer(self.wish.number)
        except ReferRefused as error:
            if error.status in UNTAKEN:
                logger.info("call %s is transferred through us: %s", self._call.call_id, error)
                return False
            reason = {486: "busy", 600: "busy", 408: "no_answer", 480: "no_answer"}
            raise CallFailed(
                reason.get(error.status, "unreachable"), status=error.status
            ) from error
        await self._released()
        return True

    async def _replaced(self, callee: OutgoingCall) -> bool:
        """Whether both others were joined without us (RFC 3891); if not, they are through us."""
        try:
            await self._line.refer(self.wish.number, replaces=callee)
        except (ReferRefused, CallOver) as error:
            logger.info("call %s stays joined through us: %s", self._call.call_id, error)
            return False
        await self._released()
        return True

    async def _released(self) -> None:
        self.via = "refer"
        self._tell("completed")
        await self._release()
        await self._line.hang_up(by="system", reason="transferred")

    async def _release(self) -> None:
        """The operator has nothing more to do in this call: their wrap-up begins."""
        self._call.draft.wrap_up(language=self._call.sheet.client.settings.written_in)
        await self._tell_released(self._placement.operator.id)
        self.operator_released = True

    # Inside

    def _play(self, person: Literal["caller", "operator", "guest"], piece: Piece) -> Playing:
        playing = self._bridge.play(person, piece)
        self._played[person] = playing
        return playing

    def _quiet(self, *people: str) -> None:
        """Stop what is being played to these, or to everybody."""
        for person, playing in self._played.items():
            if not people or person in people:
                playing.stop()

    def _tell(self, state: State, *, reason: str = "", transcribed: bool = False) -> None:
        self.state = state
        log = self._call.log
        log.tell(
            TransferChanged(
                **log.stamp(),
                transfer_id=self._id,
                state=state,
                mode=self.wish.mode,
                number=self.wish.number,
                name=self.wish.name,
                operator_id=self._placement.operator.id,
                reason=reason,
                via=self.via,
                transcribed=transcribed,
            )
        )
