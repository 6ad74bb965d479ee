"""Writing intentions to send, in the transaction of whatever wants them sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.records.identifiers import new_id
from copilot.store.tables.messages import outbox
from copilot.timing import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a message is to go, when, and whether with others."""

    channel: str
    to: str
    due: datetime
    pace: Pace = "now"


def idempotency_key(message_id: str, channel: str, recipient: str, step: int = 0) -> str:
    """The same for every try of one intention, 32 hexadecimal digits."""
    told_apart = "\n".join((message_id, channel, recipient.lower(), *([str(step)] if step else [])))
    return hashlib.sha256(told_apart.encode()).hexdigest()[:32]


async def queue(
    connection: AsyncConnection,
    client_id: str,
    message_id: str,
    wanted: Iterable[Target],
    *,
    step: int = 0,
    at: datetime,
) -> None:
    """Intend to send to each target that has no intention yet on this rung (0: none)."""
    kept = select(outbox.c.channel, outbox.c.recipient).where(
        outbox.c.client_id == client_id, outbox.c.message_id == message_id, outbox.c.step == step
    )
    queued = {(row.channel, row.recipient.lower()) for row in await connection.execute(kept)}
    rows = [
        {
            "id": new_id(),
            "client_id": client_id,
            "message_id": message_id,
            "channel": target.channel,
            "recipient": target.to,
            "idempotency_key": idempotency_key(message_id, target.channel, target.to, step),
            "state": "pending",
            "attempts": 0,
            "created_at": at,
            "next_attempt_at": target.due,
            "step": step,
            "pace": target.pace,
        }
        for target in wanted
        if (target.channel, target.to.lower()) not in queued
    ]
    if rows:
        await connection.execute(insert(outbox).values(rows))
