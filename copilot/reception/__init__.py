"""The calls in progress: each is found a client, rings, is answered, is helped, and ends.

    arrivals (one task per call, owned by the telephony server)
        route ─> welcome ─> line ─> answer (an operator's command) ─> bridge + CallSession ─> ended

    ongoing     what a call in progress is made of, and all of them
    life        the steps every call goes through: opened, conversed, ended
    arrivals    calls that come in          following   copies of a PBX's calls
    welcoming   what callers hear before an operator speaks
    replaying   recordings                  commands    what operators do with calls
    assistance  the session of a call       drafts      its message
    transfers   calls given to others       calling     calls that operators place
    tolls       what those may cost         moving      calls that the other side sends elsewhere

The bridge carries the two voices by itself; everything else here may fail without being heard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from copilot.journal import Journal
from copilot.reception.arrivals import Arrivals
from copilot.reception.assistance import Assistance
from copilot.reception.calling import Calling
from copilot.reception.commands import OperatorCommands
from copilot.reception.drafts import Drafts
from copilot.reception.errors import ReceptionError
from copilot.reception.following import Follower
from copilot.reception.life import CallLife
from copilot.reception.ongoing import Media, OngoingCall, OngoingCalls
from copilot.reception.replaying import Player
from copilot.reception.transfers import Transfers
from copilot.recording.recordings import Recordings
from copilot.store.store import Store
from copilot.waiting.sounds import ClientSounds

__all__ = ["Assistance", "Media", "Reception", "ReceptionError"]


class Reception:
    """Every call in progress in this process, and what is done with them."""

    def __init__(
        self,
        *,
        store: Store,
        journal: Journal,
        assistance: Assistance,
        media: Media,
        ring_timeout_s: float,
        no_audio_s: float,
        operators: Mapping[str, str] | None = None,
        left: Callable[[OngoingCall], None] = lambda _: None,
        sounds: ClientSounds,
        most_waiting: int,
        released: Callable[[str], Awaitable[None]],
        recordings: Recordings,
    ) -> None:
        """`released` is told the operator whose call is over, or another's. `operators`: e-mail
        addresses of those who answer on a PBX's telephones, by extension. `left` is told of each
        call after its last word, and must not block."""
        self.calls = calls = OngoingCalls(left=left)
        life = CallLife(
            calls=calls,
            store=store,
            journal=journal,
            assistance=assistance,
            media=media,
            no_audio_s=no_audio_s,
            recordings=recordings,
        )
        self.commands = OperatorCommands(calls=calls, life=life, media=media)
        self.transfers = Transfers(calls=calls, store=store, media=media, released=released)
        self.calling = Calling(calls=calls, store=store, journal=journal, life=life, media=media)
        self.drafts = Drafts(calls=calls, store=store, journal=journal)
        self.arrivals = Arrivals(
            calls=calls,
            store=store,
            journal=journal,
            life=life,
            media=media,
            sounds=sounds,
            ring_timeout_s=ring_timeout_s,
            most_waiting=most_waiting,
            released=released,
        )
        self.follower = Follower(
            calls=calls, store=store, journal=journal, life=life, operators=operators or {}
        )
        self.player = Player(calls=calls, journal=journal, life=life, assistance=assistance)
