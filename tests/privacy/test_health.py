"""Words about health are masked where the client says so, and others are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.privacy.health import health_spans
from copilot.privacy.redaction import KINDS, NUMBERS, redact

TOLD = (
    ("j'ai un diabète de type 2", "diabète"),
    ("il sort de chimiothérapie", "chimiothérapie"),
    ("ma mère a fait un AVC hier", "AVC"),
    ("elle est enceinte de six mois", "enceinte"),
    ("je prends du Doliprane", "Doliprane"),
    ("c'est pour une prise de sang", "prise de sang"),
    ("he had a heart attack", "heart attack"),
    ("my asthma is back", "asthma"),
    ("résultats de l’œdème et de l'asthme", "asthme"),
)


@pytest.mark.parametrize(("said", "masked"), TOLD)
def test_what_tells_of_health_is_masked(said: str, masked: str) -> None:
    found = redact(said, ("health",))
    assert found.kinds == ("health",)
    assert masked not in found.text and "[donnée de santé masquée]" in found.text
    assert redact(said, NUMBERS).text == said


@pytest.mark.parametrize(
    "said",
    [
        "je voudrais un rendez-vous avec le docteur Martin jeudi",
        "la chaudière fuit depuis ce matin",
        "rappelez-moi au 06 39 98 12 34",
        "I would like to move my appointment",
        "le dossier de succession est chez le notaire",
    ],
)
def test_what_does_not_stays(said: str) -> None:
    assert redact(said, KINDS).text == said


@given(st.text())
def test_places_lie_inside_the_text(text: str) -> None:
    for start, end in health_spans(text):
        assert 0 <= start < end <= len(text)


def test_numbers_and_words_go_together() -> None:
    said = "mon diabète, et ma carte 4970 1000 0000 0154"
    found = redact(said, KINDS)
    assert set(found.kinds) == {"health", "card"}
    assert "4970" not in found.text and "diab" not in found.text
