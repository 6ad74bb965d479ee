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
        ("à 9 heures et quart", "à 9 h 15"),
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
        ("un million d'euros", "1 000 000 €"),
        ("vingt pour cent de remise", "20 % de remise"),
        ("cent pour cent", "100 %"),
        ("50 pour cent", "50 %"),
        ("un moment s'il vous plaît", "un moment s'il vous plaît"),
        ("l'un des deux", "l'un des deux"),
        ("le premier mai", "le 1er mai"),
        ("j'habite au douze rue des Lilas", "j'habite au 12 rue des Lilas"),
        ("le dossier quatre mille cinq cent douze", "le dossier 4512"),
        ("en deux mille vingt-six", "en 2026"),
        ("", ""),
        ("septante-deux euros", "72 €"),
        ("huitante francs", "80 francs"),
        ("zéro un nonante-neuf zéro zéro septante-deux quatorze", "01 99 00 72 14"),
        ("zéro un quatre-vingt-dix-neuf double zéro douze trente-quatre", "01 99 00 12 34"),
        ("plus trente-trois six trente-neuf quatre-vingt-dix-huit douze trente-quatre",
         "+33 6 39 98 12 34"),
        ("0 6 3 9 9 8 1 2 3 4", "06 39 98 12 34"),
        ("+33 (0)6 39 98 12 34", "+33 (0)6 39 98 12 34"),
        ("le 06 39 98 12 34 ou le 01 99 00 12 34", "le 06 39 98 12 34 ou le 01 99 00 12 34"),
        ("vingt-cinq virgule cinq pour cent", "25,5 %"),
        ("20 pourcents", "20 %"),
        ("le trois mars", "le 3 mars"),
        ("le vingt et unième", "le 21e"),
        ("né le douze mars mille neuf cent soixante-dix-huit", "né le 12 mars 1978"),
        ("à deux heures et quart", "à 2 h 15"),
        ("à midi et demi", "à 12 h 30"),
        ("à minuit et quart", "à 0 h 15"),
        ("0, 1, 80, 19, 0, 0, 49, 69.", "01 99 00 49 69."),
        ("0, 2, 60, 1, 80, 11, 40, 4, 52.", "02 61 91 44 52."),
        ("c'est le 06 39 80 18 36, 36", "c'est le 06 39 98 36 36"),
        ("0 2 60 1 80 11 70 10 62", "0 2 60 1 80 11 70 10 62"),
        ("06 39 98 12 34, 15 personnes", "06 39 98 12 34, 15 personnes"),
        ("vers deux heures", "vers 2 h"),
        ("un délai de deux heures", "un délai de deux heures"),
        ("à midi", "à midi"),
        ("à neuf heures et demie", "à 9 h 30"),
        ("à neuf heures moins le quart", "à 8 h 45"),
        ("à une heure moins dix", "à 0 h 50"),
        ("à minuit moins vingt", "à 23 h 40"),
        ("pendant deux heures et demie", "pendant deux heures et demie"),
        ("un quart d'heure", "un quart d'heure"),
        ("trois quarts d'heure", "trois quarts d'heure"),
        ("mille deux cent cinquante euros cinquante", "1 250,50 €"),
        ("quatre-vingt-dix euros quatre-vingt-dix-neuf", "90,99 €"),
        ("1.250 euros", "1 250 €"),
        ("un euro", "1 €"),
        ("deux ou trois jours", "2 ou 3 jours"),
        ("mille mercis", "mille mercis"),
        ("c'est du neuf", "c'est du neuf"),
        ("il y en a un", "il y en a un"),
        ("une seconde s'il vous plaît", "une seconde s'il vous plaît"),
        ("l'un ou l'autre", "l'un ou l'autre"),
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


UNITS = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
)
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def in_words(number: int, *, belgian: bool) -> str:
    """0 to 99 as French people, or Belgians, say it."""
    if number <= 16:
        return UNITS.split()[number]
    if number < 20:
        return f"dix-{in_words(number - 10, belgian=belgian)}"
    base = number // 10 * 10
    if not belgian and base in (70, 90):
        base -= 10
    if belgian and base in (70, 90):
        name = {70: "septante", 90: "nonante"}[base]
    else:
        name = "quatre-vingt" if base == 80 else TENS[base]
    rest = number - base
    if rest == 0:
        return "quatre-vingts" if base == 80 else name
    if rest in (1, 11) and base != 80:
        return f"{name} et {in_words(rest, belgian=belgian)}"
    return f"{name}-{in_words(rest, belgian=belgian)}"


def said(pair: str, *, belgian: bool) -> str:
    """Two digits as they are dictated."""
    return " ".join(
        ["zéro"] * (2 if pair == "00" else pair[0] == "0")
        + ([] if pair == "00" else [in_words(int(pair), belgian=belgian)])
    )


@given(st.from_regex(r"0[1-9]([0-9]{2}){4}", fullmatch=True), st.booleans())
def test_a_phone_dictated_in_pairs_is_written_in_pairs(number: str, belgian: bool) -> None:
    pairs = [number[i : i + 2] for i in range(0, 10, 2)]
    dictated = ", ".join(said(pair, belgian=belgian) for pair in pairs)
    assert written(f"je suis au {dictated}.") == f"je suis au {' '.join(pairs)}."


@given(st.from_regex(r"0[1-9]([0-9]{2}){4}", fullmatch=True), st.data())
def test_a_breath_inside_a_number_changes_no_digit(number: str, data: st.DataObject) -> None:
    groups: list[str] = []
    for pair in (number[i : i + 2] for i in range(0, 10, 2)):
        tens = {7: 60, 9: 80}.get(int(pair[0]), int(pair[0]) * 10)
        split = int(pair) - tens > 0 and tens >= 20 and data.draw(st.booleans())
        groups += [str(tens), str(int(pair) - tens)] if split else [pair]
    shown = written(", ".join(groups))
    digits = shown.replace(" ", "").replace(",", "")
    # Two readings: nothing is guessed. One: it is the right one.
    assert digits == number or shown == ", ".join(groups)


@given(st.integers(3, 999_999), st.integers(0, 99))
def test_amounts_are_grouped_by_thousands(euros: int, cents: int) -> None:
    shown = written(f"ça fait {euros} euros {cents:02}" if cents else f"ça fait {euros} euros")
    grouped = f"{euros:,}".replace(",", " ")
    assert shown == (f"ça fait {grouped},{cents:02} €" if cents else f"ça fait {grouped} €")


@given(st.integers(1, 23), st.integers(1, 59))
def test_a_moment_is_written_with_its_minutes(hour: int, minute: int) -> None:
    spoken = f"à {hour} heures {minute:02}" if hour > 1 else f"à une heure {minute:02}"
    assert written(spoken) == f"à {hour} h {minute:02}"
