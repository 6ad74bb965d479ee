"""One connection of a media stream, from its first message to its last. No socket: text in and out.

Whoever owns the socket gives each text to `receive`, tells `lost` when it is gone, sends what
`write` is given, and closes once `over` is set.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping

from telephony.call import EndedBy
from telephony.carried import CarriedCall
from telephony.errors import CallOver
from telephony.leg import LegRole
from telephony.listening import Listening
from telephony.mediastream.endpoint import TrackEndpoint
from telephony.mediastream.messages import (
    BadMessageError,
    Connected,
    Digit,
    Mark,
    Media,
    Message,
    Started,
    Stopped,
    Track,
    read_message,
)

log = logging.getLogger(__name__)

LONGEST_NAME = 255
MESSAGES_A_S = 250
BURST = 1000
"""Two tracks make a hundred messages a second; a stalled network delivers ten seconds at once."""


def _names(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """How the platform knows the call, where it says so (`call_id`)."""
    name = parameters.get("call_id", "")
    return (name,) if 0 < len(name) <= LONGEST_NAME else ()


class CopiedStream:
    """A call that the platform keeps, copied to us: the caller's track and the other one."""

    def __init__(
        self,
        parameters: Mapping[str, str],
        tracks: Mapping[Track, TrackEndpoint],
        *,
        on_over: Callable[[], None],
    ) -> None:
        self.call_id = uuid.uuid4().hex
        self.dialled = parameters.get("to", "")
        self.forwarded_from = parameters.get("forwarded_from")
        self.names = _names(parameters)
        self.caller_number = parameters.get("from")
        self.caller_name = parameters.get("name")
        self.operator = parameters.get("operator")
        """Whose voice the other track is: an extension, or the e-mail address of an account."""
        self.ended = asyncio.Event()
        self.ended_by: EndedBy | None = None
        self.end_reason = ""
        self._tracks = tracks
        self._on_over = on_over

    async def listen(self, *, operator: int = 1) -> Listening:
        """Both legs; `operator` is 1 where they speak on the outbound track. Raises CallOver."""
        if self.ended.is_set():
            raise CallOver(f"the copy is over: {self.end_reason}")
        order: tuple[Track, Track] = ("inbound", "outbound")
        roles: tuple[LegRole, LegRole] = ("caller", "operator")
        if operator == 0:
            roles = ("operator", "caller")
        ears = {role: self._tracks[track] for role, track in zip(roles, order, strict=True)}
        return Listening(ears, paused=lambda: False)

    def refuse(self, status: int, reason: str) -> None:
        """Listen no further; the platform's call goes on."""
        log.info("copy %s refused: %d %s", self.call_id, status, reason)
        self.over("system", "refused")

    async def hang_up(self, *, by: EndedBy = "system", reason: str = "hung_up") -> None:
        """Stop listening; the platform's call goes on."""
        self.over(by, reason)

    def over(self, by: EndedBy, reason: str) -> None:
        """It is over. Idempotent."""
        if not self.ended.is_set():
            self.ended_by, self.end_reason = by, reason
            self.ended.set()
            self._on_over()


class MediaStream:
    """What a connection has said so far."""

    def __init__(
        self,
        *,
        write: Callable[[str], None],
        on_call: Callable[[CarriedCall], None],
        on_copy: Callable[[CopiedStream], None],
        admits: Callable[[Mapping[str, str]], bool],
    ) -> None:
        """`admits` is asked with the parameters of the start; they may hold a token."""
        self._write = write
        self._on_call, self._on_copy, self._admits = on_call, on_copy, admits
        self._tracks: dict[Track, TrackEndpoint] = {}
        self._copy: CopiedStream | None = None
        self._loop = asyncio.get_running_loop()
        self._allowance = float(BURST)
        self._allowed_at_s = self._loop.time()
        self.over = asyncio.Event()
        """Nothing more is to be said: the socket may close."""

    @property
    def started(self) -> bool:
        """Whether it is a call by now."""
        return bool(self._tracks)

    def receive(self, text: str) -> None:
        """A message. Raises BadMessageError, after which nothing else may be given."""
        self._spend()
        message = read_message(text)
        if message is not None:
            self._take(message)

    def lost(self) -> None:
        """The connection is gone, or no longer makes sense. Idempotent."""
        for endpoint in self._tracks.values():
            endpoint.ended.set()
        if self._copy is not None:
            self._copy.over("caller", "hung_up")
        self.over.set()

    def _take(self, message: Message) -> None:
        match message:
            case Connected() | Mark():
                pass
            case Started():
                self._start(message)
            case Stopped():
                self.lost()
            case Media() | Digit() if not self.started:
                raise BadMessageError("sound before the start")
            case Media():
                track = self._tracks.get(message.track)
                if track is not None:  # else an echo of what we sent ourselves
                    track.hear(message.payload)
            case Digit():
                for endpoint in self._tracks.values():
                    endpoint.press(message.digit)

    def _start(self, start: Started) -> None:
        if self.started:
            raise BadMessageError("a second start")
        if not self._admits(start.parameters):
            raise BadMessageError("the token is missing or wrong")
        if "to" not in start.parameters:
            raise BadMessageError("start: customParameters.to is missing: the number called")
        copied = len(start.tracks) == 2
        self._tracks = {
            track: TrackEndpoint(
                start.stream_id, self._write, voiced=not copied, on_closed=self.over.set
            )
            for track in start.tracks
        }
        if copied:
            self._copy = CopiedStream(start.parameters, self._tracks, on_over=self.over.set)
            self._on_copy(self._copy)
            return
        (endpoint,) = self._tracks.values()
        call = CarriedCall(
            endpoint,
            source="mediastream",
            dialled=start.parameters["to"],
            caller_number=start.parameters.get("from"),
            caller_name=start.parameters.get("name"),
            forwarded_from=start.parameters.get("forwarded_from"),
            names=_names(start.parameters),
        )
        self._on_call(call)

    def _spend(self) -> None:
        """One message of those it may send."""
        now_s = self._loop.time()
        earned = (now_s - self._allowed_at_s) * MESSAGES_A_S
        self._allowance = min(BURST, self._allowance + earned) - 1
        self._allowed_at_s = now_s
        if self._allowance < 0:
            raise BadMessageError(f"more than {MESSAGES_A_S} messages a second")
