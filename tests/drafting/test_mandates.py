"""Whom a caller speaks for, as they say who they are."""

from __future__ import annotations

import pytest

from copilot.drafting.mandates import on_behalf
from copilot.drafting.speech import hear


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("c'est la maman de lucas", "Lucas"),
        ("je suis la fille de madame petit", "Petit"),
        ("je suis la tutrice d'Odette Marchal", "Odette Marchal"),
        ("je suis le fils de morel", "Morel"),
        ("bonsoir c'est yvette blin la voisine de marcel gaudin à Orbec", "Marcel Gaudin"),
    ],
)
def test_kin_of_somebody(said: str, who: str) -> None:
    assert on_behalf(hear(said)) == who


@pytest.mark.parametrize(
    "said",
    [
        "bonjour je suis l'infirmière de nuit",
        "je suis le chef d'équipe",
        "c'est le gardien de l'immeuble",
        "je suis la secrétaire de garde",
        "c'est le gardien du vingt-deux",
    ],
)
def test_a_trade_is_nobody_s(said: str) -> None:
    assert on_behalf(hear(said)) is None
