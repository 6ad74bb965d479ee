"""Asks a language model: within a time limit, a few questions at once, in the shape wanted."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import httpx

from models.languagemodel.answers import Answer, content_of, read_answer
from models.languagemodel.breaker import Breaker
from models.languagemodel.endpoint import ChatEndpoint
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

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = logging.getLogger(__name__)

RETRY_S = 1.0
"""Before the only second try, unless the endpoint asks for less or more."""
LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
UNSUPPORTED = frozenset({400, 404, 415, 422, 501})
"""What servers answer to a `response_format` they do not know."""

Format = Literal["json_schema", "json_object", "none"]
FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "none")
"""How an answer's shape is asked for, the surest first. The schema is in the question too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: instructions of ours, and data that is nobody's instruction."""

    instructions: str
    data: str
    longest: int = 900
    """Tokens of the answer."""


class ChatModel:
    """One endpoint, shared by all calls. Close it with `running`."""

    def __init__(
        self,
        endpoint: ChatEndpoint,
        *,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self._breaker = breaker or Breaker()
        self._clock = clock
        self._format: Format = FORMATS[0]
        self._slots = asyncio.Semaphore(endpoint.concurrency)
        self._waiting = 0
        self._http: httpx.AsyncClient | None = None
        if endpoint.in_clear:
            logger.warning("the language model is asked over plain HTTP: what is said is readable")

    @property
    def state(self) -> Literal["ready", "unavailable"]:
        """Unavailable after failures in a row, until it works again."""
        return "unavailable" if self._breaker.is_open else "ready"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ChatModel]:
        """Keep connections open while inside."""
        async with httpx.AsyncClient(timeout=None, follow_redirects=False) as http:  # noqa: S113
            self._http = http
            try:
                yield self
            finally:
                self._http = None

    async def ask(self, question: Question, shape: type[Answer]) -> Answer:
        """The answer, of the shape asked for; what it says is still to be checked.

        Raises LanguageModelError.
        """
        if self._waiting >= self.endpoint.waiting:
            raise BusyError("too many questions wait already")
        deadline_s = self._clock() + self.endpoint.timeout_s
        self._waiting += 1
        try:
            async with asyncio.timeout(self.endpoint.timeout_s):
                await self._slots.acquire()
        except TimeoutError as error:
            raise BusyError("no turn came within the time limit") from error
        finally:
            self._waiting -= 1
        try:
            return await self._ask_now(question, shape, deadline_s - self._clock())
        finally:
            self._slots.release()

    async def _ask_now(self, question: Question, shape: type[Answer], left_s: float) -> Answer:
        if not self._breaker.admits(self._clock()):
            raise RestingError("it failed several times and is left alone for a while")
        try:
            async with asyncio.timeout(left_s):
                answer = await self._in_a_known_format(question, shape)
        except TimeoutError as error:
            raise self._failed(TooSlowError("no answer within the time limit")) from error
        except LanguageModelError as error:
            raise self._failed(error) from error.__cause__
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.worked()
        return answer

    def _failed(self, error: LanguageModelError) -> LanguageModelError:
        was_open = self._breaker.is_open
        self._breaker.failed(self._clock())
        if self._breaker.is_open and not was_open:
            logger.error("the language model fails and is left alone: %s (%s)", error, error.code)
        return error

    async def _in_a_known_format(self, question: Question, shape: type[Answer]) -> Answer:
        """Ask for structured output as the endpoint knows it, found out by the first questions."""
        for wanted in FORMATS[FORMATS.index(self._format) :]:
            try:
                body = await self._posted(_request(self.endpoint.model, question, shape, wanted))
            except RefusedError as error:
                if error.status not in UNSUPPORTED or wanted == FORMATS[-1]:
                    raise
                continue
            answer = read_answer(content_of(body), shape)
            if wanted != self._format:
                logger.info("the language model takes response_format: %s", wanted)
                self._format = wanted
            return answer
        raise UnreadableError("no format is known to the endpoint")

    async def _posted(self, request: dict[str, Any]) -> bytes:
        """The answer's body, after a second try where it makes sense."""
        try:
            return await self._post(request)
        except (OverloadedError, UnreachableError) as error:
            await asyncio.sleep(_retry_after_s(error))
            return await self._post(request)

    async def _post(self, request: dict[str, Any]) -> bytes:
        assert self._http is not None  # noqa: S101 - asked inside `running`
        headers = {"Accept-Encoding": "identity"}  # an answer cannot grow once it is here
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        try:
            async with self._http.stream(
                "POST", self.endpoint.completions, json=request, headers=headers
            ) as response:
                if response.status_code in LATER:
                    raise _overloaded(response)
                if response.status_code != httpx.codes.OK:
                    raise RefusedError(response.status_code)
                return await self._body(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreachableError(type(error).__name__) from error

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self.endpoint.longest_answer:
                raise UnreadableError("the answer is too long")
        return bytes(body)


def _request(model: str, question: Question, shape: type[Answer], wanted: Format) -> dict[str, Any]:
    schema = shape.model_json_schema()
    told = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    request: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": f"{question.instructions}\n\nJSON schema: {told}"},
            {"role": "user", "content": question.data},
        ],
        "temperature": 0,
        "max_tokens": question.longest,
        "stream": False,
    }
    if wanted == "json_schema":
        name = shape.__name__.lower()
        request["response_format"] = {
            "type": wanted,
            "json_schema": {"name": name, "strict": True, "schema": schema},
        }
    elif wanted == "json_object":
        request["response_format"] = {"type": wanted}
    return request


def _overloaded(response: httpx.Response) -> OverloadedError:
    asked = response.headers.get("retry-after", "")
    return OverloadedError(f"HTTP {response.status_code}", retry_after=asked)


def _retry_after_s(error: LanguageModelError) -> float:
    """As the endpoint asks, in whole seconds (RFC 9110 section 10.2.3); else ours."""
    asked = error.retry_after if isinstance(error, OverloadedError) else ""
    return float(asked) if asked.isascii() and asked.isdigit() else RETRY_S
