"""What the pages get of a long call, piece by piece."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from web.schemas import EventView, Schema

Utterances = Annotated[int, Query(ge=1, le=500)]
"""How many utterances to send."""


class SaidBefore(Schema):
    """What was said before a seq, and the answers offered for it."""

    events: list[EventView]
    """Ordered by seq: `utterance_heard` and `suggestion_offered`."""
    earlier: int | None
    """More was said before this seq; null: these are the first words."""
