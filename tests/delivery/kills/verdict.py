"""What must hold after any number of kills, and the figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from copilot.store import Store
from copilot.store.tables.messages import escalations, messages, outbox
from tests.delivery.kills.sinks import Arrival, Arrivals
from tests.keys import KEYS


async def judge(url: str, log: Sequence[str], arrivals: Arrivals) -> dict[str, Any]:
    """The figures. Raises AssertionError naming what does not hold."""
    lines = [line.split() for line in log]
    approved = {line[1] for line in lines if line[0] == "approved"}
    acknowledged = {line[1] for line in lines if line[0] == "acknowledged"}
    async with Store(url, keyring=KEYS) as store:
        async with store.database.reading() as connection:
            if connection.dialect.name == "sqlite":
                sound = (await connection.execute(text("PRAGMA integrity_check"))).scalar()
                assert sound == "ok", sound
            kept = {row.id: row for row in await connection.execute(select(messages))}
            rows = (await connection.execute(select(outbox))).all()
            ladders = (await connection.execute(select(escalations))).all()
        assert (await store.audit.verify()).broken_at is None
    assert approved <= set(kept), "an approval that was said to be durable is gone"
    lost = [key for key in acknowledged if kept[key].acknowledged_at is None]
    assert not lost, f"acknowledgements are gone: {lost}"
    states = Counter(row.state for row in rows)
    assert set(states) <= {"delivered", "cancelled", "dead"}, states
    dead = [row for row in rows if row.state == "dead"]
    assert all(row.step for row in dead), "a dead letter that was sent again is still dead"
    taken = _same_as_before(arrivals.taken)
    _all_arrived(rows, taken)
    _ladders_in_order(ladders, rows, kept)
    return {
        "approved": len(approved),
        "messages": len(kept),
        "intentions": dict(states),
        "tries": sum(row.attempts for row in rows),
        "arrivals": len(arrivals.taken),
        "different": len(taken),
        "duplicates": len(arrivals.taken) - len(taken),
        "digests": len({row.bundle for row in rows if row.bundle}),
        "acknowledged": len(acknowledged),
        "escalations": dict(Counter(row.state for row in ladders)),
        "faults": {k: v for k, v in sorted(arrivals.faults.items()) if "fine" not in k},
    }


def _same_as_before(arrived: list[Arrival]) -> dict[str, list[Arrival]]:
    """By key: every copy has the same identity and the same content."""
    taken: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrived:
        taken[arrival.key].append(arrival)
    for key, copies in taken.items():
        assert len({copy.message_id for copy in copies}) == 1, key
        assert len({copy.recipient for copy in copies}) == 1, key
        assert len({copy.content for copy in copies}) == 1, f"two contents under one key: {key}"
    assert len({copies[0].message_id for copies in taken.values()}) == len(taken)
    return taken


def _all_arrived(rows: Any, taken: dict[str, list[Arrival]]) -> None:
    """What is marked delivered is with its receiver, under its key, naming its message."""
    for row in rows:
        if row.state != "delivered":
            continue
        copies = taken.get(row.bundle or row.idempotency_key)
        assert copies, f"{row.channel} to {row.recipient} was marked and never arrived"
        assert row.message_id.encode() in copies[0].content.replace(b"=\r\n", b""), row.id
        assert copies[0].recipient == row.recipient


def _ladders_in_order(ladders: Any, rows: Any, kept: dict[str, Any]) -> None:
    """Each rung once, in order, none begun after the acknowledgement."""
    begun: dict[str, dict[int, datetime]] = defaultdict(dict)
    for row in rows:
        if row.step:
            at = begun[row.message_id].setdefault(row.step, row.created_at)
            assert at == row.created_at, "a rung was begun twice"
    for ladder in ladders:
        steps = begun[ladder.message_id]
        assert sorted(steps) == list(range(1, ladder.step + 1)), (steps, ladder.step)
        assert ladder.state != "running", "an escalation stands still"
        ordered = [steps[step] for step in sorted(steps)]
        assert ordered == sorted(ordered)
        ended = kept[ladder.message_id].acknowledged_at
        if ladder.state == "acknowledged":
            assert ended is not None
            assert all(at <= ended for at in ordered) or ladder.step == len(ladder.rungs)
        else:
            assert ladder.state == "exhausted" and ladder.step == len(ladder.rungs)
