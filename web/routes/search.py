"""Words found in transcripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from knowledge.wording import plain
from web import schemas, views
from web.access import Searcher, client_filter, note
from web.house import InHouse

router = APIRouter(prefix="/api/search", tags=["search"])

LINES = 100
SHORTEST = 2
"""Letters a search must have: one letter is in everything."""


@router.get("")
async def search(
    person: Searcher,
    house: InHouse,
    q: Annotated[str, Query(max_length=200)],
    client_id: str | None = None,
    similar: bool = False,
) -> schemas.SearchResult:
    """Utterances with every word of `q`, whatever their case and accents, newest call first.

    `similar`: synonyms and other forms of the words too. The search is audited, not what was
    searched for.
    """
    wanted = client_filter(person, client_id)
    words = plain(q).split()
    if sum(map(len, words)) < SHORTEST:
        return schemas.SearchResult(lines=[], more=False)
    await note(house, person, "transcripts.searched", client_id=wanted)
    source = house.store.for_client(wanted) if wanted else house.store.provider
    found = await source.said(words, similar=similar, limit=LINES + 1)
    return schemas.SearchResult(
        lines=[views.said(line) for line in found[:LINES]], more=len(found) > LINES
    )
