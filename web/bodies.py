"""How large a request's body may be: whoever is not signed in can send one, too.

Uploads count their own files as they come (`web.uploads`); this bounds everything else, before it
is in memory or on the disk.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 * 1024 * 1024
"""Of JSON: a thousand entries with their answers have less."""
MOST_UPLOAD_BYTES = 32 * 1024 * 1024
"""Of a form with files: the largest file that is taken has 25 MB."""
DIGITS = re.compile(r"[0-9]{1,18}")
"""Of a length: Python reads no number of thousands of them."""
UNBOUNDED = ("/api/replay",)
"""Reads as it writes to the disk, for whoever proved that they can read the house's secret."""


class TooLargeError(HTTPException):
    """Nothing of it is taken."""

    def __init__(self) -> None:
        super().__init__(413, "the request is too large")


class BodyBounds:
    """Refuses what is longer, said or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNBOUNDED:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_form = headers.get("content-type", "").startswith("multipart/")
        most = MOST_UPLOAD_BYTES if is_form else MOST_BYTES
        declared = headers.get("content-length", "0")
        too_large = not DIGITS.fullmatch(declared) or int(declared) > most
        left = most

        async def counted() -> Message:
            nonlocal left
            if too_large:
                raise TooLargeError
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLargeError
            return message

        await self._app(scope, counted, send)


def install(app: FastAPI) -> None:
    """Innermost: refusals are told like any other."""
    app.add_middleware(BodyBounds)
