"""Words that stand for each other on the phone, though neither spelling nor use brings them near.

`mazout` and `fioul`, `cumulus` and `ballon`: `lexicon/synonyms.fr.txt` lists them, a group a line.
A wording covers an entry by its own words, and less by words of their groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from knowledge.associations import Rarity
from knowledge.postings import Postings, Rows, Scores
from knowledge.wording import content_words, stem

_BY_GROUP = 0.7
"""What a word of the same group counts, beside 1 for the word itself."""

Groups = dict[str, frozenset[int]]


@cache
def read_groups() -> Groups:
    """The groups that each stem belongs to, of the lexicon that comes with the package."""
    text = files("knowledge").joinpath("lexicon/synonyms.fr.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    belongs: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(lines):
        for word in content_words(line.replace("-", " ")):
            belongs[stem(word)].add(number)
    return {word: frozenset(numbers) for word, numbers in belongs.items()}


class SynonymIndex:
    """Texts by their words and by the groups of these; one text an entry. Immutable."""

    def __init__(self, texts: Sequence[str], rarity: Rarity) -> None:
        self._rarity = rarity
        self._groups = read_groups()
        held = [{stem(word) for word in content_words(text)} for text in texts]
        self._words = Postings(dict.fromkeys(words, 1.0) for words in held)
        self._grouped = Postings(dict.fromkeys(self._of(words), 1.0) for words in held)

    def cover(self, wording: str, texts: Rows) -> Scores:
        """Share (0 to 1) of the wording's rarity that each of some texts (sorted) covers."""
        said = {stem(word): word for word in content_words(wording)}
        total = np.zeros(len(texts))
        weight = 0.0
        for word, spelled in said.items():
            rare = self._rarity.of(spelled)
            weight += rare
            found = np.zeros(len(texts))
            for group in self._groups.get(word, ()):
                found[self._grouped.among(str(group), texts)[0]] = _BY_GROUP
            found[self._words.among(word, texts)[0]] = 1.0
            total += rare * found
        return np.asarray(total / weight if weight else total)

    def _of(self, stems: Iterable[str]) -> set[str]:
        return {str(group) for word in stems for group in self._groups.get(word, ())}
