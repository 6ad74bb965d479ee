"""Alerts: raised once whoever notices, durable, until a supervisor takes note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.quality.rules import AlertRules, read_rules, rules_values
from copilot.store.audit import Act, Actor
from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.quality import Alert, AlertKind
from copilot.store.scope import Scoped
from copilot.store.tables.calls import calls
from copilot.store.tables.clients import clients
from copilot.store.tables.quality import alerts, house_rules

MOST = 100
RULES = "alerts"


class AlertQueries(Scoped):
    """Alerts about the client's calls."""

    async def raise_alert(
        self, call_id: str, kind: AlertKind, about: str, words: str, *, at: datetime
    ) -> bool:
        """Keep an alert; false when somebody did already. Raises NotFoundError."""
        same = self._select(alerts, alerts.c.id).where(
            alerts.c.call_id == call_id, alerts.c.kind == kind, alerts.c.about == about
        )
        row = {
            "id": new_id(), "call_id": call_id, "kind": kind, "about": about, "words": words,
            "at": at,
        }  # fmt: skip
        try:
            async with self._database.writing() as connection:
                known = self._select(calls, calls.c.id).where(calls.c.id == call_id)
                if (await connection.execute(known)).one_or_none() is None:
                    raise NotFoundError(f"no call {call_id!r}")
                if (await connection.execute(same)).first() is not None:
                    return False
                sealed = await self._seal(connection, alerts, row)
                await connection.execute(self._insert(alerts, *sealed))
        except IntegrityError:  # another process, between our look and our insert
            return False
        return True

    async def acknowledge_alert(self, alert_id: str, *, actor: Actor, at: datetime) -> None:
        """A supervisor took note; audited. The first stays. Raises NotFoundError."""
        act = Act(
            actor=actor, action="alert.taken", at=at, client_id=self.client_id, subject=alert_id
        )
        async with self._database.writing(act) as connection:
            known = self._select(alerts, alerts.c.id).where(alerts.c.id == alert_id)
            if (await connection.execute(known)).one_or_none() is None:
                raise NotFoundError(f"no alert {alert_id!r}")
            mine = self._update(alerts).where(
                alerts.c.id == alert_id, alerts.c.acknowledged_at.is_(None)
            )
            await connection.execute(
                mine.values(acknowledged_at=at, acknowledged_by_name=actor.name)
            )


async def open_alerts(database: Database) -> tuple[Alert, ...]:
    """Of every client, those that nobody took note of, newest first, `MOST` at most."""
    query = (
        select(alerts, clients.c.name.label("client_name"))
        .join(clients, clients.c.id == alerts.c.client_id)
        .where(alerts.c.acknowledged_at.is_(None))
        .order_by(alerts.c.at.desc(), alerts.c.id)
        .limit(MOST)
    )
    async with database.reading() as connection:
        opened = await database.vault.open(connection, alerts, await connection.execute(query))
    return tuple(_alert_of(row) for row in opened)


async def alert_of(database: Database, alert_id: str) -> Alert:
    """Any client's alert. Raises NotFoundError."""
    query = (
        select(alerts, clients.c.name.label("client_name"))
        .join(clients, clients.c.id == alerts.c.client_id)
        .where(alerts.c.id == alert_id)
    )
    async with database.reading() as connection:
        opened = await database.vault.open(connection, alerts, await connection.execute(query))
    if not opened:
        raise NotFoundError(f"no alert {alert_id!r}")
    return _alert_of(opened[0])


async def alert_rules(database: Database) -> AlertRules:
    """The house's; the usual ones where none were set."""
    query = select(house_rules.c.value).where(house_rules.c.name == RULES)
    async with database.reading() as connection:
        value = (await connection.execute(query)).scalar_one_or_none()
    return read_rules(value) if value is not None else AlertRules()


async def save_alert_rules(
    database: Database, rules: AlertRules, *, actor: Actor, at: datetime
) -> None:
    """Audited."""
    value = rules_values(rules)
    act = Act(actor=actor, action="alerts.changed", at=at, detail=value)
    row = {"value": value, "changed_at": at}
    async with database.writing(act) as connection:
        mine = update(house_rules).where(house_rules.c.name == RULES)
        if (await connection.execute(mine.values(row))).rowcount == 0:
            await connection.execute(insert(house_rules).values({**row, "name": RULES}))


def _alert_of(row: Any) -> Alert:
    return Alert(
        id=row.id,
        client_id=row.client_id,
        client_name=row.client_name,
        call_id=row.call_id,
        kind=row.kind,
        about=row.about,
        words=row.words,
        at=row.at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by_name=row.acknowledged_by_name,
    )
