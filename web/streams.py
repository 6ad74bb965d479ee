"""Calls that come over WebSockets from platforms: who may open one, and the tasks they live in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping

from copilot.reception import Reception
from telephony.carried import CarriedCall
from telephony.mediastream import CopiedStream
from telephony.mediastream.admission import bearer, is_signed, knows_token

logger = logging.getLogger(__name__)

AT_ONCE = 500


class MediaStreams:
    """Every media stream of this process."""

    def __init__(self, reception: Reception, *, token: str, key: str, public_url: str) -> None:
        """Without a token and a key none is taken. `public_url` is what a platform connects to,
        as it signs it."""
        self._reception = reception
        self._token, self._key = token, key
        self._public_url = public_url
        self._calls: dict[asyncio.Task[None], CarriedCall | CopiedStream] = {}

    @property
    def open(self) -> bool:
        """Whether there are any to be expected."""
        return bool(self._token or self._key)

    @property
    def full(self) -> bool:
        return len(self._calls) >= AT_ONCE

    def admits_request(self, headers: Mapping[str, str], path: str, query: str) -> bool:
        """Whether the request itself proves who sends it: its token or its signature."""
        address = f"{self._public_url}{path}" + (f"?{query}" if query else "")
        return self.knows(bearer(headers)) or is_signed(
            self._key, address, headers.get("x-twilio-signature")
        )

    def knows(self, token: str | None) -> bool:
        """Whether this is the token."""
        return knows_token(self._token, token)

    def call(self, call: CarriedCall) -> None:
        """Let a call in; it lives in a task of its own."""
        self._start(call, self._reception.arrivals.receive(call))

    def copy(self, copy: CopiedStream) -> None:
        """Listen to a copy."""
        self._start(copy, self._reception.follower.follow_stream(copy))

    async def close(self) -> None:
        """End every call and wait for it."""
        for call in list(self._calls.values()):
            await call.hang_up(by="system", reason="server_stopped")
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _start(self, call: CarriedCall | CopiedStream, life: Awaitable[None]) -> None:
        async def live() -> None:
            try:
                await life
            except Exception:
                logger.exception("call %s failed", call.call_id)
                await call.hang_up(by="system", reason="failed")

        task = asyncio.create_task(live(), name=f"stream-{call.call_id}")
        self._calls[task] = call
        task.add_done_callback(lambda done: self._calls.pop(done, None))
