"""What is told of the inbox. Part of `copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.callevent import CallEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxChanged(CallEvent):
    """What is written to clients changed: something came in, was drafted, taken, handled or
    answered. Of no call (`call_id` empty, `seq` 0), and in no log; says nothing of what it was."""
