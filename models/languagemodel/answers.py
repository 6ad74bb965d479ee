"""What a language model answered, read as the shape that was asked for. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.languagemodel.errors import UnreadableError

Answer = TypeVar("Answer", bound=BaseModel)

CANDIDATES = 40
"""Opening braces tried: thoughts and examples may come before the answer."""


def content_of(body: bytes) -> str:
    """The text of a chat completion. Raises UnreadableError."""
    try:
        choice = json.loads(body)["choices"][0]
        content = choice["message"]["content"]
        finished = choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError("no chat completion came back") from error
    if finished == "length":
        raise UnreadableError("the answer was cut short")
    if not isinstance(content, str) or not content.strip():
        raise UnreadableError("the answer is empty")
    return content


def read_answer(content: str, shape: type[Answer]) -> Answer:
    """The answer inside the text: the whole of it, or the last object that has the shape.

    Models without structured output wrap it in thoughts, greetings or a code fence.
    Raises UnreadableError.
    """
    for candidate in (_whole(content), *_objects(content)):
        try:
            return shape.model_validate(candidate)
        except ValidationError:
            continue
    raise UnreadableError("the answer does not have the shape that was asked for")


def _whole(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _objects(content: str) -> Iterator[Any]:
    """Every object in the text, the last first."""
    decoder = json.JSONDecoder()
    at = len(content)
    for _ in range(CANDIDATES):
        at = content.rfind("{", 0, at)
        if at < 0:
            return
        try:
            yield decoder.raw_decode(content, at)[0]
        except (ValueError, RecursionError):
            continue
