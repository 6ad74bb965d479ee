"""What the reception provider sees across its clients. For operators and supervisors only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import Act
from copilot.store.calls import PAGE, call_of, call_query, page
from copilot.store.database import Database
from copilot.store.entries import knowledge_versions_of_all
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.messages import message_of, message_page
from copilot.store.numbering import e164
from copilot.store.past import LINES, asked_for, said_lines
from copilot.store.profile import client_of, settings_values
from copilot.store.records.calls import Call, CallState, SaidLine
from copilot.store.records.clients import Client, ClientNumber, Route
from copilot.store.records.messages import Message
from copilot.store.tables.calls import call_events, call_names, calls
from copilot.store.tables.clients import client_numbers, clients
from copilot.store.tables.messages import messages


class NumberTakenError(ConflictError):
    """One of the numbers leads to another client."""

    code = "number_taken"


class Provider:
    """Queries over every client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def route(self, dialled: str, *, forwarded_from: Sequence[str] = ()) -> Route | None:
        """The client of an incoming call: by the dialled number, else by the first forwarding
        number known. Null when no client has any of them."""
        tried = [e164(number) for number in (dialled, *forwarded_from)]
        query = (
            select(client_numbers.c.number, clients.c.id, clients.c.name)
            .join(clients, clients.c.id == client_numbers.c.client_id)
            .where(
                client_numbers.c.number.in_([number for number in tried if number]),
                clients.c.disabled.is_(False),
            )
        )
        async with self._database.reading() as connection:
            known = {row.number: row for row in await connection.execute(query)}
        for position, number in enumerate(tried):
            if number is not None and number in known:
                return Route(
                    client_id=known[number].id,
                    client_name=known[number].name,
                    number=number,
                    by="forwarded" if position else "dialled",
                )
        return None

    async def save_client(
        self,
        client: Client,
        *,
        at: datetime,
        numbers: Sequence[ClientNumber] | None = None,
        act: Act | None = None,
    ) -> None:
        """Create a client, or change it; with `numbers`, they become all that it has.

        All or nothing. Raises `ConflictError` when a number is another client's.
        """
        values = {
            "name": client.name,
            "sector": client.sector,
            "colour": client.colour,
            "greeting": client.greeting,
            "settings": settings_values(client.settings),
            "disabled": client.disabled,
        }
        try:
            async with self._database.writing(act) as connection:
                changed = await connection.execute(
                    update(clients).where(clients.c.id == client.id).values(values)
                )
                if changed.rowcount == 0:
                    await connection.execute(
                        insert(clients).values({**values, "id": client.id, "created_at": at})
                    )
                    await self._database.vault.create(connection, client.id)
                if numbers is not None:
                    await _replace_numbers(connection, client.id, numbers)
        except IntegrityError as error:
            raise NumberTakenError("a number already leads to another client") from error

    async def clients(self) -> tuple[Client, ...]:
        """By name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(clients).order_by(clients.c.name, clients.c.id))
        return tuple(client_of(row) for row in rows)

    async def numbers(self) -> tuple[tuple[Client, ClientNumber], ...]:
        """Every number with its client, by client's name."""
        query = (
            select(clients, client_numbers.c.number, client_numbers.c.kind)
            .join(client_numbers, client_numbers.c.client_id == clients.c.id)
            .order_by(clients.c.name, client_numbers.c.number)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            (client_of(row), ClientNumber(number=row.number, kind=row.kind)) for row in rows
        )

    async def knowledge_versions(self) -> dict[str, int]:
        """The version of every client's knowledge; a client whose knowledge never changed has 0
        and is absent."""
        async with self._database.reading() as connection:
            rows = await connection.execute(knowledge_versions_of_all())
        return {row.client_id: row.number for row in rows}

    async def call(self, call_id: str) -> Call:
        """Any client's call. Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            found = await connection.execute(call_query().where(calls.c.id == call_id))
            row = found.one_or_none()
        if row is None:
            raise NotFoundError(f"no call {call_id!r}")
        return call_of(row)

    async def calls_named(self, name: str, *, operator_id: str) -> tuple[Call, ...]:
        """An operator's calls that other systems know by this name, newest first."""
        named = select(call_names.c.call_id).where(call_names.c.name == name)
        query = call_query().where(calls.c.id.in_(named), calls.c.operator_id == operator_id)
        query = query.order_by(calls.c.ringing_at.desc(), calls.c.id.desc()).limit(PAGE)
        async with self._database.reading() as connection:
            return tuple(call_of(row) for row in await connection.execute(query))

    async def calls_of_operator(self, operator_id: str, *, limit: int = PAGE) -> tuple[Call, ...]:
        """An operator's calls, newest first."""
        query = call_query().where(calls.c.operator_id == operator_id)
        query = page(query, state=None, before=None, limit=limit)
        async with self._database.reading() as connection:
            return tuple(call_of(row) for row in await connection.execute(query))

    async def unfinished(self, operator_id: str, *, since: datetime) -> tuple[Call, ...]:
        """An operator's calls since then that are over, and whose message is a draft or could not
        be sent, newest first. What is written to clients has its own list."""
        query = call_query().where(
            calls.c.operator_id == operator_id,
            calls.c.ringing_at >= since,
            calls.c.source.not_in(("email", "form")),
            or_(messages.c.state == "failed", and_(messages.c.id.is_(None), calls.c.has_draft)),
        )
        query = page(query, state="ended", before=None, limit=PAGE)
        async with self._database.reading() as connection:
            return tuple(call_of(row) for row in await connection.execute(query))

    async def calls(
        self,
        *,
        state: CallState | None = None,
        before: str | None = None,
        limit: int = PAGE,
        operator_id: str | None = None,
    ) -> tuple[Call, ...]:
        """Newest first. `before`: the id of the last call of the page above. `operator_id`: those
        that this operator answered; null: everybody's."""
        query = call_query()
        if operator_id is not None:
            query = query.where(calls.c.operator_id == operator_id)
        query = page(query, state=state, before=before, limit=limit)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(call_of(row) for row in rows)

    async def said(
        self, words: Sequence[str], *, similar: bool = False, limit: int = LINES
    ) -> tuple[SaidLine, ...]:
        """Utterances of any client's calls that have all these words, newest first, as a
        client's own `said` finds them: each client's words are kept under its own key."""
        asked = asked_for(words, similar=similar)
        vault, found = self._database.vault, list[SaidLine]()
        async with self._database.reading() as connection:
            for client_id in (await connection.execute(select(clients.c.id))).scalars().all():
                found += await said_lines(vault, connection, client_id, asked, limit=limit)
        found.sort(key=lambda line: (line.call_id, line.seq))
        found.sort(key=lambda line: line.ringing_at, reverse=True)
        return tuple(found[:limit])

    async def board(self) -> tuple[Call, ...]:
        """Calls that ring or are live, oldest first."""
        query = call_query().where(calls.c.ended_at.is_(None)).order_by(calls.c.ringing_at)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(call_of(row) for row in rows)

    async def message(self, message_id: str) -> Message:
        """Any client's message. Raises `NotFoundError`."""
        query = select(messages).where(messages.c.id == message_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            opened = await self._database.vault.open(connection, messages, rows)
        if not opened:
            raise NotFoundError(f"no message {message_id!r}")
        return message_of(opened[0])

    async def messages(
        self, *, before: str | None = None, limit: int = PAGE
    ) -> tuple[Message, ...]:
        """Newest first. `before`: the id of the last message of the page above."""
        query = message_page(select(messages), before=before, limit=limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            opened = await self._database.vault.open(connection, messages, rows)
        return tuple(message_of(row) for row in opened)

    async def end_interrupted_calls(self, *, reason: str) -> int:
        """End the calls that a process left open when it died; how many there were.

        They ended, as far as anyone knows, with the last line of their log. Of a database that
        nobody works with.
        """
        last_line = (
            select(func.max(call_events.c.at))
            .where(call_events.c.call_id == calls.c.id)
            .scalar_subquery()
        )
        open_calls = select(
            calls.c.id, calls.c.ringing_at, calls.c.answered_at, last_line.label("last_line")
        ).where(calls.c.ended_at.is_(None))
        async with self._database.writing() as connection:
            rows = (await connection.execute(open_calls)).all()
            for row in rows:
                known = [row.ringing_at, row.answered_at, row.last_line]
                end = max(moment for moment in known if moment is not None)
                lasted = (end - row.answered_at).total_seconds() if row.answered_at else 0.0
                await connection.execute(
                    update(calls)
                    .where(calls.c.id == row.id)
                    .values(ended_at=end, ended_by="system", end_reason=reason, duration_s=lasted)
                )
        return len(rows)


async def _replace_numbers(
    connection: AsyncConnection, client_id: str, numbers: Sequence[ClientNumber]
) -> None:
    await connection.execute(delete(client_numbers).where(client_numbers.c.client_id == client_id))
    if numbers:
        rows = [
            {"number": number.number, "kind": number.kind, "client_id": client_id}
            for number in numbers
        ]
        await connection.execute(insert(client_numbers).values(rows))
