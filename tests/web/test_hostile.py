"""What a stranger or a client's manager may try, beside what has a test of its own."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.privacy.redaction import Redacted, redact
from copilot.store.records.inquiries import NewInquiry
from tests.store.test_separation import dump
from tests.web.fuzzing import things
from tests.web.published import Published, published
from tests.web.running import CLIENT, Running, running
from web import bodies
from web.access import OPEN
from web.policies import policies
from web.ranges import UnsatisfiableError, asked


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def test_nobody_fills_the_memory_with_a_body(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 100_000)
    monkeypatch.setattr(bodies, "MOST_UPLOAD_BYTES", 200_000)
    stranger = service.browser(**{"Content-Type": "application/json"})

    async def unsaid() -> AsyncIterator[bytes]:
        yield b'{"email": "'
        for _ in range(300):
            yield b"x" * 1000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/api/session", "/api/links/redeem", "/api/session/sign-on/logout"):
        for content in (b'{"email": "' + b"x" * 150_000, unsaid()):
            headers = form if path.endswith("logout") else {}
            refused = await stranger.post(path, content=content, headers=headers)
            assert refused.status_code == 413, (path, refused.text)
            assert refused.json()["code"] == "bad_request"
    files = {"file": ("x", b"x" * 250_000), "logout_token": (None, b"x")}
    parts = await service.browser().post("/api/session/sign-on/logout", files=files)
    assert parts.status_code == 413
    assert (await stranger.post("/api/session", content=b"[" * 90_000)).status_code in (400, 422)


@given(st.from_regex(r"bytes=[0-9]*-[0-9]*", fullmatch=True) | st.text(max_size=40))
def test_any_range_is_one_of_the_file_or_none(header: str) -> None:
    try:
        part = asked(header, 1000)
    except UnsatisfiableError:
        return
    if part is not None:
        first, length = part
        assert 0 <= first < 1000 and 0 < length <= 1000 - first


def test_a_range_of_thousands_of_digits_is_ignored() -> None:
    for header in (f"bytes={'9' * 5000}-", f"bytes=0-{'9' * 5000}", f"bytes=-{'9' * 5000}"):
        assert asked(header, 1000) is None


async def test_a_shared_browser_keeps_no_file(service: Running) -> None:
    portal = await service.signed_in(CLIENT)
    file = {"file": ("tarifs.txt", b"Deux cents euros.", "text/plain")}
    kept = (await portal.http.post("/api/portal/attachments", files=file)).json()
    answer = await portal.http.get(f"/api/clients/demo-delorme/attachments/{kept['id']}")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]


async def test_a_text_of_numbers_is_read_beside_the_calls(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes: not where the voice is."""
    threads = set()

    def noted(text: str, kinds: Sequence[str]) -> Redacted:
        threads.add(threading.current_thread())
        return redact(text, kinds)

    monkeypatch.setattr("copilot.inquiries.intake.redact", noted)
    new = NewInquiry(
        call_id="w", channel="form", inlet="i", origin="o", received_at=datetime.now(UTC)
    )
    assert await service.house.inquiries.intake.take("demo-delorme", new, "un " * 100)
    assert threads and threading.main_thread() not in threads


THEIRS = "demo-vasseur"


