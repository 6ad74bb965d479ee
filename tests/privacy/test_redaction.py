"""Numbers that must not be kept, as people write and say them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.privacy.digits import Token, readings
from copilot.privacy.redaction import LABELS, is_card, is_iban, is_nir, redact

CARD = "4970101234567890"
NIR = "185057800608436"


def luhn(body: str) -> str:
    return next(body + str(digit) for digit in range(10) if is_card(body + str(digit)))


def nir(body: str) -> str:
    return f"{body}{97 - int(body) % 97:02d}"


VALID_CARD = luhn("497010123456789")
VALID_NIR = nir("1850578006084")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ma carte c'est le 4970 1012 3456 7893 voilà", "card"),
        ("4970-1012-3456-7893", "card"),
        (
            "quarante-neuf soixante-dix dix douze trente-quatre cinquante-six "
            "soixante-dix-huit quatre-vingt-treize",
            "card",
        ),
        (
            "quatre neuf sept zéro euh un zéro un deux trois quatre cinq six sept huit neuf trois",
            "card",
        ),
        ("four nine seven oh one oh one two three four five six seven eight nine three", "card"),
        ("forty-nine seventy ten twelve thirty-four fifty-six seventy-eight ninety-three", "card"),
        ("mon numéro de sécu 1 85 05 78 006 084 {key}", "nir"),
        ("un quatre-vingt-cinq zéro cinq soixante-dix-huit zéro zéro six zéro quatre-vingt-quatre "
         "{key}", "nir"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("c'est FR7630006000011234567890189 merci", "iban"),
        ("f r soixante-seize trente mille six cent zéro zéro", None),
        ("numéro de carte 4970 1012 3456 7894", "card"),  # a digit misheard, but announced
        ("numéro de sécurité sociale 1 85 05 78 006 084", "nir"),  # without its key
    ],
)  # fmt: skip
def test_numbers_that_must_not_be_kept(text: str, kind: str | None) -> None:
    text = text.replace("{key}", VALID_NIR[-2:])
    found = redact(text)
    assert found.kinds == ((kind,) if kind else ())
    for start, end in found.spans:
        assert text[start:end] not in found.text


def test_a_spoken_iban_is_taken_out() -> None:
    digits = "sept six trois zéro zéro zéro six zéro zéro zéro zéro un un deux trois quatre cinq"
    said = f"f r {digits} six sept huit neuf zéro un huit neuf"
    assert redact(f"alors {said} voilà").text == f"alors {LABELS['iban']} voilà"


def test_the_code_on_the_back_goes_with_the_card() -> None:
    found = redact(f"ma carte {VALID_CARD} et le cryptogramme au dos c'est 123 merci")
    assert found.text.count(LABELS["card"]) == 2 and "123" not in found.text


@pytest.mark.parametrize(
    "text",
    [
        "rappelez-moi au 06 39 98 12 34",
        "zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre",
        "le 01 99 00 12 34 ou le 06 39 98 12 34",
        "ma carte de fidélité, rappelez au 06 39 98 12 34",
        "dossier 2026-0317-88, rendez-vous le 18 mars 2026 à 14 h 30",
        "il y a un, deux, trois, quatre, cinq, six appareils",
        "SIRET 732 829 320 00074",
        "",
    ],
)
def test_what_people_need_stays(text: str) -> None:
    assert redact(text).text == text


def test_a_client_chooses_what_is_taken_out() -> None:
    text = f"carte {VALID_CARD}"
    assert redact(text, ("nir", "iban")).text == text
    assert redact(text, ()).text == text


def test_checks_are_the_published_ones() -> None:
    assert is_card("4111111111111111") and not is_card("4111111111111112")
    assert is_card("378282246310005") and is_card("5555555555554444")
    assert is_iban("FR1420041010050500013M02606") and is_iban("DE89370400440532013000")
    assert not is_iban("FR1420041010050500013M02607")
    assert is_nir(VALID_NIR) and not is_nir(VALID_NIR[:-1] + "0")


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    found = redact(text)
    assert (found.text == text) == (not found.spans)


SPOKEN = ["un", "deux", "vingt", "quatre", "dix", "sept", "cent", "12", "345", "euh", "et"]


@given(st.lists(st.sampled_from(SPOKEN), max_size=90))
def test_endless_numbers_stay_quick(words: list[str]) -> None:
    began = time.process_time()
    redact(" ".join(words))
    assert time.process_time() - began < 2.0


def test_ordinary_talk_costs_next_to_nothing() -> None:
    text = "bonjour je voudrais un rendez-vous mardi à quatorze heures pour une fuite d'eau " * 3
    began = time.process_time()
    for _ in range(1000):
        redact(text)
    assert (time.process_time() - began) / 1000 < 0.002


def test_numbers_without_end_are_read_in_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's form: every stretch of eighty words was read, some seconds a line."""
    from copilot.privacy import redaction

    read = 0

    def counted(tokens: Sequence[Token]) -> list[str]:
        nonlocal read
        read += len(tokens)
        return readings(tokens)

    monkeypatch.setattr(redaction, "readings", counted)
    for words in ("un ", "zéro trois ", "vingt et un ", "7 "):
        read = 0
        text = words * (80 // len(words.split()))
        redact(text, ("card", "nir", "iban"))
        assert read < 40_000, words
