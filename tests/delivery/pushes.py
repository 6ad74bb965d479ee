"""A browser as a push service and RFC 8291 see it: its keys, and what only it can read."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass(frozen=True)
class Subscribed:
    """What a browser makes when it subscribes."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def given(self, endpoint: str) -> dict[str, Any]:
        """`PushSubscription.toJSON`."""
        keys = {"p256dh": written(point(self.key.public_key())), "auth": written(self.auth)}
        return {"endpoint": endpoint, "keys": keys, "browser": "Firefox, Linux"}

    def reads(self, record: bytes) -> dict[str, str]:
        """Open what came (RFC 8291 section 3.4, RFC 8188 section 2)."""
        salt, id_length = record[:16], record[20]
        sender = record[21 : 21 + id_length]
        body = record[21 + id_length :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        info = b"WebPush: info\0" + point(self.key.public_key()) + sender
        secret = derived(shared, self.auth, info, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body, None)
        assert plain.endswith(b"\x02"), "the last record ends with its delimiter"
        opened: dict[str, str] = json.loads(plain[:-1])
        return opened


def vapid_claims(authorization: str, public_key: str) -> dict[str, Any]:
    """What a push service checks of a request (RFC 8292 section 4); raises when it would refuse."""
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", public_key)
    raw = base64.urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
    jwk: dict[str, str | list[str]] = {
        "kty": "EC",
        "crv": "P-256",
        "x": written(raw[1:33]),
        "y": written(raw[33:]),
    }
    return dict(jwt.decode(parts["t"], ECKey.import_key(jwk), algorithms=["ES256"]).claims)