def pointed_elsewhere(route: Published, known: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Requests about our own things whose bodies name another client's."""

    def filled(schema: dict[str, Any], name: str = "") -> Any:
        schema = route.components.get(schema.get("$ref", "").rsplit("/", 1)[-1], schema)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return filled(schema[choice][0], name)
        if "properties" in schema:
            return {key: filled(value, key) for key, value in schema["properties"].items()}
        if schema.get("type") == "array":
            return [filled(schema.get("items", {}), name.removesuffix("s"))]
        if name == "client_id":
            return THEIRS
        if name == "id" or name.endswith("_id"):
            return known.get(name, known["any"])
        return route._example(schema)

    content = route.operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = filled(content["application/json"]["schema"])
        for own in ("demo-delorme", known["any"]):
            yield {**route.request(own), "json": body}


async def test_no_identifier_in_a_body_reaches_another_client(service: Running) -> None:
    """Every route that a client's manager may use, with the other company's identifiers inside."""
    scope = service.house.store.for_client(THEIRS)
    theirs = (await scope.entries())[0].entry_id
    contact = (await scope.contacts())[0].id if await scope.contacts() else theirs
    known = {"any": theirs, "entry_id": theirs, "contact_id": contact}
    await things(service)
    portal = await service.signed_in(CLIENT)
    policy = policies(service.app)
    before = await dump(service.house.store, THEIRS)
    people = await service.house.store.people.users()
    tried = 0
    for route in await published(service.url):
        roles = policy[route.name].roles if route.name in policy else None
        if not roles or "client" not in roles or route.path.startswith("/api/session"):
            continue
        for request in pointed_elsewhere(route, known):
            answer = await portal.http.request(**request)
            assert answer.status_code < 500, (route.name, answer.text)
            assert "Vasseur" not in answer.text, route.name
            tried += 1
    assert tried > 50
    assert await dump(service.house.store, THEIRS) == before
    assert await service.house.store.people.users() == people


async def test_one_s_own_company_in_the_address_opens_nothing_of_another(service: Running) -> None:
    """Things that exist, asked for with their own identifiers beside the asker's own company."""
    known = await things(service)
    await service.house.accounts.create_user(
        email="cabinet@example.fr",
        name="Cabinet",
        role="client",
        password="quatre chevaux verts",
        client_id=THEIRS,
    )
    portal = await service.signed_in("cabinet@example.fr", password="quatre chevaux verts")
    own = {entry.entry_id for entry in await service.house.store.for_client(THEIRS).entries()}
    ours = await service.house.store.for_client("demo-delorme").entries()
    entry_id = next(entry.entry_id for entry in ours if entry.entry_id not in own)
    theirs = {**known, "client_id": THEIRS, "entry_id": entry_id}
    scope = service.house.store.for_client("demo-delorme")
    async with asyncio.timeout(20):  # the letter leaves: what follows changes nothing any more
        while "message_delivered" not in {  # noqa: ASYNC110
            event.kind for event in await scope.events_since(known["call_id"])
        }:
            await asyncio.sleep(0.05)
    assert (await scope.message(known["message_id"])).delivered_at
    before = await dump(service.house.store, "demo-delorme")
    tried = 0
    for route in await published(service.url):
        names = re.findall(r"{([^}]+)}", route.path)
        if not set(names) - {"client_id", "number", "month"} or route.name in OPEN:
            continue
        request = route.request("x")
        request["url"] = re.sub(
            r"{([^}]+)}", lambda found: theirs.get(found[1], known["call_id"]), route.path
        )
        answer = await portal.http.request(**request)
        if answer.status_code == 409:  # whatever was never held for this company is over
            assert answer.json()["code"] == "hold_over", route.name
            continue
        assert answer.status_code in (404, 405, 422), (route.name, answer.text)
        assert "Delorme" not in answer.text and "fuite" not in answer.text, route.name
        tried += 1
    assert tried > 60
    assert await dump(service.house.store, "demo-delorme") == before
    await portal.close()


async def test_another_host_s_name_changes_no_address_of_ours(tmp_path: Path) -> None:
    async with running(tmp_path, public_url="https://desk.example.fr") as service:
        evil = {"Host": "evil.invalid", "X-Forwarded-Host": "evil.invalid"}
        async with httpx.AsyncClient(base_url=service.url, headers=evil) as http:
            for path in ("/", "/api/session", "/api/openapi.json", "/healthz", "/api/session/"):
                answer = await http.get(path)
                assert "evil" not in answer.text and "evil" not in str(answer.headers), path
            asked = {"email": "x@example.fr", "password": "x"}
            crossed = await http.post(
                "/api/session", json=asked, headers={"Origin": "https://desk.example.fr"}
            )
            assert crossed.json()["code"] == "forged_request"
