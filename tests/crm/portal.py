"""A HubSpot of one's own on loopback: it keeps contacts and calls, and refuses what the real one
would (no token, properties that are none, associations of nobody)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.webserver import Handler, served

TOKEN = "pat-eu1-0000"
CONTACT = {"firstname", "lastname", "company", "email", "phone", "mobilephone", "jobtitle"}
CALL = {
    "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_status",
    "hs_call_duration", "hs_call_from_number",
}  # fmt: skip
SEARCHABLE = {
    "hs_searchable_calculated_phone_number": lambda p: p.get("phone", "")[-9:],
    "hs_searchable_calculated_mobile_number": lambda p: p.get("mobilephone", "")[-9:],
    "phone": lambda p: p.get("phone", ""),
    "hs_call_title": lambda p: p.get("hs_call_title", ""),
}


@dataclass
class Portal:
    """What it keeps, and how it is to misbehave."""

    url: str = ""
    contacts: list[dict[str, str]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """To answer with first, in order, instead of doing anything."""
    lose_answers: int = 0
    """Calls that are kept but answered 502."""
    wait_s: float = 0.0


@contextmanager
def portal() -> Iterator[Portal]:
    """Serve one while inside."""
    kept = Portal()

    class Contacts(Handler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(kept.wait_s)
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                return self.answer(401, {"category": "INVALID_AUTHENTICATION"})
            if kept.statuses:
                return self.answer(kept.statuses.pop(0), {})
            return self.answer(*respond(kept, self.path, body))

        def answer(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with served(Contacts) as port:
        kept.url = f"http://127.0.0.1:{port}"
        yield kept


def respond(kept: Portal, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What HubSpot's reference says of these four."""
    rows = kept.contacts if "contacts" in path else [call["properties"] for call in kept.calls]
    if path.endswith("/search"):
        found = [
            {"id": str(at), "properties": row}
            for at, row in enumerate(rows)
            if any(
                all(matches(row, one) for one in group["filters"]) for group in body["filterGroups"]
            )
        ]
        return 200, {"total": len(found), "results": found[: body["limit"]]}
    known = CONTACT if "contacts" in path else CALL
    if not body["properties"] or set(body["properties"]) - known:
        return 400, {"category": "VALIDATION_ERROR"}
    if path == "/crm/v3/objects/contacts":
        kept.contacts.append(body["properties"])
        return 201, {"id": str(len(kept.contacts) - 1)}
    for one in body.get("associations", []):
        if (
            int(one["to"]["id"]) >= len(kept.contacts)
            or one["types"][0]["associationTypeId"] != 194
        ):
            return 400, {"category": "VALIDATION_ERROR"}
    kept.calls.append(body)
    if kept.lose_answers:
        kept.lose_answers -= 1
        return 502, {}
    return 201, {"id": str(len(kept.calls) - 1)}


def matches(row: dict[str, str], one: dict[str, str]) -> bool:
    value = SEARCHABLE[one["propertyName"]](row)
    if one["operator"] == "CONTAINS_TOKEN":
        return one["value"] in value
    assert one["operator"] == "EQ"
    return bool(value) and value == one["value"]
