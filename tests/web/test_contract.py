"""The document that the browser app's types are generated from says what is really sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from copilot.codec import event_classes, event_data
from copilot.events import Card, SuggestionOffered
from web import schemas
from web.contract import contract, told_apart


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract()


def test_every_event_has_its_data_described(document: dict[str, Any]) -> None:
    by_kind = document["components"]["schemas"]["EventData"]["properties"]
    assert set(by_kind) == set(event_classes())
    assert by_kind["utterance_heard"] == {"$ref": "#/components/schemas/UtteranceHeard"}


def test_an_event_is_described_with_the_fields_that_are_written(document: dict[str, Any]) -> None:
    card = Card(entry_id="e", question="q", answer="a", source="FAQ", confidence=0.9)
    event = SuggestionOffered(
        call_id="c", seq=1, at=datetime.now(UTC), suggestion_id="s", utterance_id="u", cards=(card,)
    )
    written = event_data(event)
    described = document["components"]["schemas"]
    assert set(described["SuggestionOffered"]["required"]) == set(written)
    assert set(described["Card"]["required"]) == set(written["cards"][0])


def test_refusals_are_described(document: dict[str, Any]) -> None:
    refused = document["paths"]["/api/board"]["get"]["responses"]["4XX"]
    assert refused["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    assert set(document["components"]["schemas"]["Problem"]["properties"]) == set(
        schemas.Problem.model_fields
    )


def test_two_schemas_of_one_name_are_told_apart() -> None:
    events = {
        "Card": {"properties": {"links": {"items": {"$ref": "#/components/schemas/CardLink"}}}},
        "CardLink": {"properties": {}},
    }
    apart = told_apart(events, {"CardLink"})
    assert set(apart) == {"Card", "EventCardLink"}
    link = apart["Card"]["properties"]["links"]["items"]["$ref"]
    assert link == "#/components/schemas/EventCardLink"
