"""Moments by a client's clock, wherever the browser is: told with its offset, taken without one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.store.store import ClientScope


async def zone_of(scope: ClientScope) -> ZoneInfo:
    """The client's. Raises `NotFoundError`."""
    return ZoneInfo((await scope.client()).settings.time_zone)


def aware(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment without offset is one of the client's clock."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
