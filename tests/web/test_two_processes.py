"""Two services over one PostgreSQL and one Redis: a call on one is seen on the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.scripted import ScriptedRecogniser
from tests.servers import postgres_server, redis_server
from tests.web.running import OPERATOR, next_board, next_event, running
from tests.web.test_calls import CALLER_SAYS, OPERATOR_SAYS

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


async def test_a_call_of_one_process_is_followed_on_the_other(tmp_path: Path) -> None:
    with postgres_server() as postgres, redis_server() as redis:
        shared: dict[str, Any] = {
            "database_url": postgres.url(),
            "redis_url": redis.url,
            "secret": "shared",
            "key_file": str(tmp_path / "master.key"),
        }
        recogniser = ScriptedRecogniser(["bonjour"])
        async with (
            running(tmp_path / "one", **shared) as one,
            running(tmp_path / "two", recogniser=recogniser, **shared) as two,
        ):
            # The second start set the demonstration's password anew.
            assert two.house.accounts_shown is not None
            password = two.house.accounts_shown.operator.password
            far = await one.signed_in(OPERATOR, password=password)
            near = await two.signed_in(OPERATOR)
            async with far.socket("/api/board/socket") as board:
                caller, call_id = await two.demo_caller(CALLER_SAYS)
                await next_board(board, id=call_id, state="ringing")
                operator = await near.answer(call_id, OPERATOR_SAYS)
                await next_board(board, id=call_id, state="live")
                async with far.socket(f"/api/calls/{call_id}/socket") as events:
                    await next_event(events, "call_answered")
                    await next_event(events, "partial_heard")
                    await next_event(events, "utterance_heard", leg="caller")
                    await near.http.post(f"/api/calls/{call_id}/hangup")
                    await next_event(events, "call_ended")
            await caller.close()
            await operator.close()
            for person in (far, near):
                await person.close()
