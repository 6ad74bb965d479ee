from __future__ import annotations

import asyncio
import dataclasses

import pytest

from copilot.delivery.links import LinkOverError, require_live
from copilot.store import NotFoundError, Store
from copilot.store.attention import waiting
from copilot.store.audit import SYSTEM, Actor
from copilot.store.outbox import NO_RECIPIENT, message_state
from copilot.store.records.clients import ClientSettings
from copilot.store.records.messages import Approval, Message, OutboxItem
from tests.store.examples import MAIN, NOON, OTHER, after, client, ringing

LEA = Actor(id="u1", name="Léa", role="client", address="192.0.2.7")
FIELDS = {"caller_name": "Claire Fontaine", "phone": "+33199001234", "email": None}


async def approve(store: Store, call_id: str = "c1", *, note: str = "à rappeler") -> Approval:
    return await store.for_client(MAIN).approve_message(
        call_id,
        fields=FIELDS,
        note=note,
        urgency="normal",
        approved_by="o1",
        approved_by_name="Inès",
        at=after(60),
    )


async def receive_at(store: Store, *recipients: str) -> None:
    await store.for_client(MAIN).save_settings(ClientSettings(recipients=recipients))


async def claim_all(store: Store, at: float = 61) -> tuple[OutboxItem, ...]:
    return await store.outbox.claim(at=after(at), lease_s=30)


@pytest.fixture
async def approved(store: Store) -> Message:
    await receive_at(store, "a@example.fr", "b@example.fr")
    await store.for_client(MAIN).create_call(ringing("c1"))
    return (await approve(store)).message


async def test_approving_keeps_the_message_and_the_intentions(
    store: Store, approved: Message
) -> None:
    scope = store.for_client(MAIN)
    assert (approved.state, approved.fields, approved.failure) == ("approved", FIELDS, None)
    assert await scope.message(approved.id) == await scope.message_of_call("c1") == approved
    rows = await scope.outbox_rows(approved.id)
    assert [(row.recipient, row.state, row.attempts) for row in rows] == [
        ("a@example.fr", "pending", 0), ("b@example.fr", "pending", 0),
    ]  # fmt: skip
    assert (await scope.call("c1")).message_state == "approved"
    assert await store.outbox.next_due() == after(60)


