"""Playing a recorded call through the same path as a live one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from copilot.events import Event
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import User
from copilot.store.records.clients import Route
from copilot.store.records.identifiers import new_id
from telephony.recording import WavLegs
from web.house import House


class Replay:
    """One recording about to be played. Built with `prepare`."""

    def __init__(self, house: House, route: Route, operator: User, legs: WavLegs, *, paced: bool):
        self._house = house
        self._route = route
        self._operator = operator
        self._legs = legs
        self._paced = paced
        self.call_id = new_id()

    async def events(self) -> AsyncIterator[Event]:
        """Play: yields events as they come, partials aside, until everything is transcribed."""
        house = self._house
        async with house.bus.subscribe(self.call_id, partials=False) as events:
            playing = asyncio.create_task(
                house.reception.player.replay(
                    call_id=self.call_id,
                    client_id=self._route.client_id,
                    dialled=self._route.number,
                    operator=self._operator,
                    legs=(self._legs.caller, self._legs.operator),
                    paced=self._paced,
                ),
                name=f"replay-{self.call_id}",
            )
            playing.add_done_callback(lambda _: events.close())
            try:
                async for event in events:
                    yield event
                await playing
                await house.journal.kept()
            finally:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)


async def prepare(
    house: House, recording: Path, *, number: str | None = None, paced: bool = True
) -> Replay:
    """Read a two-channel recording, as a call to `number` (the first client's when not said).

    Raises RecordingUnreadable; NotFoundError when no client has the number.
    """
    legs = await WavLegs.open(recording, paced=paced)
    dialled = number or await _first_number(house)
    route = await house.store.provider.route(dialled)
    if route is None:
        raise NotFoundError(f"no client has the number {dialled}")
    return Replay(house, route, await _operator(house), legs, paced=paced)


async def _first_number(house: House) -> str:
    numbers = [n.number for _, n in await house.store.provider.numbers() if n.kind == "did"]
    if not numbers:
        raise NotFoundError("there is no client yet: start once with `souffleur serve --demo`")
    return min(numbers)


async def _operator(house: House) -> User:
    for user in await house.store.people.users():
        if user.role == "operator" and not user.disabled:
            return user
    raise NotFoundError("there is no operator yet: start once with `souffleur serve --demo`")
