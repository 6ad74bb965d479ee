"""Writing out words: greedy or beam search over a decoder that gives the likeliest next tokens.

Pure: the decoder is whatever takes tokens and gives probabilities. A draft (the words of an earlier
decoding of the same speech) is read in one step and kept as far as greedy search would have
written the same, so that decoding growing speech again costs little (compare Leviathan et al.,
2023, "Fast Inference from Transformers via Speculative Decoding").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

State = TypeVar("State")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """The likeliest next tokens after each position asked for, best first."""

    tokens: npt.NDArray[np.int64]
    """Shape (beams, positions, count)."""
    logprobs: Floats
    """Natural log-probabilities, same shape."""
    seen: Floats
    """Where in the recording each next token was looked for, shape (beams, positions, ...)."""


class Stepper(Protocol[State]):
    """A decoder. States are values: an old one may be used again."""

    def read(self, state: State, tokens: Sequence[int]) -> tuple[State, Candidates]:
        """Read several tokens after the only beam of a state; the best candidate after each."""
        ...

    def step(
        self, state: State, tokens: Sequence[int], parents: Sequence[int], count: int
    ) -> tuple[State, Candidates]:
        """One token for each beam, which goes on from that of `parents` in the state."""
        ...

    def back(self, state: State, tokens: int) -> State:
        """The state as it was so many tokens ago."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """Tokens written so far, with what each cost and where it was seen."""

    tokens: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    """Of each token, then of the end where it was reached."""
    seen: tuple[Floats, ...] = ()
    """Same length as `logprobs`."""

    def then(self, token: int | None, logprob: float, seen: Floats) -> Hypothesis:
        """With one more token, or ended by `None`."""
        tokens = self.tokens if token is None else (*self.tokens, token)
        return Hypothesis(tokens, (*self.logprobs, logprob), (*self.seen, seen))

    @property
    def total(self) -> float:
        """Log-probability of the whole."""
        return sum(self.logprobs)

    @property
    def average_logprob(self) -> float:
        """Mean over the tokens and the end."""
        return self.total / (len(self.tokens) + 1)


def greedy(
    stepper: Stepper[State],
    state: State,
    first: Candidates,
    *,
    end: int,
    most: int,
    draft: Sequence[int] = (),
) -> Hypothesis:
    """The likeliest token each time, at most `most`; `first` holds the candidates at the start."""
    written = Hypothesis()
    token, logprob, seen = _best(first, first.tokens.shape[1] - 1)
    draft = draft[:most]
    if draft and draft[0] == token:
        state, after = stepper.read(state, draft)
        agreed = 0
        while agreed < len(draft) and draft[agreed] == token:
            written = written.then(token, logprob, seen)
            token, logprob, seen = _best(after, agreed)
            agreed += 1
        state = stepper.back(state, len(draft) - agreed)
    while token != end and len(written.tokens) < most:
        written = written.then(token, logprob, seen)
        state, candidates = stepper.step(state, [token], [0], 1)
        token, logprob, seen = _best(candidates, 0)
    return written.then(None, logprob, seen) if token == end else written


def beam_search(
    stepper: Stepper[State],
    state: State,
    first: Candidates,
    *,
    end: int,
    most: int,
    beams: int,
) -> Hypothesis:
    """The likeliest ending per token among `beams` kept at each step.

    `first` must hold at least `beams` + 1 candidates.
    """
    live = [Hypothesis()]
    ended: list[Hypothesis] = []
    candidates, position = first, first.tokens.shape[1] - 1
    while True:
        grown: list[Hypothesis] = []
        parents: list[int] = []
        for row, token, logprob in _ranked(live, candidates, position):
            seen = candidates.seen[row, position]
            if token == end:
                ended.append(live[row].then(None, logprob, seen))
            elif len(grown) < beams:
                grown.append(live[row].then(token, logprob, seen))
                parents.append(row)
            if len(grown) == beams or len(ended) >= beams:
                break
        live = grown
        if not live or len(ended) >= beams or len(live[0].tokens) >= most:
            break
        tokens = [each.tokens[-1] for each in live]
        state, candidates = stepper.step(state, tokens, parents, beams + 1)
        position = 0
    return max(ended or live, key=lambda each: each.average_logprob)


def _best(candidates: Candidates, position: int) -> tuple[int, float, Floats]:
    return (
        int(candidates.tokens[0, position, 0]),
        float(candidates.logprobs[0, position, 0]),
        candidates.seen[0, position],
    )


def _ranked(
    live: Sequence[Hypothesis], candidates: Candidates, position: int
) -> list[tuple[int, int, float]]:
    """(beam, token, log-probability) of every continuation, the likeliest whole first."""
    found = [
        (each.total + float(logprob), row, int(token), float(logprob))
        for row, each in enumerate(live)
        for token, logprob in zip(
            candidates.tokens[row, position], candidates.logprobs[row, position], strict=True
        )
    ]
    found.sort(key=lambda item: -item[0])
    return [(row, token, logprob) for _, row, token, logprob in found]