async def test_a_call_has_one_message_however_often_it_is_approved(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    approvals = await asyncio.gather(*(approve(store, note=str(number)) for number in range(6)))
    assert sum(approval.created for approval in approvals) == 1
    assert len({approval.message.id for approval in approvals}) == 1
    assert len(await claim_all(store)) == 1


async def test_recipients_are_told_apart_without_case(store: Store) -> None:
    await receive_at(store, "A@example.fr", "a@example.fr", "b@example.fr")
    await store.for_client(MAIN).create_call(ringing("c1"))
    await approve(store)
    assert sorted(item.recipient for item in await claim_all(store)) == [
        "A@example.fr", "b@example.fr",  # as first written
    ]  # fmt: skip


async def test_each_item_is_claimed_by_one_worker(store: Store, approved: Message) -> None:
    claims = await asyncio.gather(*(claim_all(store) for _ in range(6)))
    items = [item for claim in claims for item in claim]
    assert len(items) == len({item.id for item in items}) == 2
    assert {item.call_id for item in items} == {"c1"}
    assert await claim_all(store, at=80) == ()


async def test_a_claim_that_runs_out_is_taken_over_with_the_same_key(
    store: Store, approved: Message
) -> None:
    first = await claim_all(store)
    second = await claim_all(store, at=61 + 30)
    assert [item.idempotency_key for item in first] == [item.idempotency_key for item in second]
    assert [item.attempts for item in second] == [2, 2]
    # The worker that was thought dead comes back: it may not mark what another one holds.
    assert not await store.outbox.complete(first[0], at=after(92))
    assert not await store.outbox.give_up(first[1], detail="late", at=after(70))
    assert await store.outbox.complete(second[0], at=after(93))


async def test_a_message_is_delivered_when_every_recipient_has_it(
    store: Store, approved: Message
) -> None:
    scope = store.for_client(MAIN)
    first, second = await claim_all(store)
    assert await store.outbox.complete(first, at=after(62))
    assert (await scope.message(approved.id)).state == "approved"
    assert await store.outbox.complete(second, at=after(63))
    message = await scope.message(approved.id)
    assert (message.state, message.delivered_at) == ("delivered", after(63))
    assert await store.outbox.next_due() is None
    assert not await store.outbox.complete(second, at=after(64))


async def test_two_workers_finishing_at_once_leave_nothing_undelivered(
    store: Store, approved: Message
) -> None:
    items = await claim_all(store)
    assert all(await asyncio.gather(*(store.outbox.complete(item, at=after(62)) for item in items)))
    assert (await store.provider.message(approved.id)).state == "delivered"


async def test_a_postponed_item_waits_and_says_why(store: Store, approved: Message) -> None:
    first, second = await claim_all(store)
    await store.outbox.complete(second, at=after(62))
    assert await store.outbox.postpone(first, detail="boîte pleine", until=after(120), at=after(62))
    message = await store.for_client(MAIN).message(approved.id)
    assert (message.state, message.failure) == ("approved", "boîte pleine")
    assert await claim_all(store, at=119) == ()
    (again,) = await claim_all(store, at=120)
    assert again.attempts == 2
    await store.outbox.complete(again, at=after(121))
    message = await store.for_client(MAIN).message(approved.id)
    assert (message.state, message.failure) == ("delivered", None)


async def test_a_dead_letter_is_seen_and_sent_again_on_demand(
    store: Store, approved: Message
) -> None:
    scope = store.for_client(MAIN)
    first, second = await claim_all(store)
    await store.outbox.complete(first, at=after(62))
    await store.outbox.give_up(second, detail="adresse inconnue", at=after(70))
    message = await scope.message(approved.id)
    assert (message.state, message.failure) == ("failed", "adresse inconnue")
    assert (await scope.call("c1")).message_state == "failed"
    assert await claim_all(store, at=9999) == ()
    message = await scope.retry_message(approved.id, actor=SYSTEM, at=after(200))
    assert (message.state, message.failure) == ("approved", None)
    (again,) = await claim_all(store, at=200)
    assert (again.idempotency_key, again.attempts) == (second.idempotency_key, 1)
    assert await scope.retry_message(approved.id, actor=SYSTEM, at=after(201)) == message


async def test_retrying_goes_to_the_recipients_of_today(store: Store, approved: Message) -> None:
    scope = store.for_client(MAIN)
    first, second = await claim_all(store)
    await store.outbox.complete(first, at=after(62))
    await store.outbox.give_up(second, detail="adresse inconnue", at=after(70))
    await receive_at(store, first.recipient, "new@example.fr")
    await scope.retry_message(approved.id, actor=SYSTEM, at=after(200))
    assert [item.recipient for item in await claim_all(store, at=200)] == ["new@example.fr"]


async def test_retrying_when_the_refused_recipient_left_settles_the_message(
    store: Store, approved: Message
) -> None:
    first, second = await claim_all(store)
    await store.outbox.complete(first, at=after(62))
    await store.outbox.give_up(second, detail="adresse inconnue", at=after(70))
    await receive_at(store, first.recipient)
    message = await store.for_client(MAIN).retry_message(approved.id, actor=SYSTEM, at=after(200))
    assert (message.state, message.delivered_at) == ("delivered", after(62))


async def test_without_a_recipient_the_message_stays_and_says_so(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    await receive_at(store)
    message = (await approve(store)).message
    assert (message.state, message.failure) == ("failed", NO_RECIPIENT)
    await receive_at(store, "a@example.fr")
    message = await store.for_client(MAIN).retry_message(message.id, actor=SYSTEM, at=after(99))
    assert (message.state, message.failure) == ("approved", None)
    assert len(await claim_all(store, at=99)) == 1


async def test_an_acknowledged_message_stays_acknowledged(store: Store, approved: Message) -> None:
    scope = store.for_client(MAIN)
    items = await claim_all(store)
    message = await scope.acknowledge_message(approved.id, actor=LEA, at=after(70))
    assert (message.state, message.acknowledged_by) == ("acknowledged", "u1")
    assert await scope.acknowledge_message(approved.id, actor=SYSTEM, at=after(71)) == message
    for item in items:
        await store.outbox.complete(item, at=after(72))
    message = await scope.message(approved.id)
    assert (message.state, message.delivered_at) == ("acknowledged", after(72))


async def test_who_approved_retried_and_acknowledged_is_audited_once(store: Store) -> None:
    await receive_at(store, "gone@example.fr")
    await store.for_client(MAIN).create_call(ringing("c1"))
    message = (await approve(store)).message
    await approve(store)
    (item,) = await claim_all(store)
    await store.outbox.give_up(item, detail="550", at=after(70))
    scope = store.for_client(MAIN)
    for seconds in (70, 71):
        await scope.retry_message(message.id, actor=SYSTEM, at=after(seconds))
        await scope.acknowledge_message(message.id, actor=LEA, at=after(seconds))
    acts = [entry.act for entry in await store.audit.entries(client_id=MAIN)]
    assert [(act.action, act.actor.id, act.subject) for act in reversed(acts)] == [
        ("message.approved", "o1", message.id),
        ("message.retried", "system", message.id),
        ("message.acknowledged", "u1", message.id),
    ]
    assert acts[0].actor == LEA
    assert "Claire" not in str(acts)
    assert (await store.audit.verify()).broken_at is None


async def test_pages_of_messages_newest_first(store: Store) -> None:
    for number in range(4):
        await store.for_client(MAIN).create_call(ringing(f"c{number}"))
        await approve(store, f"c{number}")  # all at the same instant
    scope = store.for_client(MAIN)
    everything = [message.id for message in await scope.messages()]
    first = await scope.messages(limit=3)
    rest = await scope.messages(before=first[-1].id)
    assert [message.id for message in first + rest] == everything
    assert len(everything) == 4
    assert [message.id for message in await store.provider.messages()] == everything
    assert await store.for_client(OTHER).messages() == ()


async def test_another_clients_message_is_as_good_as_absent(
    store: Store, approved: Message
) -> None:
    theirs = store.for_client(OTHER)
    with pytest.raises(NotFoundError):
        await theirs.message(approved.id)
    with pytest.raises(NotFoundError):
        await theirs.acknowledge_message(approved.id, actor=SYSTEM, at=NOON)
    with pytest.raises(NotFoundError):
        await theirs.retry_message(approved.id, actor=SYSTEM, at=NOON)
    with pytest.raises(NotFoundError):
        await theirs.approve_message(
            "c1", fields={}, note="", urgency="normal", approved_by="o", approved_by_name="n",
            at=NOON,
        )  # fmt: skip
    assert await theirs.outbox_rows(approved.id) == ()
    assert await theirs.message_of_call("c1") is None
    assert await store.for_client(MAIN).message(approved.id) == approved


async def test_a_client_that_is_changed_keeps_its_messages(store: Store, approved: Message) -> None:
    renamed = dataclasses.replace(client(MAIN, "Delorme & Fils"))
    await store.provider.save_client(renamed, at=after(500))
    assert await store.for_client(MAIN).message(approved.id) == approved


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "failed"),
        (["pending"], "approved"),
        (["delivered", "sending"], "approved"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "dead"], "failed"),
        (["pending", "dead"], "failed"),
    ],
)
def test_what_intentions_amount_to(states: list[str], expected: str) -> None:
    assert message_state(states) == expected


