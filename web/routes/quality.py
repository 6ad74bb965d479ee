"""Remarks on calls, grids, evaluations and their trend, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from copilot.accounts import SignedIn
from copilot.quality.grid import Criterion, Grid, differences, trend
from copilot.quality.rules import read_rules, rules_values
from copilot.quality.sight import seen_by_operator, seen_by_supervisor
from copilot.store.alerts import alert_of, alert_rules, save_alert_rules
from copilot.store.errors import NotFoundError
from copilot.store.evaluations import evaluations_since
from copilot.store.records.quality import Evaluation, Moment, Remark
from copilot.store.remarks import coaching_of, open_remarks
from web import boardschemas as boards
from web import qualityschemas as shapes
from web.access import Floor, Operator, Supervisor, call_in_sight
from web.house import House, InHouse
from web.routes.board import alert_view

router = APIRouter(prefix="/api", tags=["quality"])

COACHED = timedelta(days=180)


@router.get("/calls/{call_id}/remarks")
async def remarks(call_id: str, person: Floor, house: InHouse) -> list[shapes.RemarkView]:
    """Of a call: a supervisor sees all, its operator what is for them."""
    call = await call_in_sight(house, person, call_id)
    found = await house.store.for_client(call.client_id).remarks(call_id)
    if person.user.role == "operator":
        if call.operator_id != person.user.id:
            raise NotFoundError("not one of your calls")
        found = tuple(one for one in found if one.kind == "coaching")
    return [remark_view(one) for one in found]


@router.post("/calls/{call_id}/remarks", status_code=201)
async def remark(
    call_id: str, given: shapes.RemarkEdit, person: Supervisor, house: InHouse
) -> shapes.RemarkView:
    """Note something about a call, or a moment of it; audited without its text."""
    call = await call_in_sight(house, person, call_id)
    moment = given.moment
    kept = await house.store.for_client(call.client_id).add_remark(
        call_id,
        given.kind,
        given.text.strip(),
        moment=Moment(utterance_id=moment.utterance_id, span=moment.span) if moment else None,
        actor=person.actor,
        at=house.journal.now(),
    )
    return remark_view(kept)


@router.post("/calls/{call_id}/remarks/{remark_id}/settle")
async def settle(
    call_id: str, remark_id: str, given: shapes.Settled, person: Supervisor, house: InHouse
) -> shapes.RemarkView:
    """Done with, or open again; audited."""
    call = await call_in_sight(house, person, call_id)
    settled = await house.store.for_client(call.client_id).settle_remark(
        remark_id, resolved=given.resolved, actor=person.actor, at=house.journal.now()
    )
    return remark_view(settled)


@router.get("/remarks")
async def to_do(_: Supervisor, house: InHouse) -> list[shapes.RemarkView]:
    """Of every call, those that nobody is done with, newest first."""
    return [remark_view(one) for one in await open_remarks(house.store.database)]


@router.get("/coaching")
async def coaching(person: Operator, house: InHouse) -> shapes.CoachingView:
    """What was noted for an operator about their own calls."""
    mine = await coaching_of(house.store.database, person.user.id)
    given = await evaluations_since(
        house.store.database, house.journal.now() - COACHED, operator_id=person.user.id
    )
    return shapes.CoachingView(
        remarks=[remark_view(one) for one in mine],
        evaluations=await _evaluation_views(house, given, person.user.id),
    )


@router.get("/quality/grids")
async def grids(_: Supervisor, house: InHouse) -> list[shapes.GridView]:
    """The newest version of each, retired ones too."""
    return [grid_view(one) for one in await house.store.grids.grids()]


@router.post("/quality/grids", status_code=201)
async def make_grid(given: shapes.GridEdit, person: Supervisor, house: InHouse) -> shapes.GridView:
    """A new grid; audited."""
    return await _save(house, person, None, given)


@router.put("/quality/grids/{grid_id}")
async def change_grid(
    grid_id: str, given: shapes.GridEdit, person: Supervisor, house: InHouse
) -> shapes.GridView:
    """Its next version; evaluations keep theirs. Audited."""
    await house.store.grids.grid(grid_id, max(given.over, 1))
    return await _save(house, person, grid_id, given)


@router.get("/calls/{call_id}/evaluations")
async def evaluations(call_id: str, person: Floor, house: InHouse) -> shapes.EvaluationsView:
    """Of a call: blind calibrations open once one's own is given; an operator's own calls."""
    call = await call_in_sight(house, person, call_id)
    found = await house.store.for_client(call.client_id).evaluations(call_id)
    if person.user.role == "operator":
        if call.operator_id != person.user.id:
            raise NotFoundError("not one of your calls")
        seen, hidden = seen_by_operator(found, person.user.id), 0
    else:
        seen = seen_by_supervisor(found, person.user.id)
        hidden = len(found) - len(seen)
    views = await _evaluation_views(house, seen, person.user.id)
    return shapes.EvaluationsView(
        evaluations=views, hidden=hidden, differences=await _differences(house, seen)
    )


@router.put("/calls/{call_id}/evaluation")
async def evaluate(
    call_id: str, given: shapes.EvaluationEdit, person: Supervisor, house: InHouse
) -> shapes.EvaluationView:
    """Evaluate an answered call that is over; again, over one's former evaluation. Audited."""
    call = await call_in_sight(house, person, call_id)
    grid = await house.store.grids.grid(given.grid_id, given.grid_version)
    kept = await house.store.for_client(call.client_id).evaluate(
        call_id,
        grid=grid,
        marks=given.marks,
        comment=given.comment.strip(),
        calibrating=given.calibrating,
        actor=person.actor,
        at=house.journal.now(),
    )
    return _evaluation_view(kept, grid, person.user.id)


