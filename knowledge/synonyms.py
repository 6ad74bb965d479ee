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
import numpy.typing as npt

from knowledge.associations import Rarity
from knowledge.lexical import Scores
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
        self._size = len(texts)
        self._groups = read_groups()
        words: dict[str, list[int]] = defaultdict(list)
        groups: dict[int, list[int]] = defaultdict(list)
        for row, text in enumerate(texts):
            held = {stem(word) for word in content_words(text)}
            for word in held:
                words[word].append(row)
            for group in self._of(held):
                groups[group].append(row)
        self._words = {word: np.array(rows) for word, rows in words.items()}
        self._grouped = {group: np.array(rows) for group, rows in groups.items()}

    def cover(self, wording: str, texts: npt.NDArray[np.int64]) -> Scores:
        """Share (0 to 1) of the wording's rarity that each of some texts covers."""
        said = {stem(word): word for word in content_words(wording)}
        total = np.zeros(self._size)
        weight = 0.0
        for word, spelled in said.items():
            rare = self._rarity.of(spelled)
            weight += rare
            found = np.zeros(self._size)
            for group in self._groups.get(word, ()):
                if group in self._grouped:
                    found[self._grouped[group]] = _BY_GROUP
            if word in self._words:
                found[self._words[word]] = 1.0
            total += rare * found
        return np.asarray(total[texts] / weight if weight else total[texts])

    def _of(self, stems: Iterable[str]) -> set[int]:
        return {group for word in stems for group in self._groups.get(word, ())}
