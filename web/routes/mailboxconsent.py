"""Reading a Google or Microsoft mailbox by consent: to the provider's page; what it gives, kept.

The answer comes back where calendars' does (`web.routes.consent`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from copilot.accounts import SignedIn
from copilot.agenda.consent import LIFE_S, Asked
from copilot.inquiries.mailboxconsent import consented_access
from copilot.inquiries.mailboxes import BadMailboxError
from copilot.store.audit import Act
from copilot.store.store import ClientScope
from web.access import client_filter
from web.consentschemas import ConsentAddress, ConsentOffer
from web.house import House, InHouse
from web.mailboxschemas import MailboxConsentWanted
from web.routes.forms import Keeper

router = APIRouter(prefix="/api/clients/{client_id}/mailbox-consent", tags=["mailboxes"])


@router.get("")
async def offered(client_id: str, person: Keeper, house: InHouse) -> ConsentOffer:
    """The providers whose page can be gone to."""
    await _scope(client_id, person, house).client()
    return ConsentOffer(providers=list(house.appointments.consents.offered))


@router.post("")
async def begin(
    client_id: str,
    wanted: MailboxConsentWanted,
    person: Keeper,
    response: Response,
    house: InHouse,
) -> ConsentAddress:
    """Where the provider asks for consent; the browser keeps what the answer must fit."""
    scope = _scope(client_id, person, house)
    await scope.client()
    known = await scope.mailbox(wanted.mailbox_id) if wanted.mailbox_id else None
    address = known.address if known else wanted.address
    if not address:
        raise BadMailboxError("the address of the mailbox")
    asked = Asked(
        provider=wanted.provider,
        client_id=scope.client_id,
        user_id=person.user.id,
        account_id=known.id if known else "",
        mailbox=address.lower(),
    )
    begun = house.appointments.consents.begin(asked)
    house.cookie.write_consent(response, begun.kept, max_age_s=LIFE_S)
    return ConsentAddress(address=begun.address)


async def keep_consented(
    asked: Asked, access: Mapping[str, str], scope: ClientScope, person: SignedIn, house: House
) -> str:
    """The mailbox, read by its new access. Raises `ConflictError`, `NotFoundError`."""
    made = consented_access(asked.provider, asked.mailbox, access["refresh_token"])
    at, mailbox_id = house.journal.now(), asked.account_id
    act = Act(
        actor=person.actor,
        action="mailbox.consented",
        at=at,
        client_id=scope.client_id,
        subject=mailbox_id,
    )
    if mailbox_id:
        known = await scope.mailbox(mailbox_id)
        made["folder"] = known.access.get("folder", "INBOX")
        elsewhere = any(made[name] != known.access.get(name) for name in ("host", "user"))
        await scope.change_mailbox(mailbox_id, made, afresh=elsewhere, at=at, act=act)
        house.inquiries.mailboxes.forget(mailbox_id)
    else:
        mailbox_id = await scope.add_mailbox(asked.mailbox, made, at=at, act=act)
    house.inquiries.mailboxes.wake()
    return mailbox_id


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)
