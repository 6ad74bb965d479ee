"""Whether the TURN servers that browsers are sent to take our passwords, asked now and then.

Each is asked for a relay, as a browser would (Allocate, RFC 8656 section 7), which is given back at
once: a server that only answers may still refuse every call for a secret that is not its own.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from telephony.turn import TurnAccess, TurnServers

log = logging.getLogger(__name__)

TurnState: TypeAlias = Literal["loading", "ready", "unreachable", "refused"]
"""`loading` before the first question; `refused`: it answers, and will not have our password."""

EVERY_S = 60.0
ANSWER_S = 5.0
USER = "souffleur-status"

_URL = re.compile(r"(turns?):\[?([^\s\]?]+?)\]?(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAddress:
    """A TURN URI taken apart (RFC 7065)."""

    host: str
    port: int
    transport: Literal["udp", "tcp"]
    secured: bool


def turn_address(url: str) -> TurnAddress:
    """Raises ValueError."""
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(f"no TURN address: {url!r}")
    secured = match[1] == "turns"
    return TurnAddress(
        host=match[2],
        port=int(match[3] or (5349 if secured else 3478)),
        transport="tcp" if secured or match[4] == "tcp" else "udp",
        secured=secured,
    )


class TurnWatch:
    """The state of every TURN server; `running` keeps it up to date."""

    def __init__(self, servers: TurnServers) -> None:
        self._servers = servers
        self._states: dict[str, TurnState] = dict.fromkeys(servers.urls, "loading")

    @property
    def state(self) -> TurnState:
        """The worst of all: a browser may need the one that is not there."""
        order: tuple[TurnState, ...] = ("refused", "unreachable", "loading", "ready")
        return min(self._states.values(), key=order.index)

    async def check(self) -> None:
        """Ask every server once, all at the same time."""
        access = self._servers.access(USER, now_s=time.time())
        found = await asyncio.gather(*(_ask(url, access) for url in self._states))
        for url, (state, why) in zip(tuple(self._states), found, strict=True):
            if state != self._states[url]:
                level = logging.INFO if state == "ready" else logging.WARNING
                log.log(level, "TURN server %s is %s%s", url, state, f": {why}" if why else "")
            self._states[url] = state

    @asynccontextmanager
    async def running(self) -> AsyncIterator[TurnWatch]:
        """Ask at once and then every minute, while inside."""
        asking = asyncio.create_task(self._run(), name="turn watch")
        try:
            yield self
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self.check()
            await asyncio.sleep(EVERY_S)


class _Relay(asyncio.DatagramProtocol):
    """Hears when a relay has been given back."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.gone.set()


async def _ask(url: str, access: TurnAccess) -> tuple[TurnState, str]:
    from aioice.stun import TransactionError, TransactionFailed
    from aioice.turn import create_turn_endpoint

    at = turn_address(url)
    try:
        async with asyncio.timeout(ANSWER_S):
            relay, protocol = await create_turn_endpoint(
                _Relay, (at.host, at.port), access.username, access.credential,
                ssl=True if at.secured else None, transport=at.transport,
            )  # fmt: skip
            relay.close()
            await protocol.gone.wait()
    except TransactionFailed as error:
        return "refused", str(error)
    except TimeoutError:
        return "unreachable", f"no answer within {ANSWER_S:.0f} s"
    except (TransactionError, OSError) as error:
        return "unreachable", str(error)
    return "ready", ""
