"""Calls that a process left open when it died are over: their rows and their logs say so."""

from __future__ import annotations

from datetime import datetime

from copilot.callrecord import CallRecord
from copilot.events import CallEnded
from copilot.store.records.calls import Call
from copilot.store.store import Store


async def end_interrupted(store: Store, *, reason: str) -> int:
    """End every open call with the last line of its log, as far as anyone knows; how many.

    For a process that knows that it is the only one, before anybody follows calls: whoever comes
    back to one of them is told that it is over, as of any other. Safe to repeat. Raises StoreError.
    """
    left = await store.provider.board()
    for call in left:
        await end_left(store, call, reason=reason)
    return len(left)


async def end_left(
    store: Store, call: Call, *, reason: str, silent_since: datetime | None = None
) -> CallEnded | None:
    """End an open call that nobody has; what says so, kept already. Safe to repeat.

    None, and nothing done, when something happened in it after `silent_since`. Raises StoreError.
    """
    told = await store.for_client(call.client_id).events_since(call.id)
    seq = told[-1].seq + 1 if told else 1
    known = (call.ringing_at, call.answered_at, told[-1].at if told else None)
    end = max(moment for moment in known if moment is not None)
    if silent_since is not None and end > silent_since:
        return None
    lasted = (end - call.answered_at).total_seconds() if call.answered_at else 0.0
    ended = CallEnded(
        call_id=call.id, seq=seq, at=end, ended_by="system", reason=reason, duration_s=lasted
    )
    await CallRecord(store).keep(call.client_id, call.id, [ended])
    return ended
