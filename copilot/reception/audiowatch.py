"""Whether everybody's voice still comes: the caller's, the operator's, whom a call was given to."""

from __future__ import annotations

import asyncio
import logging

from copilot.events import Trouble
from copilot.reception.ongoing import OngoingCall
from telephony.floor import Person

logger = logging.getLogger(__name__)

WATCH_S = 0.5
"""How often the bridge is asked."""
FOREIGN_PACKETS = 5
"""Fewer may be the last of an earlier call on the same port."""


async def watch_audio(call: OngoingCall, *, no_audio_s: float) -> None:
    """Say when nothing comes from one side, and when it comes again. Runs until cancelled."""
    missing: set[Person] = set()
    waited_s: dict[Person, float] = {}
    """For how long each who never sent anything could have."""
    warned = False
    while True:
        await asyncio.sleep(WATCH_S)
        warned = warned or _warn_of_stranger(call)
        watched = _watched(call)
        for person in watched:
            silent_s = _silent_s(call, person)
            if silent_s is None:
                silent_s = waited_s[person] = waited_s.get(person, 0.0) + WATCH_S
            else:
                waited_s.pop(person, None)
            if (silent_s > no_audio_s) != (person in missing):
                missing ^= {person}
                _tell(call, person, recovered=person not in missing)
        for person in missing.difference(watched):
            missing.discard(person)
            _tell(call, person, recovered=True)  # gone, and waited for no more


def _watched(call: OngoingCall) -> tuple[Person, ...]:
    """Who should be heard; somebody who is only being called need not."""
    reached = call.transfer is not None and call.transfer.reached
    return ("caller", "operator", "guest") if reached else ("caller", "operator")


def _silent_s(call: OngoingCall, person: Person) -> float | None:
    if call.bridge is not None:
        return call.bridge.silent_s(person)
    if call.voices is None or person not in ("caller", "operator"):
        return 0.0
    return call.voices.silent_s(person)


def _tell(call: OngoingCall, person: Person, *, recovered: bool) -> None:
    given = call.transfer is not None and call.transfer.state == "completed"
    name = "guest" if given and person == "operator" else person  # who has the operator's place
    call.log.tell(
        Trouble(
            **call.log.stamp(),
            part="audio",
            code=f"no_audio_{name}",
            detail="",
            recovered=recovered,
        )
    )


def _warn_of_stranger(call: OngoingCall) -> bool:
    """Once a call: none of the packets was let in, but somebody tries. Whether it was told."""
    count = call.voices.packets_foreign if call.voices is not None else 0
    if count < FOREIGN_PACKETS:
        return False
    logger.warning("call %s: %d packets of voice from a stranger", call.call_id, count)
    call.log.tell(
        Trouble(**call.log.stamp(), part="line", code="foreign_packets", detail=f"{count} packets")
    )
    return True
