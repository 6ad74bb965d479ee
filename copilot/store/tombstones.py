"""What was erased, kept outside the database: so that a restored backup forgets it again.

A small file of JSON lines, one an erasure or a wipe, taken from the audit trail: identifiers and
dates, nothing that was said. It is brought up to date when something is erased, at each start and
every hour; keep a copy with the key file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from copilot.store.audit import SYSTEM, AuditEntry
from copilot.store.errors import NotFoundError
from copilot.store.tables.clients import clients

if TYPE_CHECKING:
    from copilot.store.store import ClientScope, Store

ERASED, WIPED = "person.erased", "client.wiped"


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """One erasure of calls, known callers, exercises and letters left aside, or one client wiped,
    which names none."""

    digest: str
    """Of its entry in the audit trail."""
    action: str
    at: str
    client_id: str
    calls: tuple[str, ...]
    known_callers: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


class TombstoneFile:
    """The file; it exists from the first erasure on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Tombstone, ...]:
        """In order; a last line that was not written whole is left out."""
        if not self.path.exists():
            return ()
        return tuple(_parsed(self.path.read_text(encoding="utf-8").splitlines()))

    async def sync(self, store: Store) -> int:
        """Add what the audit trail has and the file has not; how many there were."""
        known = {stone.digest for stone in self.read()}
        entries = [
            entry
            for action in (ERASED, WIPED)
            for entry in await store.audit.entries(action=action, limit=1_000_000)
            if entry.digest not in known
        ]
        if entries:
            self._append(map(_stone_of, sorted(entries, key=lambda entry: entry.seq)))
        return len(entries)

    def _append(self, stones: Iterable[Tombstone]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(stone)) + "\n" for stone in stones)
            file.flush()
            os.fsync(file.fileno())


async def erase_again(store: Store, stones: Iterable[Tombstone], *, at: datetime) -> int:
    """Forget in a restored database what had been forgotten; how many calls, people and
    clients."""
    await store.provider.end_interrupted_calls(reason="restored")
    async with store.database.reading() as connection:
        rows = await connection.execute(select(clients.c.id, clients.c.created_at))
        present = {row.id: row.created_at for row in rows}
    forgotten = 0
    for stone in stones:
        # One opened since under the same identifier is another client.
        opened_at = present.get(stone.client_id)
        if opened_at is None or opened_at > datetime.fromisoformat(stone.at):
            continue
        scope = store.for_client(stone.client_id)
        reason = f"erased before, on {stone.at}: a backup was restored"
        if stone.action == WIPED:
            await scope.wipe(actor=SYSTEM, reason=reason, at=at)
            del present[stone.client_id]
            forgotten += 1
        elif back := await _still_there(scope, stone.calls):
            await scope.erase_calls(back, actor=SYSTEM, reason=reason, at=at)
            forgotten += len(back)
        if people := await scope.known_among(stone.known_callers):
            await scope.erase_known_callers(people, actor=SYSTEM, reason=reason, at=at)
            forgotten += len(people)
        if lessons := [one.id for one in await scope.exercises() if one.id in stone.exercises]:
            await scope.erase_calls((), exercises=lessons, actor=SYSTEM, reason=reason, at=at)
            forgotten += len(lessons)
        told = {left.id for one in await scope.mailboxes() for left in one.aside}
        if letters := sorted(told.intersection(stone.asides)):
            await scope.erase_calls((), asides=letters, actor=SYSTEM, reason=reason, at=at)
            forgotten += len(letters)
    return forgotten


async def _still_there(scope: ClientScope, call_ids: Iterable[str]) -> list[str]:
    found = []
    for call_id in call_ids:
        with suppress(NotFoundError):
            found.append((await scope.call(call_id)).id)
    return found


def _stone_of(entry: AuditEntry) -> Tombstone:
    return Tombstone(
        digest=entry.digest,
        action=entry.act.action,
        at=entry.act.at.isoformat(),
        client_id=entry.act.client_id or "",
        calls=tuple(entry.act.detail.get("calls", ())),
        known_callers=tuple(entry.act.detail.get("known_callers", ())),
        exercises=tuple(entry.act.detail.get("exercises", ())),
        asides=tuple(entry.act.detail.get("asides", ())),
    )


def _parsed(lines: list[str]) -> Iterable[Tombstone]:
    for number, line in enumerate(lines):
        try:
            value = json.loads(line)
            names = ("calls", "known_callers", "exercises", "asides")
            listed = {name: tuple(value[name]) for name in names if name in value}
            yield Tombstone(**{**value, **listed})
        except (ValueError, TypeError, KeyError):
            if number + 1 < len(lines):
                raise
