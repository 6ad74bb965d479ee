"""Webhooks: signed, retried as the same, never to the house's own network."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.webhook import WebhookChannel
from copilot.delivery.worker import DeliveryWorker
from copilot.routing import BadRouteError, DeliveryRoute, checked, new_secret, targets
from copilot.store import Store
from copilot.store.records import ClientSettings, NewCall
from tests.delivery.examples import CLIENT, FIELDS, NOON, dispatch


class Receiver:
    """A real HTTP server that answers what it is told to, in order."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    seen = Receiver(*statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = seen.statuses.pop(0) if seen.statuses else 204
            self.send_response(status)
            if status == 302:
                self.send_header("location", seen.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_address[1]}/messages"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def to(url: str, secret: str) -> Dispatch:
    base = dispatch(recipient=url)
    route = DeliveryRoute(channel="webhook", to=url, secret=secret)
    settings = dataclasses.replace(CLIENT.settings, routes=(route,))
    return dataclasses.replace(base, client=dataclasses.replace(CLIENT, settings=settings))


async def test_a_post_carries_the_message_and_its_signature() -> None:
    secret = new_secret()
    with receiver() as there:
        sent = to(there.url, secret)
        await WebhookChannel(allow_private=True, now=lambda: NOON).send(sent)
    ((headers, body),) = there.posts
    key = sent.item.idempotency_key
    assert headers["webhook-id"] == headers["idempotency-key"] == key
    signed = f"{key}.{int(NOON.timestamp())}.".encode() + body
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    data = json.loads(body)["data"]
    assert data["fields"]["caller_name"] == "Zoé Lefèvre"
    assert "email" not in data["fields"]  # nothing was said


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, TemporaryFailureError),
        (503, TemporaryFailureError),
        (429, TemporaryFailureError),
        (400, PermanentFailureError),
        (410, PermanentFailureError),
        (302, PermanentFailureError),
    ],
)
async def test_refusals_pass_or_stay(status: int, error: type[Exception]) -> None:
    with receiver(status) as there, pytest.raises(error, match=str(status)):
        await WebhookChannel(allow_private=True).send(to(there.url, new_secret()))
    assert len(there.posts) == 1


async def test_nobody_there_is_tried_again() -> None:
    with receiver() as there:
        url = there.url
    with pytest.raises(TemporaryFailureError, match="injoignable"):
        await WebhookChannel(allow_private=True).send(to(url, new_secret()))


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.8/x", "http://198.51.100.1/x"],
)
async def test_private_and_clear_addresses_are_refused(url: str) -> None:
    with pytest.raises(PermanentFailureError):
        await WebhookChannel().send(to(url, new_secret()))


async def test_a_route_taken_away_is_not_posted_to() -> None:
    with pytest.raises(PermanentFailureError, match="réglages"):
        await WebhookChannel(allow_private=True).send(dispatch(recipient="http://127.0.0.1:9/x"))


async def test_an_urgent_message_goes_both_ways_until_each_is_taken(store: Store) -> None:
    outcomes = []

    async def watch(outcome: Any) -> None:
        outcomes.append(outcome)

    with receiver(500, 429) as there:
        (route,) = checked(
            (DeliveryRoute(channel="webhook", to=there.url, urgencies=("critique",)),)
        )
        scope = store.for_client(CLIENT.id)
        await scope.save_settings(ClientSettings(routes=(route,)))
        assert (await scope.client()).settings.routes == (route,)
        for call_id, urgency in (("c1", "critique"), ("c2", "normal")):
            await scope.create_call(
                NewCall(id=call_id, dialled="+33199005678", source="sip", ringing_at=NOON)
            )
            await scope.approve_message(
                call_id, fields=FIELDS, note="", urgency=urgency, approved_by="o1",
                approved_by_name="Inès C.", at=NOON,
            )  # fmt: skip
        moment = [NOON]
        worker = DeliveryWorker(
            store,
            {"webhook": WebhookChannel(allow_private=True)},
            on_outcome=watch,
            now=lambda: moment[0],
        )
        for _ in range(3):
            await worker.send_due()
            moment[0] += timedelta(days=1)
    assert [outcome.delivered for outcome in outcomes] == [False, False, True]
    assert len({headers["webhook-id"] for headers, _ in there.posts}) == 1
    assert len(there.posts) == 3
    second = await scope.message_of_call("c2")
    assert second is not None
    assert second.state == "failed"  # no route takes it: kept, said


def test_targets_are_told_once() -> None:
    routes = (
        DeliveryRoute(channel="email", to="Atelier@example.fr"),
        DeliveryRoute(channel="email", to="garde@example.fr", urgencies=("critique",)),
    )
    assert targets(("atelier@example.fr",), routes, "normal") == (("email", "atelier@example.fr"),)
    assert len(targets(("atelier@example.fr",), routes, "critique")) == 2


@pytest.mark.parametrize(
    "route",
    [
        DeliveryRoute(channel="email", to="personne"),
        DeliveryRoute(channel="webhook", to="ftp://example.fr/x"),
        DeliveryRoute(channel="webhook", to="https://example.fr/x", urgencies=("panique",)),
    ],
)
def test_bad_routes_are_named(route: DeliveryRoute) -> None:
    with pytest.raises(BadRouteError):
        checked((route,))


def test_a_webhook_keeps_its_secret() -> None:
    known = checked((DeliveryRoute(channel="webhook", to="https://example.fr/x"),))
    again = checked(
        (DeliveryRoute(channel="webhook", to="https://example.fr/x", urgencies=("urgent",)),), known
    )
    assert again[0].secret == known[0].secret
