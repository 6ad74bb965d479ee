"""Exercises of a client, and trainees' turns at them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import SYSTEM, Act, append
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.training import Exercise, FieldScore, Line, Score, TrainingRun
from copilot.store.scope import Scoped
from copilot.store.tables.training import training_exercises, training_runs

RUNS = 100
"""Turns that a list has at most."""


class TrainingQueries(Scoped):
    """The client's exercises and the turns at them."""

    async def save_exercise(self, exercise: Exercise, *, act: Act | None = None) -> None:
        """Add it, or put it in the place of the one with its id."""
        row = {
            "id": exercise.id,
            "title": exercise.title,
            "origin": exercise.origin,
            "body": _body(exercise),
            "target_s": exercise.target_s,
            "created_at": exercise.created_at,
            "created_by_name": exercise.created_by_name,
        }
        async with self._database.writing(act) as connection:
            (sealed,) = await self._seal(connection, training_exercises, row)
            here = self._update(training_exercises).where(training_exercises.c.id == exercise.id)
            if (await connection.execute(here.values(sealed))).rowcount == 0:
                await connection.execute(self._insert(training_exercises, sealed))

    async def exercise(self, exercise_id: str) -> Exercise:
        """Raises `NotFoundError`."""
        query = self._select(training_exercises).where(training_exercises.c.id == exercise_id)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, training_exercises, query)
        if not rows:
            raise NotFoundError(f"no exercise {exercise_id!r}")
        return _exercise(rows[0])

    async def exercises(self) -> tuple[Exercise, ...]:
        """By title."""
        query = self._select(training_exercises).order_by(
            training_exercises.c.title, training_exercises.c.id
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, training_exercises, query)
        return tuple(_exercise(row) for row in rows)

    async def remove_exercise(self, exercise_id: str, *, act: Act | None = None) -> None:
        """With the turns at it. Raises `NotFoundError`."""
        async with self._database.writing(act) as connection:
            gone = self._delete(training_exercises).where(training_exercises.c.id == exercise_id)
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError(f"no exercise {exercise_id!r}")

    async def begin_run(self, run: TrainingRun) -> None:
        """A trainee begins. Raises `NotFoundError` when the exercise is gone."""
        row = {
            "id": run.id,
            "exercise_id": run.exercise_id,
            "title": run.title,
            "operator_id": run.operator_id,
            "operator_name": run.operator_name,
            "started_at": run.started_at,
            "fields": run.fields,
            "score": None,
        }
        async with self._database.writing() as connection:
            known = self._select(training_exercises, training_exercises.c.id)
            known = known.where(training_exercises.c.id == run.exercise_id)
            if (await connection.execute(known)).one_or_none() is None:
                raise NotFoundError(f"no exercise {run.exercise_id!r}")
            (sealed,) = await self._seal(connection, training_runs, row)
            await connection.execute(self._insert(training_runs, sealed))

    async def training_run(self, run_id: str) -> TrainingRun:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._run_of(connection, run_id)

    async def keep_typed(self, run_id: str, fields: Mapping[str, str | None]) -> TrainingRun:
        """Add what the trainee typed. Raises `NotFoundError`, `ConflictError` once it is sent."""
        async with self._database.writing() as connection:
            run = await self._unsent(connection, run_id)
            run = dataclasses.replace(run, fields={**run.fields, **fields})
            await self._change_run(connection, run)
            return run

    async def finish_run(
        self, run_id: str, *, fields: Mapping[str, str | None], score: Score, at: datetime
    ) -> TrainingRun:
        """It is sent, and scored. Raises as `keep_typed`."""
        async with self._database.writing() as connection:
            run = await self._unsent(connection, run_id)
            run = dataclasses.replace(run, fields=dict(fields), score=score, sent_at=at)
            await self._change_run(connection, run)
            return run

    async def forget_training(self, *, before: datetime) -> int:
        """Remove turns begun before; how many there were, which the audit trail keeps."""
        async with self._database.writing() as connection:
            old = self._delete(training_runs).where(training_runs.c.started_at < before)
            count = (await connection.execute(old)).rowcount
            if count:
                act = Act(
                    actor=SYSTEM, action="retention.training", at=before, client_id=self.client_id,
                    detail={"rows": {"training_runs": count}, "before": before.isoformat()},
                )  # fmt: skip
                await append(connection, self._database.audit_key, act)
        return count

    async def _run_of(self, connection: AsyncConnection, run_id: str) -> TrainingRun:
        query = self._select(training_runs).where(training_runs.c.id == run_id)
        rows = await self._opened(connection, training_runs, query)
        if not rows:
            raise NotFoundError(f"no training {run_id!r}")
        return run_of(rows[0])

    async def _unsent(self, connection: AsyncConnection, run_id: str) -> TrainingRun:
        await self._lock_client(connection)
        run = await self._run_of(connection, run_id)
        if run.sent_at is not None:
            raise ConflictError("the exercise is over")
        return run

    async def _change_run(self, connection: AsyncConnection, run: TrainingRun) -> None:
        row = {
            "id": run.id,
            "fields": run.fields,
            "score": None if run.score is None else dataclasses.asdict(run.score),
        }
        (sealed,) = await self._seal(connection, training_runs, row)
        change = self._update(training_runs).where(training_runs.c.id == run.id)
        await connection.execute(change.values({**sealed, "sent_at": run.sent_at}))


