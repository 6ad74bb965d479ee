"""Every event class, found by reading the union, survives the log and the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot import codec, events
from copilot.events import CallEvent, Event, Trouble, UtteranceHeard

EVENT_CLASSES: tuple[type[CallEvent], ...] = get_args(events.Event)

moments = st.datetimes(
    min_value=datetime(2000, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(UTC),
)
st.register_type_strategy(datetime, moments)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))

AT = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)


def test_the_union_has_every_event_class() -> None:
    def below(parent: type[CallEvent]) -> set[type[CallEvent]]:
        return {parent}.union(*(below(child) for child in parent.__subclasses__()))

    # `dataclass(slots=True)` leaves the class it replaced behind: compare by name.
    named = {event_class.__name__ for event_class in below(CallEvent) - {CallEvent}}
    assert named - {"CallEvent"} == {event_class.__name__ for event_class in EVENT_CLASSES}


def test_kinds_are_the_snake_case_names() -> None:
    assert codec.kind_of(UtteranceHeard) == "utterance_heard"
    assert len(codec.event_classes()) == len(EVENT_CLASSES)


@pytest.mark.parametrize("event_class", EVENT_CLASSES, ids=lambda kind: kind.__name__)
@settings(max_examples=40)
@given(data=st.data())
def test_every_event_round_trips(event_class: type[Event], data: st.DataObject) -> None:
    event = data.draw(st.from_type(event_class))
    line = codec.encode(event)
    assert codec.decode(line) == event
    assert json.loads(line)["kind"] == codec.kind_of(event_class)


def test_moments_travel_in_utc() -> None:
    local = AT.astimezone(timezone(timedelta(hours=2)))
    event = Trouble(call_id="c", seq=1, at=local, part="audio", code="x", detail="y")
    assert codec.event_to_json(event)["at"] == "2026-03-17T12:00:00+00:00"
    assert codec.decode(codec.encode(event)) == event


def test_an_added_field_is_ignored_and_a_dropped_one_takes_its_default() -> None:
    event = Trouble(call_id="c", seq=1, at=AT, part="audio", code="x", detail="y")
    value = codec.event_to_json(event)
    value["data"]["added_by_a_later_version"] = 1
    del value["data"]["recovered"]
    assert codec.event_from_json(value) == event


@pytest.mark.parametrize(
    "spoil",
    [
        {"kind": "call_teleported"},
        {"seq": "1"},
        {"at": "2026-03-17T12:00:00"},
        {"at": 3},
        {"data": {"part": "audio", "code": "x"}},
        {"data": {"part": "kitchen", "code": "x", "detail": "y"}},
        {"data": {"part": "audio", "code": None, "detail": "y"}},
        {"data": None},
    ],
)
def test_json_that_is_no_event_is_refused(spoil: dict[str, object]) -> None:
    event = Trouble(call_id="c", seq=1, at=AT, part="audio", code="x", detail="y")
    with pytest.raises(codec.CodecError):
        codec.event_from_json({**codec.event_to_json(event), **spoil})


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"null", b'{"kind":[]}', b"\xff"])
def test_bytes_that_are_no_event_are_refused(line: bytes) -> None:
    with pytest.raises(codec.CodecError):
        codec.decode(line)
