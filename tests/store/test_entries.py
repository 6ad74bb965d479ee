from __future__ import annotations

import asyncio
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.store import ConflictError, Store
from copilot.store.entries import difference
from copilot.store.records import ImportOutcome
from knowledge.passages import Entry
from tests.store.examples import MAIN, NOON, OTHER, entry


async def load(store: Store, *entries: Entry, client_id: str = MAIN) -> ImportOutcome:
    return await store.for_client(client_id).apply_import(
        entries, file_name="faq.csv", imported_by="u1", at=NOON
    )


async def test_an_import_replaces_the_entries_and_says_what_it_did(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load(store, entry("1"), entry("2"), entry("3"))
    wanted = [entry("2"), entry("3", "Non."), entry("4")]
    expected = ImportOutcome(added=1, changed=1, removed=1, unchanged=1)
    assert await scope.preview_import(wanted) == expected
    assert await scope.entries() == (entry("1"), entry("2"), entry("3"))
    assert await load(store, *wanted) == expected
    assert await scope.entries() == tuple(wanted)
    assert [item.outcome for item in await scope.imports()].count(expected) == 1


async def test_importing_again_changes_nothing(store: Store) -> None:
    await load(store, entry("1"), entry("2"))
    again = await load(store, entry("1"), entry("2"))
    assert again.changes_nothing and again.unchanged == 2
    assert len(await store.for_client(MAIN).imports()) == 1


async def test_a_new_order_is_kept_without_counting_as_a_change(store: Store) -> None:
    await load(store, entry("1"), entry("2"))
    assert (await load(store, entry("2"), entry("1"))).changes_nothing
    assert [item.entry_id for item in await store.for_client(MAIN).entries()] == ["2", "1"]


async def test_a_repeated_id_is_refused_and_nothing_is_half_imported(store: Store) -> None:
    await load(store, entry("1"))
    with pytest.raises(ConflictError, match="'2'"):
        await load(store, entry("2"), entry("3"), entry("2", "Non."))
    assert await store.for_client(MAIN).entries() == (entry("1"),)


async def test_two_clients_may_use_the_same_ids(store: Store) -> None:
    await load(store, entry("1", "ici"))
    await load(store, entry("1", "là"), client_id=OTHER)
    assert (await store.for_client(MAIN).entries())[0].answer == "ici"


async def test_a_large_knowledge_base_is_imported_at_once(store: Store) -> None:
    entries = [entry(str(number)) for number in range(3001)]
    await load(store, *entries)
    assert await store.for_client(MAIN).entries() == tuple(entries)


async def test_imports_at_the_same_time_take_turns(store: Store) -> None:
    sets = [[entry(f"{letter}{number}") for number in range(20)] for letter in "abcd"]
    outcomes = await asyncio.gather(
        *(load(store, *entries) for entries in sets), return_exceptions=True
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert list(await store.for_client(MAIN).entries()) in sets


entries_by_id = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from(["Oui.", "Non."]), max_size=6
).map(lambda answers: [entry(key, answer) for key, answer in answers.items()])


@given(entries_by_id, entries_by_id)
def test_a_difference_accounts_for_every_entry(have: list[Entry], want: list[Entry]) -> None:
    change = difference(have, want)
    outcome = change.outcome
    assert outcome.added + outcome.changed + outcome.unchanged == len(want)
    assert outcome.removed + outcome.changed + outcome.unchanged == len(have)
    result = {item.entry_id: item for item in have if item.entry_id not in change.removed}
    result |= {item.entry_id: item for item in change.added + change.changed}
    assert result == {item.entry_id: item for item in want}
    assert difference(want, want).outcome.changes_nothing


@pytest.mark.parametrize("field", ["question", "answer", "tags", "alternatives", "source"])
def test_a_change_of_any_field_is_a_change(field: str) -> None:
    value = ("autre",) if field in ("tags", "alternatives") else "autre"
    changed = dataclasses.replace(entry("1"), **{field: value})  # type: ignore[arg-type]
    assert difference([entry("1")], [changed]).outcome.changed == 1
