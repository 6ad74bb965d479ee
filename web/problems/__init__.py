"""Refusals as people read them: a stable code and a sentence in their language, with the mend.

Each topic has a module: `KINDS`, the exceptions it answers for; `STATUS`, a code's HTTP status
(422 unless said); `SENTENCES`, a code's French and English.
"""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.store.errors import StoreError
from knowledge.importing import ImportingError
from web.access import note
from web.house import house_of
from web.problems import (
    accounts,
    agenda,
    calls,
    clients,
    general,
    knowledge,
    messages,
    panel,
    recordings,
    signon,
    supervision,
    training,
    welcome,
)

logger = logging.getLogger(__name__)

TOPICS = (
    accounts,
    agenda,
    calls,
    clients,
    general,
    knowledge,
    messages,
    panel,
    recordings,
    signon,
    supervision,
    training,
    welcome,
)
STATUS = {code: status for topic in TOPICS for code, status in topic.STATUS.items()}
SENTENCES = {code: said for topic in TOPICS for code, said in topic.SENTENCES.items()}


def english(request: Request) -> bool:
    """Whether the reader prefers English over French."""
    accepted = request.headers.get("accept-language", "").lower()
    return accepted.startswith("en")


def problem(
    request: Request, code: str, *, status: int, detail: str = "", retry_after_s: float = 0
) -> JSONResponse:
    """The response for a refusal. A code without a sentence gives the detail itself."""
    sentences = SENTENCES.get(code)
    message = sentences[english(request)].format(detail=detail) if sentences else detail
    headers = {"Retry-After": str(int(retry_after_s) + 1)} if retry_after_s else None
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)


async def _note_refusal(request: Request) -> None:
    """Say in the audit trail what a signed-in person asked for and does not exist for them."""
    person: SignedIn | None = getattr(request.state, "person", None)
    if person is None:
        return
    subject = f"{request.method} {request.url.path}"
    try:
        await note(house_of(request), person, "refused", subject=subject)
    except StoreError:
        logger.exception("a refusal could not enter the audit trail")


def install(app: FastAPI) -> None:
    """Translate every expected refusal at the edge."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        code = getattr(error, "code", "unexpected")
        status = getattr(error, "status", None) or STATUS.get(code, 422)
        if status == 404:
            await _note_refusal(request)
        if isinstance(error, ImportingError):
            said = error.english if english(request) else error.french
            return JSONResponse({"code": code, "message": said}, status_code=status)
        retry_after_s = error.retry_after_s if isinstance(error, TooManyAttemptsError) else 0
        return problem(request, code, status=status, detail=str(error), retry_after_s=retry_after_s)

    for kind in (kind for topic in TOPICS for kind in topic.KINDS):
        app.add_exception_handler(kind, refused)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return problem(request, "bad_request", status=422, detail=f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = "not_found" if error.status_code == 404 else "bad_request"
        return problem(request, code, status=error.status_code, detail=str(error.detail))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("unexpected failure of %s", request.url.path, exc_info=error)
        return problem(request, "unexpected", status=500)
