"""What an ID token must prove (OpenID Connect Core 1.0, section 3.1.3.7), and how well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from copilot.singlesignon.errors import TokenRefusedError

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA", "Ed25519",
)  # fmt: skip
"""Asymmetric ones: whoever knows our secret, or a public key, signs nothing."""
SKEW_S = 60
"""Between the provider's clock and ours."""
OLDEST_S = 600
"""A token is made for the answer that it comes with."""

KNOWN = {"pwd", "pin", "kba"}
HELD = {"hwk", "swk", "otp", "sms", "tel", "sc", "pop"}
BODILY = {"face", "fpt", "iris", "retina", "vbm"}


def key_id(token: str) -> str | None:
    """Which key signed a token, by its own word. Raises TokenRefusedError."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        found = jws.extract_compact(token.encode()).protected.get("kid")
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefusedError(f"no signed token: {error}") from error
    return found if isinstance(found, str) else None


def proven(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The claims of a token that `issuer` made for us, just now, in answer to `nonce`.

    Raises TokenRefusedError.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError

    seconds = int(now.timestamp())
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client_id},
            },
            params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(now=seconds, leeway=SKEW_S)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefusedError(f"the ID token is refused: {error}") from error
    if seconds - claims["iat"] > OLDEST_S + SKEW_S:
        raise TokenRefusedError("the ID token was made long ago")
    # OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise TokenRefusedError("the ID token names nobody")
    return dict(claims)


def proves_two_factors(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it asked for two factors (`amr`, RFC 8176).

    It says `mfa`, or names two methods of different kinds: known, held, of the body.
    """
    said = claims.get("amr")
    methods = {each for each in said if isinstance(each, str)} if isinstance(said, list) else set()
    kinds = sum(bool(methods & kind) for kind in (KNOWN, HELD, BODILY))
    return "mfa" in methods or kinds > 1
