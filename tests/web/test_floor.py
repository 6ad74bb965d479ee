"""Which group answers for a client company, over HTTP."""

from __future__ import annotations

from pathlib import Path

from tests.web.running import OPERATOR, SUPERVISOR, running

DELORME = "/api/floor/clients/demo-delorme/group"


async def test_a_client_s_group_is_chosen_and_the_rest_of_its_welcome_stays(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service:
        supervisor = (await service.signed_in(SUPERVISOR)).http
        welcome = "/api/clients/demo-delorme/welcome"
        edit = {"hours": None, "max_wait_s": 90, "most_waiting": 7}
        assert (await supervisor.put(welcome, json=edit)).status_code == 200
        groups = {"groups": [{"name": "Cabinets"}]}
        made = (await supervisor.put("/api/floor/groups", json=groups)).json()
        group = made["groups"][0]["id"]

        assert (await supervisor.put(DELORME, json={"group": "nowhere"})).status_code == 404
        unknown = "/api/floor/clients/nobody/group"
        assert (await supervisor.put(unknown, json={"group": group})).status_code == 404
        operator = (await service.signed_in(OPERATOR)).http
        assert (await operator.put(DELORME, json={"group": ""})).status_code in (403, 404)

        assert (await supervisor.put(DELORME, json={"group": group})).status_code == 204
        listed = (await supervisor.get("/api/floor/clients")).json()
        assert {one["client_id"]: one["group"] for one in listed} == {
            "demo-delorme": group, "demo-vasseur": "",
        }  # fmt: skip
        kept = (await supervisor.get(welcome)).json()
        assert (kept["group"], kept["max_wait_s"], kept["most_waiting"]) == (group, 90, 7)
        acts = [entry.act for entry in await service.house.store.audit.entries()]
        assert [(act.client_id, act.subject) for act in acts if act.action == "client.group"] == [
            ("demo-delorme", group)
        ]
