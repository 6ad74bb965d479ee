"""Asking an endpoint that answers well, badly, late or never."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from models.languagemodel.breaker import Breaker
from models.languagemodel.chat import ChatModel, Question
from models.languagemodel.endpoint import BadEndpointError, ChatEndpoint
from models.languagemodel.errors import (
    BusyError,
    LanguageModelError,
    OverloadedError,
    RefusedError,
    RestingError,
    TooSlowError,
    UnreachableError,
    UnreadableError,
)
from tests.languagemodel.scripted import (
    Behaviour,
    ScriptedServer,
    answers,
    cut_off,
    hangs_up,
    only_formats,
    pours,
    scripted_server,
    sends,
    waits,
)
from tests.servers import free_port

KEY = "sk-secret-of-the-house"
QUESTION = Question(instructions="Say it.", data="{}")
WELL = {"text": "une fuite"}


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


@asynccontextmanager
async def asking(
    *behaviours: Behaviour, breaker: Breaker | None = None, **endpoint: Any
) -> AsyncIterator[tuple[ChatModel, ScriptedServer]]:
    async with scripted_server(*behaviours) as server:
        place = ChatEndpoint(
            **{"url": server.url, "model": "scripted", "key": KEY, "timeout_s": 5.0, **endpoint}
        )
        async with ChatModel(place, breaker=breaker).running() as model:
            yield model, server


async def test_the_question_and_the_answer() -> None:
    async with asking(answers(WELL)) as (model, server):
        assert await model.ask(QUESTION, Told) == Told(text="une fuite")
    (asked,) = server.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "scripted" and asked.body["stream"] is False
    assert asked.body["response_format"]["json_schema"]["strict"] is True
    assert asked.instructions.startswith("Say it.") and asked.data == "{}"
    assert "text" in asked.instructions  # the schema, for servers that ignore the format


@pytest.mark.parametrize(
    ("known", "tries"), [(("json_object",), 2), (("none",), 3), (("json_schema",), 1)]
)
async def test_an_endpoint_that_knows_less_is_asked_so_from_then_on(
    known: tuple[str, ...], tries: int
) -> None:
    async with asking(only_formats(*known, then=answers(WELL))) as (model, server):
        await model.ask(QUESTION, Told)
        assert len(server.asked) == tries
        await model.ask(QUESTION, Told)
        assert len(server.asked) == tries + 1
        assert server.asked[-1].format == known[0]


@pytest.mark.parametrize(
    "content",
    [
        '```json\n{"text": "une fuite"}\n```',
        '<think>{"text": 1} or {"texte": "?"}</think> Voici : {"text": "une fuite"} Merci !',
        '{"text": "une fuite"}{"autre": {}}',
    ],
)
async def test_the_answer_is_found_among_other_words(content: str) -> None:
    async with asking(answers(content)) as (model, _):
        assert (await model.ask(QUESTION, Told)).text == "une fuite"


@pytest.mark.parametrize(
    "behaviour",
    [
        answers("une fuite"),
        answers({"texte": "une fuite"}),
        answers({"text": ["une fuite"]}),
        answers(WELL, finish="length"),
        answers(""),
        answers("{" * 5000),
        sends(b"[" * 100_000),
        sends(b"not json"),
        sends(b'{"choices": []}'),
        sends(b'{"choices": [{"message": {"content": null}}]}'),
        sends(b"x" * 300_000),
        pours(),
        sends(b"\x1f\x8b\x08\x00garbage", Content_Encoding="gzip"),
    ],
)
async def test_an_answer_that_is_none(behaviour: Behaviour) -> None:
    async with asking(behaviour) as (model, _):
        with pytest.raises(UnreadableError):
            await model.ask(QUESTION, Told)


async def test_an_answer_without_end_is_let_go_in_time() -> None:
    async with asking(pours(b" ", pause_s=0.02), timeout_s=0.3) as (model, _):
        async with asyncio.timeout(3):
            with pytest.raises(TooSlowError):
                await model.ask(QUESTION, Told)


@pytest.mark.parametrize("behaviour", [hangs_up, cut_off])
async def test_a_line_that_breaks_is_tried_once_more(behaviour: Behaviour) -> None:
    async with asking(behaviour, answers(WELL)) as (model, server):
        assert (await model.ask(QUESTION, Told)).text == "une fuite"
        assert len(server.asked) == 2


async def test_nobody_at_the_address() -> None:
    place = ChatEndpoint(url=f"http://127.0.0.1:{free_port()}/v1", model="m", timeout_s=5)
    async with ChatModel(place).running() as model:
        with pytest.raises(UnreachableError):
            await model.ask(QUESTION, Told)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Oh", "503 Later"])
async def test_overloaded_is_tried_once_more_as_it_asks(status: str) -> None:
    later = sends(b"", status=status, Retry_After="0")
    async with asking(later, answers(WELL), later) as (model, server):
        assert (await model.ask(QUESTION, Told)).text == "une fuite"
        with pytest.raises(OverloadedError):
            await model.ask(QUESTION, Told)
        assert len(server.asked) == 4


async def test_asked_to_come_back_much_later_it_does_not_wait() -> None:
    later = sends(b"", status="429 Later", Retry_After="3600")
    async with asking(later, timeout_s=0.3) as (model, server):
        with pytest.raises(TooSlowError):
            await model.ask(QUESTION, Told)
        assert len(server.asked) == 1


async def test_a_wrong_key_is_not_tried_again() -> None:
    async with asking(sends(b"", status="401 Unauthorized")) as (model, server):
        with pytest.raises(RefusedError):
            await model.ask(QUESTION, Told)
        assert len(server.asked) == 1


async def test_redirections_are_not_followed() -> None:
    elsewhere = sends(b"", status="307 Elsewhere", Location="http://127.0.0.1:9/v1")
    async with asking(elsewhere) as (model, _):
        with pytest.raises(RefusedError):
            await model.ask(QUESTION, Told)


async def test_a_few_at_once_some_wait_the_next_is_turned_away() -> None:
    released = asyncio.Event()
    behaviour = waits(released, answers(WELL))
    async with asking(behaviour, concurrency=2, waiting=3) as (model, server):
        asked = [asyncio.create_task(model.ask(QUESTION, Told)) for _ in range(6)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        (turned_away,) = done
        assert isinstance(turned_away.exception(), BusyError)
        released.set()
        answered = await asyncio.gather(*(task for task in asked if task is not turned_away))
        assert len(answered) == 5
        assert server.most_together == 2
        assert model.state == "ready"  # being busy says nothing of its health


async def test_failing_it_is_left_alone_then_tried_once() -> None:
    now_s = [0.0]
    behaviours = [sends(b"", status="401 No")] * 4 + [answers(WELL)]
    async with scripted_server(*behaviours) as server:
        place = ChatEndpoint(url=server.url, model="m", timeout_s=5)
        chat = ChatModel(place, breaker=Breaker(failures=3, rest_s=30), clock=lambda: now_s[0])
        async with chat.running() as model:
            for _ in range(3):
                with pytest.raises(RefusedError):
                    await model.ask(QUESTION, Told)
            assert model.state == "unavailable"
            with pytest.raises(RestingError):
                await model.ask(QUESTION, Told)
            now_s[0] = 31.0
            with pytest.raises(RefusedError):
                await model.ask(QUESTION, Told)
            now_s[0] = 62.0  # the rest has doubled
            with pytest.raises(RestingError):
                await model.ask(QUESTION, Told)
            now_s[0] = 92.0
            assert await model.ask(QUESTION, Told)
            assert not model._breaker.is_open
        assert len(server.asked) == 5


async def test_whoever_leaves_early_leaves_the_trial_to_the_next() -> None:
    released = asyncio.Event()
    async with asking(waits(released, answers(WELL)), breaker=Breaker(failures=1, rest_s=0)) as (
        model,
        server,
    ):
        model._breaker.failed(0.0)
        leaving = asyncio.create_task(model.ask(QUESTION, Told))
        async with asyncio.timeout(5):
            while not server.asked:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        released.set()
        assert await model.ask(QUESTION, Told)


async def test_the_key_and_the_words_never_enter_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    question = Question(instructions="Say it.", data=json.dumps({"said": "secret médical"}))
    async with asking(
        sends(b"", status="500 No", Retry_After="0"), breaker=Breaker(failures=1)
    ) as (
        model,
        _,
    ):
        with pytest.raises(LanguageModelError) as failure:
            await model.ask(question, Told)
        told = caplog.text + repr(model.endpoint) + str(failure.value) + repr(failure.value)
    assert KEY not in told and "secret médical" not in told
    assert "left alone" in caplog.text


@pytest.mark.parametrize(
    "endpoint",
    [
        {"url": "ftp://host/v1", "model": "m"},
        {"url": "http://", "model": "m"},
        {"url": "http://me:secret@host/v1", "model": "m"},
        {"url": "http://host/v1", "model": ""},
    ],
)
def test_an_endpoint_that_cannot_be(endpoint: dict[str, Any]) -> None:
    with pytest.raises(BadEndpointError):
        ChatEndpoint(**endpoint)


@pytest.mark.parametrize(
    ("url", "in_clear"),
    [
        ("http://127.0.0.1:8080/v1", False),
        ("http://[::1]/v1", False),
        ("http://localhost/v1", False),
        ("https://models.example.com/v1", False),
        ("http://models.example.com/v1", True),
        ("http://192.0.2.7/v1", True),
    ],
)
def test_what_crosses_a_network_readable_is_said(url: str, in_clear: bool) -> None:
    assert ChatEndpoint(url=url, model="m").in_clear is in_clear
