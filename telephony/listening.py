"""Two voices that are only listened to: a PBX carries the call and sends a copy of each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from telephony.call import Endpoint
from telephony.leg import Leg, LegRole
from telephony.voice import Voice

TICK_S = 0.020


class Listening:
    """Both legs of such a call on one clock that starts here; they end with `close`.

    `paused` tells whether the PBX has said that it sends nothing now.
    """

    def __init__(
        self, endpoints: Mapping[LegRole, Endpoint], *, paused: Callable[[], bool]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._endpoints = dict(endpoints)
        self._paused = paused
        now_s = self._loop.time()
        roles: tuple[LegRole, LegRole] = ("caller", "operator")
        self._voices = {role: Voice(role, started_s=now_s) for role in roles}
        for role, endpoint in self._endpoints.items():
            endpoint.on_packet = self._voices[role].hear
        self._ticking = asyncio.create_task(self._tick(), name="listening clock")

    @property
    def caller(self) -> Leg:
        """What the caller says."""
        return self._voices["caller"]

    @property
    def operator(self) -> Leg:
        """What the operator says."""
        return self._voices["operator"]

    @property
    def packets_foreign(self) -> int:
        """Packets refused because they came from somebody else than the PBX."""
        return sum(endpoint.stats.packets_foreign for endpoint in self._endpoints.values())

    def silent_s(self, role: LegRole) -> float | None:
        """Seconds since this voice's last packet; None before the first, 0 while paused."""
        if self._paused():
            return 0.0
        heard_s = self._voices[role].last_heard_s
        return None if heard_s is None else self._loop.time() - heard_s

    async def close(self) -> None:
        """End both legs, close the endpoints. Idempotent."""
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        for endpoint in self._endpoints.values():
            endpoint.on_packet = None
            await endpoint.close()
        for voice in self._voices.values():
            voice.end()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now_s = self._loop.time()
            for voice in self._voices.values():
                voice.tick(now_s)
