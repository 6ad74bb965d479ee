"""The process died during a call: when it is there again nobody is left on a line that is gone."""

from __future__ import annotations

from pathlib import Path

from copilot.interrupted import end_interrupted
from tests.end_to_end.scenes import answered, ringing
from tests.web.running import OPERATOR, next_event, running


async def test_a_call_cut_off_by_a_crash_is_over_for_everybody(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me, "talking")
        await scene.talk()
        seen = scene.log.stamp()["seq"] - 1
        await ringing(service, "waiting")
        # The process stops here without a word: both calls stay open in the database.
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        board = (await desk.http.get("/api/board")).json()
        assert board["calls"] == board["waiting"] == [], "a call that is gone is nobody's"
        # A page that was open all the while comes back from the last event that it saw.
        async with desk.socket(f"/api/calls/talking/socket?since={seen}") as events:
            ended = await next_event(events, "call_ended")
        assert (ended["data"]["ended_by"], ended["data"]["reason"]) == ("system", "restarted")
        calls = {call["id"]: call for call in (await desk.http.get("/api/calls")).json()}
        assert calls["talking"]["duration_s"] == ended["data"]["duration_s"]
        assert calls["waiting"]["state"] == "ended"
        assert calls["waiting"]["answered_at"] is None
        assert await end_interrupted(service.house.store, reason="again") == 0
