"""Notifications in browsers: sealed for one, signed for the push service, forgotten when gone."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.delivery.channel import Dispatch, PermanentFailureError, TemporaryFailureError
from copilot.delivery.push import PATIENT_TRIES, PeopleOfTheClient, PushChannel, payload
from copilot.delivery.pushkey import BadSubscriptionError, PushKey, checked_subscription
from copilot.oncall import BadOnCallError, OnCall, OnCallContact, checked_on_call, ladder
from copilot.routing import LEVELS
from copilot.store import NotFoundError, Store
from copilot.store.audit import SYSTEM, Act
from copilot.store.pushsubscriptions import digest_of_address
from copilot.store.records.push import PushSubscription
from copilot.store.tables.push import push_subscriptions
from tests.delivery.examples import CLIENT, NOON, dispatch
from tests.delivery.pushes import Subscribed, vapid_claims
from tests.delivery.test_webhook import receiver

KEY = PushKey.made_from(b"k" * 32, contact="mailto:accueil@example.fr")
LINK = "https://accueil.example.fr/m#token"
ACT = Act(actor=SYSTEM, action="push.added", at=NOON, client_id=CLIENT.id)


@pytest.fixture
async def people(store: Store) -> dict[str, str]:
    """Two people of the client: their identifiers by first name."""
    made = {}
    for name in ("lea", "yann"):
        user = await store.people.create_user(
            email=f"{name}@example.fr", name=name, role="client", password_hash="x", at=NOON,
            client_id=CLIENT.id,
        )  # fmt: skip
        made[name] = user.id
    return made


def channel(store: Store) -> PushChannel:
    return PushChannel(PeopleOfTheClient(store=store), KEY, allow_private=True, now=lambda: NOON)


async def subscribed(store: Store, url: str, user_id: str) -> Subscribed:
    browser = Subscribed()
    keys = browser.given(url)["keys"]
    kept = PushSubscription(
        id=digest_of_address(url)[:16], user_id=user_id, browser="Firefox", address=url,
        keys=checked_subscription(url, keys["p256dh"], keys["auth"]), created_at=NOON,
    )  # fmt: skip
    await store.for_client(CLIENT.id).keep_push_subscription(kept, act=ACT)
    return browser


def pushed(recipient: str = "portal", *, attempts: int = 1, sector: str = "plomberie") -> Dispatch:
    base = dispatch(recipient=recipient)
    return dataclasses.replace(
        base,
        item=dataclasses.replace(base.item, channel="push", attempts=attempts),
        client=dataclasses.replace(CLIENT, sector=sector),
        link=LINK,
    )


async def test_only_the_browser_reads_it_and_the_service_knows_who_sends(
    store: Store, people: dict[str, str]
) -> None:
    with receiver(201) as service:
        browser = await subscribed(store, service.url, people["lea"])
        await channel(store).send(pushed())
    ((headers, body),) = service.posts
    shown = browser.reads(body)
    assert shown["title"] == "Nouveau message [Urgence critique] – Plomberie Delorme"
    assert "Zoé Lefèvre" in shown["body"] and LINK not in shown["body"]
    assert (shown["link"], shown["tag"]) == (LINK, pushed().key)
    assert b"Lef" not in body and len(body) < 4096
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["urgency"], headers["ttl"]) == ("high", "3600")
    assert headers["topic"] == pushed().key[:32]
    claims = vapid_claims(headers["authorization"], KEY.public)
    assert claims["aud"] == service.url.removesuffix("/messages")
    assert claims["sub"] == "mailto:accueil@example.fr"
    assert NOON.timestamp() < claims["exp"] <= (NOON + timedelta(hours=24)).timestamp()
    (kept,) = await store.for_client(CLIENT.id).push_subscriptions(user_id=people["lea"])
    assert kept.reached_at == NOON


def test_of_health_and_law_only_the_link_travels() -> None:
    shown = payload(pushed(sector="cabinet médical"))
    assert shown["body"] == "" and shown["link"] == LINK
    assert "Lefèvre" not in str(shown) and "Fuite" not in str(shown)


@given(name=st.text(max_size=3000), reason=st.text(max_size=3000), urgency=st.sampled_from(LEVELS))
def test_whatever_is_said_fits_one_record(name: str, reason: str, urgency: str) -> None:
    said = dispatch({"caller_name": name, "reason": reason}, urgency=urgency)
    content = json.dumps(payload(dataclasses.replace(said, link=LINK)), ensure_ascii=False)
    assert len(content.encode()) < 3900


async def test_browsers_that_are_gone_are_forgotten(store: Store, people: dict[str, str]) -> None:
    with receiver(410) as gone, receiver(404) as lost, receiver(201) as there:
        for user, service in (("lea", gone), ("lea", lost), ("yann", there)):
            await subscribed(store, service.url, people[user])
        await channel(store).send(pushed())
        assert len(gone.posts) == len(lost.posts) == len(there.posts) == 1
        (left,) = await store.for_client(CLIENT.id).push_targets()
        assert left.user_id == people["yann"]
        await channel(store).send(pushed())
        assert len(gone.posts) == 1 and len(there.posts) == 2


async def test_when_all_are_gone_it_is_said_how_to_mend_it(
    store: Store, people: dict[str, str]
) -> None:
    with receiver(410) as service:
        await subscribed(store, service.url, people["lea"])
        with pytest.raises(PermanentFailureError, match="activez de nouveau"):
            await channel(store).send(pushed())
    with pytest.raises(PermanentFailureError, match="aucun navigateur"):
        await channel(store).send(pushed())


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_again_and_does_not_hold_up_the_others_for_ever(
    store: Store, people: dict[str, str], status: int
) -> None:
    with receiver(*[status] * 9) as busy, receiver() as there:
        await subscribed(store, busy.url, people["lea"])
        with pytest.raises(TemporaryFailureError, match=str(status)):
            await channel(store).send(pushed(attempts=PATIENT_TRIES + 1))  # nobody was reached
        browser = await subscribed(store, there.url, people["yann"])
        with pytest.raises(TemporaryFailureError):
            await channel(store).send(pushed(attempts=1))
        await channel(store).send(pushed(attempts=PATIENT_TRIES))
        shown = [browser.reads(body)["tag"] for _, body in there.posts]
        assert shown == [pushed().key] * 2, "a repeat takes the place of the first"


async def test_a_name_that_cannot_be_one_holds_up_nobody(
    store: Store, people: dict[str, str]
) -> None:
    with receiver() as there:
        await subscribed(store, f"https://{'a' * 64}.example.com/", people["lea"])
        await subscribed(store, there.url, people["yann"])
        await channel(store).send(pushed(attempts=PATIENT_TRIES))
    assert len(there.posts) == 1


async def test_refusals_are_no_reason_to_try_again(store: Store, people: dict[str, str]) -> None:
    with receiver(403) as service:
        await subscribed(store, service.url, people["lea"])
        with pytest.raises(PermanentFailureError, match="403"):
            await channel(store).send(pushed())
    assert len(await store.for_client(CLIENT.id).push_targets()) == 1


async def test_the_house_s_own_network_is_not_posted_to(
    store: Store, people: dict[str, str]
) -> None:
    with receiver() as service:
        await subscribed(store, service.url, people["lea"])
        await subscribed(store, service.url.replace("http:", "https:"), people["yann"])
        with pytest.raises(PermanentFailureError):
            await PushChannel(PeopleOfTheClient(store=store), KEY).send(pushed())
    assert service.posts == []


async def test_one_person_s_browsers_and_nobody_s_who_may_not_sign_in(
    store: Store, people: dict[str, str]
) -> None:
    with receiver() as hers, receiver() as his:
        await subscribed(store, hers.url, people["lea"])
        await subscribed(store, his.url, people["yann"])
        await channel(store).send(pushed("Lea@example.fr"))
        assert (len(hers.posts), len(his.posts)) == (1, 0)
        await store.people.set_disabled(people["lea"], True)
        await channel(store).send(pushed())
        assert (len(hers.posts), len(his.posts)) == (1, 1)


async def test_a_browser_is_one_person_s_and_one_client_s(
    store: Store, people: dict[str, str]
) -> None:
    other = dataclasses.replace(CLIENT, id="vasseur", name="Cabinet Vasseur")
    await store.provider.save_client(other, at=NOON)
    scope = store.for_client(CLIENT.id)
    await subscribed(store, "https://push.example.com/a", people["lea"])
    await subscribed(store, "https://push.example.com/a", people["yann"])
    (kept,) = await scope.push_targets()
    assert kept.user_id == people["yann"], "whoever signed in there last"
    assert await store.for_client("vasseur").push_targets() == ()
    with pytest.raises(NotFoundError):
        await store.for_client("vasseur").drop_push_subscription(
            kept.id, user_id=people["yann"], act=ACT
        )
    with pytest.raises(NotFoundError):
        await scope.drop_push_subscription(kept.id, user_id=people["lea"], act=ACT)
    async with store.database.reading() as connection:
        (row,) = (await connection.execute(push_subscriptions.select())).all()
    assert "push.example.com" not in str(tuple(row)), "the address is sealed"
    await scope.drop_push_subscription(kept.id, user_id=people["yann"], act=ACT)
    assert await scope.push_targets() == ()


def test_the_house_s_key_is_the_same_for_the_same_key_file() -> None:
    again = PushKey.made_from(b"k" * 32, contact="mailto:autre@example.fr")
    assert again.public == KEY.public
    assert PushKey.made_from(b"j" * 32, contact="").public != KEY.public
    assert PushKey.made_from(b"\xff" * 32, contact="").public  # beyond the order of the curve


@pytest.mark.parametrize(
    ("address", "p256dh", "auth"),
    [
        ("ftp://push.example.com/a", "", ""),
        ("https://somebody@push.example.com/", "", ""),
        ("https://[", "", ""),
        ("https://push.example.com/" + "a" * 2000, "", ""),
        ("https://push\0.example.com/a", "", ""),
        ("https://push.example.com/é", "", ""),
        ("https://push.example.com/a", "AAAA", ""),
        ("https://push.example.com/a", "é", ""),
        ("https://push.example.com/a", "", "AAAA"),
    ],
)
def test_what_is_no_subscription_is_refused(address: str, p256dh: str, auth: str) -> None:
    good = Subscribed().given("")["keys"]
    with pytest.raises(BadSubscriptionError):
        checked_subscription(address, p256dh or good["p256dh"], auth or good["auth"])


def test_somebody_on_call_is_notified_where_they_signed_in() -> None:
    lea = OnCallContact(name="Léa", email="lea@example.fr", push=True)
    (rung,) = ladder(checked_on_call(OnCall(contacts=(lea,), rounds=1)), NOON, UTC)
    assert ("push", "lea@example.fr") in rung.targets
    nobody = OnCallContact(name="Léa", phone="+33639981234", push=True)
    with pytest.raises(BadOnCallError, match="sign in"):
        checked_on_call(OnCall(contacts=(nobody,)))
