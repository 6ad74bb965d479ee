"""A caller's welcome: greeting, announcement, something to wait by. Heard before any operator.

    early media or answer ─> greeting ─> announcement ─> done ─> ring-back or music, until answered

An operator who answers cuts the greeting short, never the announcement: nobody is listened to
before a caller who must be told has been told.
"""

from __future__ import annotations

import asyncio
import logging

from copilot.events import SoundPlayed
from copilot.reception.ongoing import CallBridge, Media, OngoingCall
from copilot.store.errors import NotFoundError, StoreError
from copilot.waiting.sounds import ClientSounds
from copilot.waiting.welcome import SoundKind, Waiting, Welcome
from telephony.announcement import Piece, Playing
from telephony.call import Endpoint, IncomingCall
from telephony.errors import OfferRefused

logger = logging.getLogger(__name__)


class Welcoming:
    """What one caller is played. `receive` once, or `turn_away`; both return when it was heard."""

    def __init__(
        self, call: OngoingCall, incoming: IncomingCall, *, sounds: ClientSounds, media: Media
    ) -> None:
        self._call = call
        self._incoming = incoming
        self._sounds = sounds
        self._media = media
        self._welcome: Welcome = call.sheet.client.settings.welcome
        self._greeting: Playing | None = None
        self._wait: Playing | None = None
        self._hurried = False
        self.on_hold: Piece | None = None
        """What the caller hears while on hold; None: silence."""
        self.done = asyncio.Event()
        """Everything that must be heard was, or the caller has gone."""
        self.announced = False
        """The announcement was heard to its end."""
        self.picked_up = False
        """The call was answered for the welcome's sake."""

    async def receive(self) -> None:
        """Welcome the caller, and leave them with what they wait by. Raises TelephonyError."""
        try:
            announcement = await self._must_be_heard()
            greeting = await self._piece("greeting")
            wait = await self._to_wait_by(self._welcome.waiting)
            self.on_hold = await self._to_wait_by(self._welcome.hold)
            if greeting is None and announcement is None and self._welcome.waiting == "ring":
                self._incoming.ring()
                return
            bridge = await self._open()
            if greeting is not None and not self._hurried:
                self._greeting = bridge.play("caller", greeting)
                await self._heard("greeting", self._greeting)
            if announcement is not None:
                await self._heard("announcement", bridge.play("caller", announcement))
            if wait is not None and not self._hurried:
                self._wait = bridge.play("caller", wait)
        finally:
            self.done.set()

    async def turn_away(self) -> None:
        """Tell that nobody answers, where the client has a sound for it. Raises TelephonyError."""
        closed = await self._piece("closed")
        self._stop_waiting()
        if closed is not None and not self._incoming.ended.is_set():
            bridge = await self._open()
            await self._heard("closed", bridge.play("caller", closed))

    def hurry(self) -> None:
        """An operator is there: what may be cut short is."""
        self._hurried = True
        if self._greeting is not None:
            self._greeting.stop()
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._wait is not None:
            self._wait.stop()

    async def _open(self) -> CallBridge:
        """A way for the caller to hear: early where that is wanted and can be."""
        if self._call.bridge is not None:
            return self._call.bridge
        if self._welcome.early:
            try:
                endpoint = await self._incoming.early()
            except OfferRefused as error:
                if self._incoming.ended.is_set():
                    raise
                logger.info("call %s is answered for its welcome: %s", self._call.call_id, error)
                endpoint = await self._answer()
        else:
            endpoint = await self._answer()
        self._call.bridge = self._media.bridge(endpoint)
        return self._call.bridge

    async def _answer(self) -> Endpoint:
        endpoint = await self._incoming.answer()
        self.picked_up = True
        return endpoint

    async def _heard(self, sound: SoundKind, playing: Playing) -> None:
        """Wait until it was heard, or the caller has gone; and say so."""
        assert sound != "hold" and sound != "transfer"  # noqa: S101, PT018 - callers are told neither
        over = asyncio.create_task(playing.finished(), name=f"{sound} played")
        gone = asyncio.create_task(self._incoming.ended.wait(), name="caller gone")
        try:
            await asyncio.wait((over, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            playing.stop()
        log, whole = self._call.log, await over
        self.announced = self.announced or (whole and sound == "announcement")
        log.tell(
            SoundPlayed(
                **log.stamp(),
                sound=sound,
                whole=whole,
                heard_s=round(playing.heard_s, 2),
                early=not self.picked_up,
            )
        )

    async def _must_be_heard(self) -> Piece | None:
        """The announcement, where the client requires it. Raises StoreError: without it nobody
        may listen, and there is no call."""
        if not self._welcome.announce:
            return None
        found = await self._sounds.piece(self._call.sheet.client.id, "announcement")
        if found is None:
            raise NotFoundError("the announcement that callers must hear is gone")
        return found

    async def _piece(self, kind: SoundKind) -> Piece | None:
        """A sound that a call does without rather than fail."""
        try:
            return await self._sounds.piece(self._call.sheet.client.id, kind)
        except StoreError as error:
            logger.warning("call %s goes without its %s: %s", self._call.call_id, kind, error)
            return None

    async def _to_wait_by(self, chosen: Waiting) -> Piece | None:
        match chosen:
            case "ring":
                return self._sounds.ringing()
            case "tone":
                return self._sounds.tone()
            case "music":
                return await self._piece("hold")
            case "silence":
                return None
