"""A client sets itself up: what it may change, and what is missing before its first call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from copilot.goinglive import steps_of
from copilot.store.records.clients import Client, ClientNumber, ClientSettings
from tests.web.running import CLIENT, SUPERVISOR, Running, running

DELORME = "/api/clients/demo-delorme"
EMPTY = Client(
    id="c", name="c", sector="", colour="#000000", greeting="", settings=ClientSettings()
)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


def states(client: Client, **given: Any) -> dict[str, str]:
    known: dict[str, Any] = {"numbers": (), "answers": 0, **given}
    return {step.name: step.state for step in steps_of(client, **known)}


def test_a_new_client_lacks_what_calls_need() -> None:
    found = states(EMPTY)
    assert {name for name, state in found.items() if state == "missing"} == {
        "trade", "greeting", "numbers", "channels", "answers",
    }  # fmt: skip
    numbered = states(EMPTY, numbers=(ClientNumber(number="+33199001234", kind="did"),), answers=3)
    assert numbered["numbers"] == numbered["answers"] == "done"


async def test_a_client_changes_how_it_is_served(service: Running) -> None:
    portal = await service.signed_in(CLIENT)
    edit = {
        "greeting": " Delorme, bonjour ! ",
        "urgent_rules": ["fuite d'eau", " fuite d'eau", ""],
        "never": ["un tarif"],
        "vocabulary": ["Vaillant"],
        "time_zone": "Indian/Reunion",
        "redact": ["card"],
        "transcript_days": 10,
    }
    bad = await portal.http.patch(f"{DELORME}/care", json=edit)
    assert bad.status_code == 422  # an empty rule is refused, and nothing is changed
    assert (await portal.http.get(f"{DELORME}/care")).json()["transcript_days"] == 30
    edit["urgent_rules"] = ["fuite d'eau", " fuite d'eau"]
    kept = (await portal.http.patch(f"{DELORME}/care", json=edit)).json()
    assert kept["greeting"] == "Delorme, bonjour !" and kept["urgent_rules"] == ["fuite d'eau"]
    client = await service.house.store.for_client("demo-delorme").client()
    assert client.settings.never == ("un tarif",) and client.settings.redact == ("card",)
    wrong = await portal.http.patch(f"{DELORME}/care", json={"time_zone": "Mars/Base", "never": []})
    assert (wrong.status_code, wrong.json()["code"]) in {(409, "unknown_time_zone"),
                                                        (422, "unknown_time_zone")}  # fmt: skip
    assert (await portal.http.get(f"{DELORME}/care")).json()["never"] == ["un tarif"]
    (act,) = [e.act for e in await service.house.store.audit.entries(action="client.changed")]
    assert act.actor.role == "client" and "greeting" in act.detail["fields"]


async def test_a_trade_asks_for_its_form_and_its_privacy(service: Running) -> None:
    supervisor = await service.signed_in(SUPERVISOR)
    http = supervisor.http
    asked = (await http.patch(f"{DELORME}/care", json={"sector": "Cabinet dentaire"})).json()
    assert (asked["trade"], asked["preset"], asked["preset_met"]) == ("dental", "health", False)
    steps = (await http.get(f"{DELORME}/set-up")).json()
    assert {"name": "privacy", "state": "missing"} in steps["steps"] and not steps["ready"]
    met = (await http.patch(f"{DELORME}/care", json={"preset": "health"})).json()
    assert met["preset_met"] and met["transcript_days"] == 7 and "health" in met["redact"]
    steps = (await http.get(f"{DELORME}/set-up")).json()
    assert {"name": "privacy", "state": "done"} in steps["steps"]
