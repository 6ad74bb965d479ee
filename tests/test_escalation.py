"""The on-call list and the ladder, under any clock."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from copilot.escalation import Escalation, advanced, ended
from copilot.oncall import (
    BadOnCallError,
    OnCall,
    OnCallContact,
    OnCallException,
    OnCallShift,
    Rung,
    checked_on_call,
    ladder,
    on_call_at,
    read_rung,
    rung_values,
)

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)  # a Tuesday, noon in Paris
LEA = OnCallContact(name="Léa", phone="+33639980001", email="lea@example.fr", wait_minutes=5)
TOM = OnCallContact(name="Tom", email="tom@example.fr")
ANA = OnCallContact(name="Ana", email="ana@example.fr")
LIST = OnCall(
    contacts=(LEA, TOM, ANA),
    shifts=(
        OnCallShift(contacts=("Tom", "Léa"), weekdays=(1, 2, 3, 4, 5), from_time="08:00",
                    until_time="19:00"),
        OnCallShift(contacts=("Léa",), weekdays=(5, 6), from_time="19:00", until_time="08:00"),
    ),
    exceptions=(
        OnCallException(contacts=("Ana",), first=date(2026, 4, 1), last=date(2026, 4, 30)),
        OnCallException(contacts=("Léa",), first=date(2026, 4, 6), last=date(2026, 4, 6)),
        OnCallException(contacts=("Ana",), first=date(2026, 5, 8), last=date(2026, 5, 8)),
        OnCallException(contacts=("Tom",), first=date(2026, 5, 16), last=date(2026, 5, 17)),
    ),
)  # fmt: skip


def names(at: str) -> list[str]:
    moment = datetime.fromisoformat(at).replace(tzinfo=PARIS)
    return [contact.name for contact in on_call_at(LIST, moment, PARIS)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-17T12:00", ["Tom", "Léa"]),
        ("2026-03-20T23:00", ["Léa"]),  # Friday night
        ("2026-03-21T03:00", ["Léa"]),  # still Friday's shift
        ("2026-03-22T03:00", ["Léa"]),  # Saturday's
        ("2026-03-23T03:00", ["Léa", "Tom", "Ana"]),  # nobody's hour: everybody, never nobody
        ("2026-04-10T12:00", ["Ana"]),
        ("2026-04-06T12:00", ["Léa"]),  # the shortest exception
        ("2026-05-02T03:00", ["Léa"]),  # Friday's night, and no exception on that Friday
        ("2026-05-09T03:00", ["Ana"]),  # the night of an exception is one person's until morning
        ("2026-05-09T09:00", ["Léa", "Tom", "Ana"]),
        ("2026-05-16T03:00", ["Léa"]),  # an exception from Saturday on leaves Friday's night alone
        ("2026-05-16T20:00", ["Tom"]),
    ],
)
def test_the_rota_and_its_exceptions(at: str, expected: list[str]) -> None:
    assert names(at) == expected


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_somebody_is_always_on_call(at: datetime) -> None:
    assert on_call_at(LIST, at, PARIS)
    rungs = ladder(LIST, at, PARIS)
    assert {rung.round for rung in rungs} == {1, 2}
    assert all(rung.targets and rung.wait_s > 0 for rung in rungs)
    assert tuple(read_rung(rung_values(rung)) for rung in rungs) == rungs


def test_a_contact_is_tried_on_every_channel_they_have() -> None:
    first = ladder(OnCall(contacts=(LEA,), rounds=1), NOON, PARIS)
    assert first == (
        Rung(name="Léa", targets=(("sms", "+33639980001"), ("email", "lea@example.fr")),
             wait_s=300.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"contacts": (LEA, LEA)},
        {"contacts": (OnCallContact(name="X"),), "shifts": (), "exceptions": ()},
        {"contacts": (dataclasses.replace(LEA, phone="0639980001"), TOM, ANA)},
        {"contacts": (dataclasses.replace(LEA, route="Slack"), TOM, ANA)},
        {"contacts": (TOM,)},  # the rota names others
        {"shifts": (OnCallShift(contacts=("Tom",), from_time="24:00"),)},
        {"shifts": (OnCallShift(contacts=("Tom",), weekdays=(8,)),)},
        {"shifts": (OnCallShift(contacts=()),)},
        {"rounds": 0},
        {"urgencies": ("normal",)},
    ],
)
def test_a_list_that_reaches_nobody_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadOnCallError):
        checked_on_call(dataclasses.replace(LIST, **change))  # type: ignore[arg-type]
    assert checked_on_call(LIST) is LIST


class Ladder(RuleBasedStateMachine):
    """Any order of time passing, looks by any number of processes, and ends by people."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.tried: list[tuple[int, datetime]] = []
        self.it = Escalation(
            id="e", client_id="c", call_id="k", message_id="m", state="running",
            rungs=ladder(LIST, NOON, PARIS), step=0, started_at=NOON, next_at=NOON,
        )  # fmt: skip
        self.over_at: datetime | None = None

    @rule(seconds=st.integers(0, 4000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(times=st.integers(1, 3))
    def somebody_looks(self, times: int) -> None:
        for _ in range(times):
            after = advanced(self.it, self.now)
            if after.step > self.it.step:
                self.tried.append((after.step, self.now))
            self.it = after

    @rule(kind=st.sampled_from(["acknowledged", "stopped"]))
    def somebody_ends_it(self, kind: str) -> None:
        before = self.it.state
        self.it = ended(self.it, kind, by="Léa", at=self.now)  # type: ignore[arg-type]
        if before == "running":
            self.over_at = self.now

    @precondition(lambda self: self.it.state != "running")
    @rule(seconds=st.integers(0, 10**6))
    def what_is_over_stays_over(self, seconds: int) -> None:
        later = self.now + timedelta(seconds=seconds)
        assert advanced(self.it, later) == self.it
        assert ended(self.it, "stopped", by="Tom", at=later) == self.it

    @invariant()
    def rungs_are_tried_once_in_order_with_their_time(self) -> None:
        assert [step for step, _ in self.tried] == list(range(1, self.it.step + 1))
        for (step, at), (_, following) in zip(self.tried, self.tried[1:], strict=False):
            assert following - at >= timedelta(seconds=self.it.rungs[step - 1].wait_s)
        if self.over_at is not None:
            assert all(at <= self.over_at for _, at in self.tried)
        assert (self.it.next_at is None) == (self.it.state != "running")
        if self.it.state == "exhausted":
            assert self.it.step == len(self.it.rungs)


TestLadder = Ladder.TestCase
