"""What turns out to be part of a number leaves the log it stands in."""

from __future__ import annotations

from dataclasses import replace

from copilot.callrecord import CallRecord
from copilot.events import DraftChanged, DraftField, Event
from copilot.store import Store
from tests.store.examples import MAIN, OTHER, after, ringing, utterance

MASKED = "[carte masquée]"


async def test_rows_before_it_and_drafts_forget_the_number(store: Store) -> None:
    scope, record = store.for_client(MAIN), CallRecord(store)
    await scope.create_call(ringing("c1"))
    said = [utterance("c1", 1, "4970 1012"), utterance("c1", 2, "bonjour")]
    fields = (
        DraftField(name="file_number", value="49701012", confidence=0.5, utterance_id="caller-1"),
        DraftField(name="phone", value="+33199001122", confidence=0.9, utterance_id="caller-2"),
        DraftField(name="reason", value="4970", confidence=1.0, edited=True),
    )
    drafted = DraftChanged(call_id="c1", seq=3, at=after(3), fields=fields)
    again = replace(said[0], seq=4, at=after(4), text=MASKED, heard=MASKED, redacted=("card",))
    events: list[Event] = [*said, drafted]
    await record.keep(MAIN, "c1", events)
    assert len(await scope.said(["4970"])) == 1
    for _ in range(2):  # a batch may be tried again
        await record.keep(MAIN, "c1", [again])
    rows = await scope.events_since("c1")
    assert [row.data["text"] for row in rows if row.kind == "utterance_heard"] == [
        MASKED, "bonjour", MASKED,
    ]  # fmt: skip
    (draft,) = [row.data["fields"] for row in rows if row.kind == "draft_changed"]
    assert [field["value"] for field in draft] == ["••••••••", "+33199001122", "4970"]
    assert await scope.mask_utterance(again) == 0
    assert await scope.said(["4970"]) == (), "nor can it be found"


async def test_other_calls_and_clients_keep_theirs(store: Store) -> None:
    for client_id, call_id in ((MAIN, "c1"), (MAIN, "c2"), (OTHER, "c3")):
        scope = store.for_client(client_id)
        await scope.create_call(ringing(call_id))
        await scope.append_events(call_id, [utterance(call_id, 1, "4970 1012")])
    again = replace(utterance("c3", 1), seq=2, text=MASKED, heard=MASKED, redacted=("card",))
    assert await store.for_client(MAIN).mask_utterance(again) == 0
    assert await store.for_client(OTHER).mask_utterance(again) == 1
    for call_id in ("c1", "c2"):
        (row,) = await store.for_client(MAIN).events_since(call_id)
        assert row.data["text"] == "4970 1012"
