from __future__ import annotations

import asyncio

import pytest

from copilot.callrecord import CallRecord
from copilot.codec import event_of
from copilot.events import CallAnswered, CallEnded, Event, PartialHeard
from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.records.calls import Call
from copilot.store.records.learning import SuggestionFeedback
from tests.store.examples import MAIN, NOON, OTHER, after, draft, ringing, suggestion, utterance


async def answered(store: Store, call_id: str = "c1", operator: str = "o1") -> Call:
    return await store.for_client(MAIN).mark_answered(
        call_id, operator_id=operator, operator_name="Inès", at=after(5)
    )


async def test_a_call_rings_is_answered_and_ends(store: Store) -> None:
    scope = store.for_client(MAIN)
    call = await scope.create_call(ringing("c1"))
    assert (call.state, call.client_name, call.message_state) == (
        "ringing", "Plomberie Delorme", "none",
    )  # fmt: skip
    assert call.ringing_at == NOON and call.ringing_at.tzinfo is not None
    call = await answered(store)
    assert (call.state, call.operator_name, call.answered_at) == ("live", "Inès", after(5))
    assert await answered(store) == call
    call = await scope.mark_ended("c1", ended_by="caller", reason="bye", at=after(65.5))
    assert (call.state, call.duration_s, call.ended_by) == ("ended", 60.5, "caller")
    assert await scope.mark_ended("c1", ended_by="system", reason="late", at=after(99)) == call


