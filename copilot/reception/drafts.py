"""The message of a call, wherever the call is."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.appointmentevents import AppointmentChanged
from copilot.codec import event_of, kind_of
from copilot.events import CallRinging, DraftChanged, DraftField, Event, TransferChanged
from copilot.guide import guide_for
from copilot.journal import Journal
from copilot.messagedraft import MessageDraft
from copilot.reception.ongoing import OngoingCalls
from copilot.store.records.calls import StoredEvent
from copilot.store.store import Store
from copilot.wrapup.done import done_of

KEPT_WITHIN_S = 1.0
"""How long a message may wait for what was just told to be in the store."""
TELLING = frozenset(map(kind_of, (CallRinging, TransferChanged, AppointmentChanged)))
"""Events that tell what was done for the caller."""


class Drafts:
    """Drafts of calls in progress here, and of calls over."""

    def __init__(self, *, calls: OngoingCalls, store: Store, journal: Journal) -> None:
        self._calls = calls
        self._store = store
        self._journal = journal

    async def of(self, client_id: str, call_id: str) -> MessageDraft:
        """The message of a call, in progress or over, as it last stood."""
        if call := self._calls.find(call_id):
            return call.draft
        log = await self._journal.reopen(client_id, call_id)
        await self._journal.kept(timeout_s=KEPT_WITHIN_S)
        scope = self._store.for_client(client_id)
        call_record = await scope.call(call_id)
        sheet = await scope.sheet(call_record.ringing_at)
        events = await scope.events_since(call_id)
        log.done = done_of(_opened(event) for event in events if event.kind in TELLING)
        told = last_fields(events)
        draft = MessageDraft(log, told, guide=guide_for(sheet))
        if call_record.answered_at is not None and call_record.ended_at is not None:
            draft.wrap_up(language=sheet.client.settings.written_in, tell=False)
        return draft


def _opened(stored: StoredEvent) -> Event:
    return event_of(
        kind=stored.kind, call_id=stored.call_id, seq=stored.seq, at=stored.at, data=stored.data
    )


def last_fields(events: Sequence[StoredEvent]) -> tuple[DraftField, ...]:
    """The message's fields as the call's log last has them."""
    for stored in reversed(events):
        if stored.kind == kind_of(DraftChanged):
            event = _opened(stored)
            assert isinstance(event, DraftChanged)  # noqa: S101 - by its kind
            return event.fields
    return ()
