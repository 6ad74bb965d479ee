"""One operator at a time writes a message."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.scenes import Scene, answered, ringing
from tests.web.running import OPERATOR, Browser, Running, running

KARIM = "karim@souffleur.example.fr"
PASSWORD = "quatre chevaux verts"


async def colleague(service: Running) -> Browser:
    """A second operator, at work."""
    await service.house.accounts.create_user(
        email=KARIM, name="Karim Benali", role="operator", password=PASSWORD
    )
    return await service.signed_in(KARIM, password=PASSWORD)


async def writes(desk: Browser, scene: Scene, name: str) -> int:
    """Type a caller's name; the status of the answer."""
    path = f"/api/calls/{scene.call_id}/draft"
    return (await desk.http.patch(path, json={"fields": {"caller_name": name}})).status_code


async def test_a_colleague_reads_until_they_take_the_message(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        ines, karim = await service.signed_in(OPERATOR), await colleague(service)
        me = (await ines.http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        path = f"/api/calls/{scene.call_id}"
        assert await writes(ines, scene, "Jean Martin") == 200
        refused = await karim.http.patch(f"{path}/draft", json={"fields": {"reason": "Devis"}})
        assert (refused.status_code, refused.json()["code"]) == (409, "message_held")
        assert refused.json()["message"].startswith("Inès Carpentier écrit")
        message = {"fields": {"reason": "Devis"}, "note": ""}
        assert (await karim.http.post(f"{path}/message", json=message)).status_code == 409
        for _ in range(2):
            assert (await karim.http.put(f"{path}/draft/holder")).status_code == 204
        assert await writes(ines, scene, "Jeanne Martin") == 409
        assert await writes(karim, scene, "Jean Martinez") == 200
        events = (await ines.http.get(path)).json()["events"]
        held = [event["data"] for event in events if event["kind"] == "message_held"]
        assert [one["operator_name"] for one in held] == ["Karim Benali"]
        acts = [entry.act for entry in await service.house.store.audit.entries()]
        (taken,) = [act for act in acts if act.action == "message.taken"]
        assert taken.reason == "from Inès Carpentier" and taken.subject == scene.call_id
        assert (await karim.http.post(f"{path}/message", json=message)).status_code == 202
        assert (await karim.http.put("/api/calls/nowhere/draft/holder")).status_code == 404


async def test_who_first_writes_a_message_that_nobody_answered_for_holds_it(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        ines, karim = await service.signed_in(OPERATOR), await colleague(service)
        scene = await ringing(service)
        assert await writes(karim, scene, "Jean Martin") == 200
        assert await writes(ines, scene, "Jeanne Martin") == 409
        assert await writes(karim, scene, "Jean Martinez") == 200
