"""Recordings played through the same path as a live call."""

from __future__ import annotations

import asyncio

from copilot.journal import Journal
from copilot.reception.assistance import Assistance
from copilot.reception.life import CallLife
from copilot.reception.ongoing import OngoingCalls
from copilot.store.records.accounts import User
from copilot.store.records.calls import EndedBy, NewCall
from telephony.leg import Leg


class Player:
    """Plays recordings as calls, already answered."""

    def __init__(
        self, *, calls: OngoingCalls, journal: Journal, life: CallLife, assistance: Assistance
    ) -> None:
        self._calls = calls
        self._journal = journal
        self._life = life
        self._assistance = assistance

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
        """Play a recording from its first word to its last, at its own speed where `paced`."""
        call = await self._life.open(
            client_id,
            NewCall(id=call_id, dialled=dialled, source="replay", ringing_at=self._journal.now()),
        )
        self._life.mark_answered(call, operator)
        # Nobody is on the line who would have to be told.
        self._life.open_recorder(call, announced=True)
        call.session = self._assistance.session(call, live=paced)
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
            self._life.close_recorder(call)
            ended_by: EndedBy = "operator" if call.stopped.is_set() else "caller"
            self._life.close(call, ended_by=ended_by, reason="recording_ended")
            self._calls.remove(call)
        if call.recorder is not None:
            await call.recorder.finished()  # whoever plays it again may hear it at once
