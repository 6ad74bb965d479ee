"""Searching transcripts, and knowing a caller again, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.store.records.calls import NewCall
from tests.store.examples import utterance
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Running, running


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def past_calls(service: Running, number: str) -> list[str]:
    """Two calls of a number to each client; the ids of the first client's."""
    ids: list[str] = []
    for client in await service.house.store.provider.clients():
        for turn in range(2):
            call_id = f"{client.id}-{turn}"
            scope = service.house.store.for_client(client.id)
            await scope.create_call(
                NewCall(
                    id=call_id, dialled="+33199001234", source="sip", caller_number=number,
                    ringing_at=service.house.journal.now() + timedelta(seconds=turn - 60),
                )
            )  # fmt: skip
            await scope.append_events(call_id, [utterance(call_id, 1, "La chaudière fuit")])
            ids.append(call_id)
    return ids


async def test_each_searches_what_they_may_see(service: Running) -> None:
    await past_calls(service, "+33639981234")
    supervisor = await service.signed_in(SUPERVISOR)
    found = (await supervisor.http.get("/api/search", params={"q": "CHAUDIERE"})).json()
    assert len({line["client_id"] for line in found["lines"]}) > 1
    client = await service.signed_in(CLIENT)
    own = (await client.http.get("/api/search", params={"q": "chaudière"})).json()
    assert {line["client_name"] for line in own["lines"]} == {"Plomberie Delorme"}
    other = next(line["client_id"] for line in found["lines"] if line not in own["lines"])
    refused = await client.http.get("/api/search", params={"q": "fuit", "client_id": other})
    assert refused.status_code == 404
    operator = await service.signed_in(OPERATOR)
    assert (await operator.http.get("/api/search", params={"q": "fuit"})).status_code == 404
    for short in ("", " ", "c"):
        nothing = (await supervisor.http.get("/api/search", params={"q": short})).json()
        assert nothing == {"lines": [], "more": False}
    for browser in (supervisor, client, operator):
        await browser.close()


async def test_a_caller_is_known_again_by_one_client_only(service: Running) -> None:
    first, second, *others = await past_calls(service, "+33639981234")
    operator = await service.signed_in(OPERATOR)
    await operator.http.post(
        f"/api/calls/{first}/message",
        json={"fields": {"caller_name": "Jean Martin", "reason": "fuite"}, "note": ""},
    )
    caller = (await operator.http.get(f"/api/calls/{second}/caller")).json()
    assert caller["known_as"] == "Jean Martin"
    assert [(call["id"], call["reason"]) for call in caller["calls"]] == [(first, "fuite")]
    elsewhere = (await operator.http.get(f"/api/calls/{others[-1]}/caller")).json()
    assert elsewhere["known_as"] is None
    client = await service.signed_in(CLIENT)
    assert (await client.http.get(f"/api/calls/{second}/caller")).status_code == 404
    for browser in (operator, client):
        await browser.close()


async def test_close_words_and_searches_that_are_kept(service: Running) -> None:
    await past_calls(service, "+33639981234")
    supervisor, client = await service.signed_in(SUPERVISOR), await service.signed_in(CLIENT)
    for similar, found in ((False, False), (True, True)):
        asked = {"q": "chaudières fuyait" if not similar else "chaudières", "similar": similar}
        lines = (await supervisor.http.get("/api/search", params=asked)).json()["lines"]
        assert bool(lines) is found
    kept = {"searches": [{"name": "Fuites", "q": "fuite", "similar": True}]}
    assert (await supervisor.http.put("/api/account/searches", json=kept)).json() == kept
    assert (await supervisor.http.get("/api/account/searches")).json() == kept
    assert (await client.http.get("/api/account/searches")).json() == {"searches": []}
    for browser in (supervisor, client):
        await browser.close()
