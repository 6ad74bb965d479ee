"""Approving a message: one transaction, then everybody is told."""

from __future__ import annotations

from copilot.accounts import SignedIn
from copilot.drafting.draft import FIELD_NAMES
from copilot.events import MessageApproved
from copilot.guide import form_of
from copilot.messagedraft import check_names
from copilot.store.records import Call, Message
from web.house import House
from web.schemas import ApproveMessage


async def approve(house: House, person: SignedIn, call: Call, approval: ApproveMessage) -> Message:
    """Keep the message with the intention to send it, then tell the call and the worker.

    A second approval of the same call gives back the first message. Raises UnknownFieldError.
    """
    operator = person.user
    scope = house.store.for_client(call.client_id)
    own = form_of(await scope.client()).names
    check_names(approval.fields, own)
    names = dict.fromkeys((*FIELD_NAMES, *own))
    fields = {name: approval.fields.get(name) or None for name in names}
    approved = await scope.approve_message(
        call.id,
        fields=fields,
        note=approval.note,
        urgency=fields["urgency"] or "normal",
        approved_by=operator.id,
        approved_by_name=operator.name,
        at=house.journal.now(),
        address=person.session.address,
    )
    if approved.created:
        log = await house.journal.reopen(call.client_id, call.id)
        log.tell(
            MessageApproved(**log.stamp(), message_id=approved.message.id, operator_id=operator.id)
        )
        house.delivery.wake()
    return approved.message
