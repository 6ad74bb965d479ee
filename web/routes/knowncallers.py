"""People a client knows: searched, edited, imported with a preview, merged, given out, forgotten.

An import is previewed and applied with the same file: the token says that neither the file nor
the people changed in between, so nothing of it needs to be kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from copilot.accounts import SignedIn
from copilot.knowncallers.giving_out import as_cards, as_csv
from copilot.knowncallers.matching import duplicates, merged, plan
from copilot.knowncallers.people import PeopleTaken, ReadPeople
from copilot.knowncallers.reading import MAX_BYTES, read_people
from copilot.store.audit import Act
from copilot.store.errors import ConflictError
from copilot.store.records.identifiers import new_id
from copilot.store.records.knowncallers import KnownAction, KnownCaller, KnownChange
from copilot.store.records.versions import Author
from copilot.store.store import ClientScope
from knowledge.documents.reading import ImportingError
from web import caller_views as views
from web import callerschemas as schemas
from web.access import client_filter, note
from web.house import House, InHouse
from web.localtime import aware, zone_of
from web.problems import english
from web.routes.forms import Keeper
from web.routes.privacy import forget_outside
from web.uploads import UPLOAD_BODY, AnUpload

router = APIRouter(prefix="/api/clients/{client_id}/known-callers", tags=["known callers"])

PAGE = 50
SHOWN = 200
"""Changes and problems of a preview that are shown; all of them count."""


YEARS = frozenset(range(2000, 2101))
"""When somebody may be expected."""


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


@router.get("")
async def known_callers(
    client_id: str,
    person: Keeper,
    house: InHouse,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> schemas.KnownCallers:
    """By name; every word of `q` is in the name, the company, an address or a number."""
    scope = _scope(client_id, person, house)
    zone = await zone_of(scope)
    found = await scope.known_callers(sought=q, after=after, limit=PAGE + 1)
    return schemas.KnownCallers(
        people=[views.known_caller(one, zone) for one in found[:PAGE]], more=len(found) > PAGE
    )


@router.get("/state")
async def state(client_id: str, person: Keeper, house: InHouse) -> schemas.KnownCallersSeen:
    """Who may be there twice, the last versions, the rule for blocked people's calls."""
    scope = _scope(client_id, person, house)
    client = await scope.client()
    zone = ZoneInfo(client.settings.time_zone)
    everybody, _ = await scope.all_known_callers()
    twice = duplicates(everybody)[:PAGE]
    return schemas.KnownCallersSeen(
        duplicates=[[views.known_caller(one, zone) for one in group] for group in twice],
        versions=[views.known_version(one) for one in await scope.known_caller_versions()],
        blocked=schemas.BlockedCalls(rule=client.settings.blocked_calls),
    )


@router.put("/blocked")
async def save_blocked(
    client_id: str, edit: schemas.BlockedCalls, person: Keeper, house: InHouse
) -> schemas.BlockedCalls:
    """What becomes of blocked people's calls, from the next one on."""
    scope = _scope(client_id, person, house)
    before = (await scope.client()).settings
    settings = dataclasses.replace(before, blocked_calls=edit.rule)
    act = Act(
        actor=person.actor,
        action="client.blocked_calls",
        at=house.journal.now(),
        client_id=scope.client_id,
        detail={"rule": edit.rule},
    )
    await scope.save_settings(settings, before=before, act=act)
    return edit


@router.post("", status_code=201)
async def add(
    client_id: str, given: schemas.KnownCallerInput, person: Keeper, house: InHouse
) -> schemas.KnownCallerView:
    """Somebody more."""
    scope = _scope(client_id, person, house)
    zone = await zone_of(scope)
    made = _read(given, new_id(), zone)
    change = KnownChange(before=None, after=made)
    await _change(scope, person, house, "create", made.name, [change])
    return views.known_caller(made, zone)


