"""What the other side of a call does with it. Part of `copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.callevent import CallEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMoved(CallEvent):
    """The other side has somebody else called in its place (REFER): the operator hears that it
    rings (`asked`), then talks to them (`moved`), or with the same person again (`refused`)."""

    state: Literal["asked", "moved", "refused"]
    number: str
    reason: str = ""
    """Of `refused`: number_barred, toll_limit, busy, no_answer..."""
