"""Calls of people whom a client blocked: recognised before anything rings, said in the audit trail.

The call is kept like any other, so that nobody is turned away without a trace.
"""

from __future__ import annotations

import logging

from copilot.journal import Journal
from copilot.reception.ongoing import OngoingCall
from copilot.store.audit import SYSTEM, Act
from copilot.store.errors import StoreError
from copilot.store.numbering import e164
from copilot.store.store import Store

logger = logging.getLogger(__name__)

BLOCKED = "blocked"
"""The end's reason."""


class BlockedCallers:
    """Says whether a call stops here, by its client's rule."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal

    async def stops(self, call: OngoingCall, caller_number: str | None) -> bool:
        """Whether nobody is rung. A number that is hidden, or shared with somebody who is not
        blocked, stops nothing; nor does a database that does not answer."""
        number = e164(caller_number) if caller_number else None
        if number is None:
            return False
        client = call.sheet.client
        try:
            people = await self._store.for_client(client.id).recognised(number)
            if not people or any(person.standing != "blocked" for person in people):
                return False
            await self._store.audit.record(
                Act(
                    actor=SYSTEM,
                    action="call.blocked",
                    at=self._journal.now(),
                    client_id=client.id,
                    subject=call.call_id,
                    detail={"rule": client.settings.blocked_calls},
                )
            )
        except StoreError:
            logger.exception("call %s rings: who calls could not be looked up", call.call_id)
            return False
        return client.settings.blocked_calls != "shown"