@router.get("/quality/trend")
async def criteria_trend(
    _: Supervisor,
    house: InHouse,
    grid_id: Annotated[str, Query(max_length=64)],
    client_id: str | None = None,
    days: Annotated[int, Query(ge=1, le=730)] = 365,
) -> shapes.TrendView:
    """Each criterion month by month, over every operator together: nobody is ranked."""
    since = house.journal.now() - timedelta(days=days)
    found = [
        one
        for one in await evaluations_since(house.store.database, since, client_id=client_id)
        if one.grid_id == grid_id
    ]
    scores = [one.score for one in found if one.score is not None]
    points = trend([(f"{one.at:%Y-%m}", one.marks) for one in found])
    return shapes.TrendView(
        evaluations=len(found),
        score=round(sum(scores) / len(scores), 1) if scores else None,
        points=[shapes.TrendPoint(**asdict(point)) for point in points],
    )


@router.get("/alerts")
async def alerts(_: Supervisor, house: InHouse) -> list[boards.AlertView]:
    """Those that nobody took note of; the board's socket has them as they come."""
    return [alert_view(one) for one in house.alerts.alerts]


@router.post("/alerts/{alert_id}/take", status_code=204)
async def take_alert(alert_id: str, person: Supervisor, house: InHouse) -> None:
    """A supervisor takes note: gone from every board; audited."""
    alert = await alert_of(house.store.database, alert_id)
    await house.store.for_client(alert.client_id).acknowledge_alert(
        alert_id, actor=person.actor, at=house.journal.now()
    )
    house.alerts.look()


@router.get("/alert-rules")
async def rules(_: Supervisor, house: InHouse) -> shapes.AlertRulesView:
    """What calls a supervisor, in every client's calls."""
    return shapes.AlertRulesView(**rules_values(await alert_rules(house.store.database)))


@router.put("/alert-rules")
async def change_rules(
    given: shapes.AlertRulesView, person: Supervisor, house: InHouse
) -> shapes.AlertRulesView:
    """Change them whole; audited."""
    kept = read_rules(given.model_dump())
    await save_alert_rules(house.store.database, kept, actor=person.actor, at=house.journal.now())
    await house.alerts.read_rules()
    return shapes.AlertRulesView(**rules_values(kept))


async def _save(
    house: House, person: SignedIn, grid_id: str | None, given: shapes.GridEdit
) -> shapes.GridView:
    saved = await house.store.grids.save(
        grid_id,
        name=given.name.strip(),
        criteria=[Criterion(**one.model_dump()) for one in given.criteria],
        retired=given.retired,
        over=given.over if grid_id else 0,
        actor=person.actor,
        at=house.journal.now(),
    )
    return grid_view(saved)


async def _evaluation_views(
    house: House, found: Sequence[Evaluation], user_id: str
) -> list[shapes.EvaluationView]:
    keys = [(one.grid_id, one.grid_version) for one in found]
    known = await house.store.grids.versions(keys)
    return [
        _evaluation_view(one, known[key], user_id)
        for one, key in zip(found, keys, strict=True)
        if key in known
    ]


async def _differences(house: House, seen: Sequence[Evaluation]) -> list[shapes.DifferenceView]:
    """Between the calibrations that the reader sees, version by version of a grid."""
    blind: dict[tuple[str, int], list[Evaluation]] = {}
    for one in seen:
        if one.calibrating:
            blind.setdefault((one.grid_id, one.grid_version), []).append(one)
    known = await house.store.grids.versions(list(blind))
    return [
        shapes.DifferenceView(
            criterion_id=one.criterion.id, text=one.criterion.text, marks=list(one.marks)
        )
        for key, some in blind.items()
        if key in known and len(some) > 1
        for one in differences(known[key], [each.marks for each in some])
    ]


def _evaluation_view(one: Evaluation, grid: Grid, user_id: str) -> shapes.EvaluationView:
    return shapes.EvaluationView(
        id=one.id,
        call_id=one.call_id,
        grid=grid_view(grid),
        evaluator_name=one.evaluator_name,
        own=one.evaluator_id == user_id,
        at=one.at,
        calibrating=one.calibrating,
        marks=dict(one.marks),
        comment=one.comment,
        score=one.score,
    )


def grid_view(grid: Grid) -> shapes.GridView:
    return shapes.GridView(
        id=grid.id,
        version=grid.version,
        name=grid.name,
        criteria=[shapes.CriterionView(**asdict(one)) for one in grid.criteria],
        retired=grid.retired,
    )


def remark_view(one: Remark) -> shapes.RemarkView:
    moment = one.moment
    return shapes.RemarkView(
        id=one.id,
        call_id=one.call_id,
        kind=one.kind,
        moment=shapes.MomentEdit(utterance_id=moment.utterance_id, span=moment.span)
        if moment
        else None,
        text=one.text,
        author_name=one.author_name,
        at=one.at,
        resolved_at=one.resolved_at,
        resolved_by_name=one.resolved_by_name,
    )
