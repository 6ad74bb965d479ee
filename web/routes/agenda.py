"""A client's agenda: its rules, and the accounts of its calendars."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.agenda.accounts import SECRETS, checked_access
from copilot.agenda.calendar import CalendarError, UnreachableError
from copilot.agenda.rules import checked
from copilot.store.audit import Act
from copilot.store.records.identifiers import new_id
from copilot.store.store import ClientScope
from web import agenda_views as views
from web import agendaschemas as shapes
from web.access import Anybody, client_filter
from web.consentschemas import AccountRemoval
from web.house import House, InHouse
from web.routes.forms import Keeper

router = APIRouter(prefix="/api/clients", tags=["agenda"])

KEEPERS = ("supervisor", "client")


def scope_of(client_id: str, person: SignedIn, house: House) -> ClientScope:
    """Raises `NotFoundError` on another company's."""
    return house.store.for_client(client_filter(person, client_id) or client_id)


def _act(house: House, person: SignedIn, action: str, client_id: str, subject: str = "") -> Act:
    return Act(
        actor=person.actor,
        action=action,
        at=house.journal.now(),
        client_id=client_id,
        subject=subject,
    )


@router.get("/{client_id}/agenda")
async def agenda(client_id: str, person: Anybody, house: InHouse) -> shapes.AgendaView:
    """The rules in force; the accounts for whoever may change them."""
    return await _view(scope_of(client_id, person, house), person, house)


@router.put("/{client_id}/agenda")
async def save_agenda(
    client_id: str, edit: shapes.AgendaRulesEdit, person: Keeper, house: InHouse
) -> shapes.AgendaView:
    """Keep the rules; they count from the next time offered on."""
    scope = scope_of(client_id, person, house)
    await scope.client()
    accounts = [one.id for one in await scope.calendar_accounts()]
    await scope.save_agenda(
        checked(views.rules_of(edit), accounts),
        latest=edit.version,
        at=house.journal.now(),
        act=_act(house, person, "agenda.changed", scope.client_id),
    )
    return await _view(scope, person, house)


@router.post("/{client_id}/calendars", status_code=201)
async def add_account(
    client_id: str, edit: shapes.CalendarAccountEdit, person: Keeper, house: InHouse
) -> shapes.CalendarAccountView:
    """Keep an access to calendars; it is not tried out yet."""
    scope = scope_of(client_id, person, house)
    await scope.client()
    account_id = new_id()
    await scope.save_calendar_account(
        account_id,
        provider=edit.provider,
        name=edit.name.strip(),
        access=checked_access(edit.provider, edit.access),
        at=house.journal.now(),
        act=_act(house, person, "calendar.added", scope.client_id, account_id),
    )
    return views.account(await scope.calendar_account(account_id))


@router.put("/{client_id}/calendars/{account_id}")
async def change_account(
    client_id: str,
    account_id: str,
    edit: shapes.CalendarAccountEdit,
    person: Keeper,
    house: InHouse,
) -> shapes.CalendarAccountView:
    """Another access for the same account; what it could not write is written now."""
    scope = scope_of(client_id, person, house)
    known = await scope.calendar_account(account_id)
    kept = {name: value for name, value in known.access.items() if name in SECRETS}
    given = {name: value for name, value in edit.access.items() if value.strip()}
    await scope.save_calendar_account(
        account_id,
        provider=edit.provider,
        name=edit.name.strip(),
        access=checked_access(edit.provider, {**kept, **given}),
        at=house.journal.now(),
        act=_act(house, person, "calendar.changed", scope.client_id, account_id),
    )
    house.appointments.door.forget(known)
    house.appointments.keeper.wake()
    return views.account(await scope.calendar_account(account_id))


@router.delete("/{client_id}/calendars/{account_id}")
async def drop_account(
    client_id: str, account_id: str, person: Keeper, house: InHouse
) -> AccountRemoval:
    """Forget an access that no practitioner's calendar needs; one given by consent is given back
    to its provider, once it is forgotten here."""
    scope = scope_of(client_id, person, house)
    known = await scope.calendar_account(account_id)
    act = _act(house, person, "calendar.removed", scope.client_id, account_id)
    await scope.drop_calendar_account(account_id, act=act)
    house.appointments.door.forget(known)
    consents = house.appointments.consents
    return AccountRemoval(revoked=await consents.revoke(known.provider, known.access))


@router.post("/{client_id}/calendars/{account_id}/trial")
async def try_account(
    client_id: str, account_id: str, person: Keeper, house: InHouse
) -> shapes.AccountTrial:
    """Ask the account for its calendars now; say what is wrong, if anything is."""
    scope = scope_of(client_id, person, house)
    account = await scope.calendar_account(account_id)
    at = house.journal.now()
    asked, trier = house.outgoing.asked, f"calendar {person.user.id}"
    if (wait_s := asked.wait_s(trier, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    asked.failed(trier, at=at)
    zone = ZoneInfo((await scope.client()).settings.time_zone)
    house.appointments.door.forget(account)
    fault, found = None, []
    try:
        async with house.appointments.door.opened(account, zone) as calendars:
            found = list(await calendars.calendars())
        asked.succeeded(trier)
    except CalendarError as error:
        fault = error.code
    except TimeoutError:
        fault = UnreachableError.code
    await scope.note_account(account_id, fault=fault, at=at)
    return shapes.AccountTrial(
        fault=fault,
        calendars=[
            shapes.CalendarNameView(id=one.id, name=one.name, writable=one.writable)
            for one in found
        ],
    )


async def _view(scope: ClientScope, person: SignedIn, house: House) -> shapes.AgendaView:
    client = await scope.client()
    keeper = person.user.role in KEEPERS
    return views.agenda(
        await scope.agenda(),
        time_zone=client.settings.time_zone,
        accounts=await scope.calendar_accounts() if keeper else (),
        channels=house.appointments.channels,
    )
