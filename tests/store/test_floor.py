"""Ring groups, skills, presence, a client's sounds and welcome, on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from copilot.store import NotFoundError, Store
from copilot.store.floor import Answerer, Day
from copilot.store.records.clients import StoredSound
from copilot.store.sounds import SoundNeededError
from copilot.waiting.hours import OpeningHours
from copilot.waiting.policy import RingGroup
from copilot.waiting.presence import Presence
from copilot.waiting.welcome import BadWelcomeError, SoundKind, Welcome
from tests.store.examples import MAIN, NOON, OTHER, ringing


async def operator(store: Store, name: str) -> str:
    user = await store.people.create_user(
        email=f"{name}@example.fr", name=name, role="operator", password_hash="x", client_id=None,
        at=NOON,
    )  # fmt: skip
    return user.id


def sound(kind: SoundKind) -> StoredSound:
    return StoredSound(kind=kind, file_name=f"{kind}.wav", duration_s=2.5, added_at=NOON,
                       added_by="u")  # fmt: skip


async def test_groups_are_kept_whole_and_in_order(store: Store) -> None:
    night = RingGroup(id="n", name="Nuit", skills=("santé",), languages=("fr",), overflow_to="d")
    day = RingGroup(id="d", name="Jour", strategy="all", step_s=5, overflow_after_s=10)
    await store.floor.save_groups([night, day])
    assert await store.floor.groups() == (night, day)
    await store.floor.save_groups([day])
    assert await store.floor.groups() == (day,)


async def test_operators_have_skills_and_others_do_not(store: Store) -> None:
    lea, max_ = await operator(store, "Léa"), await operator(store, "Max")
    await store.floor.save_skills(lea, skills=["santé"], languages=["fr", "en"])
    await store.floor.save_skills(lea, skills=["devis"], languages=["fr"])
    assert await store.floor.answerers() == (
        Answerer(user_id=lea, name="Léa", skills=("devis",), languages=("fr",)),
        Answerer(user_id=max_, name="Max"),
    )
    with pytest.raises(NotFoundError):
        await store.floor.save_skills("nobody", skills=[], languages=[])


async def test_presence_is_as_it_was_said_last(store: Store) -> None:
    lea = await operator(store, "Léa")
    await store.floor.save_presence(Presence(user_id=lea, state="pause", since=NOON))
    wrapping = Presence(
        user_id=lea, state="wrap_up", since=NOON, until=NOON + timedelta(seconds=30)
    )
    await store.floor.save_presence(wrapping)
    assert await store.floor.presences() == (wrapping,)


async def test_a_day_counts_ones_own_calls_and_messages(store: Store) -> None:
    scope = store.for_client(MAIN)
    for number, who in enumerate(("lea", "lea", "max")):
        call_id = f"c{number}"
        at = NOON + timedelta(minutes=number)
        await scope.create_call(ringing(call_id, at))
        await scope.mark_answered(call_id, operator_id=who, operator_name=who, at=at)
        await scope.mark_ended(
            call_id, ended_by="caller", reason="r", at=at + timedelta(seconds=90)
        )
    await scope.approve_message(
        "c0", fields={}, note="", urgency="normal", approved_by="lea", approved_by_name="n",
        at=NOON,
    )  # fmt: skip
    assert await store.floor.day("lea", since=NOON) == Day(calls=2, talk_s=180.0, messages=1)
    later = NOON + timedelta(seconds=30)
    assert await store.floor.day("lea", since=later) == Day(calls=1, talk_s=90.0, messages=0)


async def test_a_sound_replaces_the_one_of_its_kind_and_is_its_clients_alone(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.put_sound(sound("greeting"), b"one")
    await scope.put_sound(replace(sound("greeting"), duration_s=4.0), b"two")
    await scope.put_sound(sound("hold"), b"hold")
    kept, content = await scope.sound("greeting")
    assert (kept.duration_s, content) == (4.0, b"two")
    assert [one.kind for one in await scope.sounds()] == ["greeting", "hold"]
    assert await store.for_client(OTHER).sounds() == ()


async def test_a_welcome_never_promises_a_sound_that_is_not_there(store: Store) -> None:
    scope = store.for_client(MAIN)
    with pytest.raises(BadWelcomeError):
        await scope.save_welcome(Welcome(announce=True))
    with pytest.raises(BadWelcomeError):
        await scope.save_welcome(Welcome(hold="music"))
    assert (await scope.client()).settings.welcome == Welcome()
    await scope.put_sound(sound("announcement"), b"a")
    wanted = Welcome(
        announce=True, hours=OpeningHours(week=(((540, 1080),),) * 7), early=False, group="g"
    )
    assert await scope.save_welcome(wanted) == wanted
    assert (await scope.client()).settings.welcome == wanted
    with pytest.raises(SoundNeededError):
        await scope.drop_sound("announcement")
    await scope.save_welcome(Welcome())
    await scope.drop_sound("announcement")
    assert await scope.sounds() == ()
