"""What an operator's telephone can do during a call: hold, mute, keys."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, Protocol

from copilot.events import CallHeld, KeysPressed, OperatorMuted
from copilot.journal import CallLog
from telephony.announcement import Piece, Playing
from telephony.call import CallLine
from telephony.errors import CallOver, OfferRefused, StillHeld

logger = logging.getLogger(__name__)


class JoinedVoices(Protocol):
    """What carries the two voices (`telephony.bridge.Bridge`)."""

    def mute(self, muted: bool) -> None: ...

    def hold(self, held: bool) -> None: ...

    def play(self, person: Literal["caller"], piece: Piece, /) -> Playing: ...

    async def send_keys(self, keys: str) -> None: ...


class LineControls:
    """The controls of one answered call whose voices pass through here. Each is idempotent."""

    def __init__(
        self,
        *,
        log: CallLog,
        voices: JoinedVoices,
        incoming: CallLine,
        on_hold: Piece | None = None,
    ) -> None:
        """`on_hold` is what the caller hears meanwhile; None: silence."""
        self._log = log
        self._voices = voices
        self._incoming = incoming
        self._on_hold = on_hold
        self._playing: Playing | None = None
        self._held = self._muted = False
        self._told_held = False
        """The caller's side agreed to wait, and must be told when it no longer does."""
        # One change at a time: the caller's side is asked, and may take a while to answer.
        self._holding = asyncio.Lock()

    def follow(self, line: CallLine) -> None:
        """Somebody else has the caller's place: on hold where the caller was, and not told yet."""
        self._incoming = line
        self._told_held = False

    async def hold(self, held: bool, *, operator_id: str) -> None:
        """On hold the operator hears silence, the caller what the client wants them to hear;
        nobody listens.

        The voices are parted at once, whatever the caller's side answers; they are joined again
        once it has agreed. Raises CallOver; StillHeld when it will not come back.
        """
        async with self._holding:
            self._check_going()
            if self._held == held:
                return
            if held:
                self._voices.hold(True)
                if self._on_hold is not None:
                    self._playing = self._voices.play("caller", self._on_hold)
            else:
                await self._come_back()
                if self._playing is not None:
                    self._playing.stop()
                self._voices.hold(False)
            self._held = held
            self._log.tell(CallHeld(**self._log.stamp(), held=held, operator_id=operator_id))
            if held:
                await self._ask_to_wait()

    async def _ask_to_wait(self) -> None:
        """Some telephones and trunks play music; without them the caller hears our silence."""
        try:
            await self._incoming.hold(True)
            self._told_held = True
        except OfferRefused as error:
            logger.info("call %s waits on our side alone: %s", self._log.call_id, error)

    async def _come_back(self) -> None:
        if not self._told_held:
            return
        try:
            await self._incoming.hold(False)
        except OfferRefused as error:
            raise StillHeld(str(error)) from error
        self._told_held = False
        self._check_going()

    def mute(self, muted: bool, *, operator_id: str) -> None:
        """Keep the operator's voice from the caller and from the transcript. Raises CallOver."""
        self._check_going()
        if self._muted != muted:
            self._muted = muted
            self._voices.mute(muted)
            self._log.tell(OperatorMuted(**self._log.stamp(), muted=muted, operator_id=operator_id))

    async def press_keys(self, keys: str, *, operator_id: str) -> None:
        """Which ones is kept nowhere: they may be a secret. Raises CallOver, KeysRefused."""
        self._check_going()
        await self._voices.send_keys(keys)
        self._log.tell(KeysPressed(**self._log.stamp(), operator_id=operator_id))

    def _check_going(self) -> None:
        if self._incoming.ended.is_set():
            raise CallOver(self._incoming.end_reason)
