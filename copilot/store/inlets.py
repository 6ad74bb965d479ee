"""Where people write to a client: e-mail addresses and web forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.inquiries import Inlet
from copilot.store.scope import Scoped
from copilot.store.tables.inquiries import inlets

MOST_INLETS = 20


class InletQueries(Scoped):
    """The client's inlets."""

    async def inlets(self) -> tuple[Inlet, ...]:
        """Where people write to it, oldest first."""
        query = self._select(inlets).order_by(inlets.c.created_at, inlets.c.value)
        async with self._database.reading() as connection:
            return tuple(inlet_of(row) for row in await connection.execute(query))

    async def add_inlet(self, inlet: Inlet, *, at: datetime, act: Act | None = None) -> Inlet:
        """Raises `ConflictError` when it is taken, or when there are too many."""
        row = {
            "value": inlet.value,
            "kind": inlet.kind,
            "name": inlet.name,
            "origins": list(inlet.origins),
            "created_at": at,
        }
        try:
            async with self._database.writing(act) as connection:
                await self._lock_client(connection)
                present = (await connection.execute(self._select(inlets, inlets.c.value))).all()
                if len(present) >= MOST_INLETS:
                    raise ConflictError(f"a client has at most {MOST_INLETS} inlets")
                await connection.execute(self._insert(inlets, row))
        except IntegrityError as error:
            raise ConflictError(f"{inlet.value} is taken") from error
        return inlet

    async def remove_inlet(self, value: str, *, act: Act | None = None) -> None:
        """Nothing more comes in there. Raises `NotFoundError`."""
        async with self._database.writing(act) as connection:
            gone = await connection.execute(self._delete(inlets).where(inlets.c.value == value))
            if gone.rowcount == 0:
                raise NotFoundError("no such inlet")


def inlet_of(row: Any) -> Inlet:
    return Inlet(
        value=row.value,
        client_id=row.client_id,
        kind=row.kind,
        name=row.name,
        origins=tuple(row.origins),
    )