@router.put("/{caller_id}")
async def edit(
    client_id: str,
    caller_id: str,
    given: schemas.KnownCallerInput,
    person: Keeper,
    house: InHouse,
) -> schemas.KnownCallerView:
    """As typed, whole."""
    scope = _scope(client_id, person, house)
    zone = await zone_of(scope)
    before = await scope.known_caller(caller_id)
    after = _read(given, caller_id, zone)
    if after != before:
        change = KnownChange(before=before, after=after)
        await _change(scope, person, house, "edit", after.name, [change])
    return views.known_caller(after, zone)


@router.delete("/{caller_id}", status_code=204)
async def remove(client_id: str, caller_id: str, person: Keeper, house: InHouse) -> None:
    """Take somebody away; can be undone. To forget them, use `erase`."""
    scope = _scope(client_id, person, house)
    before = await scope.known_caller(caller_id)
    change = KnownChange(before=before, after=None)
    await _change(scope, person, house, "remove", before.name, [change])


@router.post("/merge")
async def merge(
    client_id: str, given: schemas.Merge, person: Keeper, house: InHouse
) -> schemas.KnownCallerView:
    """Make one person of several; can be undone."""
    scope = _scope(client_id, person, house)
    kept, *others = [await scope.known_caller(one) for one in dict.fromkeys(given.ids)]
    one = merged(kept, others)
    changes = [
        KnownChange(before=kept, after=one),
        *(KnownChange(before=other, after=None) for other in others),
    ]
    await _change(scope, person, house, "merge", one.name, changes)
    return views.known_caller(one, await zone_of(scope))


@router.post("/erase")
async def erase(
    client_id: str, given: schemas.Erasure, person: Keeper, house: InHouse
) -> schemas.ErasedPeople:
    """Forget people for good, in every version too; said in the audit trail."""
    scope = _scope(client_id, person, house)
    erased = await scope.erase_known_callers(
        given.ids, actor=person.actor, reason=given.reason, at=house.journal.now()
    )
    await forget_outside(house)
    return schemas.ErasedPeople(erased=erased)


@router.post("/versions/{number}/undo", status_code=204)
async def undo(client_id: str, number: int, person: Keeper, house: InHouse) -> None:
    """Put back what was before a version, whole; 409 when somebody it touched changed since."""
    scope = _scope(client_id, person, house)
    await scope.undo_known_callers(number, author=_author(person), at=house.journal.now())


