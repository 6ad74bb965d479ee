"""Whether the caller reached somebody else than they meant to."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re

from copilot.drafting.categories import is_wrong_number
from copilot.drafting.speech import Speech

PLACED = re.compile(
    r"\b(?:vous (?:etes|avez (?:appele|fait|compose|joint))(?: bien| ici)? (?:chez|a la|a l'|au|dans|un|une|la|le|l')"
    r"|ici (?:c'est|vous etes|on est)|c'est (?:un|une|le|la|l') [^?]{3,40} ici|nous sommes (?:un|une))\b"
    r"|\bvous (?:etes|avez (?:appele|joint)) (?:a l'|l')"
)
"""The operator tells the caller where they are, after the greeting."""
SORRY = re.compile(
    r"\b(?:pardon|excus\w*|desolee?|mince|zut|oups|confuse?|gouree?|tromp\w+|recompos\w*|mauvaise? (?:numero|touche|ligne|nom)"
    r"|de travers|sans blague|au lieu d[ue]|c'est pas|c'etait pas|ah bon|oh la la|autant pour moi)\b"
)
SAME_HOUSE = re.compile(r"\b(?:oui|exact\w*|c'est (?:bien )?ca|justement|je sais)\b")


class Mistaken:
    """A wrong number, over the turns of a call."""

    def __init__(self) -> None:
        self.said = False
        """The caller reached somebody they did not mean to."""
        self._turns = 0
        self._placed = 0
        """The caller's turn after which the operator told them where they are."""

    def operator_says(self, speech: Speech) -> None:
        """Note that the operator says whose telephone this is."""
        if self._turns and self._turns <= LATEST and PLACED.search(speech.folded):
            self._placed = self._turns

    def caller_says(self, speech: Speech, *, dictating: bool) -> None:
        """Read an utterance; `dictating` tells that a number is being given."""
        self._turns += 1
        if self.said or dictating:
            return
        outright = self._turns <= LATEST_SAID and is_wrong_number(speech.folded)
        answers = self._placed and self._turns - self._placed <= 1
        surprised = SORRY.search(speech.folded) and not SAME_HOUSE.match(speech.folded)
        self.said = outright or bool(answers and surprised)


LATEST = 2
"""Turns of the caller after which being told the place is about something else."""
LATEST_SAID = 4
