"""SRTP keyed by the session description (SDES: RFC 4568, RFC 3711)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

Suite: TypeAlias = Literal["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"]

MASTER_BYTES = 30
"""Master key of 16 bytes and salt of 14, together in the attribute."""
MAX_PACKET_BYTES = 1356
"""libsrtp's buffer, less what it may add."""

_PROFILES: dict[Suite, int] = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
_CRYPTO = re.compile(r"(\d{1,9})\s+(\S+)\s+(\S+)((?:\s+\S+)*)\s*")
_INLINE = re.compile(r"inline:([A-Za-z0-9+/=]+)(?:\|(?:2\^\d+|\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crypto:
    """One `a=crypto` attribute: how its writer encrypts what it sends."""

    tag: int
    suite: Suite
    key: bytes

    def __str__(self) -> str:
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"

    def __repr__(self) -> str:
        return f"Crypto({self.tag} {self.suite})"  # keys do not go into logs


def read_crypto(value: str) -> Crypto | None:
    """The attribute, or None where we could not do what it asks (section 6.1).

    Not taken: other suites, several keys, a key identifier in every packet (MKI), and session
    parameters that must be understood.
    """
    match = _CRYPTO.fullmatch(value.strip())
    if match is None:
        return None
    suite = next((name for name in _PROFILES if name == match[2].upper()), None)
    inline = _INLINE.fullmatch(match[3])
    # Only parameters that begin with "-" may be passed over (section 6.3.7).
    if suite is None or inline is None or not all(p.startswith("-") for p in match[4].split()):
        return None
    try:
        key = base64.b64decode(inline[1], validate=True)
    except binascii.Error:
        return None
    return Crypto(tag=int(match[1]), suite=suite, key=key) if len(key) == MASTER_BYTES else None


def choose_crypto(values: list[str]) -> Crypto | None:
    """The peer's first attribute that we can take."""
    return next(filter(None, map(read_crypto, values)), None)


def new_crypto(suite: Suite, *, tag: int = 1) -> Crypto:
    """A key of ours that nobody else has."""
    return Crypto(tag=tag, suite=suite, key=secrets.token_bytes(MASTER_BYTES))


class Sealing:
    """What we send, encrypted. One for a whole call: its counters must never start again."""

    def __init__(self, ours: Crypto) -> None:
        self.ours = ours
        self._session = Session(_policy(ours, Policy.SSRC_ANY_OUTBOUND))

    def seal(self, packet: bytes, *, rtcp: bool = False) -> bytes | None:
        """Encrypted; None when the packet is too long or too far back to be encrypted twice."""
        if len(packet) > MAX_PACKET_BYTES:
            return None
        try:
            return (self._session.protect_rtcp if rtcp else self._session.protect)(packet)
        except SrtpError:
            return None


class Opening:
    """What the peer sends, authenticated and decrypted."""

    def __init__(self, theirs: Crypto) -> None:
        self.theirs = theirs
        self._session = Session(_policy(theirs, Policy.SSRC_ANY_INBOUND))

    def open(self, packet: bytes) -> bytes | None:
        """The packet as it was; None when it is a forgery, a copy or too old."""
        if len(packet) > MAX_PACKET_BYTES:
            return None
        try:
            return self._session.unprotect(packet)
        except SrtpError:
            return None


def _policy(crypto: Crypto, direction: int) -> Policy:
    return Policy(key=crypto.key, ssrc_type=direction, srtp_profile=_PROFILES[crypto.suite])
