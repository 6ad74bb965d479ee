"""A PBX or SBC that keeps a call sends us a copy of it: the server of SIPREC (RFC 7866).

Nothing here is in the path of that call: whatever becomes of us, it goes on.
"""

from __future__ import annotations

import logging

from aiosipua.message import SipRequest

from telephony.call import EndedBy
from telephony.errors import CallOver, MetadataUnreadable, OfferRefused
from telephony.leg import LegRole
from telephony.listening import Listening
from telephony.rtp import RtpEndpoint
from telephony.sip.body import SDP, parts_of
from telephony.sip.headers import option_tags, split_values
from telephony.sip.identity import identify, names_of
from telephony.sip.invitation import Invitation
from telephony.sip.media import (
    Direction,
    MediaPolicy,
    RemoteMedia,
    Stream,
    read_streams,
    write_answer,
)
from telephony.sip.recordingmetadata import (
    CONTENT_TYPES,
    Participant,
    RecordingMetadata,
)
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import Over, Wire
from telephony.sip.voice import Keys

log = logging.getLogger(__name__)

_PAUSED: tuple[Direction, ...] = ("inactive", "recvonly")


class _Ear:
    """One stream of a recording: sockets that only receive."""

    def __init__(self, label: str, endpoint: RtpEndpoint) -> None:
        self.label = label
        self.endpoint = endpoint
        self.keys = Keys()
        self.direction: Direction = "sendrecv"

    def take(self, remote: RemoteMedia, host: str, *, signalling_host: str) -> Stream:
        """Receive what is offered; our side of it."""
        crypto = self.keys.take(remote.crypto)
        self.direction = remote.direction
        self.endpoint.connect(
            remote.address,
            codec=remote.codec,
            payload_types=remote.payload_types,
            dtmf_payload_type=remote.dtmf_payload_type,
            signalling_host=signalling_host,
            muted=True,
            sealing=self.keys.sealing,
            opening=self.keys.opening,
        )
        return Stream(
            remote=remote,
            local=(host, self.endpoint.local[1]),
            direction="inactive" if remote.direction in _PAUSED else "recvonly",
            crypto=crypto,
        )


class RecordedCall(Invitation):
    """One call of a PBX, copied to us: two people, a stream each."""

    def __init__(
        self,
        transaction: ServerTransaction,
        wire: Wire,
        on_over: Over,
        policy: MediaPolicy,
    ) -> None:
        super().__init__(transaction, wire, on_over)
        self.dialog.contact += ";+sip.srs"
        self._policy = policy
        self._ears: list[_Ear] = []
        self._described = ""
        self._version = 0
        self.metadata = RecordingMetadata()
        identity = identify(transaction.request)
        self.forwarded_from = identity.forwarded_from

    def read(self) -> list[Participant | None]:
        """Who is on each of the two streams, None where that is not said.

        Refuses and raises OfferRefused when this is no recording that we can take: 415 without
        metadata, 400 when they cannot be read, 488 without a stream for each of two people.
        """
        try:
            self._take_metadata(self._invite.request, required=True)
        except MetadataUnreadable as error:
            self.refuse(400, "Bad Recording Metadata", warning=str(error))
            raise OfferRefused(str(error)) from error
        except OfferRefused as error:
            self.refuse(415, "Unsupported Media Type", warning=str(error))
            raise
        try:
            streams = self._streams(self._offer_in(self._invite.request) or "")
        except OfferRefused as error:
            self.refuse(488, "Not Acceptable Here", warning=str(error))
            raise
        return [self.metadata.speaker(stream.label) for stream in streams]

    async def listen(self, *, operator: int) -> Listening:
        """Take the copy; `operator` says which of the two streams is theirs (0 or 1).

        Raises CallOver when the PBX has ended it, PortsExhausted.
        """
        streams = self._streams(self._offer_in(self._invite.request) or "")
        endpoints = [await self._wire.open_media() for _ in streams]
        if self._phase != "ringing" or not self._agree_session():
            for endpoint in endpoints:
                endpoint.shut()
            raise CallOver(f"the recording is over: {self.end_reason}")
        self._ears = [
            _Ear(stream.label, endpoint)
            for stream, endpoint in zip(streams, endpoints, strict=True)
        ]
        self._accept(self._take(streams), offering=False)
        roles: list[LegRole] = ["caller", "caller"]
        roles[operator] = "operator"
        return Listening(dict(zip(roles, endpoints, strict=True)), paused=lambda: self.paused)

    @property
    def names(self) -> tuple[str, ...]:
        """How the PBX knows the call: by its metadata, then of the recording itself."""
        return (*self.metadata.names, *names_of(self._invite.request))

    @property
    def paused(self) -> bool:
        """The PBX has said that it sends nothing on any stream."""
        return bool(self._ears) and all(ear.direction in _PAUSED for ear in self._ears)

    async def hang_up(self, *, by: EndedBy = "system", reason: str = "hung_up") -> None:
        """Stop listening. The PBX's call goes on."""
        await super().hang_up(by=by, reason=reason)

    # What the media has to say (Invitation)

    def _offer_in(self, request: SipRequest) -> str | None:
        return next((part.text for part in parts_of(request) if part.kind == SDP), None)

    def _read_offer(self, request: SipRequest) -> str | None:
        try:
            self._take_metadata(request, required=False)
        except MetadataUnreadable as error:
            raise OfferRefused(str(error)) from error
        return self._offer_in(request)

    def _answer_to(self, offer: str) -> str:
        return self._take(self._streams(offer))

    def _description(self) -> str:
        return self._described

    def _take_answer(self, answer: str) -> None:
        self._take(self._streams(answer))

    def _shut_media(self) -> None:
        for ear in self._ears:
            ear.endpoint.shut()

    def _take_metadata(self, request: SipRequest, *, required: bool) -> None:
        documents = [part.data for part in parts_of(request) if part.kind in CONTENT_TYPES]
        if required and not documents:
            raise OfferRefused("a recording needs its metadata (application/rs-metadata+xml)")
        for document in documents:
            self.metadata = self.metadata.updated(document)

    def _streams(self, description: str) -> list[RemoteMedia]:
        """The streams of two people, those we listen to already first. Raises OfferRefused."""
        streams = read_streams(description, self._policy)
        if len(self._ears) == 2:
            known = {ear.label: number for number, ear in enumerate(self._ears)}
            streams.sort(key=lambda stream: known.get(stream.label, len(known)))
        if len(streams) < 2:
            raise OfferRefused("one stream for each of two people is needed, and one was offered")
        return streams[:2]

    def _take(self, streams: list[RemoteMedia]) -> str:
        host, self._version = self._local[0], self._version + 1
        ours = [
            ear.take(stream, host, signalling_host=self.dialog.source[0])
            for ear, stream in zip(self._ears, streams, strict=True)
        ]
        self._described = write_answer(streams[0].sdp, ours, ours[0].local, version=self._version)
        return self._described


def is_recording(invite: SipRequest) -> bool:
    """Whether an INVITE brings a copy of a call (RFC 7866 section 6.1.1)."""
    sources = split_values(invite.headers.get("contact"))
    return "siprec" in option_tags(invite, "require") or any(
        "+sip.src" in source.lower() for source in sources
    )
