"""A client's own system asked who calls, by its webhook: signed, bounded, never in the way."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from copilot.crm.looking_up import WITHIN_S, Crms
from copilot.routing import DeliveryRoute, new_secret
from copilot.store.records.clients import Client
from tests.delivery.examples import CLIENT, NOON
from tests.keys import KEYS
from tests.webserver import Handler, served

NUMBER = "+33639981234"
ZOE = {"name": "Zoé Lefèvre", "company": "Lefèvre & fils", "email": "zoe@example.fr",
       "note": "Contrat 12", "address": "https://crm.example.fr/zoe"}  # fmt: skip


@dataclass
class System:
    """What it was asked, and what it answers."""

    url: str = ""
    status: int = 200
    content: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    """Answered once it is set."""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def system(told: Any = None, **given: Any) -> Iterator[System]:
    """A real HTTP server."""
    kept = System(**given)
    if told is not None:
        kept.content = json.dumps(told).encode()

    class Look(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.asked.append((self.path, headers, body))
            if kept.wait is not None:
                kept.wait.wait(20)
            try:
                self.send_response(kept.status)
                for name, value in kept.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(kept.content)))
                self.end_headers()
                self.wfile.write(kept.content)
            except OSError:
                return  # who asked has gone

        def do_GET(self) -> None:
            kept.asked.append((self.path, {}, b""))
            self.send_response(405)
            self.end_headers()

    with served(Look) as port:
        kept.url = f"http://127.0.0.1:{port}/appelant"
        try:
            yield kept
        finally:
            if kept.wait is not None:
                kept.wait.set()


def crms(*, allow_private: bool = True) -> Crms:
    return Crms(KEYS, allow_private=allow_private, now=lambda: NOON)


def asks(url: str, secret: str = "", *, looks_up: bool = True) -> Client:
    route = DeliveryRoute(
        channel="webhook", to=url, secret=secret or new_secret(), looks_up=looks_up
    )
    return replace(CLIENT, settings=replace(CLIENT.settings, routes=(route,)))


async def test_it_is_asked_as_itself_and_its_people_are_shown() -> None:
    secret = new_secret()
    with system({"people": [ZOE]}) as crm:
        found = await crms().look_up(asks(crm.url, secret), NUMBER)
    (person,) = found.people
    assert found.state == "found"
    assert (person.name, person.company, person.email, person.note, person.address) == tuple(
        ZOE.values()
    )
    ((path, headers, body),) = crm.asked
    asked = json.loads(body)
    assert path == "/appelant" and asked["type"] == "caller.lookup"
    assert asked["data"] == {"client_id": CLIENT.id, "number": NUMBER}
    said = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))


async def test_nobody_is_asked_who_was_not_to_be() -> None:
    with system({"people": [ZOE]}) as crm:
        found = await crms().look_up(asks(crm.url, looks_up=False), NUMBER)
    assert (found.state, crm.asked) == ("none", [])


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"people": []}, "unknown"),
        ({"people": [{}]}, "unknown"),
        ({"people": [{"email": "zoe@example.fr"}]}, "unknown"),
        ({"people": "Zoé"}, "unknown"),
        ({"people": [None, 3, "Zoé", ["Zoé"]]}, "unknown"),
        ([ZOE], "unknown"),
        (3, "unknown"),
        ({"people": [{"name": {"first": "Zoé"}, "company": ["x"]}]}, "unknown"),
        ({"people": [{"name": 12}]}, "found"),
    ],
)
async def test_another_shape_is_nobody(told: Any, state: str) -> None:
    with system(told) as crm:
        assert (await crms().look_up(asks(crm.url), NUMBER)).state == state


@pytest.mark.parametrize(
    "content",
    [
        b"<html>", b"{", b"\xff\xfe\xfa", b"[" * 200_000, b'{"people": ' + b"9" * 5000,
        b"x" * 1_100_000,
    ],
    ids=["page", "cut", "bytes", "deep", "number", "large"],
)  # fmt: skip
async def test_what_cannot_be_read_is_for_somebody_to_mend(content: bytes) -> None:
    with system(content=content) as crm:
        found = await crms().look_up(asks(crm.url), NUMBER)
    assert (found.state, found.people) == ("refused", ())


async def test_nothing_at_all_is_nobody() -> None:
    with system(status=204, content=b"") as crm:
        assert (await crms().look_up(asks(crm.url), NUMBER)).state == "unknown"


async def test_what_is_shown_is_short_text_on_one_line_and_a_safe_page() -> None:
    harm = {
        "name": "Zoé\n\u202e<b>" + "x" * 500,
        "note": "a\0b\rc",
        "address": "javascript:alert(1)",
    }
    with system({"people": [harm] * 9}) as crm:
        found = await crms().look_up(asks(crm.url), NUMBER)
    assert len(found.people) == 5
    person = found.people[0]
    assert len(person.name) <= 200 and person.name.startswith("Zoé <b>x")
    assert (person.note, person.address) == ("a b c", "")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (400, "refused"), (401, "refused"), (404, "refused"),
        (429, "unavailable"), (500, "unavailable"), (503, "unavailable"),
    ],
)  # fmt: skip
async def test_what_somebody_must_mend_is_told_from_what_passes(status: int, state: str) -> None:
    with system({"people": [ZOE]}, status=status) as crm:
        assert (await crms().look_up(asks(crm.url), NUMBER)).state == state


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with system({"people": [ZOE]}) as inner:
        with system(status=status, headers={"location": inner.url}) as crm:
            assert (await crms().look_up(asks(crm.url), NUMBER)).state == "refused"
        assert inner.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_house_s_own_network_is_not_asked(scheme: str) -> None:
    with system({"people": [ZOE]}) as crm:
        url = crm.url.replace("http", scheme, 1)
        found = await crms(allow_private=False).look_up(asks(url), NUMBER)
    assert (found.state, crm.asked) == ("refused", [])


async def test_a_slow_system_is_not_waited_for() -> None:
    with system({"people": [ZOE]}, wait=threading.Event()) as crm:
        began = time.monotonic()
        found = await crms().look_up(asks(crm.url), NUMBER)
        took_s = time.monotonic() - began
    assert found.state == "unavailable" and len(crm.asked) == 1
    assert took_s < WITHIN_S + 1.0


async def test_many_at_once_are_told_at_once_and_room_comes_back() -> None:
    asked = crms()
    with system({"people": [ZOE]}, wait=threading.Event()) as crm:
        assert crm.wait is not None
        client = asks(crm.url)
        first = [asyncio.create_task(asked.look_up(client, NUMBER)) for _ in range(20)]
        await asyncio.sleep(0)
        assert (await asked.look_up(client, NUMBER)).state == "unavailable"
        crm.wait.set()
        await asyncio.gather(*first)
        assert (await asked.look_up(client, NUMBER)).state == "found"
