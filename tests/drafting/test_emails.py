"""E-mail addresses said aloud."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.emails import addresses, domain_correction
from copilot.drafting.speech import hear

PARTS = st.sampled_from(
    ["camille", "dumas", "atelier", "rive", "garonne", "mistral", "lune", "port", "sud"]
)
MARKS = {".": "point", "-": "tiret", "_": "tiret du bas"}


def only(text: str) -> str | None:
    found = addresses(hear(text))
    return found[0].value if found else None


@given(
    PARTS,
    st.sampled_from(sorted(MARKS)),
    PARTS,
    st.integers(2, 99),
    st.sampled_from(["fr", "com", "net"]),
)
def test_said_word_by_word(left: str, mark: str, right: str, number: int, top: str) -> None:
    spoken = (
        f"mon mail c'est {left} {MARKS[mark]} {right} {number} arobase example point {top} merci"
    )
    assert only(spoken) == f"{left}{mark}{right}{number}@example.{top}"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("jean point dupont arobase orange point f r", "jean.dupont@orange.fr"),
        ("sophie tiret du bas garnier 84 arobase g mail point com", "sophie_garnier84@gmail.com"),
        ("julie quatre-vingt-deux arobase hot mail point fr", "julie82@hotmail.fr"),
        (
            "qu'on me réponde, je dors le jour : nora point petit arobase example point fr",
            "nora.petit@example.fr",
        ),
        ("c'est martin point l tout attaché arobase free point fr", "martin.l@free.fr"),
        ("p.martin arobase wanadoo.fr", "p.martin@wanadoo.fr"),
        ("contact@example.fr", "contact@example.fr"),
        ("écrivez-moi à linh arobase la poste point net", "linh@laposte.net"),
        ("un mail suffit quincaillerie point lune arobase laposte point net",
         "quincaillerie.lune@laposte.net"),
        ("judo tout court sans accent point brive arobase orange point fr",
         "judo.brive@orange.fr"),
        ("envoyez-le à a point ferrand arobase mairie tiret sud point fr",
         "a.ferrand@mairie-sud.fr"),
        ("l'arobase je ne sais plus", None),
        ("mon mail c'est jean arobase", None),
    ],
)  # fmt: skip
def test_spoken_addresses(said: str, address: str | None) -> None:
    assert only(said) == address


def test_a_domain_is_corrected_alone() -> None:
    assert domain_correction(hear("non c'est free point fr pas orange")) == "free.fr"


@given(st.text(max_size=80))
def test_whatever_is_said_gives_a_credible_address_or_none(text: str) -> None:
    for found in addresses(hear(text + " arobase orange point fr")):
        assert re.fullmatch(r"[a-z0-9][^\s@]*@[a-z0-9.-]+\.[a-z]+", found.value)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (
            "sylvain point gauthier arobase courriel tiret nantes point example",
            "sylvain.gauthier@courriel-nantes.example",
        ),
        (
            "c point nguyen lambert tout attaché arobase poste tiret claire point fr",
            "c.nguyenlambert@poste-claire.fr",
        ),
    ],
)
def test_domains_of_words_that_are_said_elsewhere(said: str, address: str) -> None:
    assert [found.value for found in addresses(hear(said))] == [address]


def test_what_may_be_an_ending_goes_on() -> None:
    said = "service arobase impots point gouv point fr ou jean arobase example point fr"
    assert [found.value for found in addresses(hear(said))] == [
        "service@impots.gouv.fr",
        "jean@example.fr",
    ]
