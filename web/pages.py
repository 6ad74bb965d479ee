"""The browser application, as built by Vite, and the headers every response carries."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
PAGES = (
    "/", "/desk", "/gallery", "/portal", "/admin", "/account", "/welcome", "/m", "/demo/caller",
    "/training",
)  # fmt: skip

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
        "media-src 'self' blob:; style-src 'self'; script-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to every HTTP response."""

    def __init__(self, app: ASGIApp, *, hsts_days: int) -> None:
        self._app = app
        self._headers = dict(SECURITY_HEADERS)
        if hsts_days:
            life_s = hsts_days * 24 * 3600
            self._headers["Strict-Transport-Security"] = f"max-age={life_s}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
                elif scope["path"].startswith("/assets/") and message["status"] == 200:
                    # Their names change with their content.
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self._app(scope, receive, send_with_headers)


def install(app: FastAPI, static: Path = STATIC, *, hsts_days: int = 0) -> None:
    """Serve the application and its files. `hsts_days`: how long browsers remember that it is
    behind TLS (RFC 6797); 0 where it is not."""
    app.add_middleware(SecurityHeaders, hsts_days=hsts_days)
    assets = StaticFiles(directory=static / "assets", check_dir=False)
    app.mount("/assets", GZipMiddleware(assets, minimum_size=1024), name="assets")
    index = static / "index.html"

    async def page() -> Response:
        if not index.exists():
            return PlainTextResponse(
                "The browser app is not built: run ./bootstrap.sh run", status_code=503
            )
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    for path in PAGES:
        app.add_api_route(path, page, include_in_schema=False, response_class=Response)

    @app.get("/favicon.svg", include_in_schema=False)
    async def icon() -> Response:
        return FileResponse(static / "favicon.svg", media_type="image/svg+xml")

    @app.get("/push-worker.js", include_in_schema=False)
    async def push_worker() -> Response:
        """Asked for again each time: a worker is replaced when its bytes change."""
        return FileResponse(
            static / "push-worker.js",
            media_type="text/javascript",
            headers={"Cache-Control": "no-cache"},
        )
