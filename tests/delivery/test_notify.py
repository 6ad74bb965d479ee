"""Chat rooms and text messages: real processes, real HTTP; what leaves and what is refused."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.notifier import problem_of
from copilot.delivery.notify import Notifier, NotifyChannel, TextMessageChannel
from copilot.delivery.shortnote import LONGEST_TEXT, note_of, text_message
from copilot.routing import BadRouteError, DeliveryRoute, about_route, checked
from copilot.timing import DeliveryPolicy
from tests.delivery.examples import CLIENT, dispatch
from tests.delivery.test_webhook import Receiver, receiver
from tests.keys import KEYS

LINK = "https://souffleur.example.fr/m#" + "a" * 64


def room(there: Receiver, name: str = "Garde") -> Dispatch:
    """A Mattermost room at the receiver."""
    address = f"mmost://127.0.0.1:{there.url.split(':')[2].split('/')[0]}/abcdefghijkl"
    sealed = KEYS.seal(address.encode(), about=about_route(CLIENT.id, name))
    route = DeliveryRoute(channel="notify", to=name, sealed=sealed, service="Mattermost")
    return to_route(route)


def to_route(route: DeliveryRoute) -> Dispatch:
    base = dispatch(recipient=route.to)
    settings = dataclasses.replace(CLIENT.settings, routes=(route,))
    client = dataclasses.replace(CLIENT, settings=settings)
    return dataclasses.replace(base, client=client, link=LINK)


async def test_a_room_gets_the_message_in_a_few_lines() -> None:
    with receiver(200) as there:
        await NotifyChannel(Notifier.open(allow_private=True), KEYS).send(room(there))
    ((_, body),) = there.posts
    said = json.loads(body)["text"]
    assert "Fuite sous l'évier" in said and "01 99 00 12 34" in said and LINK in said
    assert "Urgence critique" in said


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (429, TemporaryFailureError, "429"),
        (503, TemporaryFailureError, "503"),
        (401, PermanentFailureError, "expiré"),
        (404, PermanentFailureError, "n'existe plus"),
        (302, PermanentFailureError, "302"),  # never followed
    ],
)
async def test_what_a_service_answers_is_said(
    status: int, error: type[Exception], words: str
) -> None:
    with receiver(status) as there:
        with pytest.raises(error, match=words) as refused:
            await NotifyChannel(Notifier.open(allow_private=True), KEYS).send(room(there))
        assert len(there.posts) == 1
    assert "abcdefghijkl" not in str(refused.value)


async def test_private_addresses_are_refused_when_connected_to() -> None:
    with receiver() as there:
        with pytest.raises(PermanentFailureError, match="privée"):
            await NotifyChannel(Notifier.open(), KEYS).send(room(there))
        assert not there.posts


async def test_a_service_that_hangs_is_ended() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        notifier = Notifier.open(allow_private=True, timeout_s=2.0)
        address = f"mmost://127.0.0.1:{port}/abcdefghijkl"
        with pytest.raises(TemporaryFailureError, match="ne répond pas"):
            await notifier.send(address, note_of(dispatch()))


async def test_an_address_opens_for_its_client_and_name_only() -> None:
    with receiver() as there:
        stolen = room(there)
        other = dataclasses.replace(stolen.client, id="vasseur")
        with pytest.raises(PermanentFailureError, match="saisissez"):
            await NotifyChannel(Notifier.open(allow_private=True), KEYS).send(
                dataclasses.replace(stolen, client=other)
            )
        assert not there.posts


async def test_a_telephone_gets_a_short_text_through_the_house_s_provider() -> None:
    with receiver(200) as there:
        port = there.url.split(":")[2].split("/")[0]
        provider = f"mmost://127.0.0.1:{port}/abcdefghijkl?to={{to}}"
        text = dataclasses.replace(dispatch(recipient="+33639980012"), link=LINK)
        notifier = Notifier.open(allow_private=True)
        await TextMessageChannel(notifier, provider).send(text)
    ((_, body),) = there.posts
    said = json.loads(body)
    assert said["channel"] == "33639980012" and LINK in said["text"]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("slack://TOKENAAAAAA/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC/#garde", None),
        ("twilio://ACxx:yy@33600000000/33639980012?from=x", None),
        ("json://example.fr/", "service"), ("file:///etc/passwd", "service"),
        ("syslog://", "service"), ("mailto://a:b@example.fr", "service"),
        ("dbus://", "service"), ("", "service"), ("http://[::1", "malformed"),
        ("slack://a/b/c?template=/etc/passwd", "option"),
        ("ntfy://example.fr/x?verify=no", "option"), ("mmost://h/t?+x-header=1", "option"),
    ],
)  # fmt: skip
def test_what_an_address_may_be(address: str, problem: str | None) -> None:
    assert problem_of(address) == problem


async def test_services_are_told_by_their_address_which_is_never_repeated() -> None:
    notifier = Notifier.open()
    slack = "slack://TOKENAAAAAA/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC/#garde"
    assert await notifier.service_of(slack) == "Slack"
    with pytest.raises(BadRouteError) as refused:
        await notifier.service_of("slack://SECRETSECRET")
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("slack://TOKENAAAAAA/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC/#garde", "hooks.slack.com"),
        ("workflows://prod.example.fr:443/abcdef/ghijkl", "prod.example.fr"),
        ("twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@33600000000/33639980012", "api.twilio.com"),
        ("ntfys://ntfy.example.fr/garde", "ntfy.example.fr"),
    ],
)
def test_each_service_is_asked_where_it_lives(address: str, host: str) -> None:
    """The library's own requests, stopped before the network."""
    program = f"""
import json, requests
asked = []
def request(self, method, url, **options):
    asked.append(url)
    raise requests.ConnectionError("stopped")
requests.Session.request = request
from copilot.delivery.notifier import answer
said = answer({{"address": {address!r}, "private": True, "title": "t", "body": "b"}})
print(json.dumps([asked, said["sent"]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    asked, sent = json.loads(done.stdout)
    assert not sent and asked and host in asked[0]


def discreet(**changes: Any) -> Dispatch:
    base = dispatch()
    settings = dataclasses.replace(CLIENT.settings, delivery=DeliveryPolicy(content="link"))
    client = dataclasses.replace(CLIENT, settings=settings)
    return dataclasses.replace(base, client=client, link=LINK, **changes)


def test_nothing_said_leaves_for_a_discreet_client() -> None:
    for note in (note_of(discreet()), text_message(discreet())):
        said = note.title + note.body
        assert "Zoé" not in said and "Fuite" not in said and "01 99" not in said
        assert LINK in said and "Plomberie Delorme" in said


def test_a_text_message_is_short_and_its_link_whole() -> None:
    long = dataclasses.replace(dispatch({"reason": "mot " * 300}), link=LINK)
    text = text_message(long).body
    assert len(text) <= LONGEST_TEXT and text.endswith(LINK)
    assert LINK in note_of(dataclasses.replace(long, also=(long, long))).body


def test_a_named_channel_keeps_its_address_and_needs_one() -> None:
    kept = DeliveryRoute(channel="notify", to="Garde", sealed="k.x", service="Slack")
    (again,) = checked((DeliveryRoute(channel="notify", to="Garde"),), (kept,))
    assert (again.sealed, again.service) == ("k.x", "Slack")
    with pytest.raises(BadRouteError, match="missing"):
        checked((DeliveryRoute(channel="notify", to="Autre"),), (kept,))
