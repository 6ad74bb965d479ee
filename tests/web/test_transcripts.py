"""A long call in pieces, by the service's routes."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.scenes import answered, long_talk
from tests.web.running import OPERATOR, running

SAID = 25


async def test_a_call_in_progress_comes_by_its_end_and_one_that_is_over_whole(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        me = (await desk.http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        said = [
            scene.say(leg, text) for (leg, text), _ in zip(long_talk(), range(SAID), strict=False)
        ]
        await service.house.journal.kept(timeout_s=5.0)
        path = f"/api/calls/{scene.call_id}"
        whole = (await desk.http.get(path)).json()
        assert whole["earlier"] is None
        ended = (await desk.http.get(path, params={"last": 10})).json()
        kinds = [event["kind"] for event in ended["events"]]
        assert kinds.count("utterance_heard") == 10 and "call_answered" in kinds
        assert ended["events"][-1]["seq"] == whole["events"][-1]["seq"]
        before = {"before": ended["earlier"], "last": 15}
        page = (await desk.http.get(f"{path}/log", params=before)).json()
        assert page["earlier"] is None
        assert [event["data"]["utterance_id"] for event in page["events"]] == said[:15]
        for wrong in ({"before": 0}, {"before": 9, "last": 501}, {}):
            assert (await desk.http.get(f"{path}/log", params=wrong)).status_code == 422
        assert (await desk.http.get("/api/calls/nowhere/log?before=5")).status_code == 404
        own = await desk.http.get(f"/api/panel/calls/{scene.call_id}/log", params=before)
        assert own.json() == page
        await scene.end()
        over = (await desk.http.get(path, params={"last": 10})).json()
        assert over["earlier"] is None and len(over["events"]) == len(whole["events"]) + 1
