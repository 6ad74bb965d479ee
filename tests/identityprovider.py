"""An identity provider on loopback: discovery, keys, codes bound to PKCE, ID tokens; its flaws are
settings."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers import free_port, served

CLIENT_ID = "souffleur"
CLIENT_SECRET = "un secret de l'essai"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


@dataclass
class IdentityProvider:
    """One person is signed in there: `person` is what their tokens say."""

    port: int = field(default_factory=free_port)
    person: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    published: list[dict[str, Any]] | None = None
    """The key set, when it is not the signing key's."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What the tokens say instead of the truth; None takes a claim away."""
    sign: Callable[[dict[str, Any]], str] | None = None
    """Another way of signing."""
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, str | None] = field(default_factory=dict)
    """What comes back to the house instead; None takes a parameter away."""
    proof: str = "client_secret_basic"
    """How the house proves who it is at the token endpoint."""
    gate: asyncio.Event | None = None
    """While it is not set, nothing is answered."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_name": "Compte Delta",
        }

    async def discover(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
                "authorization_response_iss_parameter_supported": True,
                **self.metadata,
            }
        )

    async def keys(self, _: Request) -> Response:
        known = self.published
        return JSONResponse({"keys": [self.key.as_dict(private=False)] if known is None else known})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        right = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "code_challenge_method": "S256",
        }
        if not right.items() <= asked.items() or "openid" not in asked["scope"].split():
            return Response("bad request", 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer, **self.answer}
        kept = {name: value for name, value in back.items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(kept)}", 302)

    async def token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        if not self.knows(request.headers.get("authorization"), given):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(given["code"], None)
        if (
            asked is None
            or given["redirect_uri"] != asked["redirect_uri"]
            or create_s256_code_challenge(given["code_verifier"]) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        truth = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.claims,
        }
        said = {name: value for name, value in truth.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid}
        token = self.sign(said) if self.sign else jwt.encode(header, said, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def knows(self, header: str | None, given: dict[str, str]) -> bool:
        """Whether the house proves who it is, in the way that is wanted."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        ways = {
            "client_secret_basic": header == f"Basic {basic}",
            "client_secret_post": header is None and given.get("client_secret") == CLIENT_SECRET,
            "none": header is None and "client_secret" not in given,
        }
        return ways[self.proof] and given.get("client_id", CLIENT_ID) == CLIENT_ID

    async def end(self, _: Request) -> Response:
        return Response("À bientôt", media_type="text/plain; charset=utf-8")

    def app(self) -> Starlette:
        def gated(answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
            async def answered(request: Request) -> Response:
                self.asked.append(request.url.path.rpartition("/")[2])
                if self.gate is not None:
                    await self.gate.wait()
                response: Response = await answer(request)
                return response

            return answered

        return Starlette(
            routes=[
                Route("/realm/.well-known/openid-configuration", gated(self.discover)),
                Route("/realm/keys", gated(self.keys)),
                Route("/realm/authorize", gated(self.authorize)),
                Route("/realm/token", gated(self.token), methods=["POST"]),
                Route("/realm/end", gated(self.end)),
            ]
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[IdentityProvider]:
        async with served(self.app(), port=self.port):
            try:
                yield self
            finally:
                if self.gate is not None:
                    self.gate.set()