async def test_a_dead_letter_of_an_acknowledged_message_is_sent_again_as_the_same(
    store: Store, approved: Message
) -> None:
    scope = store.for_client(MAIN)
    taken, refused = await claim_all(store)
    await store.outbox.complete(taken, at=after(62))
    await store.outbox.give_up(refused, detail="boîte pleine", at=after(63))
    await scope.acknowledge_message(approved.id, actor=LEA, at=after(64))
    (found,) = await waiting(store.database, since=NOON)
    assert (found.why, found.message.failure) == ("failed", "boîte pleine")
    await scope.retry_message(approved.id, actor=LEA, at=after(65))
    (again,) = await claim_all(store, at=66)
    assert (again.id, again.idempotency_key) == (refused.id, refused.idempotency_key)
    await store.outbox.complete(again, at=after(67))
    assert (await scope.message(approved.id)).state == "acknowledged"
    assert await waiting(store.database, since=NOON) == ()


async def test_what_was_given_up_is_not_sent_to_whom_it_is_no_longer_for(
    store: Store, approved: Message
) -> None:
    for item in await claim_all(store):
        await store.outbox.give_up(item, detail="inconnu", at=after(63))
    await receive_at(store, "b@example.fr", "c@example.fr")
    await store.for_client(MAIN).retry_message(approved.id, actor=LEA, at=after(65))
    assert sorted(item.recipient for item in await claim_all(store, at=66)) == [
        "b@example.fr", "c@example.fr",
    ]  # fmt: skip


async def test_a_link_ends_with_its_days_and_by_hand(store: Store, approved: Message) -> None:
    (item, _) = await claim_all(store)
    row = await store.receipts.find(item.id)
    require_live(row, days=1, at=after(86_459))
    with pytest.raises(LinkOverError):
        require_live(row, days=1, at=after(86_461))
    scope = store.for_client(MAIN)
    assert await scope.revoke_links(approved.id, actor=LEA, at=after(70)) == 2
    with pytest.raises(LinkOverError):
        require_live(await store.receipts.find(item.id), days=1, at=after(71))
    assert await store.for_client(OTHER).revoke_links(approved.id, actor=LEA, at=after(70)) == 0
