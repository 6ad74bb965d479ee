"""What clients used in a month: counted while it runs, kept as it was once closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.reporting.period import BadPeriodError, Period, month_of
from copilot.reporting.statement import Statement, read_statement, statement, statement_values
from copilot.reporting.tariff import Item, Tariff
from copilot.store.audit import Act, Actor
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.profile import client_of
from copilot.store.records.clients import Client
from copilot.store.reports import ANSWERED, INCOMING, milliseconds
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events, calls
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import messages, outbox
from copilot.store.tables.usage import statements
from copilot.timing import zone_of

TRANSFER = "transfer_changed"
APPOINTMENT = "rendez-vous"


class MonthOpenError(ConflictError):
    """The month is not over yet, or a call of it still runs."""

    code = "month_open"


class UsageQueries(Scoped):
    """The client's months."""

    async def month_usage(self, month: str) -> Statement:
        """As closed, else as it stands. Raises NotFoundError, BadPeriodError."""
        async with self._database.reading() as connection:
            client = await self._invoiced(connection)
            return await self._closed(connection, month) or await self._so_far(
                connection, client, month
            )

    async def close_month(self, month: str, *, actor: Actor, at: datetime) -> Statement:
        """Keep a month for ever as it is. Raises NotFoundError, BadPeriodError, MonthOpenError;
        ConflictError when it is closed already."""
        act = Act(
            actor=actor,
            action="usage.closed",
            at=at,
            client_id=self.client_id,
            subject=f"{self.client_id} {month}",
        )
        try:
            async with self._database.writing(act) as connection:
                await self._lock_client(connection)
                client = await self._invoiced(connection)
                await self._require_over(connection, _period(client, month), at)
                if await self._closed(connection, month) is not None:
                    raise ConflictError(f"{month} is closed already")
                row = {
                    "month": month,
                    "content": statement_values(await self._so_far(connection, client, month)),
                    "closed_at": at,
                    "closed_by_name": actor.name,
                }
                await connection.execute(self._insert(statements, row))
                closed = await self._closed(connection, month)
        except IntegrityError as error:
            raise ConflictError(f"{month} is closed already") from error
        if closed is None:
            raise NotFoundError(f"no month {month!r}")
        return closed

    async def _invoiced(self, connection: AsyncConnection) -> Client:
        query = select(clients).where(clients.c.id == self.client_id)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no client {self.client_id!r}")
        return client_of(row)

    async def _closed(self, connection: AsyncConnection, month: str) -> Statement | None:
        query = self._select(statements).where(statements.c.month == month)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return read_statement(
            row.content,
            client_id=self.client_id,
            month=month,
            closed_at=row.closed_at,
            closed_by=row.closed_by_name,
        )

    async def _require_over(
        self, connection: AsyncConnection, period: Period, at: datetime
    ) -> None:
        if at < period.ends:
            raise MonthOpenError("the month is not over")
        running = self._select(calls, calls.c.id).where(
            calls.c.ended_at.is_(None), calls.c.ringing_at < period.ends
        )
        if (await connection.execute(running.limit(1))).first() is not None:
            raise MonthOpenError("a call of that month is still in progress")

    async def _so_far(self, connection: AsyncConnection, client: Client, month: str) -> Statement:
        tariff = client.settings.tariff
        period = _period(client, month)
        counts: dict[Item, int] = {
            **await self._of_calls(connection, period, tariff),
            **await self._of_messages(connection, period),
            "transfer": await self._transfers(connection, period),
        }
        return statement(
            client_id=self.client_id,
            client_name=client.name,
            month=month,
            tariff=tariff,
            counts=counts,
        )

    async def _of_calls(
        self, connection: AsyncConnection, period: Period, tariff: Tariff
    ) -> dict[Item, int]:
        """Answered calls by the month they began in, and their time in rounding steps."""
        dialect = self._database.dialect
        lasted = milliseconds(dialect, calls.c.ended_at) - milliseconds(
            dialect, calls.c.answered_at
        )
        step_ms = tariff.step_s * 1000
        row = (
            await connection.execute(
                self._select(
                    calls,
                    func.count(case((INCOMING, 1))).label("incoming"),
                    func.count(case((~INCOMING, 1))).label("outgoing"),
                    func.sum((lasted + step_ms - 1) // step_ms).label("steps"),
                ).where(
                    _within(calls.c.ringing_at, period), ANSWERED, calls.c.ended_at.is_not(None)
                )
            )
        ).one()
        return {"call": row.incoming, "outgoing_call": row.outgoing, "minute": int(row.steps or 0)}

    async def _of_messages(self, connection: AsyncConnection, period: Period) -> dict[Item, int]:
        written = self._select(
            messages,
            func.count().label("messages"),
            func.count(case((messages.c.category == APPOINTMENT, 1))).label("appointments"),
        ).where(_within(messages.c.approved_at, period))
        sent = self._select(outbox, func.count()).where(
            _within(outbox.c.delivered_at, period), outbox.c.channel == "sms"
        )
        row = (await connection.execute(written)).one()
        texts = (await connection.execute(sent)).scalar_one()
        return {"message": row.messages, "appointment": row.appointments, "sms": texts}

    async def _transfers(self, connection: AsyncConnection, period: Period) -> int:
        """Transfers that were completed. What became of each is sealed, so that it is read here;
        it is known as long as transcripts are kept."""
        query = self._select(call_events).where(
            call_events.c.kind == TRANSFER, _within(call_events.c.at, period)
        )
        told = await self._opened(connection, call_events, query)
        return len(
            {
                (row.call_id, row.payload["transfer_id"])
                for row in told
                if row.payload["state"] == "completed"
            }
        )


def _period(client: Client, month: str) -> Period:
    zone: ZoneInfo = zone_of(client.settings.time_zone)
    found = month_of(month, zone)
    if month != f"{found.first:%Y-%m}":
        raise BadPeriodError("a month is written 2026-10")
    return found


def _within(column: Any, period: Period) -> ColumnElement[bool]:
    return and_(column >= period.begins, column < period.ends)
