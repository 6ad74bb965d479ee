"""What was done during a call, from its log and what became of its suggestions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.events import (
    CallAnswered,
    CallEnded,
    CallHeld,
    Event,
    GuidanceChanged,
    KeysPressed,
    OperatorMuted,
    SuggestionOffered,
    TranscriptionPaused,
)
from copilot.lineevents import CallMoved
from copilot.messageevents import MessageApproved
from copilot.store.records.calls import Call
from copilot.store.records.learning import SuggestionFeedback
from copilot.wrapup.done import Done, done_of

Deed = Literal[
    "answered",
    "called",
    "held",
    "muted",
    "paused",
    "keys",
    "answer_given",
    "asked",
    "transferred",
    "consulted",
    "transfer_failed",
    "moved",
    "booked",
    "cancelled",
    "called_back",
    "approved",
    "ended",
]
GIVEN = frozenset({"used", "copied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that was done, however many times."""

    deed: Deed
    times: int = 1
    lasted_s: float | None = None
    """Altogether, for what has a beginning and an end."""
    what: str | None = None
    """The question whose answer was given, what was asked, whom the call was passed to; null where
    the deed says it all."""
    why: str | None = None
    """Of a transfer that failed: busy, no_answer, refused..."""


def actions_of(
    events: Sequence[Event],
    feedback: Iterable[SuggestionFeedback] = (),
    called_back: Sequence[Call] = (),
    questions: Mapping[str, str] | None = None,
) -> tuple[Action, ...]:
    """In the order in which they first happened, answers and questions after.

    `called_back` are the calls placed to the caller since, answered ones; `questions`, by entry id,
    those of answers found by asking.
    """
    found: list[Action] = []
    done = done_of(events)
    if any(isinstance(event, CallAnswered) for event in events):
        found.append(Action(deed="called" if done.outgoing else "answered"))
    ended_at = next((event.at for event in events if isinstance(event, CallEnded)), None)
    found += _stretches("held", _turns(events, CallHeld, "held"), ended_at)
    found += _stretches("muted", _turns(events, OperatorMuted, "muted"), ended_at)
    found += _stretches("paused", _turns(events, TranscriptionPaused, "paused"), ended_at)
    if keys := sum(isinstance(event, KeysPressed) for event in events):
        found.append(Action(deed="keys", times=keys))
    found += _answers(events, feedback, questions or {})
    found += _asked(events)
    found += _transfers(done)
    found += [
        Action(deed="moved", what=event.number)
        for event in events
        if isinstance(event, CallMoved) and event.state == "moved"
    ]
    found += [
        Action(deed=one.state, what=f"{one.visit}, {one.practitioner}") for one in done.appointments
    ]
    if called_back:
        lasted_s = round(sum(call.duration_s or 0.0 for call in called_back), 1)
        found.append(Action(deed="called_back", times=len(called_back), lasted_s=lasted_s))
    if any(isinstance(event, MessageApproved) for event in events):
        found.append(Action(deed="approved"))
    if ended := next((event for event in events if isinstance(event, CallEnded)), None):
        found.append(Action(deed="ended", lasted_s=ended.duration_s, what=ended.ended_by))
    return tuple(found)


def _turns(
    events: Iterable[Event],
    kind: type[CallHeld] | type[OperatorMuted] | type[TranscriptionPaused],
    name: str,
) -> list[tuple[datetime, bool]]:
    return [(event.at, getattr(event, name)) for event in events if isinstance(event, kind)]


def _stretches(
    deed: Deed, turns: Iterable[tuple[datetime, bool]], ended_at: datetime | None
) -> list[Action]:
    """How often it was turned on, and how long it lasted; to the call's end where it never came
    off."""
    times, lasted_s, since = 0, 0.0, None
    for at, on in turns:
        if on and since is None:
            times, since = times + 1, at
        elif not on and since is not None:
            lasted_s, since = lasted_s + (at - since).total_seconds(), None
    if since is not None and ended_at is not None:
        lasted_s += max((ended_at - since).total_seconds(), 0.0)
    return [Action(deed=deed, times=times, lasted_s=round(lasted_s, 1))] if times else []


def _answers(
    events: Iterable[Event],
    feedback: Iterable[SuggestionFeedback],
    questions: Mapping[str, str],
) -> list[Action]:
    """Answers that the operator used or copied, by their question, each once."""
    asked = dict(questions)
    for event in events:
        if isinstance(event, SuggestionOffered):
            asked |= {card.entry_id: card.question for card in (*event.alternatives, *event.cards)}
    given: dict[str, int] = {}
    for told in feedback:
        if told.action in GIVEN:
            given[told.entry_id] = given.get(told.entry_id, 0) + 1
    return [
        Action(
            deed="answer_given",
            times=times,
            what=asked.get(entry_id),
        )
        for entry_id, times in given.items()
    ]


def _asked(events: Sequence[Event]) -> list[Action]:
    """What the consignes say to ask, and was."""
    last = next((e for e in reversed(events) if isinstance(e, GuidanceChanged)), None)
    return (
        [Action(deed="asked", what=item.text) for item in last.checklist if item.done]
        if last
        else []
    )


def _transfers(done: Done) -> list[Action]:
    """Those that came to something, or to nothing and why."""
    return [
        Action(
            deed=made.outcome,
            what=made.to,
            why=(made.last.reason or None) if made.outcome == "transfer_failed" else None,
        )
        for made in done.transfers
        if made.outcome is not None
    ]
