"""Digest authentication of SIP, both ways (RFC 7616 as RFC 8760 has it for SIP): MD5 and SHA-256.

`Guard` challenges who calls from outside the networks we know; `Credentials` answers a registrar's
challenge. Both with qop=auth only; time is passed in.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import AuthChallenge, parse_auth, stringify_auth
from aiosipua.message import SipRequest, SipResponse

log = logging.getLogger(__name__)

Verdict: TypeAlias = Literal["accepted", "stale", "refused", "absent"]

NONCE_LIFE_S = 300
REMEMBERED_NONCES = 10_000
ALGORITHMS = ("SHA-256", "MD5")
"""Strongest first: a client takes the first it knows (RFC 8760 section 2.4)."""
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
_NONCE = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{16})-([0-9a-f]{32})")


class Guard:
    """Lets in who knows a password, each answer once."""

    def __init__(self, passwords: Mapping[str, str], *, realm: str = "souffleur") -> None:
        self._passwords = dict(passwords)
        self._realm = realm
        self._secret = secrets.token_bytes(32)
        self._counts: OrderedDict[str, int] = OrderedDict()
        """Highest nonce count of each nonce used: only who knew a password gets in here."""
        self._forgotten_s = -1
        """Nonces made up to then may have been used and forgotten."""
        self.refused = 0

    def challenges(self, now_s: float, *, stale: bool = False) -> list[str]:
        """Values of WWW-Authenticate, one an algorithm. Nothing is kept until one is answered."""
        nonce = self._nonce(now_s)
        suffix = ", stale=true" if stale else ""
        return [
            f'Digest realm="{self._realm}", nonce="{nonce}", qop="auth", algorithm={name}{suffix}'
            for name in ALGORITHMS
        ]

    def check(self, request: SipRequest, now_s: float) -> Verdict:
        """Whether a request carries a fresh answer to a challenge of ours."""
        verdicts = [
            self._check_one(parse_auth(value).params, request.method, now_s)
            for value in request.headers.get("authorization")
            if value.lower().startswith("digest ") and f'"{self._realm}"' in value
        ]
        for verdict in ("accepted", "stale", "refused"):
            if verdict in verdicts:
                self.refused += verdict == "refused"
                return verdict
        return "absent"

    def _check_one(self, given: Mapping[str, str], method: str, now_s: float) -> Verdict:
        nonce, count = given.get("nonce", ""), given.get("nc", "")
        hasher = _HASHES.get(given.get("algorithm", "MD5").upper())
        age_s = self._age(nonce, now_s)
        if age_s is None or hasher is None or given.get("qop", "").strip('"').lower() != "auth":
            return "refused"
        if not re.fullmatch(r"[0-9a-fA-F]{8}", count):
            return "refused"
        # An unknown user costs the same time as a wrong password.
        password = self._passwords.get(given.get("username", ""))

        def digest(text: str) -> str:
            return hasher(text.encode("utf-8", "surrogateescape")).hexdigest()

        one = digest(f"{given.get('username', '')}:{self._realm}:{password}")
        two = digest(f"{method}:{given.get('uri', '')}")
        expected = digest(f"{one}:{nonce}:{count}:{given.get('cnonce', '')}:auth:{two}")
        answered = given.get("response", "").lower().encode()
        if not hmac.compare_digest(expected.encode(), answered) or password is None:
            return "refused"
        if age_s > NONCE_LIFE_S or not self._count(nonce, int(count, 16)):
            return "stale"  # it knows the password: a new challenge will do
        return "accepted"

    def _count(self, nonce: str, count: int) -> bool:
        """Take the next use of a nonce; False for one that was used already."""
        made_s = int(nonce.partition("-")[0], 16)
        known = self._counts.get(nonce)
        if count <= (known or 0) or (known is None and made_s <= self._forgotten_s):
            return False
        self._counts[nonce] = count
        self._counts.move_to_end(nonce)
        while len(self._counts) > REMEMBERED_NONCES:
            oldest, _ = self._counts.popitem(last=False)
            self._forgotten_s = max(self._forgotten_s, int(oldest.partition("-")[0], 16))
        return True

    def _nonce(self, now_s: float) -> str:
        stem = f"{int(now_s):x}-{secrets.token_hex(8)}"
        return f"{stem}-{self._sign(stem)}"

    def _age(self, nonce: str, now_s: float) -> float | None:
        """Seconds since we made it; None when we did not."""
        match = _NONCE.fullmatch(nonce)
        if match is None:
            return None
        stem = f"{match[1]}-{match[2]}"
        if not hmac.compare_digest(self._sign(stem), match[3]):
            return None
        return now_s - int(match[1], 16)

    def _sign(self, stem: str) -> str:
        return hmac.new(self._secret, stem.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(slots=True, kw_only=True)
class Credentials:
    """Ours at one registrar; remembers the last challenge, so that a refresh takes one request."""

    user: str
    password: str
    _challenge: AuthChallenge | None = None
    _header: str = "Authorization"
    _count: int = 0

    def challenged(self, response: SipResponse) -> bool:
        """Take the strongest challenge of a 401 or 407; False when there is none to answer."""
        if response.status_code == 407:
            asked, self._header = "proxy-authenticate", "Proxy-Authorization"
        else:
            asked, self._header = "www-authenticate", "Authorization"
        known: list[tuple[int, AuthChallenge]] = []
        for value in response.headers.get(asked):
            challenge = parse_auth(value)
            algorithm = challenge.params.get("algorithm", "MD5").upper()
            if challenge.scheme.lower() == "digest" and algorithm in ALGORITHMS:
                known.append((ALGORITHMS.index(algorithm), challenge))
        if not known:
            return False
        self._challenge, self._count = min(known, key=lambda pair: pair[0])[1], 0
        return True

    @property
    def stale(self) -> bool:
        """The last challenge says that the answer before was right, only late."""
        params = self._challenge.params if self._challenge else {}
        return params.get("stale", "").lower() == "true"

    def sign(self, request: SipRequest) -> None:
        """Add the answer to the last challenge, if there was one."""
        if self._challenge is None:
            return
        self._count += 1
        answer = build_credentials(
            SipDigestAuth(username=self.user, password=self.password),
            self._challenge,
            request.method,
            request.uri,
            nonce_count=self._count,
        )
        if answer is not None:
            request.headers.set_single(self._header, stringify_auth(answer))
