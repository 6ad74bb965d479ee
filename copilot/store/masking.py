"""A call's log without what turned out to be part of a number: rewritten, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.codec import event_data, kind_of
from copilot.events import DraftChanged, UtteranceHeard
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events

UTTERANCE, DRAFT = kind_of(UtteranceHeard), kind_of(DraftChanged)


class MaskQueries(Scoped):
    """The client's calls, as they may be kept."""

    async def mask_utterance(self, said: UtteranceHeard) -> int:
        """Have earlier rows of this utterance say what it says, and drafts forget what came of
        it; how many were rewritten. Idempotent.

        A card dictated in groups is known at its last one: the rows before it have the others.
        """
        query = self._select(call_events).where(
            call_events.c.call_id == said.call_id,
            call_events.c.seq < said.seq,
            call_events.c.kind.in_((UTTERANCE, DRAFT)),
        )
        async with self._database.writing() as connection:
            changed = [
                {**vars(row), "payload": payload}
                for row in await self._opened(connection, call_events, query)
                if (payload := _masked(row.kind, row.payload, said)) != row.payload
            ]
            await self._rewrite(connection, changed)
        return len(changed)

    async def _rewrite(self, connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        key = await self._database.vault.current(connection, self.client_id)
        sealed = await self._seal(connection, call_events, *rows)
        for row, written in zip(rows, sealed, strict=True):
            values = {"payload": written["payload"]}
            if row["kind"] == UTTERANCE:
                values["tokens"] = key.tokens(row["payload"]["text"])
            one = (call_events.c.call_id == row["call_id"], call_events.c.seq == row["seq"])
            await connection.execute(self._update(call_events).where(*one).values(**values))


def _masked(kind: str, payload: Mapping[str, Any], said: UtteranceHeard) -> dict[str, Any]:
    if kind == DRAFT:
        return {**payload, "fields": [_forgotten(field, said) for field in payload["fields"]]}
    if payload["utterance_id"] != said.utterance_id:
        return dict(payload)
    return event_data(said)


def _forgotten(field: Mapping[str, Any], said: UtteranceHeard) -> dict[str, Any]:
    """A field that was filled from the utterance, with no digit left; typed ones are people's."""
    changed = dict(field)
    for value, source in (("value", "utterance_id"), ("doubt", "doubt_utterance_id")):
        found = field.get(value)
        if field.get(source) == said.utterance_id and not field.get("edited") and found:
            changed[value] = "".join("•" if sign.isdecimal() else sign for sign in found)
    return changed
