"""The voice of a SIP call as its offers and answers make it (RFC 3264): sockets, keys, versions."""

from __future__ import annotations

from telephony.errors import OfferRefused
from telephony.rtp import RtpEndpoint
from telephony.sip.media import (
    Direction,
    MediaPolicy,
    RemoteMedia,
    Stream,
    answer_direction,
    read_media,
    write_answer,
    write_offer,
)
from telephony.sip.message import Address
from telephony.srtp import Crypto, Opening, Sealing, new_crypto


class Keys:
    """SRTP of one stream over all its offers: new keys only when the peer brings new ones."""

    def __init__(self) -> None:
        self.sealing: Sealing | None = None
        self.opening: Opening | None = None

    def offer(self) -> Crypto:
        """Ours, for an offer that does not know the peer's suite yet."""
        if self.sealing is None:
            self.sealing = Sealing(new_crypto("AES_CM_128_HMAC_SHA1_80"))
        return self.sealing.ours

    def take(self, theirs: Crypto | None) -> Crypto | None:
        """Ours in answer to theirs; None both ways when they do not encrypt."""
        if theirs is None:
            self.sealing = self.opening = None
            return None
        if self.sealing is None or self.sealing.ours.suite != theirs.suite:
            self.sealing = Sealing(new_crypto(theirs.suite, tag=theirs.tag))
        if self.opening is None or self.opening.theirs.key != theirs.key:
            self.opening = Opening(theirs)
        ours = self.sealing.ours
        return Crypto(tag=theirs.tag, suite=ours.suite, key=ours.key)


class Voice:
    """One person's voice in a call; the endpoint is there once `opened`."""

    def __init__(self, host: str, policy: MediaPolicy, *, signalling_host: str) -> None:
        self._host = host
        self._policy = policy
        self._signalling_host = signalling_host
        self.endpoint: RtpEndpoint | None = None
        self.remote: RemoteMedia | None = None
        self._keys = Keys()
        self._version = 0
        self.description = ""
        """What we last said."""
        self.held_by_us = False

    def read(self, text: str) -> RemoteMedia:
        """What a description offers, without taking it. Raises OfferRefused."""
        return read_media(text, self._policy, prefer=self.remote.codec if self.remote else None)

    def open(self, endpoint: RtpEndpoint) -> None:
        self.endpoint = endpoint

    def answer(self, remote: RemoteMedia) -> str:
        """Take an offer; our answer to it."""
        crypto = self._keys.take(remote.crypto)
        self._connect(remote)
        direction = answer_direction(remote, hold=self.held_by_us)
        self._version += 1
        local = self._local()
        stream = Stream(remote=remote, local=local, direction=direction, crypto=crypto)
        self.description = write_answer(remote.sdp, [stream], local, version=self._version)
        return self.description

    def offer(self, *, secured: bool) -> str:
        """Our first offer, everything we know; `secured` where keys may be written in it."""
        self._version += 1
        crypto = self._keys.offer() if secured else None
        self.description = write_offer(
            self._local(), self._policy, version=self._version, crypto=crypto
        )
        return self.description

    def hold_offer(self, *, held: bool) -> str:
        """A new offer of what was agreed, the peer silenced or not. Raises OfferRefused."""
        if self.remote is None:
            raise OfferRefused("nothing was agreed yet")
        self._version += 1
        direction: Direction = "sendonly" if held else "sendrecv"
        crypto = self._keys.sealing.ours if self._keys.sealing else None
        return write_offer(
            self._local(), self._policy, version=self._version, crypto=crypto,
            direction=direction, agreed=self.remote,
        )  # fmt: skip

    def take_answer(self, text: str) -> None:
        """The peer's answer to an offer of ours. Raises OfferRefused."""
        remote = self.read(text)
        self._keys.take(remote.crypto)
        self._connect(remote)

    def shut(self) -> None:
        if self.endpoint is not None:
            self.endpoint.shut()

    def _connect(self, remote: RemoteMedia) -> None:
        self.remote = remote
        if self.endpoint is None:
            return
        self.endpoint.connect(
            remote.address,
            codec=remote.codec,
            payload_types=remote.payload_types,
            dtmf_payload_type=remote.dtmf_payload_type,
            signalling_host=self._signalling_host,
            muted=remote.held,
            sealing=self._keys.sealing,
            opening=self._keys.opening,
        )

    def _local(self) -> Address:
        if self.endpoint is None:
            raise OfferRefused("no sockets for the voice")
        return self._host, self.endpoint.local[1]
