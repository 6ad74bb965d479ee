"""Which company a caller speaks for: houses no list holds, and none where none is spoken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.houses.corpus import MARKED, house_calls, lessons
from copilot.drafting.houses.reader import House
from copilot.drafting.speech import fold, hear
from tests.drafting.learnt import houses


def read(text: str, asked: str = "volets tardieu bonjour") -> list[House]:
    return list(
        houses().read(
            hear(text),
            operator=hear(asked),
            first=asked.endswith("bonjour"),
            client="Volets Tardieu",
        )
    )


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("Bonjour, Maud Sénac, de Brumelle.", "", "brumelle"),
        ("bonjour société valdrome je voudrais parler au directeur", "", "valdrome"),
        ("bonjour hélène coste de la pharmacie du beffroi", "", "pharmacie du beffroi"),
        ("garage des trois ponts", "de quelle société ?", "garage des trois ponts"),
    ],
)
def test_the_company_one_calls_from_is_read(text: str, asked: str, expected: str) -> None:
    found = read(text, asked) if asked else read(text)
    assert [fold(house.value) for house in found] == [expected]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("au centre de dialyse comme tous les lundis", "pour aller où"),
        ("chez des médecins ça alors", "vous êtes chez des médecins ici monsieur"),
        ("Bonjour, Mme Lequesne, Solange. J'avais un taxi lundi.", "volets tardieu bonjour"),
        ("mon volet ne descend plus et la nuit tombe", "volets tardieu bonjour"),
        ("", "volets tardieu bonjour"),
    ],
)
def test_a_house_gone_to_or_nobody_is_no_company(text: str, asked: str) -> None:
    assert [house for house in read(text, asked) if house.confidence > 0.5] == []


@given(st.text(max_size=80))
def test_anything_can_be_read(text: str) -> None:
    assert all(0 <= house.confidence <= 1 and house.value for house in read(text))


def test_a_set_left_out_teaches_nothing() -> None:
    sources = {call.source for call in house_calls()}
    left = min(sources)
    assert {call.source for call in lessons({left})} == sources - {left}
    assert not sources & {"blind13", "blind14", "blind15"}


def test_companies_are_exchanged_and_the_rest_stays() -> None:
    call = next(each for each in house_calls() if MARKED.search(each.said[0].text))
    same = [each for each in lessons() if each.source == call.source and each.client == call.client]
    rest = {MARKED.sub("", each.said[0].text) for each in same}
    assert MARKED.sub("", call.said[0].text) in rest
    assert (
        len(
            {
                MARKED.findall(each.said[0].text)[0]
                for each in same
                if MARKED.search(each.said[0].text)
            }
        )
        > 2
    )
