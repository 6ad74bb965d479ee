"""The signed cookie that carries a session's token, and the proof against forged requests.

The cookie holds a random token signed with the house's secret; the database knows only the token's
hash. CSRF: the token of `GET /api/session` must come back in `X-CSRF` with every request that can
change something.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from fastapi import Response
from itsdangerous import BadSignature, TimestampSigner, URLSafeSerializer

COOKIE = "souffleur_session"
"""Over HTTPS with the prefix that ties it to this host (RFC 6265bis, section 4.1.3.2)."""
DEVICE_COOKIE = "souffleur_device"
SIGN_ON_COOKIE = "souffleur_sign_on"
SIGNED_ON_COOKIE = "souffleur_signed_on"
CONSENT_COOKIE = "souffleur_consent"
CONSENT_PATH = "/api/calendar-consent"
SIGN_ON_PATH = "/api/session/sign-on"
SIGNED = {"digest_method": hashlib.sha256}
"""The library's own choice is SHA-1."""
DEVICE_LIFE_S = 365 * 24 * 3600


def house_secret(path: Path) -> str:
    """The secret kept in the data folder, made on first start, readable by its owner only."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(48)
    path.touch(mode=0o600)
    path.write_text(secret + "\n")
    return secret


class SessionCookie:
    """Writes and reads the cookie, and what else the house's secret signs."""

    def __init__(self, *, secret: str, secure: bool) -> None:
        self._serializer = URLSafeSerializer(secret, salt="session", signer_kwargs=SIGNED)
        self._devices = URLSafeSerializer(secret, salt="device", signer_kwargs=SIGNED)
        self._signer = TimestampSigner(secret, salt="local", digest_method=hashlib.sha256)
        self._secure = secure
        self.name = f"__Host-{COOKIE}" if secure else COOKIE
        # No neighbouring host may put its own question in place of ours.
        self.sign_on = f"__Host-{SIGN_ON_COOKIE}" if secure else SIGN_ON_COOKIE
        self.consent = f"__Host-{CONSENT_COOKIE}" if secure else CONSENT_COOKIE
        self.signed_on = f"__Secure-{SIGNED_ON_COOKIE}" if secure else SIGNED_ON_COOKIE

    def write(self, response: Response, token: str, *, max_age_s: int) -> None:
        """Give the browser its session."""
        response.set_cookie(
            self.name,
            self._serializer.dumps(token),
            max_age=max_age_s,
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/",
        )

    def clear(self, response: Response) -> None:
        """Take it back, and what the browser kept of our answers."""
        response.headers["Clear-Site-Data"] = '"cache"'
        response.delete_cookie(
            self.name, httponly=True, samesite="lax", secure=self._secure, path="/"
        )

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """The token, or None when the cookie is missing or not ours."""
        value = cookies.get(self.name)
        if not value:
            return None
        try:
            token = self._serializer.loads(value)
        except BadSignature:
            return None
        return token if isinstance(token, str) else None

    def write_device(self, response: Response, email: str) -> None:
        """Let this browser be known again: others' failures will not make it wait."""
        response.set_cookie(
            DEVICE_COOKIE,
            self._devices.dumps([email, secrets.token_urlsafe(16)]),
            max_age=DEVICE_LIFE_S,
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/api/session",
        )

    def read_device(self, value: str | None, email: str) -> str | None:
        """The key of a browser that signed in to this account before, else None."""
        if not value:
            return None
        try:
            known = self._devices.loads(value)
        except BadSignature:
            return None
        match known:
            case [str(whose), str(key)] if whose == email:
                return key
        return None

    def write_sign_on(self, response: Response, name: str, value: str, *, max_age_s: int) -> None:
        """Let the browser keep something of single sign-on; an empty value takes it back.

        `name`: `sign_on` or `signed_on`.
        """
        response.set_cookie(
            name,
            value,
            max_age=max_age_s if value else 0,
            httponly=True,
            # Lax, not Strict: the provider's page leads back here.
            samesite="lax",
            secure=self._secure,
            path="/" if name == self.sign_on else SIGN_ON_PATH,
        )

    def write_consent(self, response: Response, value: str, *, max_age_s: int) -> None:
        """Let the browser keep what a calendar's provider must answer; empty takes it back."""
        response.set_cookie(
            self.consent,
            value,
            max_age=max_age_s if value else 0,
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/" if self._secure else CONSENT_PATH,
        )

    def local_proof(self) -> str:
        """Proof, good for a minute, that its bearer can read the house's secret."""
        return self._signer.sign("local").decode()

    def is_local_proof(self, value: str) -> bool:
        """Whether a proof is ours and fresh."""
        try:
            return self._signer.unsign(value, max_age=60) == b"local"
        except BadSignature:
            return False
