"""Word error rate: what counts as the same word, and how far two texts are apart. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein
from text_to_num import alpha2digit

_APOSTROPHES = re.compile("[’‘ʼ`´′＇]")
_AFTER_APOSTROPHE = re.compile(r"'\s*")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f\u2009.]\d{3})+)(?!\d)")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_NUMBER_LANGUAGES = frozenset({"fr", "en", "de", "es", "it", "nl", "pt"})


def normalise(text: str, language: str = "fr") -> list[str]:
    """The words compared.

    NFC, lower case, typographic apostrophes to ', a space after each apostrophe, œ to oe, % to
    "pour cent", thousands joined, numbers in words to digits, punctuation removed, accents kept.
    """
    text = unicodedata.normalize("NFC", text).lower()
    text = _APOSTROPHES.sub("'", text)
    text = _AFTER_APOSTROPHE.sub("' ", text)
    text = text.replace("œ", "oe").replace("%", " pour cent ")
    text = _THOUSANDS.sub(lambda match: match[1] + re.sub(r"\D", "", match[2]), text)
    text = _in_digits(text, language)
    return _PUNCTUATION.sub(" ", text).split()


def _in_digits(text: str, language: str) -> str:
    if language not in _NUMBER_LANGUAGES:
        return text
    converted: str = alpha2digit(text, language, 0.0)
    return converted


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Edits between what was said and what was heard, over one clip or many."""

    word_edits: int = 0
    words: int = 0
    character_edits: int = 0
    characters: int = 0

    @property
    def wer(self) -> float:
        """Edits a word said. Words heard where none was said are counted against one word."""
        return self.word_edits / max(1, self.words)

    @property
    def cer(self) -> float:
        """Edits a character said, spaces included."""
        return self.character_edits / max(1, self.characters)


def compare(said: str, heard: str, language: str = "fr") -> Errors:
    """The errors of one clip."""
    wanted, found = normalise(said, language), normalise(heard, language)
    wanted_text, found_text = " ".join(wanted), " ".join(found)
    return Errors(
        word_edits=Levenshtein.distance(wanted, found),
        words=len(wanted),
        character_edits=Levenshtein.distance(wanted_text, found_text),
        characters=len(wanted_text),
    )


def pooled(errors: Iterable[Errors]) -> Errors:
    """The errors of many clips, each word counting once."""
    listed = list(errors)
    return Errors(
        word_edits=sum(each.word_edits for each in listed),
        words=sum(each.words for each in listed),
        character_edits=sum(each.character_edits for each in listed),
        characters=sum(each.characters for each in listed),
    )
