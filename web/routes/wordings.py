"""Wordings that the client did not write: proposed by a model or by callers, decided here."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from web import learning_schemas as shapes
from web.access import ClientPerson, ClientReader, own_scope
from web.house import InHouse

router = APIRouter(prefix="/api/portal/wordings", tags=["learning"])


@router.get("")
async def wordings(
    person: ClientReader,
    house: InHouse,
    state: Literal["proposed", "approved", "refused"] = "proposed",
) -> list[shapes.WordingView]:
    """Of entries that are there still, those of one entry together."""
    scope = own_scope(house, person)
    questions = {entry.entry_id: entry.question for entry in await scope.entries()}
    return [
        shapes.WordingView(
            id=one.id,
            entry_id=one.entry_id,
            question=questions[one.entry_id],
            text=one.text,
            origin=one.origin,
            writer=one.writer,
            state=one.state,
            at=one.at,
            decided_by=one.decided_by_name,
        )
        for one in await scope.wordings(state)
        if one.entry_id in questions
    ]


@router.post("/decide", status_code=204)
async def decide(given: shapes.WordingsDecision, person: ClientPerson, house: InHouse) -> None:
    """Approve, refuse or put back on the list, all of them or none."""
    scope = own_scope(house, person)
    await scope.decide_wordings(
        given.ids, given.decision, by=person.user.name, at=house.journal.now()
    )
    house.shelf.changed(scope.client_id)
