"""Reports, agreements and months in money over HTTP: who sees what, files, refusals."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from copilot.store.records.calls import NewCall
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, running

DELORME, VASSEUR = "demo-delorme", "demo-vasseur"
FORMULA = '=HYPERLINK("http://evil.invalid")'


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def taken(service: Running, client_id: str, call_id: str, *, operator_id: str) -> str:
    """An answered call of an hour ago, with a message; the message's id."""
    scope = service.house.store.for_client(client_id)
    at = service.house.journal.now() - timedelta(hours=1)
    await scope.create_call(
        NewCall(
            id=call_id, dialled="+33199001234", source="sip", ringing_at=at,
            caller_number="+33639981234", caller_name=FORMULA,
        )
    )  # fmt: skip
    answered = at + timedelta(seconds=12)
    await scope.mark_answered(call_id, operator_id=operator_id, operator_name="Inès", at=answered)
    ended = answered + timedelta(seconds=61)
    await scope.mark_ended(call_id, ended_by="caller", reason="bye", at=ended)
    approval = await scope.approve_message(
        call_id, fields={"category": "devis", "caller_name": FORMULA, "reason": "Chaudière"},
        note="", urgency="normal", approved_by=operator_id, approved_by_name="Inès", at=ended,
    )  # fmt: skip
    return approval.message.id


def period(service: Running) -> dict[str, str]:
    today = service.house.journal.now().date()
    return {"first": str(today - timedelta(days=2)), "last": str(today + timedelta(days=1))}


async def me(browser: Browser) -> str:
    return str((await browser.http.get("/api/session")).json()["id"])


async def test_each_sees_the_figures_that_are_theirs(service: Running) -> None:
    operator = await service.signed_in(OPERATOR)
    mine = await me(operator)
    await taken(service, DELORME, "mine", operator_id=mine)
    await taken(service, VASSEUR, "other", operator_id="somebody-else")
    supervisor, client = await service.signed_in(SUPERVISOR), await service.signed_in(CLIENT)
    asked = period(service)
    house = (await supervisor.http.get("/api/reports", params=asked)).json()
    assert (house["totals"]["calls"], house["totals"]["service_level"]) == (2, 1.0)
    one = await supervisor.http.get("/api/reports", params={**asked, "client_id": VASSEUR})
    assert one.json()["totals"]["calls"] == 1
    own = (await operator.http.get("/api/reports/own", params=asked)).json()
    assert own["totals"]["answered"] == 1 and own["totals"]["wait_p50_s"] == 12.0
    assert (await operator.http.get("/api/reports", params=asked)).status_code == 404
    portal = (await client.http.get("/api/reports", params=asked)).json()
    assert (portal["client_id"], portal["totals"]["calls"]) == (DELORME, 1)
    assert portal["categories"] == [{"name": "devis", "times": 1}]
    refused = await client.http.get("/api/reports", params={**asked, "client_id": VASSEUR})
    assert refused.status_code == 404
    assert "operator" not in str(house).lower().replace("operators", "")


async def test_periods_that_cannot_be_are_refused(service: Running) -> None:
    supervisor = await service.signed_in(SUPERVISOR)
    for first, last in (
        ("2026-03-02", "2026-03-01"), ("0001-01-01", "2026-01-01"), ("2026-01-01", "9999-12-31"),
        ("2024-01-01", "2026-01-01"),
    ):  # fmt: skip
        answer = await supervisor.http.get("/api/reports", params={"first": first, "last": last})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
async def test_files_hold_the_figures_and_run_nothing(service: Running, kind: str) -> None:
    await taken(service, DELORME, "c1", operator_id="o")
    client = await service.signed_in(CLIENT)
    asked = {**period(service), "kind": kind}
    answer = await client.http.get("/api/reports/file", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="rapport-')
    assert "Appels reçus" in read(kind, answer.content)
    for path in ("/api/portal/calls/file", "/api/portal/messages/file"):
        listed = await client.http.get(path, params=asked)
        assert listed.status_code == 200, listed.text
        text = read(kind, listed.content)
        assert "HYPERLINK" in text.replace("\n", "")
        if kind != "pdf":
            assert f"'{FORMULA}" in text.replace('""', '"')
        none = await client.http.get(path, params={**asked, "q": "piscine"})
        assert "HYPERLINK" not in read(kind, none.content)


def read(kind: str, content: bytes) -> str:
    if kind == "csv":
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
        return "\n".join("|".join(row) for row in rows)
    if kind == "xlsx":
        workbook = openpyxl.load_workbook(io.BytesIO(content))
        cells: list[Any] = [c for sheet in workbook for row in sheet.iter_rows() for c in row]
        assert all(cell.data_type != "f" for cell in cells)
        return "\n".join(str(cell.value) for cell in cells)
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


async def test_a_month_is_agreed_counted_closed_and_filed(service: Running) -> None:
    supervisor = await service.signed_in(SUPERVISOR)
    address = f"/api/clients/{DELORME}/agreement"
    terms = (await supervisor.http.get(address)).json()
    assert terms["answer_within_s"] == 20
    terms["tariff"] |= {"monthly": "49,90", "prices": {"call": "1.05"}, "included": {"call": 2}}
    kept = await supervisor.http.put(address, json=terms)
    assert kept.status_code == 200 and kept.json()["tariff"]["monthly"] == "49.90"
    terms["tariff"]["prices"] = {"call": "-1"}
    refused = await supervisor.http.put(address, json=terms)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_tariff")
    await taken(service, DELORME, "c1", operator_id="o")
    now = service.house.journal.now()
    for month, status in ((f"{now:%Y-%m}", 409), ("2025-12", 200), ("2025-12", 409)):
        closed = await supervisor.http.post(f"/api/clients/{DELORME}/statements/{month}/close")
        assert closed.status_code == status, closed.text
    listed = (await supervisor.http.get("/api/usage", params={"month": "2025-12"})).json()
    assert [one["closed_by_name"] != "" for one in listed] == [
        one["client_id"] == DELORME for one in listed
    ]
    filed = await supervisor.http.get(f"/api/clients/{DELORME}/statements/2025-12/file")
    assert "49,90" in read("pdf", filed.content)
    wrong = await supervisor.http.get(f"/api/clients/{DELORME}/statements/2025-13")
    assert wrong.status_code == 422


async def test_a_client_says_whether_it_was_well_served(service: Running) -> None:
    mine = await taken(service, DELORME, "c1", operator_id="o")
    theirs = await taken(service, VASSEUR, "c2", operator_id="o")
    client = await service.signed_in(CLIENT)
    told = await client.http.put(f"/api/messages/{mine}/served", json={"well_served": True})
    assert told.status_code == 204
    refused = await client.http.put(f"/api/messages/{theirs}/served", json={"well_served": True})
    assert refused.status_code == 404
    assert (await client.http.get("/api/portal/served")).json() == {mine: True}
    found = (await client.http.get("/api/reports", params=period(service))).json()
    assert (found["satisfaction"], found["marked"]) == (1.0, 1)
