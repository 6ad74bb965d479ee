"""One utterance, as the readers of this package see it.

The recogniser writes hesitations, typographic apostrophes and ligatures. `hear` removes the
hesitations and gives two strings of equal length: `text` to quote from and `folded` (lower case,
no accents) to search in, so that an offset found in one is valid in the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HESITATIONS = re.compile(
    r"(?:,\s*)?(?<![\w'-])(?:euh+|heu+|hum+|hmm+|mmh+|ben|bah|hein|pff+)(?![\w'-])"
    r"(?:\s*(?:,|\.\.\.|…))?",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+'?|\d+|@")


SONS = re.compile(
    r"\s*(?:salah|ali|ahmed|said|youssef|amor|amar|ammar|brahim|mohamed|slimane|hassine|hassen|achour"
    r"|mansour|romdhane|younes|khalifa|hamida|jemaa|abdallah|abdelkader|moussa|omar|othman|rejeb|cheikh"
    r"|hamouda|aissa|lakhdar|larbi|miloud|nasr|tahar|yahia|chaabane|daoud|kacem|messaoud|naceur|soltane"
    r"|taleb|arous|arfa|barka|attia|jelloun|barek|hamed|hamou|malek|ayed|salem|zid|mustapha|lahcen)\b",
    re.IGNORECASE,
)
TITLED = re.compile(
    r"\b(?:madame|monsieur|mademoiselle|mme|docteur|maître|maitre)\s+$", re.IGNORECASE
)


def _unless_a_name(match: re.Match[str]) -> str:
    """ "Ben" is a hesitation, save before what follows it in surnames ("Ben Salah")."""
    if match.group().strip(" ,.…").lower() == "ben":
        following = match.string[match.end() :]
        after_title = TITLED.search(match.string[: match.start()])
        if SONS.match(following) or (after_title and re.match(r"\s+[^\W\d_]{4,}", following)):
            return match.group()
    return " "


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance cleaned of hesitations. `len(text) == len(folded)`."""

    text: str
    folded: str

    def cut(self, start: int, end: int) -> Speech:
        """The stretch between two offsets."""
        return Speech(self.text[start:end], self.folded[start:end])


@dataclass(frozen=True, slots=True)
class Word:
    """A word, an elided word ("l'"), a run of digits or an at sign."""

    text: str
    norm: str
    start: int
    end: int
    gap: str
    """What stands between this word and the next: "", " ", ", ", "-", ". "..."""

    @property
    def breaks(self) -> bool:
        """A pause or the end of a sentence follows."""
        return any(mark in self.gap for mark in ",;:.?!…")

    @property
    def ends_sentence(self) -> bool:
        return any(mark in self.gap for mark in ".?!…;")


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def fold(text: str) -> str:
    """Lower case without accents, same length as `text`."""
    return "".join(map(_fold_character, text))


def plain(text: str) -> str:
    """For comparing: lower case, no accents, no punctuation, single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(_without_ligatures(text))))


def _without_ligatures(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for old, new in (("œ", "oe"), ("Œ", "Oe"), ("æ", "ae"), ("ß", "ss")):
        text = text.replace(old, new)
    for apostrophe in "’ʼ`´‘":
        text = text.replace(apostrophe, "'")
    for dash in "‐‑‒–—":
        text = text.replace(dash, "-")
    return text


@lru_cache(maxsize=512)
def hear(text: str) -> Speech:
    """Clean an utterance. Offsets refer to the cleaned text, not to `text`."""
    cleaned = _without_ligatures(text)
    cleaned = HESITATIONS.sub(_unless_a_name, cleaned)
    cleaned = re.sub(r"\s+", " ", cleaned)
    cleaned = re.sub(r"' (?=\w)", "'", cleaned).strip()
    cleaned = re.sub(r"\s+([,.])", r"\1", cleaned).lstrip(",. ")
    return Speech(cleaned, fold(cleaned))


def words(speech: Speech) -> list[Word]:
    """The words in order, each with what separates it from the next."""
    found = list(WORD.finditer(speech.folded))
    result = []
    for index, match in enumerate(found):
        after = found[index + 1].start() if index + 1 < len(found) else len(speech.folded)
        result.append(
            Word(
                speech.text[match.start() : match.end()],
                match.group(),
                match.start(),
                match.end(),
                speech.folded[match.end() : after],
            )
        )
    return result
