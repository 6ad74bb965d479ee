"""What drafts read meanings with: requests told in any words, what a whole call asks for, and
cases of a client's rules.

One a process, for every call and thread. All are learnt from texts of this package; what takes
minutes to learn is kept (docs/adr/0225 to 0227).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.drafting.situations.answers import AnswerReader, learn_answers
from copilot.drafting.situations.callkinds import KindReader, learn_kinds
from copilot.drafting.situations.cases import CaseReader, learn_cases
from copilot.drafting.situations.requested import RequestReader, learn_requests
from models.embeddings import GEMMA, UNIVERSAL, Embedder, brief, load_embedder
from models.remembering import RememberingEmbedder


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationReader:
    """Thread-safe."""

    requests: RequestReader
    kinds: KindReader
    answers: AnswerReader
    cases: CaseReader
    embedders: tuple[RememberingEmbedder, RememberingEmbedder]
    """What the readers embed with; wishes with the second alone."""

    def foresee(self, cases: Sequence[str], wishes: Sequence[str]) -> None:
        """Begin to embed what is about to be read as cases and as what is wanted, if anything;
        returns at once."""
        costly, cheap = self.embedders
        for text in cases:  # each by a thread of its own
            costly.foresee([text])
        cheap.foresee([*cases, *wishes])


def learn_situations(
    embedders: Sequence[Embedder] | None = None, cache: Path | None = None
) -> SituationReader:
    """Takes minutes the first time, seconds afterwards: call it from a worker thread.

    `embedders` are a packaged model and the Universal Sentence Encoder, in this order, where they
    are loaded already. `cache` is a folder where what was learnt is kept from one start to the
    next.
    """
    packaged, universal = embedders or packaged_embedders(cache)
    first, second = RememberingEmbedder(brief(packaged)), RememberingEmbedder(universal)
    vectors = cache / "embeddings" if cache else None
    return SituationReader(
        requests=learn_requests(second, vectors),
        kinds=learn_kinds(second, vectors),
        answers=learn_answers(vectors),
        cases=learn_cases((first, second), cache),
        embedders=(first, second),
    )


def packaged_embedders(cache: Path | None) -> tuple[Embedder, Embedder]:
    """Loaded anew. Raises EmbeddingError."""
    folder = cache / "embeddings" if cache else None
    return load_embedder(GEMMA, folder=folder), load_embedder(UNIVERSAL)
