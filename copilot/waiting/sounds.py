"""Clients' sounds as pieces to be played, shared by all who hear them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from datetime import datetime

import numpy as np

from copilot.store.errors import NotFoundError, StoreError
from copilot.store.store import Store
from copilot.waiting.welcome import SoundKind
from telephony.announcement import Piece
from telephony.sound import RATE_HZ, kept_pcm
from telephony.tone import ringing, waiting

logger = logging.getLogger(__name__)

MOST_KEPT = 32
"""Pieces in memory: three minutes of music in three codecs are 8 MB. The longest unheard goes."""
LEAD_S = 0.2
"""Silence before words: a network may take as long to let the first of them through."""


class ClientSounds:
    """Sounds by client and kind. Read anew when they were replaced."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pieces: OrderedDict[tuple[str, SoundKind], tuple[datetime, Piece]] = OrderedDict()
        self._ringing: Piece | None = None
        self._waiting: Piece | None = None

    async def piece(self, client_id: str, kind: SoundKind) -> Piece | None:
        """None when the client has no such sound. Raises `UnavailableError`."""
        scope = self._store.for_client(client_id)
        known = {sound.kind: sound.added_at for sound in await scope.sounds()}
        if kind not in known:
            return None
        key = (client_id, kind)
        kept = self._pieces.get(key)
        if kept is None or kept[0] != known[kind]:
            try:
                stored, content = await scope.sound(kind)
            except NotFoundError:  # taken away between the two looks
                return None
            kept = stored.added_at, _piece(content, kind)
        self._pieces[key] = kept
        self._pieces.move_to_end(key)
        if len(self._pieces) > MOST_KEPT:
            self._pieces.popitem(last=False)
        return kept[1]

    async def while_called(self, client_id: str) -> Piece:
        """What a caller hears while somebody is called for them: the client's piece, or our tone.

        Never fails: a caller does without the piece rather than hear nothing.
        """
        try:
            return await self.piece(client_id, "hold") or self.tone()
        except StoreError as error:
            logger.warning("a caller waits without the piece of client %s: %s", client_id, error)
            return self.tone()

    async def for_callee(self, client_id: str) -> Piece | None:
        """What is said to somebody to whom a call is transferred. Raises `UnavailableError`."""
        return await self.piece(client_id, "transfer")

    def ringing(self) -> Piece:
        """Ring-back, where the network sends none because the voice is open."""
        self._ringing = self._ringing or ringing()
        return self._ringing

    def tone(self) -> Piece:
        """Our own sound to wait by."""
        self._waiting = self._waiting or waiting()
        return self._waiting


def _piece(content: bytes, kind: SoundKind) -> Piece:
    pcm = kept_pcm(content)
    if kind == "hold":
        return Piece(pcm, looped=True)
    lead = np.zeros(round(LEAD_S * RATE_HZ), dtype=np.int16)
    return Piece(np.concatenate([lead, pcm]))
