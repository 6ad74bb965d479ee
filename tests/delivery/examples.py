"""Values that the delivery tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from copilot.delivery.channel import Dispatch
from copilot.delivery.letter import Sender
from copilot.store import Store
from copilot.store.queueing import idempotency_key
from copilot.store.records.calls import Call, NewCall
from copilot.store.records.clients import Client, ClientSettings
from copilot.store.records.messages import Message, OutboxItem

NOON = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)
SENDER = Sender(address="messages@souffleur.example.com", name="Souffleur")
CLIENT = Client(
    id="delorme",
    name="Plomberie Delorme",
    sector="plomberie",
    colour="#1f6f8b",
    greeting="Bonjour",
    settings=ClientSettings(recipients=("atelier@example.fr",)),
)
FIELDS: dict[str, str | None] = {
    "reason": "Fuite sous l'évier",
    "caller_name": "Zoé Lefèvre",
    "phone": "+33199001234",
    "callback": "true",
    "callback_when": "2026-03-18T14:00/18:00",
    "email": None,
    "urgency": "critique",
}


def dispatch(
    fields: dict[str, str | None] | None = None,
    *,
    note: str = "Code de la porte : 12A",
    urgency: str = "critique",
    recipient: str = "atelier@example.fr",
) -> Dispatch:
    message = Message(
        id="m1", client_id="delorme", call_id="c1", state="approved",
        fields=FIELDS if fields is None else fields, note=note, urgency=urgency,
        approved_at=NOON + timedelta(minutes=5), approved_by="o1", approved_by_name="Inès C.",
        delivered_at=None, acknowledged_at=None, acknowledged_by=None, failure=None,
    )  # fmt: skip
    call = Call(
        id="c1", client_id="delorme", client_name=CLIENT.name, client_colour=CLIENT.colour,
        state="ended", source="sip", dialled="+33199005678", caller_number="+33639981234",
        caller_name=None, forwarded_from=None, ringing_at=NOON, answered_at=NOON,
        ended_at=NOON + timedelta(seconds=185), duration_s=185.0, operator_id="o1",
        operator_name="Inès C.", ended_by="caller", end_reason="bye", message_state="approved",
    )  # fmt: skip
    item = OutboxItem(
        id="i1", client_id="delorme", call_id="c1", message_id="m1", channel="email",
        recipient=recipient, idempotency_key=idempotency_key("m1", "email", recipient),
        attempts=1, claim="x",
    )  # fmt: skip
    return Dispatch(item=item, message=message, client=CLIENT, call=call)


async def approve(store: Store, call_id: str = "c1", *recipients: str) -> Message:
    """A call with an approved message, due at once."""
    scope = store.for_client(CLIENT.id)
    if recipients:
        await scope.save_settings(ClientSettings(recipients=recipients))
    await scope.create_call(
        NewCall(id=call_id, dialled="+33199005678", source="sip", ringing_at=NOON)
    )
    approval = await scope.approve_message(
        call_id, fields=FIELDS, note="", urgency="critique", approved_by="o1",
        approved_by_name="Inès C.", at=NOON,
    )  # fmt: skip
    return approval.message
