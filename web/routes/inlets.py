"""Where people write to a client: e-mail addresses and web forms, made here, posted here."""

from __future__ import annotations

import hashlib
import re
import secrets

from fastapi import APIRouter, Request, Response

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.numbering import e164
from copilot.store.records.inquiries import Inlet, NewInquiry
from copilot.store.store import ClientScope
from knowledge.wording import plain
from web import inquiryschemas as schemas
from web.access import client_filter
from web.house import House, InHouse
from web.routes.forms import Keeper

router = APIRouter(tags=["inlets"])

BASE = "/api/clients/{client_id}/inlets"
POST_TO = "/api/web-forms/{key}"


class NoInboxError(ConflictError):
    """No e-mail comes in here."""

    code = "no_inbox"


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


@router.get(BASE)
async def inlets(client_id: str, person: Keeper, house: InHouse) -> list[schemas.InletView]:
    """The client's addresses and forms."""
    scope = _scope(client_id, person, house)
    return [_view(one, house) for one in await scope.inlets()]


@router.post(BASE, status_code=201)
async def add(
    client_id: str, given: schemas.InletInput, person: Keeper, house: InHouse
) -> schemas.InletView:
    """A new address or form. Its name is made here: nobody can take another's."""
    scope = _scope(client_id, person, house)
    client = await scope.client()
    if given.kind == "email":
        domain = house.inquiries.domain
        if not domain:
            raise NoInboxError("no e-mail comes in here")
        slug = re.sub(r"[^a-z0-9]+", "-", plain(client.name)).strip("-")[:30] or "client"
        value = f"{slug}-{secrets.token_hex(3)}@{domain}"
    else:
        value = f"form-{secrets.token_hex(16)}"
    made = Inlet(
        value=value,
        client_id=scope.client_id,
        kind=given.kind,
        name=given.name.strip(),
        origins=tuple(one.lower() for one in given.origins),
    )
    at = house.journal.now()
    act = Act(actor=person.actor, action="inlet.added", at=at, client_id=scope.client_id,
              detail={"kind": given.kind})  # fmt: skip
    return _view(await scope.add_inlet(made, at=at, act=act), house)


@router.post(f"{BASE}/remove", status_code=204)
async def remove(
    client_id: str, given: schemas.InletRemoval, person: Keeper, house: InHouse
) -> None:
    """Nothing more comes in there; what came stays."""
    scope = _scope(client_id, person, house)
    act = Act(actor=person.actor, action="inlet.removed", at=house.journal.now(),
              client_id=scope.client_id)  # fmt: skip
    await scope.remove_inlet(given.value, act=act)


def _view(record: Inlet, house: House) -> schemas.InletView:
    posts = record.kind == "form"
    return schemas.InletView(
        value=record.value,
        kind=record.kind,
        name=record.name,
        origins=list(record.origins),
        post_to=house.trust.public_url + POST_TO.format(key=record.value) if posts else None,
    )


@router.options(POST_TO, status_code=204, include_in_schema=False)
async def preflight(key: str, request: Request, house: InHouse) -> Response:
    """Another site's page asks whether it may post."""
    form = await _form(key, request, house)
    return Response(status_code=204, headers=_sharing(form, request))


@router.post(POST_TO, status_code=202)
async def post(
    key: str, given: schemas.FormPost, request: Request, response: Response, house: InHouse
) -> schemas.FormTaken:
    """Somebody filled a client's form in: kept before the answer, once however often it comes."""
    form = await _form(key, request, house)
    response.headers.update(_sharing(form, request))
    if given.website:
        return schemas.FormTaken()  # a program: it is told nothing
    _count(form, request, house)
    email = given.email.strip().lower()
    new = NewInquiry(
        call_id=secrets.token_hex(16),
        channel="form",
        inlet=form.value,
        origin=_origin(form, given, house),
        received_at=house.journal.now(),
        sender=email if re.fullmatch(r"[^\s@<>,;\"()]+@[^\s@<>,;\"()]+\.[^\s@]+", email) else "",
        sender_name=" ".join(given.name.split()),
        phone=e164(given.phone) if given.phone.strip() else None,
        subject=" ".join(given.subject.split()),
    )
    await house.inquiries.intake.take(form.client_id, new, given.message)
    return schemas.FormTaken()


async def _form(key: str, request: Request, house: House) -> Inlet:
    """Raises `NotFoundError` for what is no form, and for a site that may not post it."""
    form = await house.store.inquiries.inlet(key)
    if form is None or form.kind != "form":
        raise NotFoundError("no such form")
    origin = request.headers.get("origin", "").lower()
    if form.origins and origin not in form.origins:
        raise NotFoundError("no such form")
    return form


def _sharing(form: Inlet, request: Request) -> dict[str, str]:
    """CORS: the answer may be read by the sites of the form; no cookie ever travels."""
    origin = request.headers.get("origin")
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin if form.origins else "*",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


def _count(form: Inlet, request: Request, house: House) -> None:
    """Raises `TooManyAttemptsError` when one address, or everybody together, posts too much."""
    at = house.journal.now()
    address = request.client.host if request.client else ""
    limits = (
        (house.inquiries.posts_of_one, f"{form.value}/{address}"),
        (house.inquiries.posts_of_all, form.value),
    )
    for limit, key in limits:
        if (wait_s := limit.wait_s(key, at=at)) > 0:
            raise TooManyAttemptsError(wait_s)
    for limit, key in limits:
        limit.failed(key, at=at)


def _origin(form: Inlet, given: schemas.FormPost, house: House) -> str:
    """The same for the same words on the same day: a button pressed twice."""
    day = house.journal.now().date().isoformat()
    told = "\n".join((form.value, day, given.email, given.phone, given.subject, given.message))
    return hashlib.sha256(told.encode()).hexdigest()
