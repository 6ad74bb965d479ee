"""What is learnt from calls: gaps in a client's knowledge, use of its entries, its threshold."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter, Request

from copilot.knowledgegaps import wordings
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.knowledge import StoredEntry
from copilot.store.records.learning import Gap
from copilot.store.records.versions import Author
from copilot.store.store import ClientScope
from knowledge.documents.tables import question_key
from knowledge.passages import Entry
from web import learning_schemas as shapes
from web.access import ClientPerson, ClientReader, Floor, Overseer, own_scope
from web.house import House, InHouse
from web.problems import english
from web.routes.knowledge import author

router = APIRouter(tags=["learning"])

LEARNT_OVER = timedelta(days=180)
WORDINGS = 20


@router.get("/api/portal/gaps")
async def gaps(
    person: ClientReader,
    house: InHouse,
    state: Literal["open", "answered", "dismissed"] = "open",
) -> list[shapes.GapView]:
    """Questions that found nothing, grouped by meaning."""
    return [gap_view(gap) for gap in await own_scope(house, person).gaps(state)]


@router.post("/api/portal/gaps/{gap_id}/entry", status_code=201)
async def answer_gap(
    gap_id: str, given: shapes.GapAnswer, person: ClientPerson, house: InHouse
) -> shapes.GapAnswered:
    """Turn a gap into an entry of the FAQ that knows its wordings."""
    scope = own_scope(house, person)
    gap = await scope.gap(gap_id)
    if gap.state != "open":
        raise ConflictError("this gap is not open any more")
    told = wordings(gap)[:WORDINGS] if given.alternatives is None else given.alternatives
    told = [text for text in told if question_key(text) != question_key(given.question)]
    # The entry's id comes from the gap: what was tried before, or answered it before it was
    # opened again, is written anew under what is said now.
    entry = Entry(
        entry_id=f"gap-{gap_id}",
        question=given.question,
        answer=given.answer,
        tags=tuple(given.tags),
        alternatives=tuple(told),
    )
    # Settled first: of two people who answer at once, one is told so, and overwrites nothing.
    settled = await scope.settle_gap(gap_id, "answered", entry_id=entry.entry_id)
    try:
        stored = await _written(scope, entry, author(person), at=house.journal.now())
    except BaseException:
        await scope.settle_gap(gap_id, "open")
        raise
    house.knowledge_changed(scope.client_id, stored.version)
    return shapes.GapAnswered(gap=gap_view(settled), entry_id=entry.entry_id)


async def _written(scope: ClientScope, entry: Entry, by: Author, *, at: datetime) -> StoredEntry:
    """The entry, added, or changed where it is there: its tags, note and wordings stay."""
    try:
        before = await scope.stored_entry(entry.entry_id)
    except NotFoundError:
        return await scope.create_entry(entry, author=by, at=at)
    edits = {
        "question": entry.question,
        "answer": entry.answer,
        "tags": tuple(dict.fromkeys((*before.entry.tags, *entry.tags))),
        "alternatives": tuple(dict.fromkeys((*before.entry.alternatives, *entry.alternatives))),
    }
    return await scope.edit_entry(entry.entry_id, edits, version=before.version, author=by, at=at)


@router.post("/api/portal/gaps/{gap_id}/dismiss")
async def dismiss_gap(gap_id: str, person: ClientPerson, house: InHouse) -> shapes.GapView:
    """Nothing is to be answered there."""
    return gap_view(await own_scope(house, person).settle_gap(gap_id, "dismissed"))


@router.post("/api/portal/gaps/{gap_id}/reopen")
async def reopen_gap(gap_id: str, person: ClientPerson, house: InHouse) -> shapes.GapView:
    """Put it back on the list."""
    return gap_view(await own_scope(house, person).settle_gap(gap_id, "open"))


@router.get("/api/portal/entries/use")
async def entry_use(
    request: Request, person: ClientReader, house: InHouse
) -> list[shapes.EntryUse]:
    """What operators did with each entry, and the weight it has from that."""
    uses = await own_scope(house, person).uses(house.journal.now() - LEARNT_OVER)
    return [
        shapes.EntryUse(
            entry_id=entry_id,
            shown=use.shown,
            opened=use.opened,
            copied=use.copied,
            used=use.used,
            dismissed=use.dismissed,
            not_this=use.not_this,
            weight=use.weight,
            why=use.explained(in_english=english(request)),
        )
        for entry_id, use in sorted(uses.items(), key=lambda item: (-item[1].shown, item[0]))
    ]


@router.get("/api/clients/{client_id}/suggestions")
async def suggestion_settings(
    client_id: str, _: Floor, house: InHouse
) -> shapes.SuggestionSettings:
    """When a client's answers are offered."""
    return await _settings(house, client_id)


@router.put("/api/clients/{client_id}/suggestions")
async def edit_suggestion_settings(
    client_id: str, given: shapes.SuggestionSettingsEdit, person: Overseer, house: InHouse
) -> shapes.SuggestionSettings:
    """Set the client's own threshold, or give it back the calibration's; audited."""
    scope = house.store.for_client(client_id)
    settings = (await scope.client()).settings
    act = Act(
        actor=person.actor,
        action="client.suggestions",
        at=house.journal.now(),
        client_id=client_id,
        subject=client_id,
        detail={"before": settings.suggestion_threshold, "after": given.threshold},
    )
    changed = replace(settings, suggestion_threshold=given.threshold)
    await scope.save_settings(changed, before=settings, act=act)
    house.shelf.changed(client_id)
    return await _settings(house, client_id)


async def _settings(house: House, client_id: str) -> shapes.SuggestionSettings:
    client = await house.store.for_client(client_id).client()
    calibration = house.calibration
    return shapes.SuggestionSettings(
        threshold=client.settings.suggestion_threshold,
        calibrated_threshold=calibration.threshold,
        fitted_on=calibration.fitted_on,
    )


def gap_view(gap: Gap) -> shapes.GapView:
    """A gap as the portal shows it. Raises NotFoundError when all its calls are forgotten."""
    if not gap.questions:
        raise NotFoundError(f"no gap {gap.id!r}")
    counts = Counter(question.text for question in gap.questions)
    last = {question.text: question for question in gap.questions}
    return shapes.GapView(
        id=gap.id,
        label=counts.most_common(1)[0][0],
        count=len(gap.questions),
        first_at=gap.questions[0].at,
        last_at=gap.questions[-1].at,
        state=gap.state,
        entry_id=gap.entry_id,
        wordings=[
            shapes.GapWording(
                text=text, count=times, last_at=last[text].at, last_call_id=last[text].call_id
            )
            for text, times in counts.most_common(WORDINGS)
        ],
    )
