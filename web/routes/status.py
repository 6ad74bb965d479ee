"""Whether the service is up, for people and for monitors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from copilot.store.errors import StoreError
from web.house import InHouse
from web.routes.board import transcription_state

router = APIRouter(tags=["status"])


@router.get("/healthz")
async def health(house: InHouse) -> dict[str, Any]:
    """`ok`, or `degraded` with the parts that are not."""
    try:
        clients = await house.store.provider.clients()
        store = "ready"
    except StoreError:
        clients = ()
        store = "unavailable"
    parts = {
        "store": store,
        "transcription": transcription_state(house),
        "knowledge": "ready" if house.shelf.awake or not clients else "loading",
    }
    if house.secretary is not None:
        parts["language_model"] = house.secretary.state
    if house.sip is not None and house.sip.registrations:
        states = {registration.state for registration in house.sip.registrations}
        parts["line"] = "ready" if states == {"registered"} else min(states - {"registered"})
    if house.turn_watch is not None:
        parts["turn"] = house.turn_watch.state
    well = set(parts.values()) <= {"ready", "loading"}
    answer: dict[str, Any] = {
        "status": "ok" if well else "degraded",
        "parts": parts,
        "calls": len(house.board.calls()),
    }
    if house.sip is not None:
        answer["sip_dropped"] = house.sip.messages_dropped
    return answer
