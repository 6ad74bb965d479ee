"""The composition root: the one module that reads settings; everything is built from here.

    settings ──> store, bus ──> journal, board ──> hearing, knowledge, drafting ──> reception
                                                              SIP, browsers, delivery ──^

`web.composition` builds the parts from the settings it is given and passes them down. Parts that
load models return at once and load in the background: the service answers first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypedDict

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from copilot.settings import Settings
from web import bodies, openapi, pages, problems, schemas, sockets
from web.composition.backends import Backends
from web.composition.opening import open_house
from web.composition.places import behind_tls
from web.house import House
from web.panel import install as install_panel
from web.panel import panel_origins
from web.routes import (
    account,
    agenda,
    appointments,
    board,
    calls,
    care,
    clients,
    consent,
    consignes,
    crm,
    demo,
    files,
    floor,
    forms,
    holding,
    inlets,
    inquiries,
    knowledge,
    knowncallers,
    learning,
    line,
    links,
    listings,
    mailboxconsent,
    mailboxes,
    messages,
    oncallpush,
    panel,
    papers,
    passkeys,
    people,
    portal,
    privacy,
    push,
    quality,
    receipts,
    recordings,
    replay,
    reports,
    routing,
    savedsearches,
    search,
    session,
    signon,
    status,
    supervision,
    tokens,
    training,
    trainingcalls,
    transcripts,
    transfers,
    unfinished,
    usage,
    welcome,
    wordings,
    wrapup,
)

ROUTES = (
    session,
    account,
    passkeys,
    signon,
    links,
    people,
    clients,
    privacy,
    papers,
    board,
    calls,
    line,
    supervision,
    recordings,
    wrapup,
    transfers,
    messages,
    portal,
    knowledge,
    learning,
    wordings,
    knowncallers,
    consignes,
    files,
    search,
    savedsearches,
    replay,
    status,
    demo,
    forms,
    routing,
    welcome,
    floor,
    holding,
    receipts,
    oncallpush,
    tokens,
    reports,
    unfinished,
    usage,
    listings,
    panel,
    agenda,
    appointments,
    quality,
    inlets,
    inquiries,
    crm,
    push,
    consent,
    mailboxconsent,
    mailboxes,
    training,
    trainingcalls,
    transcripts,
    care,
)

REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": schemas.Problem, "description": "Refused"},
    "503": {"model": schemas.Problem, "description": "The database does not answer"},
}


def settings_from_environment() -> Settings:
    """The settings of this process. Raises pydantic's ValidationError."""
    return Settings()


class State(TypedDict):
    """What requests find in their state."""

    house: House


def create_app(
    settings: Settings,
    *,
    demonstration: bool = False,
    backends: Backends | None = None,
    on_ready: Callable[[House], None] = lambda _: None,
    on_warm: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The service. `on_ready` is called once it takes calls and requests, `on_warm` once all that
    it learns and loads in the background is there."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with open_house(
            settings, demonstration=demonstration, backends=backends, telephony=True,
            on_warm=on_warm,
        ) as house:  # fmt: skip
            on_ready(house)
            yield State(house=house)

    app = FastAPI(
        title="Souffleur",
        version="0.1.0",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirect to the address without its slash would go to whatever `Host` says.
        redirect_slashes=False,
        responses=REFUSALS,
        routes=_routes(),
    )
    problems.install(app)
    bodies.install(app)
    openapi.tell_our_refusals(app)
    sockets.install(app)
    install_panel(app, origins=panel_origins(settings.panel_origins), static=pages.STATIC)
    pages.install(app, hsts_days=settings.hsts_days if behind_tls(settings) else 0)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Every part's, the same for all apps of a process: FastAPI finds out at the first requests
    what each of them takes and answers, a third of a second in all."""
    parts = APIRouter(responses=REFUSALS)
    for part in ROUTES:
        parts.include_router(part.router)
    return parts.routes
