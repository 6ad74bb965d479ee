"""Searches that somebody keeps."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from copilot.accounts import SignedIn
from copilot.store.searches import SavedSearch, save_searches, saved_searches_of
from web.access import only
from web.house import InHouse
from web.schemas import Schema

router = APIRouter(prefix="/api/account/searches", tags=["search"])

Searching = Annotated[SignedIn, Depends(only("supervisor", "client", "reader"))]


class SavedSearchView(Schema):
    name: str = Field(min_length=1, max_length=100)
    q: str = Field(min_length=1, max_length=200)
    similar: bool = False


class SavedSearches(Schema):
    """All that somebody keeps."""

    searches: list[SavedSearchView] = Field(max_length=50)


@router.get("")
async def kept(person: Searching, house: InHouse) -> SavedSearches:
    """One's own, by name."""
    found = await saved_searches_of(house.store.database, person.user.id)
    return SavedSearches(
        searches=[
            SavedSearchView(name=one.name, q=one.question, similar=one.similar) for one in found
        ]
    )


@router.put("")
async def keep(given: SavedSearches, person: Searching, house: InHouse) -> SavedSearches:
    """These become all of one's own."""
    await save_searches(
        house.store.database,
        person.user.id,
        [SavedSearch(name=one.name, question=one.q, similar=one.similar) for one in given.searches],
        at=house.journal.now(),
    )
    return await kept(person, house)
