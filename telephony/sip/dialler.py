"""Placing calls: which way, how many at once, and never a number that is barred."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from telephony.call import CodecName, Presented
from telephony.dialplan import DialPlan
from telephony.errors import CallFailed, LinesBusy
from telephony.rtp import RtpEndpoint
from telephony.sip.channel import Channel, TransportName
from telephony.sip.dialog import Dialog
from telephony.sip.gateway import Gateway, Way, way_into, ways_out
from telephony.sip.media import MediaPolicy
from telephony.sip.outgoing import PlacedCall, Placing
from telephony.sip.referred import ReferTarget
from telephony.sip.registration import Registration, Target
from telephony.sip.usage import InviteUsage, Over

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPolicy:
    """How calls go out. Without a gateway none does."""

    gateways: tuple[Gateway, ...] = ()
    plan: DialPlan = field(default_factory=DialPlan)
    max_calls: int = 10
    """At once, ringing or answered."""
    ring_s: float = 40.0


class Dialler:
    """Places calls for one server, which owns what comes of them."""

    def __init__(
        self,
        policy: OutgoingPolicy,
        *,
        media: MediaPolicy,
        registrations: Sequence[Registration],
        channel_of: Callable[[TransportName], Channel | None],
        open_media: Callable[[], Awaitable[RtpEndpoint]],
        on_dialog: Callable[[PlacedCall, Dialog], None],
        on_over: Over,
    ) -> None:
        self._policy = policy
        self._media = media
        self._registrations = registrations
        self._channel_of = channel_of
        self._open_media = open_media
        self._on_dialog = on_dialog
        self._on_over = on_over
        self._waiting = 0
        self._calls: set[PlacedCall] = set()
        self._placing: set[asyncio.Task[None]] = set()

    @property
    def is_possible(self) -> bool:
        """Whether there is any way out."""
        return bool(self._policy.gateways)

    async def dial(
        self, number: str, *, presented: Presented, prefer: CodecName | None = None,
        ring_s: float | None = None,
    ) -> PlacedCall:  # fmt: skip
        """Begin a call. `prefer` is the codec of whoever will talk to it.

        Raises NumberBarred, LinesBusy, CallFailed when there is no way out, PortsExhausted.
        """
        self._policy.plan.check(number)
        ways = ways_out(self._policy.gateways, self._registrations)
        return await self._begin(
            Placing(
                number=number,
                presented=presented,
                plan=self._policy.plan,
                policy=self._preferring(prefer),
                ring_s=ring_s or self._policy.ring_s,
                channel_of=self._channel_of,
                on_dialog=self._on_dialog,
            ),
            ways,
        )

    async def dial_into(
        self, target: ReferTarget, at: Target, presented: Presented, prefer: CodecName | None
    ) -> PlacedCall:
        """Call somebody in a dialog, in the place of who talks to them (RFC 3891).

        It goes there and nowhere else: no gateway, no dial plan. Raises as `dial`.
        """
        return await self._begin(
            Placing(
                number=target.number,
                presented=presented,
                plan=self._policy.plan,
                policy=self._preferring(prefer),
                ring_s=self._policy.ring_s,
                channel_of=self._channel_of,
                on_dialog=self._on_dialog,
                into=target,
            ),
            way_into(at, self._policy.gateways, self._registrations),
        )

    async def _begin(self, placing: Placing, ways: AsyncIterator[Way]) -> PlacedCall:
        if len(self._calls) + self._waiting >= self._policy.max_calls:
            raise LinesBusy(f"{self._policy.max_calls} calls go out already")
        self._waiting += 1
        try:
            return await self._by_first(placing, ways)
        finally:
            self._waiting -= 1

    async def _by_first(self, placing: Placing, ways: AsyncIterator[Way]) -> PlacedCall:
        async for first in ways:
            channel = self._channel_of(first.target.transport)
            if channel is None:
                log.warning("gateway %s: %s is not set up", first.gateway.name, first.target.uri)
                continue
            media = await self._open_media()
            call = PlacedCall(placing, first, channel, media, self._over)
            self._calls.add(call)
            task = asyncio.create_task(call.place(ways), name=f"sip call to {placing.number}")
            self._placing.add(task)
            task.add_done_callback(partial(self._placed, call))
            return call
        raise CallFailed("unreachable", detail="no gateway is set up or registered")

    def _preferring(self, prefer: CodecName | None) -> MediaPolicy:
        codecs = self._media.codecs
        if prefer not in codecs:
            return self._media
        return replace(self._media, codecs=tuple(dict.fromkeys((prefer, *codecs))))

    def _placed(self, call: PlacedCall, task: asyncio.Task[None]) -> None:
        self._placing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call %s could not be placed", call.call_id, exc_info=error)
            call.failed()

    def _over(self, usage: InviteUsage) -> None:
        if isinstance(usage, PlacedCall):
            self._calls.discard(usage)
        self._on_over(usage)

    async def close(self) -> None:
        """Wait for the tasks of calls that are over."""
        for task in self._placing:
            task.cancel()
        await asyncio.gather(*self._placing, return_exceptions=True)
