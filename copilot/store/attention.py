"""Messages that somebody should look at: urgent and not acknowledged, or that could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, case, exists, or_, select

from copilot.escalation import Escalation
from copilot.store.database import Database
from copilot.store.escalations import escalation_of
from copilot.store.messages import message_of
from copilot.store.records.messages import Message
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import escalations, messages, outbox

MOST = 100
URGENT = ("urgent", "critique")

Why = Literal["exhausted", "unacknowledged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One of them, and why."""

    message: Message
    client_name: str
    why: Why
    escalation: Escalation | None


async def waiting(
    database: Database, *, since: datetime, client_id: str | None = None
) -> tuple[Waiting, ...]:
    """Approved since then: nobody left to try first, then by urgency, the oldest first.

    `client_id`: of one client; null: of all.
    """
    unread = messages.c.acknowledged_at.is_(None)
    exhausted = and_(escalations.c.state == "exhausted", unread)
    given_up = exists().where(
        outbox.c.client_id == messages.c.client_id,
        outbox.c.message_id == messages.c.id,
        outbox.c.state == "dead",
        outbox.c.step == 0,
    )
    rank = case(
        (exhausted, 0),
        (and_(unread, messages.c.urgency == "critique"), 1),
        (and_(unread, messages.c.urgency == "urgent"), 2),
        else_=3,
    )
    of_client = messages.c.client_id == client_id if client_id else messages.c.id.is_not(None)
    chosen = (
        select(
            messages,
            clients.c.name.label("client_name"),
            escalations.c.id.label("escalation_id"),
        )
        .join(clients, clients.c.id == messages.c.client_id)
        .outerjoin(escalations, escalations.c.message_id == messages.c.id)
        .where(
            of_client,
            messages.c.approved_at >= since,
            or_(
                messages.c.state == "failed",
                given_up,
                exhausted,
                and_(unread, messages.c.urgency.in_(URGENT)),
            ),
        )
        .order_by(rank, messages.c.approved_at, messages.c.id)
        .limit(MOST)
    )
    async with database.reading() as connection:
        found_rows = (await connection.execute(chosen)).all()
        rows = await database.vault.open(connection, messages, found_rows)
        ids = [row.escalation_id for row in rows if row.escalation_id]
        ladders = select(escalations, messages.c.call_id).join(
            messages, messages.c.id == escalations.c.message_id
        )
        found = await connection.execute(ladders.where(escalations.c.id.in_(ids)))
        by_message = {row.message_id: escalation_of(row) for row in found}
    return tuple(
        Waiting(
            message=message_of(row),
            client_name=row.client_name,
            why=_why(message_of(row), by_message.get(row.id)),
            escalation=by_message.get(row.id),
        )
        for row in rows
    )


def _why(message: Message, escalation: Escalation | None) -> Why:
    nobody = escalation is not None and escalation.state == "exhausted"
    if nobody and message.acknowledged_at is None:
        return "exhausted"
    told = message.state == "failed" or message.acknowledged_at is not None
    return "failed" if told else "unacknowledged"
