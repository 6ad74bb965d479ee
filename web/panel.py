"""The panel inside other software: where it may stand, its page, its script.

The origins of that software (`SOUFFLEUR_PANEL_ORIGINS`) may frame the page `/panel`, load the
script and call `/api/panel`; a browser refuses it to every other page, and the service too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SCRIPT = "souffleur-panel.js"
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
OURS = ("/api/panel", "/panel")


class PanelSettingError(ValueError):
    """`SOUFFLEUR_PANEL_ORIGINS` names something that is no origin."""

    code = "panel_setting"


@dataclass(frozen=True, kw_only=True)
class PanelHosts:
    """Where the panel may stand, and whose it is."""

    origins: tuple[str, ...] = ()
    """None: there is no panel."""
    operators: Mapping[str, str] = field(default_factory=dict)
    """E-mail address of the account, by extension."""


def panel_origins(setting: str) -> tuple[str, ...]:
    """Origins separated by commas, as browsers write them. Raises PanelSettingError."""
    origins = tuple(part.strip().lower().rstrip("/") for part in setting.split(",") if part.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise PanelSettingError(
                f"SOUFFLEUR_PANEL_ORIGINS: {origin!r}: write https://crm.example.com, with its "
                "port if it has one and nothing after it"
            )
    return tuple(dict.fromkeys(origins))


class PanelCors:
    """Lets pages of the origins call the panel's routes and load its script; nothing else."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = any(path == place or path.startswith(place + "/") for place in OURS)
        await (self._shared if ours else self._app)(scope, receive, send)


def install(app: FastAPI, *, origins: Sequence[str], static: Path) -> None:
    """Serve the page that is framed and the script that pages load; 404 without origins."""
    if not origins:
        return
    app.add_middleware(PanelCors, origins=origins)
    script = static / "panel" / SCRIPT
    headers = page_headers(origins)
    document = page_document(origins)

    @app.get("/panel", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(document, headers=headers)

    @app.get(f"/panel/{SCRIPT}", include_in_schema=False)
    async def panel_script() -> Response:
        if not script.exists():
            return PlainTextResponse(
                "The panel is not built: run ./bootstrap.sh run", status_code=503
            )
        told = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
        return FileResponse(script, media_type="text/javascript", headers=told)


def page_headers(origins: Sequence[str]) -> dict[str, str]:
    """Of the framed page: the service's own policy, with who may frame it."""
    return {
        "Content-Security-Policy": (
            "default-src 'none'; connect-src 'self' ws: wss:; img-src 'self' data:; "
            "style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {' '.join(origins)}"
        ),
        "Cache-Control": "no-cache",
    }


def page_document(origins: Sequence[str]) -> str:
    """The page is the element, told which pages it may talk to."""
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><title>Souffleur</title>'
        f'<meta name="souffleur-origins" content="{escape(" ".join(origins))}">'
        f'<script type="module" src="/panel/{SCRIPT}"></script></head>'
        "<body><main><souffleur-panel framed></souffleur-panel></main></body></html>"
    )