@router.get("/export", response_class=Response)
async def export(
    client_id: str, person: Keeper, house: InHouse, format: schemas.Direction = "csv"
) -> Response:
    """Everybody, as CSV that no spreadsheet runs or as vCards."""
    scope = _scope(client_id, person, house)
    everybody, _ = await scope.all_known_callers()
    await note(house, person, "known_callers.exported", client_id=scope.client_id)
    write, media_type = {
        "csv": (as_csv, "text/csv; charset=utf-8"),
        "vcf": (as_cards, "text/vcard; charset=utf-8"),
    }[format]
    headers = {
        "Content-Disposition": f'attachment; filename="contacts.{format}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(write(everybody), media_type=media_type, headers=headers)


@router.post("/preview", openapi_extra=UPLOAD_BODY)
async def preview(
    client_id: str, request: Request, upload: AnUpload, person: Keeper, house: InHouse
) -> schemas.PeoplePreview:
    """What taking a file in (CSV, vCard) would do. Changes nothing."""
    scope = _scope(client_id, person, house)
    async with upload.form(limit=MAX_BYTES) as (_, file):
        read, content, _ = await _uploaded(file)
    known, version = await scope.all_known_callers()
    changes = plan(known, read.people, new_id=new_id)
    added = sum(change.before is None for change in changes)
    touched = len(changes) - added
    in_english = english(request)
    zone = await zone_of(scope)
    return schemas.PeoplePreview(
        token=_token(content, version),
        added=added,
        changed=touched,
        unchanged=len(known) - touched,
        left_out=sum(one.left_out for one in read.problems),
        changes=[views.known_change(change, zone) for change in changes[:SHOWN]],
        problems=views.problems(read.problems[:SHOWN], in_english=in_english),
    )


@router.post("/apply", openapi_extra=UPLOAD_BODY)
async def apply(
    client_id: str, upload: AnUpload, person: Keeper, house: InHouse
) -> schemas.ImportedPeople:
    """Take the previewed file in, with its `token`: whole or not at all, as one version."""
    scope = _scope(client_id, person, house)
    async with upload.form(limit=MAX_BYTES) as (form, file):
        read, content, name = await _uploaded(file)
        token = str(form.get("token") or "")
    _, version = await scope.all_known_callers()
    if not hmac.compare_digest(token.encode(), _token(content, version).encode()):
        raise _stale(name)
    done: list[KnownChange] = []

    def take_in(known: Sequence[KnownCaller]) -> Sequence[KnownChange]:
        done[:] = plan(known, read.people, new_id=new_id)
        return done

    try:
        made = await scope.change_known_callers(
            take_in,
            action="import",
            label=name,
            author=_author(person),
            at=house.journal.now(),
            base_version=version,
        )
    except ConflictError as error:
        raise _stale(name) from error
    added = sum(change.before is None for change in done)
    return schemas.ImportedPeople(added=added, changed=len(done) - added, version=made)


async def _uploaded(file: UploadFile) -> tuple[ReadPeople, bytes, str]:
    content = await file.read()
    name = file.filename or "contacts.csv"
    return await read_people(content, name), content, name


def _token(content: bytes, version: int) -> str:
    return hashlib.sha256(content + f"@{version}".encode()).hexdigest()


def _stale(name: str) -> ImportingError:
    return ImportingError(
        "import_stale",
        french=f"{name} : le fichier ou les contacts ont changé depuis l'aperçu, ou il y en aurait"
        " plus de 20 000. Rien n'a changé : refaites l'aperçu.",
        english=f"{name}: the file or the people changed since the preview, or there would be more"
        " than 20,000. Nothing was changed: preview it again.",
    )


async def _change(
    scope: ClientScope,
    person: SignedIn,
    house: House,
    action: KnownAction,
    label: str,
    changes: list[KnownChange],
) -> None:
    """Make these changes unless somebody else was faster. Raises `ConflictError`."""

    def still(everybody: Sequence[KnownCaller]) -> Sequence[KnownChange]:
        now = {one.id: one for one in everybody}
        if any(now.get(change.caller_id) != change.before for change in changes):
            raise ConflictError("somebody else changed this person meanwhile")
        return changes

    await scope.change_known_callers(
        still, action=action, label=label, author=_author(person), at=house.journal.now()
    )


def _author(person: SignedIn) -> Author:
    return Author(user_id=person.user.id, name=person.user.name)


def _read(given: schemas.KnownCallerInput, caller_id: str, zone: ZoneInfo) -> KnownCaller:
    """As a file would be read. Raises ImportingError (`bad_person`)."""
    begin = aware(given.expected_from, zone) if given.expected_from else None
    end = aware(given.expected_until, zone) if given.expected_until else None
    taken = PeopleTaken()
    taken.take(
        1,
        name=given.name,
        company=given.company,
        numbers=tuple(given.numbers),
        emails=tuple(given.emails),
        note=given.note,
        standing=given.standing,
        consigne=given.consigne,
    )
    reading = taken.reading()
    if reading.problems:
        found = reading.problems[0]
        raise ImportingError("bad_person", french=found.french, english=found.english)
    years = {moment.year for moment in (begin, end) if moment}
    backwards = begin is not None and end is not None and end <= begin
    if (begin is None) != (end is None) or not years <= YEARS or backwards:
        raise ImportingError(
            "bad_person",
            french="« Attendu » va d'un moment à un moment plus tardif : corrigez l'un des deux.",
            english="Expected goes from one moment to a later one: mend one of the two.",
        )
    one = reading.people[0]
    return KnownCaller(
        id=caller_id,
        name=one.name,
        company=one.company,
        numbers=one.numbers,
        emails=one.emails,
        note=one.note,
        standing=given.standing,
        expected_from=begin,
        expected_until=end,
        consigne=one.consigne,
    )
