"""Quality grids, which are the house's, and evaluations of calls, which are their client's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from copilot.quality.grid import Criterion, Grid, Mark, check_grid, check_marks, score
from copilot.store.audit import Act, Actor
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.quality import Evaluation
from copilot.store.scope import Scoped
from copilot.store.tables.calls import calls
from copilot.store.tables.quality import evaluations, quality_grids

MOST = 2000


class Grids:
    """Every version of every grid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def grids(self) -> tuple[Grid, ...]:
        """The newest version of each, by name; retired ones too."""
        newest = (
            select(quality_grids.c.id, func.max(quality_grids.c.version).label("version"))
            .group_by(quality_grids.c.id)
            .subquery()
        )
        query = select(quality_grids).join(
            newest,
            (newest.c.id == quality_grids.c.id) & (newest.c.version == quality_grids.c.version),
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(
                query.order_by(quality_grids.c.name, quality_grids.c.id)
            )
        return tuple(_grid_of(row) for row in rows)

    async def grid(self, grid_id: str, version: int) -> Grid:
        """Raises NotFoundError."""
        query = select(quality_grids).where(
            quality_grids.c.id == grid_id, quality_grids.c.version == version
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no version {version} of the grid {grid_id!r}")
        return _grid_of(row)

    async def versions(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Grid]:
        """Those of these versions that there are."""
        query = select(quality_grids).where(
            quality_grids.c.id.in_({grid_id for grid_id, _ in wanted})
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        found = {(row.id, row.version): _grid_of(row) for row in rows}
        return {key: found[key] for key in wanted if key in found}

    async def save(
        self,
        grid_id: str | None,
        *,
        name: str,
        criteria: Sequence[Criterion],
        retired: bool,
        over: int,
        actor: Actor,
        at: datetime,
    ) -> Grid:
        """The next version of a grid (null: of a new one), audited.

        `over`: the version that was edited; 0 for a new one. Raises BadGridError, ConflictError.
        """
        check_grid(criteria)
        grid = Grid(
            id=grid_id or new_id(),
            version=over + 1,
            name=name,
            criteria=tuple(criteria),
            retired=retired,
        )
        row = {
            "id": grid.id,
            "version": grid.version,
            "name": grid.name,
            "criteria": [asdict(one) for one in grid.criteria],
            "retired": grid.retired,
            "made_at": at,
            "made_by_name": actor.name,
        }
        act = Act(actor=actor, action="grid.saved", at=at, subject=f"{grid.id} {grid.version}")
        newest = select(func.max(quality_grids.c.version)).where(quality_grids.c.id == grid.id)
        try:
            async with self._database.writing(act) as connection:
                if ((await connection.execute(newest)).scalar() or 0) != over:
                    raise ConflictError("somebody changed this grid meanwhile")
                await connection.execute(insert(quality_grids).values(row))
        except IntegrityError as error:
            raise ConflictError("somebody changed this grid meanwhile") from error
        return grid


class EvaluationQueries(Scoped):
    """Evaluations of the client's calls."""

    async def evaluate(
        self,
        call_id: str,
        *,
        grid: Grid,
        marks: Mapping[str, Mark],
        comment: str,
        calibrating: bool,
        actor: Actor,
        at: datetime,
    ) -> Evaluation:
        """Keep somebody's evaluation of a call over their former one with this grid; audited.

        Raises BadGridError, NotFoundError; ConflictError for a call that is not over or that
        nobody answered, and when a calibration would become an evaluation that counts, or the
        other way.
        """
        check_marks(grid, marks)
        act = Act(
            actor=actor, action="call.evaluated", at=at, client_id=self.client_id, subject=call_id
        )
        async with self._database.writing(act) as connection:
            query = self._select(calls, calls.c.operator_id, calls.c.ended_at)
            call = (await connection.execute(query.where(calls.c.id == call_id))).one_or_none()
            if call is None:
                raise NotFoundError(f"no call {call_id!r}")
            if call.ended_at is None or call.operator_id is None:
                raise ConflictError("only an answered call that is over can be evaluated")
            former = self._select(evaluations).where(
                evaluations.c.call_id == call_id,
                evaluations.c.grid_id == grid.id,
                evaluations.c.evaluator_id == actor.id,
            )
            known = (await connection.execute(former)).one_or_none()
            if known is not None and known.calibrating != calibrating:
                raise ConflictError("you evaluated this call already, otherwise")
            row = {
                "id": known.id if known else new_id(),
                "call_id": call_id,
                "grid_id": grid.id,
                "grid_version": grid.version,
                "operator_id": call.operator_id,
                "evaluator_id": actor.id,
                "evaluator_name": actor.name,
                "at": at,
                "calibrating": calibrating,
                "marks": dict(marks),
                "comment": comment,
                "score": score(grid, marks),
            }
            (sealed,) = await self._seal(connection, evaluations, row)
            if known:
                mine = self._update(evaluations).where(evaluations.c.id == known.id)
                await connection.execute(mine.values(**sealed))
            else:
                await connection.execute(self._insert(evaluations, sealed))
            kept = self._select(evaluations).where(evaluations.c.id == row["id"])
            return evaluation_of((await self._opened(connection, evaluations, kept))[0])

    async def evaluations(self, call_id: str) -> tuple[Evaluation, ...]:
        """Of a call, in order, blind ones too: who may see which is `copilot.quality.sight`'s."""
        query = (
            self._select(evaluations)
            .where(evaluations.c.call_id == call_id)
            .order_by(evaluations.c.at, evaluations.c.id)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, evaluations, query)
        return tuple(evaluation_of(row) for row in rows)


async def evaluations_since(
    database: Database,
    since: datetime,
    *,
    client_id: str | None = None,
    operator_id: str | None = None,
) -> tuple[Evaluation, ...]:
    """Those that count (no calibration), newest first, `MOST` at most."""
    query = select(evaluations).where(
        evaluations.c.at >= since, evaluations.c.calibrating.is_(False)
    )
    if client_id is not None:
        query = query.where(evaluations.c.client_id == client_id)
    if operator_id is not None:
        query = query.where(evaluations.c.operator_id == operator_id)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(evaluations.c.at.desc()).limit(MOST))
        opened = await database.vault.open(connection, evaluations, rows)
    return tuple(evaluation_of(row) for row in opened)


def evaluation_of(row: Any) -> Evaluation:
    """A row as the vault opens it."""
    return Evaluation(
        id=row.id,
        client_id=row.client_id,
        call_id=row.call_id,
        grid_id=row.grid_id,
        grid_version=row.grid_version,
        operator_id=row.operator_id,
        evaluator_id=row.evaluator_id,
        evaluator_name=row.evaluator_name,
        at=row.at,
        calibrating=row.calibrating,
        marks=row.marks,
        comment=row.comment,
        score=row.score,
    )


def _grid_of(row: Any) -> Grid:
    return Grid(
        id=row.id,
        version=row.version,
        name=row.name,
        criteria=tuple(Criterion(**one) for one in row.criteria),
        retired=row.retired,
    )
