"""An utterance as it is compared: without the opening greeting nor what is dictated."""

from __future__ import annotations

import re

from copilot.drafting.speech import fold

LEAST_WORDS = 4
"""Shorter utterances tell too little by themselves."""
LEAST_BESIDE_SPELLING = 8
"""Words an utterance that spells must hold besides, to tell anything."""
_GREETING = re.compile(
    r"^(?:(?:oui|allo|bonjour|bonsoir|madame|monsieur|mademoiselle|alors|voila|ah|oh|ben|bah|ouais"
    r"|dites|donc|la|euh|excusez[- ]moi|pardon)\b[\s,.!]*)+"
)
_DICTATED = re.compile(r"(?<!\w)(?:(?:[a-z]|\d+)[\s,.-]+){2,}(?:[a-z]|\d+)(?!\w)")


def spoken(text: str) -> str:
    """Lower case; "" when it spells or dictates and says little beside."""
    greeting = _GREETING.match(fold(text))
    said = text[greeting.end() if greeting else 0 :].lower().strip() or text.lower()
    told, spelled = _DICTATED.subn(" ", said)
    return "" if spelled and len(told.split()) < LEAST_BESIDE_SPELLING else told.strip()
