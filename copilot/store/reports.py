"""A period's figures, counted by the database: the same sums on SQLite and on PostgreSQL.

Moments become whole milliseconds since 1970, local ones by adding the offset of the piece of the
period they fall in: days, hours and waits are then plain integers that both databases agree on.
Percentiles are nearest-rank, by window functions.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.reporting.figures import (
    ANSWER_WITHIN_S,
    CopilotUse,
    DayFigures,
    Figures,
    MessageFigures,
    Scope,
    Totals,
)
from copilot.reporting.period import Period
from copilot.store.database import Database
from copilot.store.feedback import STANDING
from copilot.store.learning import OFFERED
from copilot.store.records.learning import ASKED
from copilot.store.tables.calls import call_events, calls
from copilot.store.tables.learning import suggestion_feedback
from copilot.store.tables.messages import messages

EPOCH = date(1970, 1, 1)
THURSDAY = 3
"""The weekday of 1 January 1970."""
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
MEDIAN, NEARLY_ALL = 50, 95

ANSWERED = calls.c.answered_at.is_not(None)
ABANDONED = and_(calls.c.answered_at.is_(None), calls.c.ended_by == "caller")
INCOMING = calls.c.source != "outgoing"


def milliseconds(dialect: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment as whole milliseconds since 1970, cut and not rounded."""
    if dialect == "postgresql":
        return cast(func.floor(func.extract("epoch", column) * 1000), BigInteger)
    kept = type_coerce(column, String)  # as SQLite has it: 2026-03-17 12:00:00.123456
    seconds = cast(func.strftime("%s", func.substr(kept, 1, 19)), Integer)
    return seconds * 1000 + cast(func.substr(kept, 21, 3), Integer)


def local_milliseconds(
    dialect: str, column: ColumnElement[Any], period: Period
) -> ColumnElement[Any]:
    """A moment of the period on the clocks of its zone."""
    *pieces, last = period.pieces()
    offset: ColumnElement[Any] = literal(last.offset_s * 1000)
    if pieces:
        offset = case(
            *((column < piece.until, literal(piece.offset_s * 1000)) for piece in pieces),
            else_=offset,
        )
    return milliseconds(dialect, column) + offset


def of_scope(period: Period, scope: Scope) -> ColumnElement[bool]:
    """Calls that began in the period, are over, and are counted."""
    wanted = [
        calls.c.ringing_at >= period.begins,
        calls.c.ringing_at < period.ends,
        calls.c.ended_at.is_not(None),
    ]
    if scope.client_id is not None:
        wanted.append(calls.c.client_id == scope.client_id)
    if scope.operator_id is not None:
        wanted.append(calls.c.operator_id == scope.operator_id)
    return and_(*wanted)


async def figures(database: Database, *, period: Period, scope: Scope) -> Figures:
    """Every figure of a report, in one consistent look."""
    counting = _Counting(database.dialect, period, scope)
    if scope.client_id is not None:
        database = database.of_client(scope.client_id)
    async with database.reading() as connection:
        return Figures(
            totals=await counting.totals(connection),
            days=await counting.days(connection),
            heat=await counting.heat(connection),
            messages=await counting.messages(connection),
            copilot=await counting.copilot(connection),
        )


