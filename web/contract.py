"""The service's contract as one document: what the browser app's types are generated from.

    python -m web.contract > contract.json

OpenAPI for the routes; for the sockets, the schema of each event's `data` beside them, under the
name of its class, and `EventData`, which has them by kind.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from copilot.codec import ENVELOPE, event_classes
from web.app import create_app, settings_from_environment

REF = "#/components/schemas/{model}"


def event_schemas() -> dict[str, Any]:
    """JSON schemas of the events' data, of the values inside them, and of `EventData`."""
    found: dict[str, Any] = {}
    for event_class in event_classes().values():
        schema = TypeAdapter(event_class).json_schema(mode="serialization", ref_template=REF)
        found |= schema.pop("$defs", {})
        schema["properties"] = {
            name: value for name, value in schema["properties"].items() if name not in ENVELOPE
        }
        schema["required"] = list(schema["properties"])
        found[event_class.__name__] = schema
    for value in found.values():
        # What is written always has every field, those with a default too.
        value["required"] = list(value["properties"])
    found["EventData"] = {
        "type": "object",
        "description": "The `data` of an event, by its kind.",
        "properties": {
            kind: {"$ref": REF.format(model=event_class.__name__)}
            for kind, event_class in event_classes().items()
        },
        "required": list(event_classes()),
    }
    return found


def untitled(value: Any) -> Any:
    """Without the titles that only repeat a name."""
    if isinstance(value, list):
        return [untitled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: untitled(item)
        for name, item in value.items()
        if name != "title" or not isinstance(item, str)
    }


def told_apart(events: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    """The events' schemas; one that has the name of a route's is called `Event...`."""
    text = json.dumps(events)
    for name in sorted(set(events) & taken):
        text = text.replace(f'"{REF.format(model=name)}"', f'"{REF.format(model=f"Event{name}")}"')
    renamed = {f"Event{name}" if name in taken else name: name for name in events}
    schemas = json.loads(text)
    return {new: schemas[old] for new, old in renamed.items()}


def contract() -> dict[str, Any]:
    """The whole document."""
    document = create_app(settings_from_environment()).openapi()
    schemas = document["components"]["schemas"]
    schemas |= told_apart(event_schemas(), set(schemas))
    stripped: dict[str, Any] = untitled(document)
    return stripped


def main() -> None:
    """Write the document."""
    json.dump(contract(), sys.stdout, indent=1, ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    main()