class Trainings:
    """Trainees' turns across clients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def runs(self, *, operator_id: str | None = None) -> tuple[TrainingRun, ...]:
        """Newest first, of one operator or of all."""
        query = select(training_runs)
        if operator_id is not None:
            query = query.where(training_runs.c.operator_id == operator_id)
        query = query.order_by(training_runs.c.started_at.desc(), training_runs.c.id).limit(RUNS)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            opened = await self._database.vault.open(connection, training_runs, rows)
        return tuple(run_of(row) for row in opened)

    async def run(self, run_id: str) -> TrainingRun:
        """Raises `NotFoundError`."""
        query = select(training_runs).where(training_runs.c.id == run_id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            opened = await self._database.vault.open(connection, training_runs, rows)
        if not opened:
            raise NotFoundError(f"no training {run_id!r}")
        return run_of(opened[0])

    async def client_of(self, exercise_id: str) -> str:
        """Whose exercise it is. Raises `NotFoundError`."""
        query = select(training_exercises.c.client_id).where(training_exercises.c.id == exercise_id)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFoundError(f"no exercise {exercise_id!r}")
        return str(found)

    async def forget_trainee(self, operator_id: str, *, act: Act) -> None:
        """Remove every turn of somebody."""
        async with self._database.writing(act) as connection:
            gone = delete(training_runs).where(training_runs.c.operator_id == operator_id)
            await connection.execute(gone)


def _body(exercise: Exercise) -> dict[str, Any]:
    return {
        "lines": [dataclasses.asdict(line) for line in exercise.lines],
        "expected": exercise.expected,
        "points": list(exercise.points),
        "recorded_call_id": exercise.recorded_call_id,
    }


def _exercise(row: Any) -> Exercise:
    return Exercise(
        id=row.id,
        title=row.title,
        origin=row.origin,
        lines=tuple(_line(line) for line in row.body["lines"]),
        expected=row.body["expected"],
        points=tuple(row.body["points"]),
        target_s=row.target_s,
        created_at=row.created_at,
        created_by_name=row.created_by_name,
        recorded_call_id=row.body.get("recorded_call_id"),
    )


def _line(value: Mapping[str, Any]) -> Line:
    sound = value.get("sound")
    return Line(**{**value, "sound": None if sound is None else (sound[0], sound[1])})


def run_of(row: Any) -> TrainingRun:
    """From a row, opened."""
    return TrainingRun(
        id=row.id,
        client_id=row.client_id,
        exercise_id=row.exercise_id,
        title=row.title,
        operator_id=row.operator_id,
        operator_name=row.operator_name,
        started_at=row.started_at,
        sent_at=row.sent_at,
        fields=row.fields,
        score=None if row.score is None else _score(row.score),
    )


def _score(value: Mapping[str, Any]) -> Score:
    texts = {name: tuple(value[name]) for name in ("covered", "uncovered", "asked", "unasked")}
    fields = tuple(FieldScore(**one) for one in value["fields"])
    return Score(**{**value, **texts, "fields": fields})
