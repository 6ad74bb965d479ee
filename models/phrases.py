"""Whether a phrase sounds finished, from its words: how long to wait before it is over. Pure."""

from __future__ import annotations

import re

from models.segmenter import Phrase

_OPEN_ENDS_TEXT = """
à au aux avec car ce ces cette c'est chez comme d' dans de depuis des donc
    du elle en est et
    euh heu hum il ils j' j'ai je jusqu'à l' la le les leur ma mais mes mon monsieur madame
    mademoiselle n' ne nos notre nous numéro ou on par parce pour puis qu' que quel quelle qui
    quand sa sans ses si son sur tes ton très tu un une vers vos votre vous y alors
    a an and at because but by for from her his i i'm in is it it's my of on or our so that the
    their this to um uh was we with your mister mrs number"""
_OPEN_ENDS = frozenset(_OPEN_ENDS_TEXT.split())
_DIGITS_TAIL = re.compile(r"(\d[\s.,\-]*){2,}$")
_SPELLED_TAIL = re.compile(
    r"(?:^|[\s,.\-])(?:[a-zà-ÿ][\s,.\-]+){1,}[a-zà-ÿ][\s,.\-]*$", re.IGNORECASE
)
_NUMBERS_TEXT = """
zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze
    quinze
    seize vingt trente quarante cinquante soixante cent double triple plus arobase point tiret
    zero one two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy
    eighty ninety hundred oh dot dash"""
_NUMBER_WORDS = frozenset(_NUMBERS_TEXT.split())
_PHONE_DIGITS = 10
_TWO_READINGS = re.compile(r"(?<!\d)(?:60|80)[\s.,\-]+1\d(?!\d)")
"""Ninety-nine is dictated "quatre-vingt, dix-neuf": four digits written, two or four said."""


SURE_LOGPROB = -0.45
"""Words less likely than this (mean log-probability) do not tell that a phrase is complete."""


def phrase_of(text: str, *, logprob: float = 0.0) -> Phrase:
    """Judge the words so far: `open` inside a number, a spelling or a construction."""
    words = text.lower().replace("’", "'").split()
    if not words:
        return "unsure"
    last = words[-1].rstrip(".,;:!?…")
    if _dictating(text, words) or last in _OPEN_ENDS or last.endswith("'"):
        return "open"
    if text.rstrip().endswith(("…", ",", "-")):
        return "open" if text.rstrip().endswith(("…", "-")) else "unsure"
    ended = text.rstrip().endswith((".", "?", "!")) and len(words) > 2
    return "complete" if ended and logprob >= SURE_LOGPROB else "unsure"


def _dictating(text: str, words: list[str]) -> bool:
    """In the middle of a number, a spelled name or an address being dictated."""
    tail = _DIGITS_TAIL.search(text.rstrip(" .,;"))
    if tail:
        digits = sum(char.isdigit() for char in tail.group())
        return digits != _PHONE_DIGITS or bool(_TWO_READINGS.search(tail.group()))
    if _SPELLED_TAIL.search(text):
        return True
    spoken = [word.strip(".,;:!?…") for word in words[-2:]]
    return len(spoken) == 2 and all(word in _NUMBER_WORDS for word in spoken)
