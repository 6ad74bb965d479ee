"""A caller's earlier calls, and words found in what was said."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from copilot.store import NotFoundError, Store
from knowledge.wording import plain
from tests.store.examples import MAIN, NOON, OTHER, after, ringing, utterance


async def test_the_earlier_calls_of_a_number_come_with_their_messages(store: Store) -> None:
    scope = store.for_client(MAIN)
    for number in range(3):
        await scope.create_call(ringing(f"c{number}", after(number)))
    await store.for_client(OTHER).create_call(ringing("theirs", after(1)))
    await scope.approve_message(
        "c0", fields={"caller_name": "Martin", "reason": "fuite"}, note="", urgency="normal",
        approved_by="o", approved_by_name="Inès", at=NOON,
    )  # fmt: skip
    past = await scope.earlier_calls("c2")
    assert [one.call.id for one in past] == ["c1", "c0"]
    assert past[0].message is None
    assert past[1].message is not None and past[1].message.fields["reason"] == "fuite"
    assert await scope.earlier_calls("c0") == ()


async def test_somebody_elses_call_has_no_past(store: Store) -> None:
    await store.for_client(OTHER).create_call(ringing("theirs"))
    with pytest.raises(NotFoundError):
        await store.for_client(MAIN).earlier_calls("theirs")


async def test_a_hidden_number_has_no_past(store: Store) -> None:
    scope = store.for_client(MAIN)
    for number in range(2):
        call = ringing(f"c{number}", after(number))
        object.__setattr__(call, "caller_number", None)
        await scope.create_call(call)
    assert await scope.earlier_calls("c1") == ()


async def test_words_are_found_whatever_their_case_and_accents(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await scope.append_events("c1", [utterance("c1", 1, "L\u2019Été, la CHAUDIÈRE fuit à 100 %")])
    for asked in ("chaudiere", "CHAUDIÈRE été", "l'ete", "fuit chaud", "100 %"):
        found = await scope.said(plain(asked).split())
        assert [line.utterance_id for line in found] == ["caller-1"], asked
    assert found[0].text == "L\u2019Été, la CHAUDIÈRE fuit à 100 %"
    assert await scope.said(["%"]) == ()  # signs are not words
    assert await scope.said(["de", "le"], similar=True) == await scope.said(["de", "le"])
    for absent in ("chaudière hiver", "fuité", "audiere"):
        assert await scope.said(plain(absent).split()) == (), absent


async def test_a_client_finds_its_own_words_only(store: Store) -> None:
    for client_id in (MAIN, OTHER):
        scope = store.for_client(client_id)
        await scope.create_call(ringing(f"of-{client_id}", after(len(client_id))))
        await scope.append_events(f"of-{client_id}", [utterance(f"of-{client_id}", 1, "une fuite")])
    assert [line.call_id for line in await store.for_client(MAIN).said(["fuite"])] == [f"of-{MAIN}"]
    everyone = await store.provider.said(["fuite"])
    assert {line.client_id for line in everyone} == {MAIN, OTHER}
    assert len(await store.provider.said(["fuite"], limit=1)) == 1


async def test_other_events_are_not_searched(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await scope.append_events("c1", [utterance("c1", 1, "fuite")])
    async with store.database.reading() as connection:
        kinds = await connection.execute(
            text("SELECT kind FROM call_events WHERE tokens IS NOT NULL")
        )
    assert set(kinds.scalars()) == {"utterance_heard"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("mazout", True),
        ("livrer du mazout", True),
        ("livrés", True),
        ("ascenseur", False),
        ("fioul ascenseur", False),
    ],
)
async def test_words_are_found_by_what_stands_for_them(
    store: Store, asked: str, found: bool
) -> None:
    scope = store.for_client(MAIN)
    await scope.create_call(ringing("c1"))
    await scope.append_events("c1", [utterance("c1", 1, "La livraison de fioul est en retard")])
    assert bool(await scope.said(plain(asked).split(), similar=True)) is found
