"""Who we are to push services, and what only one browser can read.

RFC 8292 (VAPID): each request carries a token signed with the house's key, which the browser was
given when it subscribed. The key is made from the key file, like those of links: it is in no
database, stays when the master keys are rotated, and is restored with that file. RFC 8291: what is
sent is encrypted for the browser; the push service carries it unread.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from copilot.store.records.push import NotifiedBrowser

TOKEN_LIFE = timedelta(hours=12)
"""RFC 8292 section 2 allows a day."""
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: how many private keys there are, and one more (FIPS 186-5)."""
POINT_BYTES = 65
AUTH_BYTES = 16
LONGEST_ADDRESS = 2000


class BadSubscriptionError(ValueError):
    """What a browser gave is no push subscription; the message says what is wrong with it."""

    code = "bad_push"


@dataclass(frozen=True, kw_only=True)
class PushKey:
    """The house's key for push services."""

    private: EllipticCurvePrivateKey
    contact: str
    """Whom a push service may write to: `mailto:...`."""

    @classmethod
    def made_from(cls, secret: bytes, *, contact: str) -> PushKey:
        """The same for the same 32 bytes."""
        from cryptography.hazmat.primitives.asymmetric import ec

        scalar = int.from_bytes(secret, "big") % (ORDER - 1) + 1
        return cls(private=ec.derive_private_key(scalar, ec.SECP256R1()), contact=contact)

    @property
    def public(self) -> str:
        """What browsers subscribe with: base64url of the uncompressed point."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return _written(point)

    def authorization(self, address: str, *, at: datetime) -> str:
        """The header of a request to a push service (RFC 8292 sections 2 and 3)."""
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )
        from joserfc import jwt
        from joserfc.jwk import ECKey

        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        parts = urlsplit(address)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((at + TOKEN_LIFE).timestamp()),
            "sub": self.contact,
        }
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(pem))
        return f"vapid t={token}, k={self.public}"


def checked_subscription(address: str, p256dh: str, auth: str) -> str:
    """A subscription's keys as they are kept. Raises `BadSubscriptionError`.

    `address`: at the push service; `p256dh`, `auth`: the browser's key and secret, base64url.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        parts = urlsplit(address)
        known = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
        known = known and address.isascii() and address.isprintable() and " " not in address
    except ValueError:
        known = False
    if not known or len(address) > LONGEST_ADDRESS:
        raise BadSubscriptionError("the address is no push service's")
    point, secret = _read(p256dh), _read(auth)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadSubscriptionError("p256dh is no key of the curve P-256") from error
    if len(point) != POINT_BYTES or len(secret) != AUTH_BYTES:
        raise BadSubscriptionError(f"p256dh has {POINT_BYTES} bytes, auth {AUTH_BYTES}")
    return f"{_written(point)}.{_written(secret)}"


def sealed_for(subscription: NotifiedBrowser, plain: bytes) -> bytes:
    """A record of `aes128gcm` (RFC 8188) that this browser alone opens."""
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    point, _, secret = subscription.keys.partition(".")
    sealed: bytes = http_ece.encrypt(
        plain,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_read(point),
        auth_secret=_read(secret),
        version="aes128gcm",
    )
    return sealed


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    try:
        padded = text.rstrip("=")
        padded += "=" * (-len(padded) % 4)
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSubscriptionError("a key is not base64url") from error
