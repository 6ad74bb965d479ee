"""Approved messages and the intentions to send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.drafting.categories import CATEGORIES
from copilot.oncall import ladder
from copilot.routing import targets
from copilot.store.audit import Act, Actor, append
from copilot.store.errors import NotFoundError
from copilot.store.escalations import end_escalation, restart_escalation, start_escalation
from copilot.store.outbox import settle_message
from copilot.store.profile import client_of
from copilot.store.queueing import Target, queue
from copilot.store.records.clients import Client
from copilot.store.records.identifiers import new_id
from copilot.store.records.messages import Approval, Message
from copilot.store.scope import Scoped
from copilot.store.tables.calls import calls
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import messages, outbox
from copilot.timing import Departure, departure, zone_of
from copilot.wrapup.edits import FieldEdit

PAGE = 50


def message_of(row: Any) -> Message:
    """A row as `Vault.open` gives it."""
    return Message(
        id=row.id,
        client_id=row.client_id,
        call_id=row.call_id,
        state=row.state,
        fields=row.fields,
        note=row.note,
        urgency=row.urgency,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        approved_by_name=row.approved_by_name,
        delivered_at=row.delivered_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_by_name=row.acknowledged_by_name,
        failure=row.failure,
    )


def message_page(query: Select[Any], *, before: str | None, limit: int) -> Select[Any]:
    """Newest first; `before` is the id of the last message of the page above."""
    if before is not None:
        edge = select(messages.c.approved_at).where(messages.c.id == before).scalar_subquery()
        query = query.where(
            or_(
                messages.c.approved_at < edge,
                and_(messages.c.approved_at == edge, messages.c.id < before),
            )
        )
    return query.order_by(messages.c.approved_at.desc(), messages.c.id.desc()).limit(limit)


class MessageQueries(Scoped):
    """The client's messages."""

    async def approve_message(
        self,
        call_id: str,
        *,
        fields: dict[str, str | None],
        note: str,
        urgency: str,
        approved_by: str,
        approved_by_name: str,
        at: datetime,
        address: str = "",
        edits: Sequence[FieldEdit] = (),
    ) -> Approval:
        """Keep the message, the intentions to send it and who did so, in one transaction.

        `edits`: how much of what was proposed was changed.

        Idempotent: a call has one message, and a second approval gives back the first. Without
        a recipient the message is kept as failed, to be sent again once there is one.
        Raises `NotFoundError`.
        """
        message_id = new_id()
        row = {
            "id": message_id,
            "call_id": call_id,
            "state": "approved",
            "fields": fields,
            "note": note,
            "urgency": urgency,
            "approved_at": at,
            "approved_by": approved_by,
            "approved_by_name": approved_by_name,
            "edits": [asdict(edit) for edit in edits],
            "category": category if (category := fields.get("category")) in CATEGORIES else None,
        }
        try:
            async with self._database.writing() as connection:
                if (approved := await self._of_call(connection, call_id)) is not None:
                    return Approval(message=approved, created=False)
                await self._require_call(connection, call_id)
                await connection.execute(
                    self._insert(messages, *await self._seal(connection, messages, row))
                )
                approved = await self._message(connection, message_id)
                await self._queue(connection, approved, at)
                actor = Actor(
                    id=approved_by, name=approved_by_name, role="operator", address=address
                )
                await self._audit(connection, "message.approved", message_id, actor, at)
                message = await self._message(connection, message_id)
                return Approval(message=message, created=True)
        except IntegrityError:  # another process approved it between our look and our insert
            first = await self.message_of_call(call_id)
            if first is None:
                raise
            return Approval(message=first, created=False)

    async def message(self, message_id: str) -> Message:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._message(connection, message_id)

    async def message_of_call(self, call_id: str) -> Message | None:
        async with self._database.reading() as connection:
            return await self._of_call(connection, call_id)

    async def messages(
        self, *, before: str | None = None, limit: int = PAGE
    ) -> tuple[Message, ...]:
        """Newest first. `before`: the id of the last message of the page above."""
        query = message_page(self._select(messages), before=before, limit=limit)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, messages, query)
        return tuple(message_of(row) for row in rows)

    async def edits_since(self, since: datetime) -> tuple[FieldEdit, ...]:
        """What was changed in the client's messages approved from then on, field by field."""
        query = self._select(messages, messages.c.edits).where(messages.c.approved_at >= since)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).scalars().all()
        return tuple(FieldEdit(**edit) for row in rows for edit in row)

    async def acknowledge_message(
        self, message_id: str, *, actor: Actor, at: datetime, item_id: str | None = None
    ) -> Message:
        """Somebody took the message: its escalation, if any, is over with it.

        `item_id`: the intention whose link was used. Idempotent: the first acknowledgement stays.
        Raises `NotFoundError`.
        """
        unread = self._update(messages).where(
            messages.c.id == message_id, messages.c.acknowledged_at.is_(None)
        )
        async with self._database.writing() as connection:
            if item_id is not None:
                mine = self._update(outbox).where(
                    outbox.c.id == item_id, outbox.c.acknowledged_at.is_(None)
                )
                await connection.execute(mine.values(acknowledged_at=at))
            await end_escalation(
                connection, self.client_id, message_id, acknowledged=True, by=actor.name, at=at
            )
            changed = await connection.execute(
                unread.values(
                    state="acknowledged",
                    acknowledged_at=at,
                    acknowledged_by=actor.id,
                    acknowledged_by_name=actor.name,
                )
            )
            if changed.rowcount:
                await self._audit(connection, "message.acknowledged", message_id, actor, at)
            return await self._message(connection, message_id)

    async def retry_message(self, message_id: str, *, actor: Actor, at: datetime) -> Message:
        """Send again what was given up, to the recipients of today; to who is on call now when the
        ladder reached nobody. Raises `NotFoundError`.

        Changes nothing when nothing was given up. Keys stay, so a receiver can tell a repeat.
        """
        async with self._database.writing() as connection:
            message = await self._message(connection, message_id, lock=True)
            dead = self._select(outbox).where(
                outbox.c.message_id == message_id,
                outbox.c.state == "dead",
                outbox.c.step == 0,
            )
            given_up = (await connection.execute(dead)).all()
            # One that somebody acknowledged may still be missing elsewhere.
            if not given_up and message.state != "failed":
                return message
            await self._begin_again(connection, message, given_up, at)
            await self._queue(connection, message, at, again=True)
            if message.state == "failed":
                await self._climb_again(connection, message, at)
            await self._audit(connection, "message.retried", message_id, actor, at)
            return await self._message(connection, message_id)

    async def _audit(
        self, connection: AsyncConnection, action: str, message_id: str, actor: Actor, at: datetime
    ) -> None:
        act = Act(actor=actor, action=action, at=at, client_id=self.client_id, subject=message_id)
        await append(connection, self._database.audit_key, act)

    async def _begin_again(
        self, connection: AsyncConnection, message: Message, given_up: Sequence[Any], at: datetime
    ) -> None:
        """Send again what was given up, alone and as the same; not to whom it is no longer for."""
        settings = (await self._own_client(connection)).settings
        wanted = targets(settings.recipients, settings.routes, message.urgency)
        known = {(channel, to.lower()) for channel, to in wanted}
        for row in given_up:
            mine = outbox.c.id == row.id
            if (row.channel, row.recipient.lower()) not in known:
                await connection.execute(self._delete(outbox).where(mine))
                continue
            fresh = {
                "state": "pending",
                "attempts": 0,
                "pace": "now",
                "bundle": None,
                "last_error": None,
            }
            await connection.execute(
                self._update(outbox).where(mine).values(**fresh, next_attempt_at=at)
            )

    async def _queue(
        self, connection: AsyncConnection, message: Message, at: datetime, *, again: bool = False
    ) -> None:
        """Intend to send to each recipient of today that has no intention yet.

        `again`: somebody asked for it now, so that nothing waits for a digest.
        """
        client = await self._own_client(connection)
        settings, zone = client.settings, zone_of(client.settings.time_zone)
        leaves = departure(settings.delivery, message.urgency, at, zone)
        alone = Departure(at=at, pace="now")
        wanted = [
            Target(channel=channel, to=to, due=when.at, pace=when.pace)
            for channel, to in targets(settings.recipients, settings.routes, message.urgency)
            # A system wants each message as it comes; a digest is for people.
            for when in (alone if again or channel in ("webhook", "crm") else leaves,)
        ]
        await queue(connection, self.client_id, message.id, wanted, at=at)
        if not again and settings.on_call.starts_for(message.urgency):
            rungs = ladder(settings.on_call, at, zone)
            await start_escalation(connection, self.client_id, message.id, rungs, at)
        await settle_message(connection, self.client_id, message.id)

    async def _climb_again(
        self, connection: AsyncConnection, message: Message, at: datetime
    ) -> None:
        settings = (await self._own_client(connection)).settings
        if settings.on_call.starts_for(message.urgency):
            rungs = ladder(settings.on_call, at, zone_of(settings.time_zone))
            await restart_escalation(connection, self.client_id, message.id, rungs, at)
            await settle_message(connection, self.client_id, message.id)

    async def _own_client(self, connection: AsyncConnection) -> Client:
        query = select(clients).where(clients.c.id == self.client_id)
        return client_of((await connection.execute(query)).one())

    async def _message(
        self, connection: AsyncConnection, message_id: str, *, lock: bool = False
    ) -> Message:
        query = self._select(messages).where(messages.c.id == message_id)
        if lock:
            query = query.with_for_update()
        rows = await self._opened(connection, messages, query)
        if not rows:
            raise NotFoundError(f"no message {message_id!r}")
        return message_of(rows[0])

    async def _of_call(self, connection: AsyncConnection, call_id: str) -> Message | None:
        query = self._select(messages).where(messages.c.call_id == call_id)
        rows = await self._opened(connection, messages, query)
        return message_of(rows[0]) if rows else None

    async def _require_call(self, connection: AsyncConnection, call_id: str) -> None:
        query = self._select(calls, calls.c.id).where(calls.c.id == call_id)
        if (await connection.execute(query)).one_or_none() is None:
            raise NotFoundError(f"no call {call_id!r}")
