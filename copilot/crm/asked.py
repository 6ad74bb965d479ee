"""A client's own system, asked who calls by its webhook, signed like what is posted there.

    {"type": "caller.lookup", "timestamp": ..., "data": {"client_id": ..., "number": "+33..."}}

answered by `{"people": [{"name", "company", "email", "note", "address"}]}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from copilot.crm.people import MOST_PEOPLE, CrmPerson, page_of, text_of
from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError
from copilot.delivery.guarded import GuardedRequests
from copilot.delivery.webhook import signed
from copilot.routing import DeliveryRoute
from copilot.store.records.identifiers import new_id

LOOKUP_S = 1.5


class AskedWebhook:
    """The system behind one webhook."""

    def __init__(
        self,
        requests: GuardedRequests,
        route: DeliveryRoute,
        *,
        client_id: str,
        now: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._route = route
        self._client_id = client_id
        self._now = now

    async def find(self, number: str) -> tuple[CrmPerson, ...]:
        """As `Crm.find`."""
        at = self._now()
        asked = {
            "type": "caller.lookup",
            "timestamp": at.isoformat(),
            "data": {"client_id": self._client_id, "number": number},
        }
        body = json.dumps(asked, separators=(",", ":")).encode()
        headers = signed(self._route.secret or "", new_id(), at, body)
        answer = await self._requests.post(self._route.to, body, headers, timeout_s=LOOKUP_S)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TemporaryFailureError(f"refusé ({answer.status_code})")
        if not 200 <= answer.status_code < 300:
            raise PermanentFailureError(f"refusé ({answer.status_code})")
        try:
            told = answer.json() if answer.content else {}
        except (ValueError, RecursionError) as error:
            raise PermanentFailureError("réponse illisible") from error
        people = told.get("people") if isinstance(told, dict) else None
        listed = people if isinstance(people, list) else []
        return tuple(
            CrmPerson(
                name=text_of(one.get("name")),
                company=text_of(one.get("company")),
                email=text_of(one.get("email")),
                note=text_of(one.get("note")),
                address=page_of(one.get("address")),
            )
            for one in listed[:MOST_PEOPLE]
            if isinstance(one, dict)
        )
