"""Whisper's tokens: prompts, languages, words and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ModelDamagedError

if TYPE_CHECKING:
    import tokenizers

VOCABULARY_TOKENS = 80
"""Of the 223 of the prompt slot; a handful of names fit."""


class WhisperTokens:
    """The tokenizer of a model. Raises `ModelDamagedError` when it cannot be read."""

    def __init__(self, folder: Path, *, multilingual: bool) -> None:
        import tokenizers

        try:
            self._tokens: tokenizers.Tokenizer = tokenizers.Tokenizer.from_file(
                str(folder / "tokenizer.json")
            )
        except Exception as error:
            raise ModelDamagedError(f"cannot read the tokenizer in {folder}: {error}") from error
        self.multilingual = multilingual

    @cached_property
    def end(self) -> int:
        """What ends a text; all tokens after it are signs, not text."""
        return self.id("<|endoftext|>")

    @cached_property
    def start(self) -> int:
        """What starts a text."""
        return self.id("<|startoftranscript|>")

    @cached_property
    def blank(self) -> int:
        """A space, which must not be the first token."""
        return self.id("Ġ")

    @cached_property
    def no_speech(self) -> int:
        """What the model writes first when nobody speaks."""
        found = self._tokens.token_to_id("<|nospeech|>")
        return self.id("<|nocaptions|>") if found is None else int(found)

    @cached_property
    def size(self) -> int:
        """How many tokens there are."""
        return int(self._tokens.get_vocab_size(with_added_tokens=True))

    def id(self, token: str) -> int:
        """The number of a token."""
        found = self._tokens.token_to_id(token)
        if found is None:
            raise ModelDamagedError(f"the speech model's tokenizer has no {token}")
        return int(found)

    def piece(self, token: int) -> str:
        """How a token is spelled in the vocabulary."""
        return self._tokens.id_to_token(token) or ""

    def spelled(self, token: int) -> bytes:
        """The bytes a token writes."""
        letters = _byte_of_letter()
        return bytes(letters[letter] for letter in self.piece(token))

    def ids(self, text: str) -> list[int]:
        """The tokens of a text."""
        found: list[int] = self._tokens.encode(text, add_special_tokens=False).ids
        return found

    def text(self, ids: Sequence[int]) -> str:
        """The text of some tokens."""
        return str(self._tokens.decode([each for each in ids if each < self.end])).strip()

    def opening(self, language: str) -> list[int]:
        """What tells the model to write down `language`, time marks left out."""
        if not self.multilingual:
            return [self.start]
        return [self.start, self.id(f"<|{language}|>"), self.id("<|transcribe|>")]

    def prompt(self, language: str, vocabulary: Iterable[str] = ()) -> list[int]:
        """The opening, after names to expect."""
        opening = [*self.opening(language), self.id("<|notimestamps|>")]
        names = self._names(vocabulary)
        return [self.id("<|startofprev|>"), *names, *opening] if names else opening

    def word_spans(self, ids: Sequence[int]) -> list[tuple[str, int, int]]:
        """Words with the half-open range of their tokens. A word starts at a space."""
        spans: list[tuple[int, int]] = []
        for index, token in enumerate(ids):
            if self.piece(token).startswith("Ġ") or not spans:
                spans.append((index, index + 1))
            else:
                spans[-1] = (spans[-1][0], index + 1)
        return [(self.text(ids[a:b]), a, b) for a, b in spans]

    def _names(self, vocabulary: Iterable[str]) -> list[int]:
        """As many terms, first ones first, as the bias may hold."""
        tokens: list[int] = []
        for term in vocabulary:
            more = self.ids(f" {term}," if tokens else f" {term}")
            if len(tokens) + len(more) > VOCABULARY_TOKENS:
                break
            tokens += more
        return tokens


@lru_cache(maxsize=1)
def _byte_of_letter() -> dict[str, int]:
    """The letter that stands for each byte in the vocabulary (GPT-2's byte-level alphabet)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {chr(byte): byte for byte in plain}
    return letters | {chr(256 + index): byte for index, byte in enumerate(others)}
