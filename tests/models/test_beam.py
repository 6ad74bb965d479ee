"""Greedy and beam search over a made-up language of which every probability is known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.beam import Candidates, beam_search, greedy

END = 0
WORDS = 5


@dataclass
class Language:
    """Probabilities of the next token, drawn from the tokens before; states are these tokens."""

    seed: int = 0
    steps: int = 0
    read_at_once: list[int] = field(default_factory=list)

    def odds(self, before: tuple[int, ...]) -> list[float]:
        chance = np.random.default_rng([self.seed, *before])
        weights = chance.exponential(1.0, WORDS)
        # The longer, the likelier to end.
        weights[END] *= 0.3 + len(before)
        total = float(weights.sum())
        return [math.log(float(weight) / total) for weight in weights]

    def candidates(self, beams: Sequence[Sequence[tuple[int, ...]]], count: int) -> Candidates:
        tokens, logprobs, seen = [], [], []
        for positions in beams:
            ranked = [
                sorted(enumerate(self.odds(before)), key=lambda item: -item[1])[:count]
                for before in positions
            ]
            tokens.append([[token for token, _ in row] for row in ranked])
            logprobs.append([[logprob for _, logprob in row] for row in ranked])
            seen.append([[float(len(before))] for before in positions])
        return Candidates(
            tokens=np.array(tokens, np.int64),
            logprobs=np.array(logprobs, np.float32),
            seen=np.array(seen, np.float32),
        )

    State = list[tuple[int, ...]]

    def begin(self, count: int) -> tuple[State, Candidates]:
        return [()], self.candidates([[()]], count)

    def read(self, state: State, tokens: Sequence[int]) -> tuple[State, Candidates]:
        self.read_at_once.append(len(tokens))
        (before,) = state
        grown = [(*before, *tokens[: index + 1]) for index in range(len(tokens))]
        return [grown[-1]], self.candidates([grown], 1)

    def step(
        self, state: State, tokens: Sequence[int], parents: Sequence[int], count: int
    ) -> tuple[State, Candidates]:
        self.steps += 1
        grown = [(*state[parent], token) for parent, token in zip(parents, tokens, strict=True)]
        return grown, self.candidates([[before] for before in grown], count)

    def back(self, state: State, tokens: int) -> State:
        (before,) = state
        return [before[: len(before) - tokens]]


def test_greedy_takes_the_likeliest_token_each_time() -> None:
    language = Language()
    state, first = language.begin(1)
    found = greedy(language, state, first, end=END, most=20)
    for index, token in enumerate((*found.tokens, END)):
        odds = language.odds(found.tokens[:index])
        assert odds[token] == max(odds)
        assert found.logprobs[index] == pytest.approx(odds[token], abs=1e-5)
        assert found.seen[index] == [index]
    assert len(found.logprobs) == len(found.tokens) + 1


@given(st.integers(0, 200), st.lists(st.integers(1, WORDS - 1), max_size=8), st.integers(0, 8))
def test_a_draft_changes_nothing_but_the_work(seed: int, wrong: list[int], right: int) -> None:
    plain = Language(seed)
    state, first = plain.begin(1)
    expected = greedy(plain, state, first, end=END, most=12)
    drafted = Language(seed)
    state, first = drafted.begin(1)
    draft = [*expected.tokens[:right], *wrong]
    found = greedy(drafted, state, first, end=END, most=12, draft=draft)
    assert found.tokens == expected.tokens
    assert found.logprobs == expected.logprobs
    assert [each.tolist() for each in found.seen] == [each.tolist() for each in expected.seen]
    assert drafted.steps <= plain.steps


def test_a_right_draft_is_read_in_one_step() -> None:
    language = Language(3)
    state, first = language.begin(1)
    expected = greedy(language, state, first, end=END, most=12)
    assert expected.tokens
    again = Language(3)
    greedy(again, state, first, end=END, most=12, draft=expected.tokens)
    assert again.steps == 0
    assert again.read_at_once == [len(expected.tokens)]


@pytest.mark.parametrize("seed", range(30))
def test_a_wide_beam_finds_the_likeliest_text(seed: int) -> None:
    most = 4
    language = Language(seed)
    texts = [
        text for size in range(1, most) for text in itertools.product(range(1, WORDS), repeat=size)
    ]

    def average(text: tuple[int, ...]) -> float:
        whole = (*text, END)
        odds = (language.odds(whole[:index])[token] for index, token in enumerate(whole))
        return sum(odds) / len(whole)

    state, first = language.begin(WORDS)
    forbidden = first.tokens[0, 0] != END
    first = Candidates(
        tokens=first.tokens[:, :, forbidden],
        logprobs=first.logprobs[:, :, forbidden],
        seen=first.seen,
    )
    found = beam_search(language, state, first, end=END, most=most, beams=400)
    assert found.average_logprob == pytest.approx(max(map(average, texts)), abs=1e-5)


def test_what_never_ends_is_cut() -> None:
    class Endless(Language):
        def odds(self, before: tuple[int, ...]) -> list[float]:
            return [-50.0, *super().odds(before)[1:]]

    language = Endless()
    state, first = language.begin(3)
    assert len(greedy(language, state, first, end=END, most=7).tokens) == 7
    assert len(beam_search(language, state, first, end=END, most=7, beams=2).tokens) == 7
