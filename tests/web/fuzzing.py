"""Requests made up from the OpenAPI document, as each role: no 5xx, no answer it does not tell.

`python -m tests.web.fuzzing --examples 100` runs it for long and prints the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from copilot.store.records.accounts import Role
from copilot.store.records.calls import NewCall
from tests.store.examples import utterance
from tests.web.running import Running, running
from tests.web.test_access import person_of

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]

SIGNS_OUT = {
    "DELETE /api/session", "POST /api/account/sessions/end", "POST /api/account/password",
    "POST /api/account/sessions/{session_id}/end",
}  # fmt: skip
"""They end the session that the others need."""

STRANGER = "stranger"

Known = dict[str, str]
"""Identifiers of things that exist, by the name of the parameter."""


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    """By operation and kind, the first one."""


def operations_of(url: str) -> Iterator[Any]:
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    for found in schema.get_all_operations():
        yield found.ok()  # type: ignore[union-attr]


def fuzz(
    url: str, headers: dict[str, str], known: Known, *, role: str, examples: int, tally: Tally
) -> None:
    """Try every operation. Blocks: call it in a thread."""
    session = requests.Session()
    session.headers.update(headers)
    for operation in operations_of(url):
        name = f"{operation.method.upper()} {operation.path}"
        if name in SIGNS_OUT:
            continue
        tally.operations.add(name)
        _fuzz_one(operation, session, known, name=name, role=role, examples=examples, tally=tally)


def _fuzz_one(
    operation: Any,
    session: requests.Session,
    known: Known,
    *,
    name: str,
    role: str,
    examples: int,
    tally: Tally,
) -> None:
    turn = 0

    @settings(
        max_examples=examples, database=None, derandomize=True, deadline=None,
        phases=[Phase.explicit, Phase.generate], verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        nonlocal turn
        turn += 1
        if turn % 2:  # the other half asks for what does not exist
            for parameter in case.path_parameters or {}:
                case.path_parameters[parameter] = known.get(parameter, "x")
        answer = case.call(session=session, timeout=30)
        tally.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            _keep(tally, role, name, f"{answer.status_code}", case)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as error:
            said = error.exceptions if isinstance(error, FailureGroup) else [error]
            for one in said:
                _keep(tally, role, name, f"{type(one).__name__} {answer.status_code}: "
                      f"{str(one)[:300]} | {answer.content[:200]!r}", case)  # fmt: skip

    attempt()


def _keep(tally: Tally, role: str, name: str, what: str, case: Any) -> None:
    key = f"{name}: {what.split(':')[0]}"
    tally.failures.setdefault(key, f"{role}: {what}\n    {case.as_curl_command()[:600]}")


async def things(service: Running) -> Known:
    """One of everything, of the demonstration's first client."""
    scope = service.house.store.for_client("demo-delorme")
    now = service.house.journal.now()
    call = NewCall(id="known", dialled="+33199001234", source="sip", ringing_at=now)
    await scope.create_call(call)
    await scope.append_events("known", [utterance("known", 1)])
    approval = await scope.approve_message(
        "known", fields={"reason": "fuite"}, note="", urgency="normal", approved_by="o",
        approved_by_name="n", at=now,
    )  # fmt: skip
    gap_id = await scope.record_gap_question(
        gap_id=None, call_id="known", utterance_id="caller-1", text="tarif ?", at=now
    )
    entries = await scope.entries()
    # Nobody who signs in here: made-up requests disable people and change their roles.
    spare = await service.house.store.people.create_user(
        email="spare@example.fr", name="Spare", role="operator", password_hash="", at=now
    )
    return {
        "client_id": "demo-delorme", "call_id": "known", "message_id": approval.message.id,
        "gap_id": gap_id, "entry_id": entries[0].entry_id, "number": "1",
        "user_id": spare.id,
        "consigne_id": next(iter(await scope.consignes())).id,
    }  # fmt: skip


async def fuzz_roles(service: Running, roles: Sequence[str], *, examples: int) -> Tally:
    """Every operation as each of these, `stranger` being nobody."""
    tally, known = Tally(), await things(service)
    for role in roles:
        headers: dict[str, str] = {}
        if role != STRANGER:
            person = await person_of(service, role)  # type: ignore[arg-type]
            headers = headers_of(person.http)
        await asyncio.to_thread(
            fuzz, service.url, headers, known, role=role, examples=examples, tally=tally
        )
    return tally


def headers_of(http: httpx.AsyncClient) -> dict[str, str]:
    """What makes a request that person's."""
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    return {"Cookie": cookies, "X-CSRF": http.headers["X-CSRF"]}


EVERYBODY: tuple[str, ...] = (STRANGER, *get_args(Role))


async def _long(examples: int, data: Path) -> Tally:
    async with running(data) as service:
        return await fuzz_roles(service, EVERYBODY, examples=examples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="requests an operation and role")
    examples = parser.parse_args().examples
    began = time.monotonic()
    with TemporaryDirectory() as made:
        tally = asyncio.run(_long(examples, Path(made)))
    print(f"{len(tally.operations)} operations, {len(EVERYBODY)} roles, "
          f"{tally.statuses.total()} requests, {time.monotonic() - began:.0f} s")  # fmt: skip
    print(dict(sorted(tally.statuses.items())))
    for key, what in sorted(tally.failures.items()):
        print(f"{key}\n    {what}")
    print(f"{len(tally.failures)} failures")
    raise SystemExit(bool(tally.failures))


if __name__ == "__main__":
    main()
