"""Texts separated in two, kept and read again."""

from __future__ import annotations

import numpy as np
import pytest

from copilot.drafting.situations.separation import Separation

WET = ["l'eau coule partout", "ça coule du plafond", "l'eau monte dans la cave"]
DRY = ["je voudrais un devis", "un devis pour la cave", "je voudrais un rendez-vous"]


def learnt() -> Separation:
    return Separation.learn([*WET, *DRY], [True] * 3 + [False] * 3, [1.0] * 6)


def test_texts_are_told_apart() -> None:
    odds = learnt().odds(["l'eau coule du plafond", "je voudrais un devis pour demain", ""])
    assert odds[0] > 0 > odds[1]


def test_what_is_kept_reads_the_same() -> None:
    first = learnt()
    again = Separation.read("told", first.arrays("told"))
    assert again.odds(WET + DRY) == pytest.approx(first.odds(WET + DRY))


def test_what_lacks_is_no_separation() -> None:
    kept = learnt().arrays("told")
    del kept["told_slopes"]
    with pytest.raises(KeyError):
        Separation.read("told", kept)


def test_what_counts_for_nothing_teaches_nothing() -> None:
    texts, of = [*WET, *DRY], [True] * 3 + [False] * 3
    plain = Separation.learn(texts, of, [1.0] * 6).odds(WET)
    more = Separation.learn([*texts, *DRY], [*of, *[True] * 3], [1.0] * 6 + [0.0] * 3).odds(WET)
    assert np.all(plain > 0) and np.all(more > 0)