async def test_a_call_nobody_answered_lasted_no_time(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    call = await scope.mark_ended("c1", ended_by="caller", reason="cancel", at=after(20))
    assert (call.duration_s, call.answered_at) == (0.0, None)
    with pytest.raises(ConflictError, match="over"):
        await answered(store)


async def test_two_operators_answer_at_once_and_one_has_the_call(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    outcomes = await asyncio.gather(
        *(answered(store, operator=f"o{number}") for number in range(8)), return_exceptions=True
    )
    winners = [call for call in outcomes if isinstance(call, Call)]
    assert len(winners) == 1
    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 7
    assert (await store.provider.call("c1")).operator_id == winners[0].operator_id


async def test_a_call_id_is_given_once(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    for client_id in (MAIN, OTHER):
        with pytest.raises(ConflictError):
            await store.for_client(client_id).create_call(ringing("c1"))


async def test_pages_of_calls_newest_first(store: Store) -> None:
    scope = store.for_client(MAIN)
    for number in range(5):  # the last two at the same instant
        await scope.create_call(ringing(f"c{number}", after(min(number, 3))))
    await store.for_client(OTHER).create_call(ringing("theirs", after(10)))
    first = await scope.calls(limit=2)
    rest = await scope.calls(before=first[-1].id, limit=10)
    assert [call.id for call in first + rest] == ["c4", "c3", "c2", "c1", "c0"]
    assert [call.id for call in await store.provider.calls(limit=2)] == ["theirs", "c4"]
    await scope.mark_ended("c0", ended_by="caller", reason="", at=after(9))
    await answered(store, "c1")
    assert [call.id for call in await scope.calls(state="ended")] == ["c0"]
    assert [call.id for call in await scope.calls(state="live")] == ["c1"]
    assert [call.id for call in await scope.calls(state="ringing")] == ["c4", "c3", "c2"]
    board = [call.id for call in await store.provider.board()]
    assert board == ["c1", "c2", "c3", "c4", "theirs"]


async def test_the_log_gives_back_what_was_appended(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    partial = PartialHeard(
        call_id="c1", seq=2, at=after(2), leg="caller", utterance_id="caller-1",
        settled="bon", provisional="jour", start_s=0, end_s=1,
    )  # fmt: skip
    said: list[Event] = [utterance("c1", 1), partial, suggestion("c1", 3), draft("c1", 7)]
    await scope.append_events("c1", said)
    stored = await scope.events_since("c1")
    back = [
        event_of(kind=line.kind, call_id=line.call_id, seq=line.seq, at=line.at, data=line.data)
        for line in stored
    ]
    assert back == [event for event in said if event is not partial]
    assert [line.seq for line in await scope.events_since("c1", 1)] == [3, 7]
    assert [line.seq for line in await scope.events_since("c1", 1, limit=1)] == [3]
    assert await scope.next_seq("c1") == 8
    assert (await scope.call("c1")).message_state == "draft"


async def test_a_batch_may_be_appended_again_but_a_seq_not_taken_twice(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await scope.append_events("c1", [utterance("c1", 1), utterance("c1", 2)])
    await scope.append_events("c1", [utterance("c1", 2), utterance("c1", 3)])
    with pytest.raises(ConflictError):
        await scope.append_events("c1", [utterance("c1", 4), utterance("c1", 2, "autre")])
    assert [line.seq for line in await scope.events_since("c1")] == [1, 2, 3]
    with pytest.raises(ValueError, match="another call"):
        await scope.append_events("c1", [utterance("c2", 9)])


async def test_a_long_backlog_is_appended_in_one_go(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await scope.append_events("c1", [utterance("c1", seq) for seq in range(1, 1202)])
    assert await scope.next_seq("c1") == 1202


async def test_the_call_s_row_follows_its_log(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    record = CallRecord(store)
    answered = CallAnswered(
        call_id="c1", seq=1, at=after(3), operator_id="o1", operator_name="Inès"
    )
    ended = CallEnded(
        call_id="c1", seq=3, at=after(63), ended_by="caller", reason="hung_up", duration_s=60.0
    )
    for _ in range(2):  # a batch may be kept again after a failure
        await record.keep(MAIN, "c1", [answered, utterance("c1", 2)])
    assert (await scope.call("c1")).state == "live"
    for _ in range(2):
        await record.keep(MAIN, "c1", [ended])
    call = await scope.call("c1")
    assert (call.state, call.operator_name, call.duration_s) == ("ended", "Inès", 60.0)
    assert await record.next_seq(MAIN, "c1") == 4


async def test_edits_add_up_and_a_field_may_be_emptied(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    assert await scope.draft_edits("c1") == {}
    await scope.save_draft_edits("c1", {"phone": "1", "reason": "fuite"}, edited_by="o", at=NOON)
    edits = await scope.save_draft_edits("c1", {"phone": None}, edited_by="o", at=after(1))
    assert edits == {"phone": None, "reason": "fuite"} == await scope.draft_edits("c1")
    assert (await scope.call("c1")).message_state == "draft"


async def test_two_edits_at_once_are_both_kept(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await asyncio.gather(
        *(
            scope.save_draft_edits("c1", {f"f{number}": "x"}, edited_by="o", at=NOON)
            for number in range(6)
        )
    )
    assert sorted(await scope.draft_edits("c1")) == [f"f{number}" for number in range(6)]


async def test_feedback_is_kept_in_order(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    for second, action in enumerate(("opened", "used")):
        await scope.record_feedback(
            SuggestionFeedback(
                call_id="c1",
                suggestion_id="s1",
                entry_id="12",
                action=action,  # type: ignore[arg-type]
                user_id="o1",
                at=after(second),
            )
        )
    assert [item.action for item in await scope.feedback("c1")] == ["opened", "used"]


async def test_calls_left_open_by_a_crash_end_with_their_last_line(store: Store) -> None:
    scope = store.for_client(MAIN)
    for call_id in ("c1", "c2", "c3"):
        await scope.create_call(ringing(call_id))
    await answered(store, "c1")
    await scope.append_events("c1", [utterance("c1", 1), utterance("c1", 35)])
    await scope.mark_ended("c3", ended_by="caller", reason="bye", at=after(50))
    assert await store.provider.end_interrupted_calls(reason="arrêt") == 2
    first, second = await scope.call("c1"), await scope.call("c2")
    assert (first.ended_at, first.duration_s, first.ended_by) == (after(35), 30.0, "system")
    assert (second.ended_at, second.duration_s) == (NOON, 0.0)
    assert (await scope.call("c3")).end_reason == "bye"
    assert await store.provider.end_interrupted_calls(reason="arrêt") == 0


async def test_another_clients_call_is_as_good_as_absent(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    theirs = store.for_client(OTHER)
    with pytest.raises(NotFoundError):
        await theirs.call("c1")
    with pytest.raises(NotFoundError):
        await theirs.mark_answered("c1", operator_id="o", operator_name="n", at=NOON)
    with pytest.raises(NotFoundError):
        await theirs.mark_ended("c1", ended_by="caller", reason="", at=NOON)
    with pytest.raises(NotFoundError):
        await theirs.append_events("c1", [utterance("c1", 1)])
    with pytest.raises(NotFoundError):
        await theirs.events_since("c1")
    with pytest.raises(NotFoundError):
        await theirs.save_draft_edits("c1", {"phone": "1"}, edited_by="o", at=NOON)
    assert (await store.for_client(MAIN).call("c1")).state == "ringing"
