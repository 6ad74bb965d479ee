"""Phone numbers as they are dictated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.phonebook import Phonebook
from copilot.drafting.phones import corrected, dictated, e164
from copilot.drafting.speech import hear
from tests.drafting.test_numbers import in_words

PAIRS = st.lists(st.integers(0, 99), min_size=4, max_size=4)


def pair_in_words(pair: int) -> str:
    return f"zéro {in_words(pair)}" if pair < 10 else in_words(pair)


def only(text: str) -> str | None:
    found = dictated(hear(text))
    assert len(found) == 1, found
    return found[0].number


@given(PAIRS)
def test_pairs_with_pauses_are_read_back(pairs: list[int]) -> None:
    spoken = ", ".join(["zéro six", *map(pair_in_words, pairs)])
    assert only(spoken) == "+336" + "".join(f"{pair:02}" for pair in pairs)


@given(PAIRS, st.sampled_from([" ", ".", "-", ""]))
def test_digits_however_they_are_written(pairs: list[int], mark: str) -> None:
    written = mark.join(["06", *(f"{pair:02}" for pair in pairs)])
    assert only(f"alors c'est le {written} voilà") == "+336" + "".join(f"{p:02}" for p in pairs)


@given(PAIRS, st.integers(0, 99))
def test_the_last_pair_corrected(pairs: list[int], wrong: int) -> None:
    spoken = ", ".join(["zéro six", *map(pair_in_words, [*pairs[:3], wrong])])
    said = f"{spoken}, non pardon, {pair_in_words(pairs[3])}"
    assert only(said) == "+336" + "".join(f"{pair:02}" for pair in pairs)


@given(st.integers(0, 99999999).map(lambda n: f"06{n:08}"), st.integers(0, 9))
def test_a_digit_missing_or_too_many_is_no_number(digits: str, at: int) -> None:
    assert e164(digits[:at] + digits[at + 1 :]) is None or digits[:2] == "00"
    assert e164(digits + "1") is None


@given(st.text("0123456789", min_size=10, max_size=10), st.text("0123456789", max_size=12))
def test_a_correction_keeps_the_length(digits: str, change: str) -> None:
    amended = corrected(digits, change)
    assert amended is None or len(amended) == len(digits)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("le numéro est 0 en 9 9 0 0 1 2 1 6", "+33199001216"),
        (
            "zéro six trente-neuf quatre-vingt-dix-huit douze vingt-trois non pardon vingt-quatre",
            "+33639981224",
        ),
        ("zéro six trente-neuf nonante-huit septante-deux octante et un", "+33639987281"),
        (
            "plus trente-trois six trente-neuf quatre-vingt-dix-huit zéro un vingt-trois",
            "+33639980123",
        ),
        ("00 33 6 39 98 01 23", "+33639980123"),
        ("+33 (0)6 39 98 01 23", "+33639980123"),
        ("0 6 399 801 23", "+33639980123"),
        ("zéro six, trente-neuf, quatre-vingt-dix-huit, double zéro, douze", "+33639980012"),
        ("plus trente-deux quatre cent septante douze trente-quatre cinquante-six", "+32470123456"),
        (
            "plus quarante et un vingt-deux sept cent trente-trois nonante-huit septante",
            "+41227339870",
        ),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze", None),
        ("02 61 91 47 deux, euh attendez, 02 61 91 27 40", "+33261912740"),
        (
            "zéro trois cinquante-trois attendez zéro trois cinquante-trois zéro un vingt onze",
            "+33353012011",
        ),
        ("06 39 98 01 2", None),
    ],
)
def test_spoken_numbers(said: str, number: str | None) -> None:
    assert only(said) == number


def test_two_numbers_stay_two() -> None:
    found = dictated(hear("le 01 99 00 11 22 ou sinon le 06 39 98 11 22"))
    assert [item.number for item in found] == ["+33199001122", "+33639981122"]


def test_un_mail_is_not_a_correction() -> None:
    said = "02 61 91 45 45 mais ne me rappelez pas je préfère un mail"
    assert dictated(hear(said))[0].number == "+33261914545"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (
            "Le bureau, c'est le 01 99 00 11 22, mais prenez le portable : 06 39 98 11 22.",
            "+33639981122",
        ),
        (
            "zéro cinq trente-six quarante-neuf onze douze et si je réponds pas vous avez mon"
            " portable zéro six trente-neuf quatre-vingt-dix-huit zéro zéro quatorze",
            "+33536491112",
        ),
        ("02 61 91 45 45 ou alors le 06 39 98 11 22 non mettez le fixe", "+33261914545"),
        ("Le 01 99 00 81 27, ce n'est pas le service des permis ?", None),
        ("entre midi et deux, 04 65 71 39 93", "+33465713993"),
    ],
)
def test_of_several_numbers_the_one_to_call_is_kept(said: str, number: str | None) -> None:
    book = Phonebook()
    book.caller_says(hear(said), "1", asked=True, yes=False, no=False, busy=[])
    found = book.field()
    assert (found and found.value) == number


def test_a_day_told_after_the_number_corrects_none_of_it() -> None:
    book = Phonebook()
    for said in (
        "zéro deux soixante et un quatre-vingt-onze douze trente",
        "jeudi en quinze pas avant",
    ):
        book.caller_says(hear(said), said, asked=True, yes=False, no=False, busy=[])
    assert book.field().value == "+33261911230"  # type: ignore[union-attr]
