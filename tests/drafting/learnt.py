"""What drafters read with, learnt once for all the tests that draft."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from copilot.drafting.houses.reader import HouseReader, learn_houses
from copilot.drafting.people.reader import PeopleReader, learn_people
from copilot.drafting.situations.meaning import SituationReader, learn_situations

MODELS = Path("var/models")


@lru_cache(maxsize=1)
def situations() -> SituationReader:
    return learn_situations(cache=MODELS)


@lru_cache(maxsize=1)
def people() -> PeopleReader:
    return learn_people(MODELS)


@lru_cache(maxsize=1)
def houses() -> HouseReader:
    return learn_houses(MODELS)


def no_situations() -> SituationReader:
    """Reads no meaning, and costs no time: who calls, and whom they want, hang on none."""
    reader = SimpleNamespace(
        requests=SimpleNamespace(read=lambda text: None, reads=lambda text: ""),
        kinds=SimpleNamespace(shares=lambda said: {}),
        answers=None,
        cases=None,
        foresee=lambda cases, wishes: None,
    )
    return cast(SituationReader, reader)
