"""Knowledge changed one version at a time: imported, edited, undone, never half."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.difference import (
    Incoming,
    Made,
    changes_of,
    named,
    outcome_of,
    size_after,
)
from copilot.store.records.knowledge import Document, ImportMode, StoredEntry
from copilot.store.records.versions import Author, ImportOutcome, Version
from knowledge.passages import Attachment, Entry, Link
from tests.store.examples import MAIN, NOON, OTHER, entry

MAUD = Author(user_id="u1", name="Maud Delorme")


async def load(store: Store, *entries: Entry, client_id: str = MAIN, **options: Any) -> Made:
    return await store.for_client(client_id).apply_import(
        Incoming(entries=entries, **options), label="faq.csv", author=MAUD, at=NOON
    )


async def load_document(store: Store, *entries: Entry, name: str = "d") -> Made:
    scope = store.for_client(MAIN)
    file = await scope.add_file(
        b"x", file_name="d.pdf", media_type="application/pdf", added_by=None, at=NOON
    )
    document = Document(
        id=name, name="d.pdf", kind="pdf", address=None, file_id=file.id, size_bytes=1,
        imported_at=NOON, imported_by="Maud",
    )  # fmt: skip
    return await scope.apply_import(
        Incoming(entries=entries, document_id=name),
        label="d.pdf", author=MAUD, at=NOON, document=document,
    )  # fmt: skip


async def test_an_import_replaces_the_faq_and_says_what_it_did(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load(store, entry("1"), entry("2"), entry("3"))
    wanted = (entry("2"), entry("3", "Non."), entry("4"))
    changes, version = await scope.preview_import(Incoming(entries=wanted))
    assert version == 1
    assert sorted(change.entry_id for change in changes if not change.moves_only) == ["1", "3", "4"]
    assert await scope.entries() == (entry("1"), entry("2"), entry("3"))
    made = await load(store, *wanted)
    assert made.outcome == ImportOutcome(added=1, changed=1, removed=1, unchanged=1)
    assert (made.version, await scope.knowledge_version()) == (2, 2)
    assert await scope.entries() == wanted
    assert await store.provider.knowledge_versions() == {MAIN: 2}


async def test_importing_again_changes_nothing(store: Store) -> None:
    await load(store, entry("1"), entry("2"))
    again = await load(store, entry("1"), entry("2"))
    assert again.version is None
    assert again.outcome == ImportOutcome(added=0, changed=0, removed=0, unchanged=2)
    assert len(await store.for_client(MAIN).versions()) == 1


async def test_a_new_order_is_kept_without_counting_as_a_change(store: Store) -> None:
    await load(store, entry("1"), entry("2"))
    made = await load(store, entry("2"), entry("1"))
    assert (made.outcome.added, made.outcome.changed, made.outcome.removed) == (0, 0, 0)
    assert [item.entry_id for item in await store.for_client(MAIN).entries()] == ["2", "1"]


async def test_what_a_file_leaves_unsaid_stays(store: Store) -> None:
    full = dataclasses.replace(
        entry("1"), note="interne", valid_until=date(2026, 8, 31),
        links=(Link(label="Plan", address="https://example.fr/plan"),),
        attachments=(
            Attachment(attachment_id="a", file_name="p.pdf", media_type="x", size_bytes=1),
        ),
    )  # fmt: skip
    await load(store, full)
    bare = Entry(entry_id="1", question=full.question, answer="Autrement.", source=full.source)
    made = await load(store, bare, given=frozenset({"tags"}))
    (kept,) = await store.for_client(MAIN).entries()
    assert made.outcome.changed == 1
    assert kept == dataclasses.replace(full, answer="Autrement.", tags=())


@pytest.mark.parametrize(("mode", "left"), [("replace", ["2"]), ("merge", ["1", "2"])])
async def test_merging_removes_nothing(store: Store, mode: ImportMode, left: list[str]) -> None:
    await load(store, entry("1"))
    await load(store, entry("2"), mode=mode)
    assert [item.entry_id for item in await store.for_client(MAIN).entries()] == left


async def test_a_repeated_id_is_refused_and_nothing_is_half_imported(store: Store) -> None:
    await load(store, entry("1"))
    with pytest.raises(ConflictError, match="'2'"):
        await load(store, entry("2"), entry("3"), entry("2", "Non."))
    assert await store.for_client(MAIN).entries() == (entry("1"),)


async def test_an_import_compared_with_an_older_version_is_refused(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load(store, entry("1"))
    await load(store, entry("1"), entry("2"))
    with pytest.raises(ConflictError, match="version 2"):
        await scope.apply_import(
            Incoming(entries=()), label="f", author=MAUD, at=NOON, base_version=1
        )
    assert len(await scope.entries()) == 2


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
    await asyncio.gather(*(load(store, *entries) for entries in sets))
    assert list(await store.for_client(MAIN).entries()) in sets
    assert [item.number for item in await store.for_client(MAIN).versions()] == [4, 3, 2, 1]


async def test_a_document_s_passages_live_beside_the_faq(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load(store, entry("1"))
    await load_document(store, entry("p1"), entry("p2"))
    await load(store, entry("1", "Autre."))
    assert [item.entry_id for item in await scope.entries()] == ["1", "p1", "p2"]
    await load_document(store, entry("p2"))
    assert [item.entry_id for item in await scope.entries()] == ["1", "p2"]
    await scope.delete_document("d", author=MAUD, at=NOON)
    assert [item.entry_id for item in await scope.entries()] == ["1"]
    assert await scope.documents() == ()
    with pytest.raises(NotFoundError):
        await scope.delete_document("d", author=MAUD, at=NOON)


async def test_undoing_a_document_gives_it_back_as_it_was(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load_document(store, entry("p1"), entry("p2"))
    (first,) = await scope.documents()
    before = await scope.stored_entries()
    await load_document(store, entry("p1", "Non."))
    (second,) = await scope.documents()
    assert second != first
    await scope.undo(2, latest=2, author=MAUD, at=NOON)
    assert await scope.documents() == (first,)
    assert await scope.stored_entries() == before
    await scope.undo(1, latest=3, author=MAUD, at=NOON)
    assert await scope.documents() == () == await scope.entries()
    await scope.undo(4, latest=4, author=MAUD, at=NOON)
    assert await scope.documents() == (first,)
    assert await scope.stored_entries() == before


async def test_an_entry_is_created_edited_and_deleted(store: Store) -> None:
    scope = store.for_client(MAIN)
    made = await scope.create_entry(entry("new"), author=MAUD, at=NOON)
    assert (made.version, made.author, made.revised_at) == (1, "Maud Delorme", NOON)
    edited = await scope.edit_entry("new", {"answer": "Non."}, version=1, author=MAUD, at=NOON)
    assert (edited.version, edited.entry.answer) == (2, "Non.")
    with pytest.raises(ConflictError):
        await scope.edit_entry("new", {"answer": "x"}, version=1, author=MAUD, at=NOON)
    with pytest.raises(ConflictError):
        await scope.delete_entry("new", version=1, author=MAUD, at=NOON)
    unchanged = await scope.edit_entry("new", {"answer": "Non."}, version=2, author=MAUD, at=NOON)
    assert unchanged == edited
    await scope.delete_entry("new", version=2, author=MAUD, at=NOON)
    with pytest.raises(NotFoundError):
        await scope.stored_entry("new")
    assert [(item.action, item.label) for item in await scope.versions()] == [
        (action, "Question new ?") for action in ("delete", "edit", "create")
    ]


async def test_of_two_edits_at_the_same_time_one_is_refused(store: Store) -> None:
    scope = store.for_client(MAIN)
    await scope.create_entry(entry("1"), author=MAUD, at=NOON)
    edits = (
        scope.edit_entry("1", {"answer": answer}, version=1, author=MAUD, at=NOON)
        for answer in ("ici", "là")
    )
    outcomes = await asyncio.gather(*edits, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "ConflictError", "StoredEntry",
    ]  # fmt: skip


async def test_undo_needs_the_newest_version_and_a_known_past(store: Store) -> None:
    scope = store.for_client(MAIN)
    await load(store, entry("1"))
    await load(store, entry("2"))
    with pytest.raises(ConflictError):
        await scope.undo(1, latest=1, author=MAUD, at=NOON)
    with pytest.raises(NotFoundError):
        await scope.undo(7, latest=2, author=MAUD, at=NOON)
    undone = await scope.undo(2, latest=2, author=MAUD, at=NOON)
    assert (undone.number, undone.action, undone.label) == (3, "undo", "faq.csv")
    assert await scope.entries() == (entry("1"),)
    changes = await scope.version_changes(3)
    assert {change.entry_id: change.after is None for change in changes} == {"1": False, "2": True}


@pytest.mark.parametrize("seed", range(6))
async def test_undo_restores_any_former_version_exactly(store: Store, seed: int) -> None:
    # Hypothesis cannot drive an asynchronous fixture: six histories, the same each time.
    chance = random.Random(seed)
    scope = store.for_client(MAIN)
    kept: dict[int, tuple[StoredEntry, ...]] = {0: ()}
    for _ in range(8):
        keys = chance.sample("abcdefgh", chance.randint(0, 6))
        await load(store, *(entry(key, chance.choice(["Oui.", "Non."])) for key in keys))
        kept[await scope.knowledge_version()] = await scope.stored_entries()
    latest = max(kept)
    for number in chance.sample(range(1, latest + 1), min(3, latest)):
        made: Version = await scope.undo(
            number, latest=await scope.knowledge_version(), author=MAUD, at=NOON
        )
        assert await scope.stored_entries() == kept[number - 1]
        kept[made.number] = kept[number - 1]
        offered = {version.number: version.reversible for version in await scope.versions()}
        assert not offered[number], "going back to what is there is no offer"
        assert all(kept[n - 1] == kept[made.number] for n, again in offered.items() if not again)


def stored(*entries: Entry) -> list[StoredEntry]:
    return [
        StoredEntry(entry=item, position=at, version=1, author=None, revised_at=None)
        for at, item in enumerate(entries)
    ]


entries_by_id = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from(["Oui.", "Non."]), max_size=6
).map(lambda answers: [entry(key, answer) for key, answer in answers.items()])


@given(entries_by_id, entries_by_id)
def test_a_difference_accounts_for_every_entry(have: list[Entry], want: list[Entry]) -> None:
    current = stored(*have)
    changes = changes_of(current, Incoming(entries=tuple(want)), version=2, author=None, at=NOON)
    outcome = outcome_of(changes, size_after=size_after(current, changes, None))
    assert outcome.added + outcome.changed + outcome.unchanged == len(want)
    assert outcome.removed + outcome.changed + outcome.unchanged == len(have)
    after = {item.entry.entry_id: item for item in current}
    for change in changes:
        after.pop(change.entry_id, None)
        if change.after:
            after[change.entry_id] = change.after
    ordered = sorted(after.values(), key=lambda item: item.position)
    assert [item.entry for item in ordered] == want


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "autre"),
        ("answer", "autre"),
        ("tags", ("autre",)),
        ("alternatives", ("autre",)),
        ("source", "autre"),
        ("note", "autre"),
        ("valid_from", date(2026, 1, 1)),
    ],
)
def test_a_change_of_any_field_is_a_change(field: str, value: Any) -> None:
    changed = dataclasses.replace(entry("1"), **{field: value})
    changes = changes_of(
        stored(entry("1")), Incoming(entries=(changed,)), version=2, author=None, at=NOON
    )
    assert [change.moves_only for change in changes] == [False]


def test_an_entry_is_in_force_from_its_first_day_to_its_last() -> None:
    summer = dataclasses.replace(
        entry("1"), valid_from=date(2026, 7, 1), valid_until=date(2026, 8, 31)
    )
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1)]
    assert [summer.in_force(day) for day in days] == [False, True, True, False]


def test_a_question_typed_in_is_the_entry_of_a_file_that_asks_the_same() -> None:
    typed = dataclasses.replace(
        entry("typed", "Oui."), question="Êtes-vous ouverts le samedi ?", note="à vérifier"
    )
    read = Entry(entry_id="0f3a", question="ÊTES-VOUS OUVERTS LE SAMEDI", answer="Non.")
    for mode in ("replace", "merge"):
        incoming = Incoming(entries=(read,), mode=mode, given=frozenset())
        (change,) = changes_of(stored(typed), incoming, version=2, author=None, at=NOON)
        assert change.before and change.after and change.entry_id == "typed"
        assert (change.after.entry.answer, change.after.entry.note) == ("Non.", "à vérifier")


def test_of_two_that_ask_the_same_the_one_that_answers_the_same_is_meant() -> None:
    summer, winter, named_one = (
        Entry(entry_id=key, question="Horaires ?", answer=answer)
        for key, answer in (("s", "9 h"), ("w", "10 h"), ("n", "11 h"))
    )
    current = stored(summer, winter, named_one)
    answers = {"x": "10 h", "y": "9 h 30", "n": "11 h", "z": "12 h"}
    read = [
        Entry(entry_id=key, question="horaires", answer=answer) for key, answer in answers.items()
    ]
    found = named(current, Incoming(entries=tuple(read)))
    assert [one.entry_id for one in found] == ["w", "s", "n", "z"]
    passage = named(current, Incoming(entries=(read[0],), document_id="d"))
    assert [one.entry_id for one in passage] == ["x"], "a passage is no entry of the FAQ"
