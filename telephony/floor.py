"""Who hears whom in a call of up to four people. Pure.

            hears  caller  operator  guest  supervisor, who only listens | whispers | barges in
    caller           -        x        x                    -            |    -     |    x
    operator         x        -        x                    -            |    x     |    x
    guest            x        x        -                    -            |    -     |    x
    supervisor       x        x        x

Somebody on hold is apart: hears nobody, is heard by nobody. Muted, the operator is heard by nobody
but a supervisor who speaks with them. Whoever only listens hears what passes between the others
and nothing else. Only the caller and the operator are transcribed, each by their own voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from telephony.leg import LegRole

Person: TypeAlias = Literal["caller", "operator", "guest", "supervisor"]
"""`guest` is whoever the operator brings in; `supervisor` whoever watches over the operator."""

PEOPLE: tuple[Person, ...] = get_args(Person)

Part: TypeAlias = Literal["listen", "whisper", "barge"]
"""What a supervisor takes in a call: heard by nobody, by the operator alone, by everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The state of a call that decides who hears whom."""

    present: frozenset[Person]
    held: frozenset[Person] = frozenset()
    """Caller, guest or both."""
    muted: bool = False
    """The operator."""
    part: Part = "listen"
    """The supervisor's."""

    def hears(self, listener: Person, speaker: Person) -> bool:
        """Whether `listener` is to hear `speaker`."""
        if listener == speaker or not {listener, speaker} <= self.present:
            return False
        if listener == "supervisor":
            return self._overhears(speaker)
        if speaker == "supervisor":
            return self._is_spoken_to(listener)
        if self.held & {listener, speaker}:
            return False
        return not (speaker == "operator" and self.muted)

    def heard_by(self, listener: Person) -> frozenset[Person]:
        """Everybody whom `listener` is to hear."""
        return frozenset(speaker for speaker in PEOPLE if self.hears(listener, speaker))

    def transcribed(self, role: LegRole) -> bool:
        """Whether what this person says goes into the transcript: what the other one hears."""
        other: LegRole = "operator" if role == "caller" else "caller"
        return self.hears(other, role)

    def _is_spoken_to(self, listener: Person) -> bool:
        if "operator" not in self.present or self.part == "listen":
            return False
        return listener == "operator" or (self.part == "barge" and listener not in self.held)

    def _overhears(self, speaker: Person) -> bool:
        # Without the operator the others talk among themselves: it is no longer our call.
        if "operator" not in self.present or speaker in self.held:
            return False
        if speaker == "operator" and self.part == "listen":
            return self.hears("caller", "operator") or self.hears("guest", "operator")
        return True
