"""What may not be kept of a call's sound: where numbers are said, over pauses and people."""

from __future__ import annotations

import pytest

from copilot.recording.judge import Judge
from models.hearing import Final, Word
from telephony.leg import LegRole

KINDS = ("card", "nir", "iban")
WORD_S = 0.5


def said(text: str, start_s: float, *, number: int = 1, words: bool = True) -> Final:
    """One word every half second."""
    pieces = text.split()
    return Final(
        utterance_id=number,
        text=text,
        heard=text,
        start_s=start_s,
        end_s=start_s + WORD_S * len(pieces),
        language="fr",
        confidence=0.9,
        words=tuple(
            Word(
                text=f" {piece}",
                start_s=start_s + WORD_S * at,
                end_s=start_s + WORD_S * (at + 1),
                probability=0.9,
            )
            for at, piece in enumerate(pieces)
        )
        if words
        else (),
    )


def luhn(digits: str) -> str:
    """The digits with a last one that makes the check hold."""
    for last in "0123456789":
        total = 0
        for place, letter in enumerate(reversed(digits + last)):
            value = int(letter) * (2 if place % 2 else 1)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return digits + last
    raise AssertionError


NUMBER = luhn("497010123456789")
GROUPS = [NUMBER[at : at + 4] for at in range(0, 16, 4)]


def covers(spans: tuple[tuple[float, float], ...], begin_s: float, end_s: float) -> bool:
    return any(begin <= begin_s and end_s <= end for begin, end in spans)


def test_a_number_in_one_breath_is_silenced_and_nothing_else() -> None:
    judge = Judge(KINDS)
    spans = judge.hear("caller", said(f"ma carte est {' '.join(GROUPS)} merci beaucoup à vous", 10))
    assert covers(spans, 11.5, 13.5)
    assert not covers(spans, 10.0, 10.5) and not covers(spans, 15.0, 15.5)


def test_a_number_dictated_in_groups_with_pauses_is_silenced_from_its_first_digit() -> None:
    judge = Judge(KINDS)
    spans: list[tuple[float, float]] = []
    for at, group in enumerate(GROUPS):
        start_s = 20.0 + 4 * at
        spans += judge.hear("caller", said(group, start_s, number=at + 1))
        judge.hear("operator", said("oui", start_s + 2, number=at + 1))
        assert judge.waits_from_s("caller", start_s + 2) == 20.0
    assert covers(tuple(spans), 20.0, 32.5)


def test_what_could_be_a_number_waits_and_what_cannot_does_not() -> None:
    judge = Judge(KINDS)
    judge.hear("caller", said("bonjour je vous appelle pour un devis", 0))
    assert judge.waits_from_s("caller", 4) is None
    judge.hear("caller", said("le quarante neuf soixante dix", 10))
    assert judge.waits_from_s("caller", 13) == pytest.approx(10.5)
    assert judge.waits_from_s("caller", 40) == pytest.approx(10.5)
    assert judge.waits_from_s("caller", 41) is None, "half a minute later it is another number"
    judge.hear("caller", said("voilà merci", 50))
    assert judge.waits_from_s("caller", 51) is None


@pytest.mark.parametrize(
    "heard", [NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), NUMBER[:13], NUMBER[:5] + NUMBER[7:]]
)
def test_a_number_with_digits_misheard_or_skipped_is_silenced_all_the_same(heard: str) -> None:
    judge = Judge(KINDS)
    spans: list[tuple[float, float]] = []
    for at in range(0, len(heard), 4):
        group = said(", ".join(heard[at : at + 4]), 30 + at, number=at + 1)
        spans += judge.hear("caller", group)
    assert covers(tuple(spans), 30.0, group.end_s)


def test_telephone_numbers_and_short_references_stay() -> None:
    judge = Judge(KINDS)
    for at, text in enumerate(["06 39 98 12 34", "75011", "06 39 98 12 34", "dossier 4587 2210"]):
        assert not judge.hear("caller", said(text, 6.0 * at, number=at + 1)), text


def test_what_the_operator_asked_for_is_known_to_be_one() -> None:
    asked = Judge(KINDS)
    asked.hear("operator", said("quel est votre numéro de carte", 25))
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert covers(asked.hear("caller", said(" ".join(wrong), 30)), 30.0, 38.0)


def test_without_the_times_of_its_words_the_whole_utterance_goes() -> None:
    spans = Judge(KINDS).hear("caller", said(f"c'est {' '.join(GROUPS)}", 5, words=False))
    assert covers(spans, 5.0, 7.5)


def test_words_about_health_go_where_the_client_wants_it() -> None:
    text = "je viens pour mon diabète demain matin"
    assert not Judge(KINDS).hear("caller", said(text, 0))
    spans = Judge((*KINDS, "health")).hear("caller", said(text, 0))
    assert covers(spans, 2.0, 2.5) and not covers(spans, 0.0, 1.0)


@pytest.mark.parametrize("role", ["caller", "operator"])
def test_nothing_is_silenced_where_nothing_is_to_be(role: LegRole) -> None:
    judge = Judge(())
    assert not judge.hear(role, said(" ".join(GROUPS), 0))
    assert judge.waits_from_s(role, 5) is None
    phone = Judge(KINDS)
    assert not phone.hear(role, said("01 99 00 11 22", 0)), "a telephone number stays"
