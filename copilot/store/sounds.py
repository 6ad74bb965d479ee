"""A client's sounds: what its callers hear before and beside the operator's voice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.profile import settings_of, settings_values
from copilot.store.records.clients import ClientSettings, StoredSound
from copilot.store.scope import Scoped
from copilot.store.tables.clients import clients, sounds
from copilot.waiting.welcome import SoundKind, Welcome, checked_welcome, needs

_ABOUT = (
    sounds.c.kind,
    sounds.c.file_name,
    sounds.c.duration_s,
    sounds.c.added_at,
    sounds.c.added_by,
)


class SoundNeededError(ConflictError):
    """The welcome in force plays this sound."""

    code = "sound_needed"


def sound_of(row: Any) -> StoredSound:
    return StoredSound(
        kind=row.kind,
        file_name=row.file_name,
        duration_s=row.duration_s,
        added_at=row.added_at,
        added_by=row.added_by,
    )


class SoundQueries(Scoped):
    """The client's sounds, and the welcome that plays them."""

    async def sounds(self) -> tuple[StoredSound, ...]:
        """Those there are, without their content."""
        query = self._select(sounds, *_ABOUT).order_by(sounds.c.kind)
        async with self._database.reading() as connection:
            return tuple(sound_of(row) for row in await connection.execute(query))

    async def sound(self, kind: SoundKind) -> tuple[StoredSound, bytes]:
        """A sound and its WAV file. Raises `NotFoundError`."""
        query = self._select(sounds).where(sounds.c.kind == kind)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no sound {kind!r}")
        return sound_of(row), bytes(row.content)

    async def put_sound(self, sound: StoredSound, content: bytes) -> None:
        """Keep a sound in place of the one of its kind."""
        row = {
            "kind": sound.kind,
            "file_name": sound.file_name[-255:],
            "duration_s": sound.duration_s,
            "content": content,
            "added_at": sound.added_at,
            "added_by": sound.added_by,
        }
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            await connection.execute(self._delete(sounds).where(sounds.c.kind == sound.kind))
            await connection.execute(self._insert(sounds, row))

    async def drop_sound(self, kind: SoundKind) -> None:
        """Idempotent. Raises `SoundNeededError` while the welcome plays it."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            if kind in needs((await self._settings(connection)).welcome):
                raise SoundNeededError(f"the welcome in force plays {kind!r}")
            await connection.execute(self._delete(sounds).where(sounds.c.kind == kind))

    async def save_welcome(self, welcome: Welcome) -> Welcome:
        """Keep the welcome. Raises `BadHoursError`, `BadWelcomeError`; nothing is changed then."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            kinds = await connection.execute(self._select(sounds, sounds.c.kind))
            kept = checked_welcome(welcome, sounds=frozenset(kinds.scalars()))
            settings = replace(await self._settings(connection), welcome=kept)
            await connection.execute(
                update(clients)
                .where(clients.c.id == self.client_id)
                .values(settings=settings_values(settings))
            )
        return kept

    async def _settings(self, connection: AsyncConnection) -> ClientSettings:
        query = select(clients.c.settings).where(clients.c.id == self.client_id)
        return settings_of((await connection.execute(query)).scalar_one())