class _Counting:
    """The queries of one report."""

    def __init__(self, dialect: str, period: Period, scope: Scope) -> None:
        self._dialect = dialect
        self._period = period
        self._counted = of_scope(period, scope)
        self._wait_ms = self._between(calls.c.ringing_at, calls.c.answered_at)
        self._talk_ms = self._between(calls.c.answered_at, calls.c.ended_at)
        limits = {client_id: seconds * 1000 for client_id, seconds in scope.within_s.items()}
        usual = literal(ANSWER_WITHIN_S * 1000)
        limit: Any = case(limits, value=calls.c.client_id, else_=usual) if limits else usual
        self._within = and_(ANSWERED, self._wait_ms <= limit)

    async def totals(self, connection: AsyncConnection) -> Totals:
        query = select(
            _count(INCOMING).label("calls"),
            _count(INCOMING, ANSWERED).label("answered"),
            _count(INCOMING, self._within).label("answered_within"),
            _count(INCOMING, ABANDONED).label("abandoned"),
            _count(~INCOMING).label("outgoing"),
            func.sum(case((and_(INCOMING, ANSWERED), self._talk_ms))).label("talk_ms"),
        ).where(self._counted)
        row = (await connection.execute(query)).one()
        waits = await self._ranks(connection, self._wait_ms)
        talks = await self._ranks(connection, self._talk_ms)
        return Totals(
            calls=row.calls,
            answered=row.answered,
            answered_within=row.answered_within,
            abandoned=row.abandoned,
            turned_away=row.calls - row.answered - row.abandoned,
            outgoing=row.outgoing,
            talk_s=float(row.talk_ms or 0) / 1000,
            wait_p50_s=waits[0],
            wait_p95_s=waits[1],
            handling_p50_s=talks[0],
            handling_p95_s=talks[1],
        )

    async def days(self, connection: AsyncConnection) -> tuple[DayFigures, ...]:
        number = self._local(calls.c.ringing_at) // DAY_MS
        query = (
            select(
                number.label("number"),
                func.count().label("calls"),
                _count(ANSWERED).label("answered"),
                _count(self._within).label("answered_within"),
                _count(ABANDONED).label("abandoned"),
            )
            .where(self._counted, INCOMING)
            .group_by("number")
        )
        found = {
            EPOCH + timedelta(days=int(row.number)): row for row in await connection.execute(query)
        }
        return tuple(_day(day, found.get(day)) for day in self._period.days())

    async def heat(self, connection: AsyncConnection) -> dict[tuple[int, int], int]:
        local = self._local(calls.c.ringing_at)
        query = (
            select(
                ((local // DAY_MS + THURSDAY) % 7).label("weekday"),
                (local % DAY_MS // HOUR_MS).label("hour"),
                func.count().label("calls"),
            )
            .where(self._counted, INCOMING)
            .group_by("weekday", "hour")
        )
        rows = await connection.execute(query)
        return {(int(row.weekday), int(row.hour)): row.calls for row in rows}

    async def messages(self, connection: AsyncConnection) -> MessageFigures:
        marked = messages.c.well_served.is_not(None)
        of_calls = messages.join(
            calls,
            and_(calls.c.id == messages.c.call_id, calls.c.client_id == messages.c.client_id),
        )

        def count_by(column: ColumnElement[Any]) -> Executable:
            return (
                select(func.coalesce(column, "").label("name"), func.count().label("times"))
                .select_from(of_calls)
                .where(self._counted)
                .group_by("name")
            )

        query = select(
            func.count().label("messages"),
            _count(marked).label("marked"),
            _count(marked, messages.c.well_served.is_(True)).label("well_served"),
        )
        row = (await connection.execute(query.select_from(of_calls).where(self._counted))).one()
        categories = await connection.execute(count_by(messages.c.category))
        urgencies = await connection.execute(count_by(messages.c.urgency))
        edits = (await connection.execute(self._edits(of_calls))).one()
        return MessageFigures(
            messages=row.messages,
            categories={one.name: one.times for one in categories},
            urgencies={one.name: one.times for one in urgencies},
            fields_proposed=edits.proposed,
            fields_changed=edits.changed,
            marked=row.marked,
            well_served=row.well_served,
        )

    def _edits(self, of_calls: Any) -> Executable:
        """Fields of messages, one by one: how many were proposed, and changed."""
        if self._dialect == "postgresql":
            field = func.jsonb_array_elements(messages.c.edits).table_valued("value").lateral()
            proposed = cast(field.c.value.op("->>")("proposed_chars"), Integer) > 0
            distance = cast(field.c.value.op("->>")("distance"), Integer) > 0
        else:
            field = func.json_each(messages.c.edits).table_valued("value")
            proposed = func.json_extract(field.c.value, "$.proposed_chars") > 0
            distance = func.json_extract(field.c.value, "$.distance") > 0
        return (
            select(_count(proposed).label("proposed"), _count(proposed, distance).label("changed"))
            .select_from(of_calls.join(field, literal(True)))
            .where(self._counted)
        )

    async def copilot(self, connection: AsyncConnection) -> CopilotUse:
        logged = select(
            func.count(func.distinct(call_events.c.call_id)).label("calls"),
            _count(call_events.c.kind == OFFERED).label("offered"),
        ).select_from(
            call_events.join(
                calls,
                and_(
                    calls.c.id == call_events.c.call_id,
                    calls.c.client_id == call_events.c.client_id,
                ),
            )
        )
        taken = (
            select(suggestion_feedback.c.call_id, suggestion_feedback.c.suggestion_id)
            .select_from(
                suggestion_feedback.join(
                    calls,
                    and_(
                        calls.c.id == suggestion_feedback.c.call_id,
                        calls.c.client_id == suggestion_feedback.c.client_id,
                    ),
                )
            )
            .where(
                self._counted,
                suggestion_feedback.c.action == "used",
                # Of what was offered: what was asked for is not.
                suggestion_feedback.c.suggestion_id != ASKED,
                STANDING,
            )
            .distinct()
            .subquery()
        )
        row = (await connection.execute(logged.where(self._counted))).one()
        used = (await connection.execute(select(func.count()).select_from(taken))).scalar_one()
        return CopilotUse(calls=row.calls, offered=row.offered, used=used)

    async def _ranks(
        self, connection: AsyncConnection, measure: ColumnElement[int]
    ) -> tuple[float | None, float | None]:
        """The nearest-rank median and 95th percentile of answered calls, seconds."""
        ranked = (
            select(
                measure.label("measure"),
                func.row_number().over(order_by=measure).label("place"),
                func.count().over().label("many"),
            )
            .where(self._counted, INCOMING, ANSWERED)
            .subquery()
        )
        places = [
            func.min(case((ranked.c.place * 100 >= share * ranked.c.many, ranked.c.measure)))
            for share in (MEDIAN, NEARLY_ALL)
        ]
        median, nearly_all = places
        row = (await connection.execute(select(median, nearly_all))).one()
        return _seconds(row[0]), _seconds(row[1])

    def _between(self, early: Any, late: Any) -> ColumnElement[int]:
        return milliseconds(self._dialect, late) - milliseconds(self._dialect, early)

    def _local(self, column: Any) -> ColumnElement[int]:
        return local_milliseconds(self._dialect, column, self._period)


def _count(*which: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows are so; 0 where there is none."""
    return func.count(case((and_(*which), 1)))


def _day(day: date, row: Any) -> DayFigures:
    if row is None:
        return DayFigures(day=day, calls=0, answered=0, answered_within=0, abandoned=0)
    return DayFigures(
        day=day,
        calls=row.calls,
        answered=row.answered,
        answered_within=row.answered_within,
        abandoned=row.abandoned,
    )


def _seconds(measure: int | None) -> float | None:
    return None if measure is None else float(measure) / 1000
