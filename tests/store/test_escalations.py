"""Escalations and digests in the store, on either database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import update

from copilot.oncall import OnCall, OnCallContact
from copilot.store import Store
from copilot.store.attention import waiting
from copilot.store.audit import SYSTEM, Actor
from copilot.store.records.clients import ClientSettings
from copilot.store.records.messages import Message
from copilot.store.tables.messages import escalations
from copilot.timing import DeliveryPolicy
from tests.store.examples import MAIN, NOON, after, ringing

LEA = Actor(id="item", name="lea@example.fr", role="link")
GUARDS = OnCall(
    contacts=(
        OnCallContact(name="Léa", phone="+33639980001", email="lea@example.fr", wait_minutes=5),
        OnCallContact(name="Tom", email="tom@example.fr", wait_minutes=10),
    ),
    rounds=1,
)


async def approve(
    store: Store, settings: ClientSettings, *, urgency: str = "critique", call_id: str = "c1"
) -> Message:
    scope = store.for_client(MAIN)
    await scope.save_settings(settings)
    await scope.create_call(ringing(call_id))
    approval = await scope.approve_message(
        call_id, fields={"reason": "Fuite"}, note="", urgency=urgency, approved_by="o1",
        approved_by_name="Inès", at=NOON,
    )  # fmt: skip
    return approval.message


async def test_a_ladder_is_climbed_until_somebody_acknowledges(store: Store) -> None:
    message = await approve(store, ClientSettings(on_call=GUARDS))
    scope = store.for_client(MAIN)
    assert message.state == "approved" and message.failure is None
    (first,) = await store.ladders.advance(at=NOON)
    assert (first.step, first.next_at) == (1, after(300))
    assert await store.ladders.advance(at=after(299)) == ()
    tries = await scope.outbox_rows(message.id)
    assert [(row.channel, row.recipient, row.step) for row in tries] == [
        ("email", "lea@example.fr", 1), ("sms", "+33639980001", 1),
    ]  # fmt: skip
    (second,) = await store.ladders.advance(at=after(300))
    assert second.rung is not None and second.rung.name == "Tom"
    acknowledged = await scope.acknowledge_message(
        message.id, actor=LEA, at=after(301), item_id=tries[0].id
    )
    assert (acknowledged.state, acknowledged.acknowledged_by_name) == (
        "acknowledged", "lea@example.fr",
    )  # fmt: skip
    over = await scope.escalation_of_message(message.id)
    assert over is not None
    assert (over.state, over.ended_by, over.next_at) == ("acknowledged", "lea@example.fr", None)
    rows = await scope.outbox_rows(message.id)
    assert {row.state for row in rows} == {"cancelled"}  # nothing was sent yet: nothing is
    assert rows[0].acknowledged_at == after(301)
    assert await store.ladders.next_due() is None
    assert await store.outbox.claim(at=after(10_000), lease_s=30) == ()


async def test_of_many_processes_one_makes_each_move(store: Store) -> None:
    message = await approve(store, ClientSettings(on_call=GUARDS))
    moves = await asyncio.gather(*(store.ladders.advance(at=NOON) for _ in range(6)))
    assert sum(len(moved) for moved in moves) == 1
    assert len(await store.for_client(MAIN).outbox_rows(message.id)) == 2


async def test_a_rung_where_nothing_arrives_is_left_at_once(store: Store) -> None:
    message = await approve(store, ClientSettings(on_call=GUARDS))
    await store.ladders.advance(at=NOON)
    first, second = await store.outbox.claim(at=NOON, lease_s=30)
    await store.outbox.give_up(first, detail="550", at=after(1))
    assert await store.ladders.next_due() == after(300)
    await store.outbox.give_up(second, detail="jeton expiré", at=after(2))
    assert await store.ladders.next_due() == after(2)
    (moved,) = await store.ladders.advance(at=after(2))
    assert moved.step == 2
    assert (await store.for_client(MAIN).message(message.id)).state == "approved"


async def test_nobody_left_to_try_is_the_first_thing_to_look_at(store: Store) -> None:
    await approve(store, ClientSettings(on_call=GUARDS))
    await approve(store, ClientSettings(), urgency="normal", call_id="c2")  # nobody to send to
    await approve(
        store, ClientSettings(recipients=("a@example.fr",)), urgency="urgent", call_id="c3"
    )
    for minutes in (0, 5, 15):
        await store.ladders.advance(at=NOON + timedelta(minutes=minutes))
    found = await waiting(store.database, since=NOON - timedelta(days=1))
    assert [(item.message.call_id, item.why) for item in found] == [
        ("c1", "exhausted"), ("c3", "unacknowledged"), ("c2", "failed"),
    ]  # fmt: skip
    assert found[0].escalation is not None and found[0].escalation.step == 2
    assert found[0].message.fields["reason"] == "Fuite"
    assert await waiting(store.database, since=NOON, client_id="somebody else") == ()


async def test_an_escalation_is_stopped_by_people(store: Store) -> None:
    message = await approve(store, ClientSettings(on_call=GUARDS))
    scope = store.for_client(MAIN)
    stopped = await scope.stop_escalation(message.id, actor=SYSTEM, at=after(1))
    assert stopped.state == "stopped" and await store.ladders.advance(at=after(999)) == ()
    assert (await scope.message(message.id)).state == "failed"  # it went to nobody


async def test_a_digest_leaves_whole_and_comes_back_whole(store: Store) -> None:
    hourly = ClientSettings(
        recipients=("a@example.fr", "b@example.fr"), delivery=DeliveryPolicy(normal="hourly")
    )
    for number in range(3):
        await approve(store, hourly, urgency="normal", call_id=f"c{number}")
    assert await store.outbox.claim(at=after(3599), lease_s=30) == ()
    first = await store.outbox.claim(at=after(3600), lease_s=30)
    other = await store.outbox.claim(at=after(3600), lease_s=30)
    for digest in (first, other):
        assert len(digest) == 3 and len({item.bundle for item in digest}) == 1
        assert len({item.recipient for item in digest}) == 1
    assert {first[0].recipient, other[0].recipient} == {"a@example.fr", "b@example.fr"}
    # One more of the same hour, committed late: a digest of its own, never into the one sent.
    late = await approve(store, hourly, urgency="normal", call_id="late")
    again = [
        item for _ in range(4) for item in await store.outbox.claim(at=after(3700), lease_s=30)
    ]
    assert len(again) == 8
    alone = {item.bundle for item in again if item.message_id == late.id}
    assert not alone & {item.bundle for item in again if item.message_id != late.id}
    assert {item.bundle for item in (*first, *other)} < {item.bundle for item in again}


async def test_a_digest_is_marked_together_or_not_at_all(store: Store) -> None:
    hourly = ClientSettings(recipients=("a@example.fr",), delivery=DeliveryPolicy(normal="hourly"))
    for number in range(2):
        await approve(store, hourly, urgency="normal", call_id=f"c{number}")
    first = await store.outbox.claim(at=after(3600), lease_s=30)
    second = await store.outbox.claim(at=after(3631), lease_s=30)
    assert {item.bundle for item in first} == {item.bundle for item in second}
    assert not await store.outbox.complete(*first, at=after(3632))
    assert await store.outbox.complete(*second, at=after(3633))
    states = [message.state for message in await store.for_client(MAIN).messages()]
    assert states == ["delivered", "delivered"]


async def test_two_ways_that_fail_at_the_same_moment_leave_the_rung(store: Store) -> None:
    for number in range(8):
        await approve(store, ClientSettings(on_call=GUARDS), call_id=f"c{number}")
    await store.ladders.advance(at=NOON)
    items = await store.outbox.claim(at=NOON, lease_s=30, limit=16)
    given_up = (store.outbox.give_up(item, detail="550", at=after(1)) for item in items)
    assert all(await asyncio.gather(*given_up))
    assert len(await store.ladders.advance(at=after(1))) == 8


async def test_a_rung_none_of_whose_ways_is_tried_again_in_its_time_is_left(store: Store) -> None:
    await approve(store, ClientSettings(on_call=GUARDS))
    await store.ladders.advance(at=NOON)
    first, second = await store.outbox.claim(at=NOON, lease_s=30)
    await store.outbox.postpone(first, detail="451", until=after(900), at=after(1))
    assert await store.ladders.next_due() == after(300)  # the other may arrive
    await store.outbox.postpone(second, detail="421", until=after(30), at=after(2))
    assert await store.ladders.next_due() == after(300)  # tried again within its time
    (again,) = await store.outbox.claim(at=after(30), lease_s=30)
    await store.outbox.postpone(again, detail="421", until=after(300), at=after(31))
    assert await store.ladders.next_due() == after(31)
    (moved,) = await store.ladders.advance(at=after(31))
    assert moved.step == 2
    late = await store.outbox.claim(at=after(900), lease_s=30)
    assert {item.step for item in late} == {1, 2}  # whoever comes back is still told


async def test_nothing_more_is_tried_of_a_ladder_called_off_while_it_was_sent(
    store: Store,
) -> None:
    scope = store.for_client(MAIN)
    stopped = await approve(store, ClientSettings(on_call=GUARDS))
    taken = await approve(store, ClientSettings(on_call=GUARDS), call_id="c2")
    await store.ladders.advance(at=NOON)
    items = await store.outbox.claim(at=NOON, lease_s=30, limit=10)
    assert len(items) == 4
    await scope.stop_escalation(stopped.id, actor=SYSTEM, at=after(1))
    await scope.acknowledge_message(taken.id, actor=LEA, at=after(1))
    for item in items:
        assert await store.outbox.postpone(item, detail="421", until=after(30), at=after(2))
    for message in (stopped, taken):
        rows = await scope.outbox_rows(message.id)
        assert {(row.state, row.next_attempt_at) for row in rows} == {("cancelled", None)}
    assert await store.outbox.next_due() is None


async def test_a_ladder_that_cannot_be_read_holds_up_no_other(store: Store) -> None:
    broken = await approve(store, ClientSettings(on_call=GUARDS))
    await approve(store, ClientSettings(on_call=GUARDS), call_id="c2")
    async with store.database.writing() as connection:
        spoiled = update(escalations).where(escalations.c.message_id == broken.id)
        await connection.execute(spoiled.values(rungs=[{"name": "Léa"}]))
    moved = {one.call_id: one.state for one in await store.ladders.advance(at=NOON)}
    assert moved == {"c1": "exhausted", "c2": "running"}
    found = await waiting(store.database, since=NOON - timedelta(days=1))
    assert [(item.message.call_id, item.why) for item in found] == [
        ("c1", "exhausted"), ("c2", "unacknowledged"),
    ]  # fmt: skip
    assert await store.ladders.advance(at=NOON) == ()


async def give_up_ladder(store: Store) -> None:
    """Every rung tried, and nobody reached."""
    at = NOON
    while await store.ladders.advance(at=at):
        for item in await store.outbox.claim(at=at, lease_s=30):
            await store.outbox.give_up(item, detail="550 inconnu", at=at)
        at += timedelta(seconds=1)


async def test_retrying_what_reached_nobody_on_call_tries_who_is_on_call_now(
    store: Store,
) -> None:
    message = await approve(store, ClientSettings(on_call=GUARDS))
    scope = store.for_client(MAIN)
    await give_up_ladder(store)
    failed = await scope.message(message.id)
    assert (failed.state, failed.failure) == ("failed", "550 inconnu")
    mended = OnCall(contacts=(OnCallContact(name="Ana", email="ana@example.fr"),))
    await scope.save_settings(ClientSettings(on_call=mended))
    again = await scope.retry_message(message.id, actor=SYSTEM, at=after(60))
    assert (again.state, again.failure) == ("approved", None)
    (moved,) = await store.ladders.advance(at=after(60))
    assert moved.rung is not None and (moved.step, moved.rung.name) == (1, "Ana")
    (item,) = await store.outbox.claim(at=after(60), lease_s=30)
    assert (item.recipient, item.step) == ("ana@example.fr", 1)
    # A second press while it runs begins nothing anew.
    assert (await scope.retry_message(message.id, actor=SYSTEM, at=after(61))).state == "approved"
    assert await store.ladders.advance(at=after(61)) == ()
    await store.outbox.complete(item, at=after(62))
    assert (await scope.message(message.id)).state == "delivered"
