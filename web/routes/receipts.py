"""The page behind a link in a letter: what it is, a code, the message, the acknowledgement.

Looking never acknowledges: programs fetch the links of letters before people do. Tokens come in
bodies, never in addresses (see `web.routes.links`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request

from copilot.accounts import TooManyAttemptsError
from copilot.delivery.channel import DeliveryError
from copilot.delivery.codeletter import write_code_letter
from copilot.delivery.links import LinkOverError, require_live
from copilot.secondfactor import SecondFactorError
from copilot.store.audit import Actor
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import CLIENT_ROLES
from copilot.store.records.clients import Client
from copilot.store.records.messages import Message, OutboxRow
from web import delivery_views as views
from web import deliveryschemas as schemas
from web.access import (
    AccessError,
    ForgedRequestError,
    must_enrol,
    same_site,
    signed_in_of,
)
from web.house import House, InHouse
from web.inquiring import acknowledged

router = APIRouter(prefix="/api/receipts", tags=["receipts"])

FLOOR = ("operator", "supervisor")


class CodeNotSentError(AccessError):
    """The mail server did not take the code."""

    code = "code_not_sent"
    status = 503


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a link is about."""

    row: OutboxRow
    message: Message
    client: Client

    @property
    def view(self) -> schemas.ReceiptView:
        return views.receipt(self.row, self.message, self.client)


async def receipt_of(token: str, house: House) -> Receipt:
    """What a token opens. Raises `LinkOverError`, whatever is wrong with it."""
    try:
        row = await house.store.receipts.find(house.outgoing.links.read(token))
        scope = house.store.for_client(row.client_id)
        client = await scope.client()
        message = await scope.message(row.message_id)
    except NotFoundError as error:
        raise LinkOverError("no such link") from error
    days = client.settings.delivery.link_days
    require_live(row, days=days, at=house.journal.now())
    if client.disabled:
        raise LinkOverError("no such link")
    return Receipt(row=row, message=message, client=client)


@router.post("/look")
async def look(given: schemas.ReceiptToken, house: InHouse) -> schemas.ReceiptView:
    """What a link is for; 410 when it is over. Changes nothing."""
    return (await receipt_of(given.token, house)).view


@router.post("/code", status_code=202)
async def code(given: schemas.ReceiptToken, request: Request, house: InHouse) -> None:
    """Send a code to the address that the letter went to."""
    own_page(request)
    receipt = await receipt_of(given.token, house)
    outgoing, at = house.outgoing, house.journal.now()
    if receipt.row.channel != "email" or outgoing.email is None:
        raise NotFoundError("no code can be sent")
    if (wait_s := outgoing.asked.wait_s(receipt.row.id, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    outgoing.asked.failed(receipt.row.id, at=at)
    number = outgoing.links.code(receipt.row.id, outgoing.links.slot(at))
    letter = write_code_letter(
        receipt.row.recipient,
        number,
        client=receipt.client.name,
        language=receipt.client.settings.written_in,
        sender=outgoing.sender,
        at=at,
    )
    try:
        await outgoing.email.post(letter)
    except DeliveryError as error:
        raise CodeNotSentError(str(error)) from error


@router.post("/open")
async def open_message(
    given: schemas.OpenReceipt, request: Request, house: InHouse
) -> schemas.OpenedReceipt:
    """The message, for whoever has the code, or is signed in and may see it."""
    own_page(request)
    receipt = await receipt_of(given.token, house)
    if given.code is None:
        await _require_signed_in(request, house, receipt)
    else:
        await _require_code(given.code, house, receipt)
    await house.store.receipts.opened(receipt.row.id, at=house.journal.now())
    return views.opened(receipt.row, receipt.message, receipt.client)


@router.post("/acknowledge")
async def acknowledge(
    given: schemas.ReceiptToken, request: Request, house: InHouse
) -> schemas.ReceiptView:
    """Whoever holds the link took the message. Its escalation, if any, stops."""
    own_page(request)
    receipt = await receipt_of(given.token, house)
    at = house.journal.now()
    address = request.client.host if request.client else ""
    actor = Actor(id=receipt.row.id, name=receipt.row.recipient, role="link", address=address)
    scope = house.store.for_client(receipt.client.id)
    message = await scope.acknowledge_message(
        receipt.message.id, actor=actor, at=at, item_id=receipt.row.id
    )
    if receipt.message.acknowledged_at is None:
        await tell_acknowledged(house, message)
    return views.receipt(receipt.row, message, receipt.client)


async def tell_acknowledged(house: House, message: Message) -> None:
    """Say it in the call's log; the desk and the portal follow it."""
    await acknowledged(house.journal, message)


def own_page(request: Request) -> None:
    """Raises `ForgedRequestError`."""
    if not same_site(request):
        raise ForgedRequestError("use the link from our own page")


async def _require_signed_in(request: Request, house: House, receipt: Receipt) -> None:
    person = await signed_in_of(request, house)
    own = person.user.role in CLIENT_ROLES and person.user.client_id == receipt.client.id
    if must_enrol(house, person) or not (own or person.user.role in FLOOR):
        raise NotFoundError("no such message")


async def _require_code(typed: str, house: House, receipt: Receipt) -> None:
    """Raises `TooManyAttemptsError`, `SecondFactorError`."""
    links, item_id, at = house.outgoing.links, receipt.row.id, house.journal.now()
    if (wait_s := house.outgoing.codes.wait_s(item_id, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    slot = links.slot_of(item_id, typed, at)
    if slot is None or not await house.store.receipts.take_code(item_id, slot):
        house.outgoing.codes.failed(item_id, at=at)
        raise SecondFactorError("this is not the code that was sent, or it was used")
    house.outgoing.codes.succeeded(item_id)
