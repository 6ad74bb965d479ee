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
CORRECTED = re.compile(
    r"\bvous (?:faites (?:une )?erreur|vous (?:etes )?tromp\w+|avez (?:fait|compose) (?:un|le) (?:faux|mauvais) numero|avez (?:du|sans doute|certainement) (?:\w+ )?(?:fai(?:re|t) (?:un |le )?(?:faux|mauvais)|tromper|intervertir|confondre))"
    r"|^(?:(?:ah|oh|euh|mais|desolee?)[ ,]+)*(?:non|pas du tout)\b[ ,]*(?:(?:madame|monsieur|pas du tout|desolee?|vous savez)[ ,]+)*(?:ici (?:c'est|vous etes|on)|vous etes (?:a l'|a la|au|aux|chez|dans|sur|ici)|c'est (?:un|une|le|la|l')\b[^?]{3,40}\bici)"
    r"|\b(?:c'est|ce n'est) (?:un|pas le) (?:faux|mauvais|bon) numero\b"
)
"""The operator says outright that the caller reached somebody else."""
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
        if not self._turns or self._turns > LATEST:
            return
        if CORRECTED.search(speech.folded) and "?" not in speech.folded:
            self.said = True
        if PLACED.search(speech.folded):
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
