"""Which of the two languages of this house a text is in, by its small words. Pure."""

# ruff: noqa: SIM905
from __future__ import annotations

import re
from typing import Literal

from copilot.drafting.speech import fold

FRENCH = frozenset(
    """
    le la les un une des du de et est sont que qui pour pas ne ce cette ces son sa ses il
    elle on nous vous ils elles je mon ma mes votre vos notre nos dans sur avec par au aux
    plus mais ou donc car si se etre avoir a ete sera demande souhaite appelle bonjour merci
    """.split()
)
ENGLISH = frozenset(
    """
    the an of and is are was were that who for not this these his her he she we you they
    my your our in with by at to it its but or so if be been has have had will would
    wants asks called calls about from please hello thank thanks dear regards
    """.split()
)
ENOUGH = 2
"""Small words by which one language must lead."""


def language_of(text: str) -> Literal["fr", "en"] | None:
    """`fr` or `en`; None when the text does not tell."""
    words = re.findall(r"[a-z]+", fold(text))
    lead = sum(word in FRENCH for word in words) - sum(word in ENGLISH for word in words)
    if lead >= ENOUGH:
        return "fr"
    return "en" if lead <= -ENOUGH else None
