"""Approving a message: one transaction, then everybody is told."""

from __future__ import annotations

from copilot.accounts import SignedIn
from copilot.drafting.draft import FIELD_NAMES
from copilot.guide import form_of
from copilot.languagemodel.secretary import told
from copilot.messagedraft import SUMMARY, check_names
from copilot.messageevents import MessageApproved
from copilot.store.records.calls import Call
from copilot.store.records.messages import Message
from copilot.wrapup.edits import edits_of, proposed_of
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
    names = dict.fromkeys((*FIELD_NAMES, *own, SUMMARY))
    fields = {name: approval.fields.get(name) or None for name in names}
    await house.journal.kept(timeout_s=1.0)
    draft = await house.reception.drafts.of(call.client_id, call.id)
    proposed = proposed_of(told(await scope.events_since(call.id)))
    proposed |= {one.name: one.value for one in draft.fields() if one.value and not one.edited}
    approved = await scope.approve_message(
        call.id,
        fields=fields,
        note=approval.note,
        urgency=fields["urgency"] or "normal",
        approved_by=operator.id,
        approved_by_name=operator.name,
        at=house.journal.now(),
        address=person.session.address,
        edits=edits_of(proposed, fields),
    )
    if approved.created:
        intended = await scope.outbox_rows(approved.message.id)
        log = await house.journal.reopen(call.client_id, call.id)
        log.tell(
            MessageApproved(
                **log.stamp(),
                message_id=approved.message.id,
                operator_id=operator.id,
                recipients=sum(one.step == 0 for one in intended),
            )
        )
        house.delivery.wake()
    return approved.message
