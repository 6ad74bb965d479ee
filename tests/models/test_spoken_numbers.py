"""Numbers written the way people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.spoken_numbers import written


@pytest.mark.parametrize(
    ("heard", "shown"),
    [
        ("je suis au zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre",
         "je suis au 06 39 98 12 34"),
        ("Le 06, 39, 98, 12, 34.", "Le 06 39 98 12 34."),
        ("c'est le 0639981234", "c'est le 06 39 98 12 34"),
        ("c'est le 06.39.98.12.34", "c'est le 06 39 98 12 34"),
        ("au +33 6 39 98 12 34", "au +33 6 39 98 12 34"),
        ("rappelez à quatorze heures trente", "rappelez à 14 h 30"),
        ("à 14h30", "à 14 h 30"),
        ("à neuf heures", "à 9 h"),
        ("à 9 heures et quart", "à 9 h et quart"),
        ("j'ai attendu une heure", "j'ai attendu une heure"),
        ("pendant deux heures", "pendant deux heures"),
        ("il est 9 h", "il est 9 h"),
        ("entre 9h et 12h", "entre 9 h et 12 h"),
        ("3 euros et 20 centimes", "3,20 €"),
        ("ouvert 24 heures sur 24", "ouvert 24 heures sur 24"),
        ("ça fait mille deux cent cinquante euros", "ça fait 1 250 €"),
        ("1250 euros", "1 250 €"),
        ("trois euros cinquante", "3,50 €"),
        ("12,5 euros", "12,50 €"),
        ("un million d'euros", "1 000 000 d'euros"),
        ("vingt pour cent de remise", "20 % de remise"),
        ("cent pour cent", "100 %"),
        ("50 pour cent", "50 %"),
        ("un moment s'il vous plaît", "un moment s'il vous plaît"),
        ("l'un des deux", "l'un des deux"),
        ("le premier mai", "le premier mai"),
        ("j'habite au douze rue des Lilas", "j'habite au 12 rue des Lilas"),
        ("le dossier quatre mille cinq cent douze", "le dossier 4512"),
        ("en deux mille vingt-six", "en 2026"),
        ("", ""),
    ],
)  # fmt: skip
def test_french(heard: str, shown: str) -> None:
    assert written(heard) == shown


def test_english_numbers_are_put_in_digits() -> None:
    assert written("call me at twenty past nine", language="en") == "call me at 20 past 9"


def test_other_languages_are_left_alone() -> None:
    assert written("zwanzig", language="de") == "zwanzig"


@given(st.text(max_size=200))
def test_nothing_makes_it_raise(text: str) -> None:
    written(text)


@given(st.from_regex(r"0[1-9](?: ?[0-9]{2}){4}", fullmatch=True))
def test_ten_digits_are_a_phone(number: str) -> None:
    shown = written(f"au {number}")
    digits = number.replace(" ", "")
    assert shown == "au " + " ".join(digits[i : i + 2] for i in range(0, 10, 2))
