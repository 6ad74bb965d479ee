"""A long log in pieces: nothing is lost between them, and the end alone shows the call."""

from __future__ import annotations

import pytest

from copilot.events import CallAnswered, Event, GuidanceChanged
from copilot.store import NotFoundError, Store
from tests.store.examples import MAIN, OTHER, after, draft, ringing, suggestion, utterance

SAID = 10


def guidance(seq: int) -> GuidanceChanged:
    return GuidanceChanged(
        call_id="c1", seq=seq, at=after(seq), missing=(str(seq),), checklist=(), next_step=None
    )


async def told(store: Store) -> list[Event]:
    """Ten utterances, each with an offer, a draft and what to ask."""
    await store.for_client(MAIN).create_call(ringing("c1"))
    answered = CallAnswered(
        call_id="c1", seq=1, at=after(1), operator_id="o1", operator_name="Inès"
    )
    events: list[Event] = [answered]
    for first in range(2, 2 + 4 * SAID, 4):
        events += [
            utterance("c1", first),
            suggestion("c1", first + 1),
            draft("c1", first + 2),
            guidance(first + 3),
        ]
    await store.for_client(MAIN).append_events("c1", events)
    return events


@pytest.mark.parametrize("page", [1, 3, 5, 9])
async def test_the_pieces_make_the_whole_transcript(store: Store, page: int) -> None:
    events = await told(store)
    scope = store.for_client(MAIN)
    piece = await scope.end_of_log("c1", utterances=page)
    seqs = [event.seq for event in piece.events]
    assert sum(event.kind == "utterance_heard" for event in piece.events) == page
    assert seqs[0] == 1, "who answered still holds"
    while piece.earlier is not None:
        before = piece.earlier
        piece = await scope.said_before("c1", before, utterances=page)
        assert piece.events and all(event.seq < before for event in piece.events)
        seqs += [event.seq for event in piece.events]
    said = [
        event.seq
        for event in events
        if type(event).__name__ in ("UtteranceHeard", "SuggestionOffered")
    ]
    assert sorted(seq for seq in seqs if seq in said) == said


async def test_the_end_has_what_still_holds_of_what_came_before(store: Store) -> None:
    await told(store)
    scope = store.for_client(MAIN)
    last = 2 + 4 * (SAID - 1)
    await scope.append_events("c1", [utterance("c1", last + 4), utterance("c1", last + 5)])
    piece = await scope.end_of_log("c1", utterances=2)
    assert [event.seq for event in piece.events] == [1, last + 2, last + 3, last + 4, last + 5]
    assert piece.earlier == last + 4


async def test_a_short_log_comes_whole(store: Store) -> None:
    events = await told(store)
    piece = await store.for_client(MAIN).end_of_log("c1", utterances=SAID)
    assert ([event.seq for event in piece.events], piece.earlier) == (
        [event.seq for event in events], None,
    )  # fmt: skip
    nothing = await store.for_client(MAIN).said_before("c1", 2, utterances=5)
    assert (nothing.events, nothing.earlier) == ((), None)


async def test_another_client_s_log_is_not_found(store: Store) -> None:
    await told(store)
    with pytest.raises(NotFoundError):
        await store.for_client(OTHER).end_of_log("c1", utterances=5)
    with pytest.raises(NotFoundError):
        await store.for_client(OTHER).said_before("c1", 9, utterances=5)
