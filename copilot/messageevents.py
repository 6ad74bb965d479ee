"""Who writes a call's message, and what they take. Part of `copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.callevent import CallEvent

TextName = Literal["reason", "summary", "reply"]
"""Texts a language model may propose; it reaches no other part of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeld(CallEvent):
    """This operator writes the message from now on, and everybody else reads it."""

    operator_id: str
    operator_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDecided(CallEvent):
    """The operator took a text that was proposed, or refused it."""

    name: TextName
    taken: bool
    operator_id: str
