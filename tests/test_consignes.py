"""Which consignes hold and are shown: a day beats a range, a range a schedule, that the rest."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.consignes import holds, is_holiday, precision, shown_at, specificity
from copilot.store.records.consignes import Consigne

PARIS = ZoneInfo("Europe/Paris")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def consigne(name: str = "c", **limits: object) -> Consigne:
    return dataclasses.replace(Consigne(id=name, title="Horaires", body=name), **limits)  # type: ignore[arg-type]


def day(text: str) -> dict[str, datetime]:
    begin = local(text)
    return {"valid_from": begin, "valid_until": begin + timedelta(days=1)}


DEFAULT = consigne("default")
SCHEDULE = consigne("schedule", weekdays=(1, 2, 3, 4, 5))
RANGE = consigne(
    "range", valid_from=local("2026-08-01"), valid_until=local("2026-09-01"), weekdays=(1,)
)
SINGLE = consigne("day", **day("2026-08-03"))


def test_the_most_specific_one_is_shown_and_the_others_are_told() -> None:
    shown = shown_at([DEFAULT, SCHEDULE, RANGE, SINGLE], local("2026-08-03T10:00"), PARIS)
    assert [item.id for item in shown.consignes] == ["day"]
    assert [item.id for item in shown.overruled] == ["range", "schedule", "default"]
    tuesday = shown_at([DEFAULT, SCHEDULE, RANGE, SINGLE], local("2026-08-04T10:00"), PARIS)
    assert [item.id for item in tuesday.consignes] == ["schedule"]
    sunday = shown_at([DEFAULT, SCHEDULE, RANGE, SINGLE], local("2026-08-09T10:00"), PARIS)
    assert [item.id for item in sunday.consignes] == ["default"]


def test_other_topics_are_shown_beside_in_order_of_precision() -> None:
    others = [
        dataclasses.replace(DEFAULT, title="Adresse"),
        dataclasses.replace(SCHEDULE, title="Transferts"),
        dataclasses.replace(SINGLE, title="Grève"),
    ]
    shown = shown_at(others, local("2026-08-03T10:00"), PARIS)
    assert [item.title for item in shown.consignes] == ["Grève", "Transferts", "Adresse"]
    assert shown.overruled == ()


def test_a_topic_gathers_what_has_different_titles() -> None:
    usual = dataclasses.replace(DEFAULT, title="Ouverture", topic="horaires")
    closed = dataclasses.replace(SINGLE, title="Fermé pour inventaire", topic="HORAIRES")
    shown = shown_at([usual, closed], local("2026-08-03T10:00"), PARIS)
    assert [item.title for item in shown.consignes] == ["Fermé pour inventaire"]


def test_hours_from_a_day_on_replace_the_usual_ones_and_not_those_of_saturdays() -> None:
    saturdays = consigne("saturdays", weekdays=(6,))
    since = consigne("since", valid_from=local("2026-08-01"))
    later = consigne("later", valid_from=local("2026-08-10"))
    every = [DEFAULT, since, saturdays, later]
    shown = {
        moment: [
            item.id for item in shown_at(every, local(f"2026-{moment}T10:00"), PARIS).consignes
        ]
        for moment in ("07-31", "08-01", "08-03", "08-10", "08-15")
    }
    assert shown == {
        "07-31": ["default"],
        "08-01": ["saturdays"],
        "08-03": ["since"],
        "08-10": ["later"],
        "08-15": ["saturdays"],
    }


def test_the_night_of_a_single_day_ends_the_morning_after() -> None:
    eve = consigne("eve", from_time=time(22), until_time=time(6), **day("2026-12-24"))
    moments = {"24T02:00": False, "24T23:00": True, "25T02:00": True, "25T06:00": False,
               "25T23:00": False, "26T02:00": False}  # fmt: skip
    for moment, wanted in moments.items():
        assert holds(eve, local(f"2026-12-{moment}"), PARIS) is wanted, moment
    # A moment that is not a day's end cuts the night.
    cut = dataclasses.replace(eve, valid_until=local("2026-12-25T01:00"))
    assert holds(cut, local("2026-12-25T00:30"), PARIS)
    assert not holds(cut, local("2026-12-25T02:00"), PARIS)
    # The night on which the clocks go back, and the one on which they go forward.
    for last in ("2026-10-24", "2026-03-28"):
        night = consigne("night", from_time=time(22), until_time=time(6), **day(last))
        begin = local(last)
        assert holds(night, (begin + timedelta(days=1, hours=5)).replace(tzinfo=PARIS), PARIS)
        assert not holds(night, (begin + timedelta(days=1, hours=6)).replace(tzinfo=PARIS), PARIS)


def test_hours_end_and_may_pass_midnight() -> None:
    evening = consigne(from_time=time(18), until_time=time(8), weekdays=(5,))
    at = ["2026-03-20T17:59", "2026-03-20T18:00", "2026-03-21T07:59", "2026-03-21T08:00"]
    assert [holds(evening, local(moment), PARIS) for moment in at] == [False, True, True, False]
    assert not holds(evening, local("2026-03-21T19:00"), PARIS)
    noon = consigne(from_time=time(12), until_time=time(14))
    at = ["2026-03-20T11:59", "2026-03-20T12:00", "2026-03-20T14:00"]
    assert [holds(noon, local(moment), PARIS) for moment in at] == [False, True, False]


def test_public_holidays_have_their_own_consignes() -> None:
    bastille = local("2026-07-14T10:00")
    only = consigne("only", holidays="only")
    never = consigne("never", holidays="except", weekdays=(2,))
    assert is_holiday(date(2026, 7, 14)) and is_holiday(date(2026, 4, 6))
    assert [holds(item, bastille, PARIS) for item in (only, never)] == [True, False]
    assert [holds(item, local("2026-07-21T10:00"), PARIS) for item in (only, never)] == [
        False, True,
    ]  # fmt: skip


def test_a_day_is_one_where_the_client_is() -> None:
    reunion = ZoneInfo("Indian/Reunion")
    assert precision(SINGLE, PARIS) == "day"
    assert precision(SINGLE, reunion) == "range"
    # The clocks change on 29 March: that day has 23 hours.
    short = consigne(valid_from=local("2026-03-29"), valid_until=local("2026-03-30"))
    assert precision(short, PARIS) == "day"


@pytest.mark.parametrize("moment", ["2026-03-29T01:59", "2026-03-29T03:01", "2026-10-25T02:30"])
def test_schedules_follow_local_time_when_clocks_change(moment: str) -> None:
    assert holds(consigne(weekdays=(7,), from_time=time(1)), local(moment), PARIS)


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
clock = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def consignes(draw: st.DrawFn, around: datetime | None = None) -> Consigne:
    begin = draw(st.none() | moments)
    end = draw(st.none() | moments)
    if begin and end and end <= begin:
        begin, end = (end, begin) if end < begin else (begin, end + timedelta(hours=1))
    from_time, until_time = draw(clock), draw(clock)
    if from_time is not None and from_time == until_time:
        until_time = None
    return Consigne(
        id=draw(st.uuids()).hex,
        title=draw(st.sampled_from(["Horaires", "Adresse"])),
        body="b",
        valid_from=begin,
        valid_until=end,
        weekdays=tuple(sorted(draw(st.sets(st.integers(1, 7))))),
        from_time=from_time,
        until_time=until_time,
        holidays=draw(st.sampled_from(["any", "only", "except"])),
    )


@given(st.lists(consignes(), max_size=8), moments)
def test_whatever_holds_is_shown_or_overruled_by_something_more_specific(
    every: list[Consigne], at: datetime
) -> None:
    shown = shown_at(every, at, PARIS)
    held = {item.id for item in every if holds(item, at, PARIS)}
    assert {item.id for item in (*shown.consignes, *shown.overruled)} == held
    for loser in shown.overruled:
        winners = [item for item in shown.consignes if item.title == loser.title]
        assert winners
        assert all(specificity(item, PARIS) < specificity(loser, PARIS) for item in winners)
    order = [specificity(item, PARIS) for item in shown.consignes]
    assert order == sorted(order)


@given(moments, consignes(), consignes(), consignes())
def test_a_single_day_beats_a_range_beats_a_schedule_beats_what_always_holds(
    at: datetime, one: Consigne, other: Consigne, third: Consigne
) -> None:
    midnight = at.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = (midnight + timedelta(days=1)).replace(tzinfo=PARIS)
    today = dataclasses.replace(
        one, title="Horaires", kind="consigne", valid_from=midnight, valid_until=tomorrow
    )
    longer = dataclasses.replace(
        other, title="Horaires", valid_from=at - timedelta(days=1),
        valid_until=at + timedelta(days=2),
    )  # fmt: skip
    weekly = dataclasses.replace(third, title="Horaires", valid_from=None, valid_until=None)
    always = DEFAULT
    ladder = [item for item in (today, longer, weekly) if holds(item, at, PARIS)]
    if precision(weekly, PARIS) == "default":
        ladder = [item for item in ladder if item is not weekly]
    shown = shown_at([always, *reversed(ladder)], at, PARIS)
    assert shown.consignes[0] == (ladder[0] if ladder else always)
    assert list(shown.overruled) == [*ladder[1:], always][: len(shown.overruled)]
