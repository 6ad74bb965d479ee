"""Clients' indexes: what is seen, what is put away, what goes on answering meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from copilot.knowledgeshelf import LOOK_EVERY_S, KnowledgeShelf, Meanwhile
from copilot.store import Store
from copilot.store.audit import SYSTEM
from copilot.store.errors import NotFoundError
from copilot.store.records.clients import ClientSettings
from copilot.store.records.versions import Author
from knowledge.passages import UNTUNED, Decision, Entry, Hit, Prompter, Tuning
from knowledge.vectors import folder_of, forget_others
from tests.databases import migrated
from tests.keys import KEYS
from tests.store.examples import MAIN, NOON, OTHER, client, entry


class Built:
    """An index that says what it was built from."""

    size_bytes = 1000

    def __init__(self, entries: Sequence[Entry], tuning: Tuning) -> None:
        self.ids = [one.entry_id for one in entries]
        self.tuning = tuning

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        return Decision(ranked=(), shown=())

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return ()


class Builder:
    """Builds when it is let to."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.built: list[Built] = []

    def __call__(self, entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> Built:
        assert self.free.wait(5)
        self.built.append(Built(entries, tuning))
        return self.built[-1]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = migrated(tmp_path)
    async with Store(url, keyring=KEYS) as store:
        for name in (MAIN, OTHER):
            await store.provider.save_client(client(name, name), at=NOON)
            await add(store, name, "first")
        yield store


async def add(store: Store, client_id: str, entry_id: str) -> None:
    await store.for_client(client_id).create_entry(entry(entry_id), author=Author(), at=NOON)


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def built(shelf: KnowledgeShelf, client_id: str) -> Built:
    found = await shelf.prompter(client_id)
    if isinstance(found, Meanwhile):
        found = found.prompter
    assert isinstance(found, Built)
    return found


async def settled(shelf: KnowledgeShelf) -> None:
    """Everything begun in the background is done."""
    while tasks := (*shelf._looking, *shelf._building.values()):
        await asyncio.gather(*tasks)


async def test_a_change_by_another_process_is_seen_while_the_old_index_answers(
    store: Store,
) -> None:
    clock, builder = Clock(), Builder()
    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(store=store, build=builder, executor=executor, clock_s=clock)
        old = await built(shelf, MAIN)
        assert old.ids == ["first"] and old.tuning.client_id == MAIN
        await add(store, MAIN, "second")  # nobody tells the shelf
        assert await built(shelf, MAIN) is old
        clock.now_s += LOOK_EVERY_S
        builder.free.clear()
        assert await built(shelf, MAIN) is old
        await asyncio.gather(*shelf._looking)
        assert await built(shelf, MAIN) is old, "the new one is not there yet"
        builder.free.set()
        await settled(shelf)
        assert (await built(shelf, MAIN)).ids == ["first", "second"]
        await shelf.close()


async def test_the_threshold_and_use_of_a_client_reach_its_index(store: Store) -> None:
    builder = Builder()
    await store.for_client(MAIN).save_settings(ClientSettings(suggestion_threshold=0.9))
    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(store=store, build=builder, executor=executor)
        assert (await built(shelf, MAIN)).tuning.threshold == 0.9
        assert (await built(shelf, OTHER)).tuning.threshold is None
        await shelf.close()


async def test_the_least_recently_used_are_put_away_when_the_shelf_is_heavy(store: Store) -> None:
    builder = Builder()
    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(store=store, build=builder, executor=executor, capacity_bytes=1500)
        first = await built(shelf, MAIN)
        other = await built(shelf, OTHER)
        assert await built(shelf, OTHER) is other
        assert await built(shelf, MAIN) is not first
        assert [one.tuning.client_id for one in builder.built] == [MAIN, OTHER, MAIN]
        await shelf.close()


async def test_nothing_is_kept_of_a_client_that_was_removed(store: Store, tmp_path: Path) -> None:
    root, clock, builder = tmp_path / "knowledge", Clock(), Builder()
    for name in (folder_of(MAIN), folder_of(OTHER), "else"):
        (root / name).mkdir(parents=True)
    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(
            store=store,
            build=builder,
            executor=executor,
            forget_others=partial(forget_others, root),
            clock_s=clock,
        )
        for client_id in (MAIN, OTHER):
            await built(shelf, client_id)
        await store.for_client(MAIN).wipe(actor=SYSTEM, reason="fin de contrat", at=NOON)
        await shelf.forget_removed()
        with pytest.raises(NotFoundError):
            await shelf.prompter(MAIN)
        assert {folder.name for folder in root.iterdir()} == {folder_of(OTHER), "else"}
        # Removed through another process: seen when it is next asked for.
        await store.for_client(OTHER).wipe(actor=SYSTEM, reason="fin de contrat", at=NOON)
        clock.now_s += LOOK_EVERY_S
        await built(shelf, OTHER)
        await settled(shelf)
        assert {folder.name for folder in root.iterdir()} == {"else"}
        with pytest.raises(NotFoundError):
            await shelf.prompter(OTHER)
        await shelf.close()


class Offering(Built):
    """Shows the first of all it knows."""

    def __init__(self, entries: Sequence[Entry], tuning: Tuning) -> None:
        super().__init__(entries, tuning)
        self.hits = tuple(Hit(entry=one, confidence=0.9) for one in entries)

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        return Decision(ranked=self.hits, shown=self.hits[:1])

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        return self.hits


def shown(prompter: Prompter) -> tuple[list[str], list[str]]:
    found = prompter.decide("quels horaires ?")
    assert [hit.entry for hit in prompter.ask("h")] == [hit.entry for hit in found.ranked]
    return (
        [hit.entry.entry_id for hit in found.shown],
        [hit.entry.entry_id for hit in found.alternatives],
    )


async def test_after_midnight_nothing_of_yesterday_is_offered(store: Store) -> None:
    scope = store.for_client(MAIN)
    first = (await scope.stored_entry("first")).version
    over = {"valid_until": NOON.date()}
    await scope.edit_entry("first", over, version=first, author=Author(), at=NOON)
    for key, begins in (("stays", None), ("begins", NOON.date() + timedelta(days=1))):
        new = dataclasses.replace(entry(key), valid_from=begins)
        await scope.create_entry(new, author=Author(), at=NOON)

    free = threading.Event()
    free.set()

    def build(entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> Offering:
        assert free.wait(5)
        return Offering(entries, tuning)

    now = NOON
    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(store=store, build=build, executor=executor, now=lambda: now)
        assert shown(await shelf.prompter(MAIN)) == (["first"], ["stays"])
        now += timedelta(hours=11, minutes=1)  # past midnight in Paris
        free.clear()
        for _ in range(3):
            assert shown(await shelf.prompter(MAIN)) == ([], ["stays"])
        free.set()
        await settled(shelf)
        assert shown(await shelf.prompter(MAIN)) == (["stays"], ["begins"])
        await shelf.close()


async def test_while_an_index_is_rebuilt_what_is_removed_or_rewritten_is_not_as_it_was(
    store: Store,
) -> None:
    scope = store.for_client(MAIN)
    await add(store, MAIN, "second")
    free = threading.Event()
    free.set()

    def build(entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> Offering:
        assert free.wait(5)
        return Offering(entries, tuning)

    with ThreadPoolExecutor(1) as executor:
        shelf = KnowledgeShelf(store=store, build=build, executor=executor, now=lambda: NOON)
        assert shown(await shelf.prompter(MAIN)) == (["first"], ["second"])
        free.clear()
        versions = {key: (await scope.stored_entry(key)).version for key in ("first", "second")}
        await scope.delete_entry("first", version=versions["first"], author=Author(), at=NOON)
        edits = {"answer": "Non, plus maintenant."}
        await scope.edit_entry(
            "second", edits, version=versions["second"], author=Author(), at=NOON
        )
        shelf.changed(MAIN)
        for _ in range(500):
            if shelf._meanwhile:
                break
            await asyncio.sleep(0.01)
        meanwhile = await shelf.prompter(MAIN)
        assert shown(meanwhile) == ([], ["second"])
        (hit,) = meanwhile.ask("s")
        assert hit.entry.answer == "Non, plus maintenant."
        # Removed while that is being indexed: gone at once as well.
        version = (await scope.stored_entry("second")).version
        await scope.delete_entry("second", version=version, author=Author(), at=NOON)
        shelf.changed(MAIN)
        await asyncio.gather(*shelf._looking)
        assert shown(await shelf.prompter(MAIN)) == ([], [])
        free.set()
        await settled(shelf)
        assert isinstance(await shelf.prompter(MAIN), Offering)
        await shelf.close()
