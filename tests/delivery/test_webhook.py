"""Webhooks: signed, retried as the same, never to the house's own network."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.guarded import retry_after_s
from copilot.delivery.webhook import WebhookChannel
from copilot.delivery.worker import DeliveryWorker
from copilot.routing import BadRouteError, DeliveryRoute, checked, new_secret, targets
from copilot.store import Store
from copilot.store.records.calls import NewCall
from copilot.store.records.clients import ClientSettings
from tests.delivery.examples import CLIENT, FIELDS, NOON, dispatch
from tests.telephony.authority import Authority
from tests.webserver import Handler, served


class Receiver:
    """A real HTTP server that answers what it is told to, in order."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def receiver(*statuses: int, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    seen = Receiver(*statuses)

    class Posts(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = seen.statuses.pop(0) if seen.statuses else 204
            self.send_response(status)
            if status == 302:
                self.send_header("location", seen.url)
            if status == 429:
                self.send_header("retry-after", "1800")
            self.send_header("content-length", "0")
            self.end_headers()

    with served(Posts, tls=tls) as port:
        seen.url = f"http://127.0.0.1:{port}/messages"
        yield seen


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


async def test_a_receiver_is_left_alone_as_long_as_it_says(store: Store) -> None:
    with receiver(429) as there:
        (route,) = checked((DeliveryRoute(channel="webhook", to=there.url),))
        scope = store.for_client(CLIENT.id)
        await scope.save_settings(ClientSettings(routes=(route,)))
        await scope.create_call(
            NewCall(id="c1", dialled="+33199005678", source="sip", ringing_at=NOON)
        )
        await scope.approve_message(
            "c1", fields=FIELDS, note="", urgency="normal", approved_by="o1",
            approved_by_name="Inès C.", at=NOON,
        )  # fmt: skip
        moment, posts = NOON, []

        async def watch(_: Any) -> None: ...

        worker = DeliveryWorker(
            store,
            {"webhook": WebhookChannel(allow_private=True)},
            on_outcome=watch,
            now=lambda: moment,
        )
        for minutes in (0, 20, 31):
            moment = NOON + timedelta(minutes=minutes)
            await worker.send_due()
            posts.append(len(there.posts))
    assert posts == [1, 1, 2]
    assert retry_after_s({"retry-after": "99999999"}) == 6 * 3600
    assert retry_after_s({"retry-after": "Wed, 25 Nov 2026 10:00:00 GMT"}) == 0 == retry_after_s({})


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


def leads(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> list[str]:
    """Make a name lead to these addresses, one look after the other; who was looked for."""
    loop = asyncio.get_running_loop()
    plain, asked = loop.getaddrinfo, list[str]()

    async def answering(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        there = addresses[min(asked.count(name), len(addresses)) - 1] if host == name else host
        return await plain(there, *arguments, **options)

    monkeypatch.setattr(loop, "getaddrinfo", answering)
    return asked


def https(there: Receiver, name: str) -> str:
    return there.url.replace("http://127.0.0.1", f"https://{name}")


async def test_the_certificate_is_the_name_s_though_the_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads(monkeypatch, "other.example.fr", "127.0.0.1")
    authority = Authority.open(tmp_path / "authority")
    identity = authority.identity("hook")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(identity.certificate, identity.key)
    trusting = ssl.create_default_context(cafile=authority.path)
    secret = new_secret()
    with receiver(tls=serving) as there:
        channel = WebhookChannel(allow_private=True, tls=trusting)
        await channel.send(to(https(there, "localhost"), secret))
        port = there.url.split(":")[2].split("/")[0]
        assert there.posts[0][0]["host"] == f"localhost:{port}"
        # Its certificate is not for this name, which leads to the same address.
        with pytest.raises(TemporaryFailureError, match="ConnectError"):
            await channel.send(to(https(there, "other.example.fr"), secret))
        with pytest.raises(TemporaryFailureError, match="ConnectError"):
            await WebhookChannel(allow_private=True).send(to(https(there, "localhost"), secret))
        assert len(there.posts) == 1


async def test_a_name_that_leads_elsewhere_a_moment_later_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is looked up once; what is connected to is what was checked."""
    asked = leads(monkeypatch, "hook.example.fr", "127.0.0.1", "192.0.2.1")
    with receiver() as there:
        url = there.url.replace("127.0.0.1", "hook.example.fr")
        await WebhookChannel(allow_private=True).send(to(url, new_secret()))
        assert len(there.posts) == 1
    assert asked.count("hook.example.fr") == 1
    with pytest.raises(PermanentFailureError, match="privée"):
        await WebhookChannel().send(to("https://127.0.0.1/x", new_secret()))


@pytest.mark.parametrize("url", ["https://hook.example.fr:x/", "https://[::1", "ftp://a/"])
async def test_an_address_that_is_none_is_given_up(url: str) -> None:
    with pytest.raises(PermanentFailureError, match="invalide"):
        await WebhookChannel().send(to(url, new_secret()))
