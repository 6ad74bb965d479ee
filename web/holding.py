"""One operator at a time writes the message of a call; their colleagues read it.

It is the operator who answered; for a call that nobody answered here (a recording, a letter), the
first to write. Another may take it: from the call's own log everybody's page knows at once.
"""

from __future__ import annotations

from copilot.accounts import SignedIn
from copilot.messageevents import MessageHeld
from copilot.store.records.calls import Call, Holder
from web.access import note
from web.house import House


class MessageHeldError(Exception):
    """Somebody else writes this message: nothing of theirs is written over."""

    code = "message_held"


async def holder_of(house: House, call: Call) -> Holder | None:
    """Who writes the message; null while nobody does."""
    taken = await house.store.for_client(call.client_id).held_by(call.id)
    if taken is not None or call.operator_id is None:
        return taken
    return Holder(operator_id=call.operator_id, operator_name=call.operator_name or "")


async def require_hold(house: House, person: SignedIn, call: Call) -> None:
    """Whoever writes a message that nobody holds, holds it. Raises MessageHeldError."""
    holder = await holder_of(house, call)
    if holder is None:
        await _hold(house, person, call)
    elif holder.operator_id != person.user.id:
        raise MessageHeldError(holder.operator_name)


async def take(house: House, person: SignedIn, call: Call) -> None:
    """Write the message instead of whoever does; audited. Idempotent."""
    holder = await holder_of(house, call)
    if holder is not None and holder.operator_id == person.user.id:
        return
    reason = f"from {holder.operator_name}" if holder else ""
    await note(
        house, person, "message.taken", client_id=call.client_id, subject=call.id, reason=reason
    )
    await _hold(house, person, call)


async def _hold(house: House, person: SignedIn, call: Call) -> None:
    log = await house.journal.reopen(call.client_id, call.id)
    user = person.user
    log.tell(MessageHeld(**log.stamp(), operator_id=user.id, operator_name=user.name))
    await house.journal.kept(timeout_s=5.0)
