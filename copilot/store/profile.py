"""What a client is and how it wants to be answered for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from copilot.consignes import greeting_of, shown_at
from copilot.drafting.form import read_form
from copilot.oncall import read_on_call
from copilot.recording.policy import read_policy as read_policy_of_recording
from copilot.reporting.tariff import read_tariff, tariff_values
from copilot.routing import read_route
from copilot.store.audit import Act
from copilot.store.consignes import ConsigneQueries
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.numbering import require_e164
from copilot.store.oncallbrowsers import drop_strays
from copilot.store.records.clients import (
    Client,
    ClientNumber,
    ClientSettings,
    ClientSheet,
    Contact,
    NumberKind,
)
from copilot.store.tables.clients import client_numbers, clients, contacts
from copilot.timing import read_policy
from copilot.waiting.welcome import read_welcome, welcome_values


def client_of(row: Any) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        sector=row.sector,
        colour=row.colour,
        greeting=row.greeting,
        settings=settings_of(row.settings),
        disabled=row.disabled,
    )


def settings_of(value: dict[str, Any]) -> ClientSettings:
    known = {item.name for item in dataclasses.fields(ClientSettings)}
    given: dict[str, Any] = {
        name: tuple(item) if isinstance(item, list) else item
        for name, item in value.items()
        if name in known
    }
    if given.get("form") is not None:
        given["form"] = read_form(given["form"])
    given["recording"] = read_policy_of_recording(given.get("recording", {}))
    given["welcome"] = read_welcome(given.get("welcome", {}))
    given["routes"] = tuple(read_route(route) for route in given.get("routes", ()))
    if "delivery" in given:
        given["delivery"] = read_policy(given["delivery"])
    if "on_call" in given:
        given["on_call"] = read_on_call(given["on_call"])
    if "tariff" in given:
        given["tariff"] = read_tariff(given["tariff"])
    return ClientSettings(**given)


def settings_values(settings: ClientSettings) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: list(given) if isinstance(given, tuple) else given
        for name, given in dataclasses.asdict(settings).items()
    }
    for exception in values["on_call"]["exceptions"]:
        exception["first"] = exception["first"].isoformat()
        exception["last"] = exception["last"].isoformat()
    return {
        **values,
        "welcome": welcome_values(settings.welcome),
        "tariff": tariff_values(settings.tariff),
    }


class ProfileQueries(ConsigneQueries):
    """The client's own sheet."""

    async def client(self) -> Client:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            found = await connection.execute(select(clients).where(clients.c.id == self.client_id))
            row = found.one_or_none()
        if row is None:
            raise NotFoundError(f"no client {self.client_id!r}")
        return client_of(row)

    async def sheet(self, at: datetime) -> ClientSheet:
        """Everything that matters to a call at that moment. Raises `NotFoundError`."""
        client = await self.client()
        zone = ZoneInfo(client.settings.time_zone)
        shown = shown_at(await self.consignes(), at, zone)
        return ClientSheet(
            client=client,
            greeting=greeting_of(shown, client.greeting),
            numbers=await self.numbers(),
            contacts=await self.contacts(),
            consignes=shown.consignes,
            overruled=shown.overruled,
        )

    async def save_settings(
        self,
        settings: ClientSettings,
        *,
        before: ClientSettings | None = None,
        act: Act | None = None,
    ) -> None:
        """`act` goes to the audit trail with the change, or neither does.

        `before`: the settings that were changed. Raises `ConflictError` when others are kept by
        now: what somebody else saved meanwhile would be lost.
        """
        async with self._database.writing(act) as connection:
            if before is not None:
                own = select(clients).where(clients.c.id == self.client_id).with_for_update()
                row = (await connection.execute(own)).one()
                if settings_values(client_of(row).settings) != settings_values(before):
                    raise ConflictError("somebody changed the settings meanwhile")
            await connection.execute(
                update(clients)
                .where(clients.c.id == self.client_id)
                .values(settings=settings_values(settings))
            )
            await drop_strays(connection, self.client_id, settings.on_call)

    async def numbers(self) -> tuple[ClientNumber, ...]:
        query = self._select(client_numbers).order_by(client_numbers.c.number)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(ClientNumber(number=row.number, kind=row.kind) for row in rows)

    async def add_number(self, number: str, kind: NumberKind) -> ClientNumber:
        """Idempotent. Raises `BadNumberError`; `ConflictError` when it is another client's."""
        normal = require_e164(number)
        mine = self._update(client_numbers).where(client_numbers.c.number == normal)
        try:
            async with self._database.writing() as connection:
                updated = await connection.execute(mine.values(kind=kind))
                if updated.rowcount == 0:
                    await connection.execute(
                        self._insert(client_numbers, {"number": normal, "kind": kind})
                    )
        except IntegrityError as error:
            raise ConflictError(f"{normal} already leads to another client") from error
        return ClientNumber(number=normal, kind=kind)

    async def remove_number(self, number: str) -> None:
        """Idempotent. Raises `BadNumberError`."""
        normal = require_e164(number)
        async with self._database.writing() as connection:
            await connection.execute(
                self._delete(client_numbers).where(client_numbers.c.number == normal)
            )

    async def contacts(self) -> tuple[Contact, ...]:
        query = self._select(contacts).order_by(contacts.c.position)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            Contact(
                id=row.id,
                name=row.name,
                role=row.role,
                email=row.email,
                phone=row.phone,
                vip=row.vip,
            )
            for row in rows
        )

    async def replace_contacts(self, wanted: Sequence[Contact]) -> None:
        """Raises `BadNumberError`; nothing is changed then."""
        rows = [
            {
                **dataclasses.asdict(item),
                "phone": require_e164(item.phone) if item.phone else None,
                "position": position,
            }
            for position, item in enumerate(wanted)
        ]
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            await connection.execute(self._delete(contacts))
            if rows:
                await connection.execute(self._insert(contacts, *rows))
