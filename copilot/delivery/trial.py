"""A trial note: what a channel carries, without a caller behind it."""

from __future__ import annotations

from datetime import datetime

from copilot.delivery.channel import Dispatch
from copilot.delivery.letterwords import WORDS
from copilot.store.records.calls import Call
from copilot.store.records.clients import Client
from copilot.store.records.identifiers import new_id
from copilot.store.records.messages import Message, OutboxItem


def trial(client: Client, channel: str, to: str, asked_by: str, at: datetime) -> Dispatch:
    """A dispatch of no call: nothing of it is kept."""
    item_id = new_id()
    reason = WORDS[client.settings.written_in].trial
    return Dispatch(
        item=OutboxItem(
            id=item_id,
            client_id=client.id,
            call_id="",
            message_id=item_id,
            channel=channel,
            recipient=to,
            idempotency_key=item_id,
            attempts=1,
            claim=item_id,
        ),
        message=Message(
            id=item_id,
            client_id=client.id,
            call_id="",
            state="approved",
            fields={"caller_name": "Souffleur", "reason": reason},
            note="",
            urgency="normal",
            approved_at=at,
            approved_by="",
            approved_by_name=asked_by,
            delivered_at=None,
            acknowledged_at=None,
            acknowledged_by=None,
            failure=None,
        ),
        client=client,
        call=Call(
            id="",
            client_id=client.id,
            client_name=client.name,
            client_colour=client.colour,
            state="ended",
            source="replay",
            dialled="",
            caller_number=None,
            caller_name=None,
            forwarded_from=None,
            ringing_at=at,
            answered_at=None,
            ended_at=at,
            duration_s=0.0,
            operator_id=None,
            operator_name=None,
            ended_by=None,
            end_reason=None,
            message_state="approved",
        ),
    )
