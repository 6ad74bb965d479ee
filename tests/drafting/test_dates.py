"""Dates by the conventions of docs/drafting.md. The call is on Tuesday 17 March 2026, 10:12."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.calendar import (
    WEEKDAYS,
    easter,
    holidays,
    next_day_of_month,
    weekday_after,
    working_days_after,
)
from copilot.drafting.dates import whens
from copilot.drafting.speech import fold, hear

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 3, 17, 10, 12, tzinfo=PARIS)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=PARIS)
)


def said(text: str, at: datetime = AT) -> list[str | None]:
    return [when.iso(at) for when in whens(hear(text).folded, at)]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("mardi", "2026-03-24"),
        ("mardi prochain à quatorze heures trente", "2026-03-24T14:30"),
        ("mardi qui vient", "2026-03-24"),
        ("mardi en huit", "2026-03-31"),
        ("jeudi en quinze le matin", "2026-04-02T08:00/12:00"),
        ("le huit", "2026-04-08"),
        ("le 17", "2026-03-17"),
        ("mercredi dix-huit", "2026-03-18"),
        ("vendredi 27 mars à 10 heures", "2026-03-27T10:00"),
        ("le premier avril", "2026-04-01"),
        ("le 12/04 à 9h15", "2026-04-12T09:15"),
        ("d'ici la fin de la semaine", "2026-03-17/2026-03-20"),
        ("d'ici vendredi", "2026-03-17/2026-03-20"),
        ("la semaine prochaine", "2026-03-23/2026-03-27"),
        ("lundi de la semaine prochaine", "2026-03-23"),
        ("jeudi ou vendredi", "2026-03-19/2026-03-20"),
        ("entre le 16 et le 19 juin", "2026-06-16/2026-06-19"),
        ("du seize au dix-neuf juin", "2026-06-16/2026-06-19"),
        ("demain matin", "2026-03-18T08:00/12:00"),
        ("demain après-midi", "2026-03-18T14:00/18:00"),
        ("ce soir", "2026-03-17T18:00/20:00"),
        ("demain dans la matinée", "2026-03-18T08:00/12:00"),
        ("demain entre midi et deux", "2026-03-18T12:00/14:00"),
        ("avant dix-sept heures", "2026-03-17T10:12/17:00"),
        ("demain avant 17 h", "2026-03-18T08:00/17:00"),
        ("demain après dix-huit heures", "2026-03-18T18:00/20:00"),
        ("demain matin après dix heures", "2026-03-18T10:00/12:00"),
        ("jeudi après-midi après seize heures", "2026-03-19T16:00/18:00"),
        ("demain à la première heure", "2026-03-18T08:00/10:00"),
        ("jeudi de 14 à 16 heures", "2026-03-19T14:00/16:00"),
        ("demain après-midi vers quatre heures", "2026-03-18T16:00"),
        ("jeudi soir à sept heures", "2026-03-19T19:00"),
        ("demain à midi et demi", "2026-03-18T12:30"),
        ("demain entre quinze et dix-sept", "2026-03-18T15:00/17:00"),
        ("jeudi de neuf à onze", "2026-03-19T09:00/11:00"),
        ("jeudi vers onze heures midi", "2026-03-19T11:00/12:00"),
        ("cet après midi", "2026-03-17T14:00/18:00"),
        ("demain après midi", "2026-03-18T14:00/18:00"),
        ("dans trois jours", "2026-03-20"),
        ("dans quinze jours", "2026-03-31"),
        ("dans une heure", "2026-03-17T11:12"),
        ("après-demain à neuf heures et quart", "2026-03-19T09:15"),
        ("le lundi de Pâques", "2026-04-06"),
        ("le lendemain du 14 juillet", "2026-07-15"),
        ("le lendemain de l'Ascension", "2026-05-15"),
    ],
)
def test_conventions(text: str, iso: str) -> None:
    assert said(text) == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "tout de suite",
        "dans l'heure",
        "quand vous voulez",
        "lundi dernier",
        "depuis mardi",
        "hier",
        "c'est au 12 rue des Lilas",
        "j'ai une heure de conduite",
        "le 06 39 98 12 23",
    ],
)
def test_nothing_definite(text: str) -> None:
    assert said(text) == []


def test_same_day_corrected_keeps_both_for_the_speaker_to_settle() -> None:
    assert said("déplacer mon rendez-vous de mardi à jeudi") == ["2026-03-24", "2026-03-19"]


@given(MOMENTS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_strictly_after_the_call(at: datetime, name: str) -> None:
    first = date.fromisoformat(str(said(name, at)[0]))
    assert at.date() < first <= at.date() + timedelta(days=7)
    assert WEEKDAYS[first.weekday()] == name
    assert said(f"{name} en huit", at) == [(first + timedelta(days=7)).isoformat()]
    assert said(f"{name} en quinze", at) == [(first + timedelta(days=14)).isoformat()]


@given(MOMENTS, st.integers(2, 28))
def test_a_day_of_the_month_counts_today(at: datetime, day: int) -> None:
    found = next_day_of_month(at.date(), day)
    assert found is not None and found.day == day
    assert at.date() <= found <= at.date() + timedelta(days=31)
    assert said(f"le {day}", at) == [found.isoformat()]


@given(MOMENTS, st.text(max_size=60))
def test_any_text_is_read_without_error(at: datetime, text: str) -> None:
    for when in whens(fold(text), at):
        when.iso(at)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 15))
def test_working_days_skip_weekends_and_holidays(today: date, count: int) -> None:
    day = working_days_after(today, count)
    assert day.weekday() < 5 and day not in holidays(day.year).values()


@given(st.integers(1900, 2099))
def test_easter_is_a_sunday_in_season(year: int) -> None:
    sunday = easter(year)
    assert sunday.weekday() == 6
    assert date(year, 3, 22) <= sunday <= date(year, 4, 25)


def test_weekday_after_known_days() -> None:
    assert weekday_after(date(2026, 3, 17), 1) == date(2026, 3, 24)
    assert easter(2026) == date(2026, 4, 5)


def test_who_is_called_like_a_holiday_is_no_day() -> None:
    assert said("monsieur Toussaint peut vous rappeler") == []
    assert said("après la Toussaint") == ["2026-11-01"]
