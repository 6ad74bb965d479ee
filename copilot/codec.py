"""Events to JSON values and back, for the log and for the wire between processes.

The kind of an event is its class name in snake case: `utterance_heard`. Every class of the
`Event` union is found by reading it, so a new one needs no line here.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from copilot import events
from copilot.events import CallEvent, Event

ENVELOPE = ("call_id", "seq", "at")
"""Fields that every event has; the rest of an event is its `data`."""


class CodecError(ValueError):
    """JSON that is no event."""

    code = "bad_event"


def kind_of(event_class: type[CallEvent]) -> str:
    """`UtteranceHeard` to `utterance_heard`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event_class.__name__).lower()


@cache
def event_classes() -> dict[str, type[CallEvent]]:
    """Every event class by its kind."""
    return {kind_of(event_class): event_class for event_class in get_args(events.Event)}


def event_data(event: Event) -> dict[str, Any]:
    """The event's own fields as JSON values, without its envelope."""
    return {
        item.name: _plain(getattr(event, item.name))
        for item in dataclasses.fields(event)
        if item.name not in ENVELOPE
    }


def event_to_json(event: Event) -> dict[str, Any]:
    """The whole event: `kind`, `call_id`, `seq`, `at`, `data`."""
    return {
        "kind": kind_of(type(event)),
        "call_id": event.call_id,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(),
        "data": event_data(event),
    }


def event_from_json(value: Any) -> Event:
    """The event that `event_to_json` wrote. Raises `CodecError`."""
    try:
        return event_of(
            kind=value["kind"],
            call_id=value["call_id"],
            seq=value["seq"],
            at=datetime.fromisoformat(value["at"]),
            data=value["data"],
        )
    except CodecError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CodecError(f"this is no event: {error!r}") from error


def event_of(*, kind: str, call_id: str, seq: int, at: datetime, data: dict[str, Any]) -> Event:
    """Build an event from the parts kept in the log. Raises `CodecError`."""
    event: Event = _event_reader(kind)({"call_id": call_id, "seq": seq, "at": at, **data})
    return event


def encode(event: Event) -> bytes:
    """The event as one line of UTF-8 JSON."""
    return json.dumps(event_to_json(event), ensure_ascii=False, separators=(",", ":")).encode()


def decode(line: bytes | str) -> Event:
    """The event of one line of JSON. Raises `CodecError`."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise CodecError(f"this is no JSON: {error}") from error
    return event_from_json(value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


@cache
def _event_reader(kind: str) -> Callable[[Any], Any]:
    event_class = event_classes().get(kind)
    if event_class is None:
        raise CodecError(f"unknown kind of event: {kind!r}")
    return _dataclass_reader(event_class)


def _reader(wanted: Any) -> Callable[[Any], Any]:
    """A function that builds `wanted` from JSON values, or raises `CodecError`."""
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return _dataclass_reader(wanted)
    origin = get_origin(wanted)
    if origin is Literal:
        return _literal_reader(get_args(wanted))
    if origin is tuple:
        return _tuple_reader(_reader(get_args(wanted)[0]))
    if origin in (Union, types.UnionType):
        (inner,) = (item for item in get_args(wanted) if item is not type(None))
        return _optional_reader(_reader(inner))
    if wanted is datetime:
        return _datetime
    if wanted in (str, int, float, bool):
        return _scalar_reader(wanted)
    raise NotImplementedError(f"events have no fields of type {wanted}")


def _dataclass_reader(wanted: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(wanted)
    known = {item.name: _reader(hints[item.name]) for item in dataclasses.fields(wanted)}

    def read(value: Any) -> Any:
        # A field that a newer version added is ignored, one it dropped takes its default: two
        # versions share a log and a bus while a fleet is being upgraded.
        if not isinstance(value, dict):
            raise CodecError(f"{wanted.__name__}: expected an object, got {value!r}")
        given = {
            name: read_field(value[name]) for name, read_field in known.items() if name in value
        }
        try:
            return wanted(**given)
        except TypeError as error:
            raise CodecError(f"{wanted.__name__}: {error}") from error

    return read


def _tuple_reader(read_item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise CodecError(f"expected a list, got {value!r}")
        return tuple(read_item(item) for item in value)

    return read


def _optional_reader(read_inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return None if value is None else read_inner(value)

    return read


def _literal_reader(allowed: tuple[Any, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in allowed:
            raise CodecError(f"expected one of {allowed}, got {value!r}")
        return value

    return read


def _scalar_reader(wanted: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if wanted is float and type(value) is int:
            return float(value)
        if type(value) is not wanted:
            raise CodecError(f"expected {wanted.__name__}, got {value!r}")
        return value

    return read


def _datetime(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise CodecError(str(error)) from error
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise CodecError(f"expected a moment with an offset, got {value!r}")
    return value
