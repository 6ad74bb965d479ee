"""Showing never waits for keeping, and nothing told is lost while the database is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from copilot import journal as journal_module
from copilot.bus import InProcessBus
from copilot.events import (
    CallAnswered,
    DraftChanged,
    Event,
    PartialHeard,
    SuggestionOffered,
    Trouble,
)
from copilot.journal import CallLog, Journal
from copilot.store.errors import ConflictError, UnavailableError


class FlakyLog:
    """Keeps events in memory, unless told to fail."""

    def __init__(self) -> None:
        self.kept: list[Event] = []
        self.error: Exception | None = None
        self.tries = 0

    async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        assert {event.call_id for event in events} == {call_id}
        self.kept += events

    async def next_seq(self, client_id: str, call_id: str) -> int:
        seqs = [event.seq for event in self.kept if event.call_id == call_id]
        return max(seqs, default=0) + 1


def say(log: CallLog, name: str) -> CallAnswered:
    event = CallAnswered(**log.stamp(), operator_id="o", operator_name=name)
    log.tell(event)
    return event


def partial(log: CallLog) -> PartialHeard:
    event = PartialHeard(
        **log.stamp(), leg="caller", utterance_id="caller-1", settled="", provisional="bon",
        start_s=0.0, end_s=0.5,
    )  # fmt: skip
    log.tell(event)
    return event


async def test_events_are_shown_at_once_and_kept_in_order() -> None:
    kept = FlakyLog()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        async with bus.subscribe("c1") as shown:
            log = journal.open("client", "c1")
            first, _, third = say(log, "a"), partial(log), say(log, "b")
            assert kept.kept == []
            assert (await anext(shown)).seq == 1
            assert isinstance(await anext(shown), PartialHeard)
            await journal.kept()
        assert kept.kept == [first, third]
        assert [event.seq for event in kept.kept] == [1, 3]


async def test_a_database_that_goes_away_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    kept = FlakyLog()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        log = journal.open("client", "c1")
        kept.error = UnavailableError("gone")
        async with bus.subscribe("c1") as shown:
            said = [say(log, name) for name in "abc"]
            for _ in said:
                await anext(shown)
            trouble = await anext(shown)
            assert isinstance(trouble, Trouble)
            assert (trouble.part, trouble.recovered) == ("store", False)
            assert not await journal.kept(timeout_s=0.05)
            kept.error = None
            back = await anext(shown)
            assert isinstance(back, Trouble)
            assert back.recovered
        await journal.kept()
    assert kept.kept == [*said, trouble, back]
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1


async def test_events_that_can_never_be_kept_do_not_hold_up_other_calls() -> None:
    class Picky(FlakyLog):
        async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
            if call_id == "bad":
                raise ConflictError("never")
            await super().keep(client_id, call_id, events)

    kept = Picky()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        bad, good = journal.open("client", "bad"), journal.open("client", "good")
        say(bad, "a")
        event = say(good, "b")
        await journal.kept()
        assert kept.kept == [event]


async def test_a_call_is_numbered_on_after_its_end() -> None:
    kept = FlakyLog()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        log = journal.open("client", "c1")
        say(log, "a")
        assert await journal.reopen("client", "c1") is log
        del log
        again, same = await asyncio.gather(
            journal.reopen("client", "c1"), journal.reopen("client", "c1")
        )
        assert again is same
        assert say(again, "b").seq == 2


def suggestion(log: CallLog) -> SuggestionOffered:
    event = SuggestionOffered(
        **log.stamp(), suggestion_id="s", utterance_id="u", cards=(), alternatives=()
    )
    log.tell(event)
    return event


def draft(log: CallLog) -> DraftChanged:
    event = DraftChanged(**log.stamp(), fields=())
    log.tell(event)
    return event


async def test_a_full_backlog_gives_up_passing_events_and_no_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal_module, "BACKLOG", 8)
    kept = FlakyLog()
    kept.error = UnavailableError("gone")
    async with InProcessBus() as bus:
        journal = Journal(bus=bus, log=kept)
        one, other = journal.open("client", "c1"), journal.open("client", "c2")
        lasting: list[Event] = []
        for number in range(3):
            suggestion(one)
            draft(one)
            lasting.append(say(one, str(number)))
        lasting += [draft(one), draft(other), say(other, "x")]
        kept.error = None
        async with journal.running():
            await journal.kept()
    assert [event for event in kept.kept if event in lasting] == lasting
    assert "passing events are not kept" in caplog.text
    assert "event lost" not in caplog.text


async def test_a_backlog_cut_while_it_is_written_keeps_the_rest_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal_module, "BACKLOG", 4)
    writing, go_on = asyncio.Event(), asyncio.Event()

    class SlowLog(FlakyLog):
        async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
            writing.set()
            await go_on.wait()
            await super().keep(client_id, call_id, events)

    kept = SlowLog()
    async with InProcessBus() as bus, Journal(bus=bus, log=kept).running() as journal:
        log = journal.open("client", "c1")
        first = [say(log, "a"), suggestion(log)]
        await writing.wait()
        rest = [say(log, "b"), say(log, "c"), say(log, "d"), say(log, "e")]
        go_on.set()
        await journal.kept()
    assert kept.kept == [*first, *rest]


async def test_a_backlog_full_of_words_loses_its_oldest_aloud(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal_module, "BACKLOG", 3)
    kept = FlakyLog()
    kept.error = UnavailableError("gone")
    async with InProcessBus() as bus:
        journal = Journal(bus=bus, log=kept)
        log = journal.open("client", "c1")
        said = [say(log, str(number)) for number in range(5)]
        kept.error = None
        async with journal.running():
            await journal.kept()
    assert kept.kept == said[2:]
    assert sum("event lost" in record.message for record in caplog.records) == 2
