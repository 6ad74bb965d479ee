"""The log says what happened, not to whom: lines, tracebacks, and a whole call at `debug`."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.privacy.logs import (
    FORMAT,
    LONGEST_LINE,
    OURS,
    JsonFormatter,
    MaskingFormatter,
    masked,
    open_log,
)
from models.scripted import ScriptedRecogniser
from tests.sounds import compose, french_prompt, silence
from tests.web.running import OPERATOR, SUPERVISOR, next_event, running
from web.cookies import COOKIE

SAYS = compose([silence(1.0), french_prompt("vm-mailboxfull").pcm(), silence(2.0)], pause_s=0.0)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("no client has the number +33199001234 (forwarded from None)", "…34 (forwarded"),
        ("sip:0199001234@192.0.2.1:5060", "sip:…34@192.0.2.1:5060"),
        ("from 01 99 00 12 34.", "from …34."),
        ("from 01.99.00.12.34", "from …34"),
        ("33199001234, 0033199001234", "…34, …34"),
        ("+33 (0)1 99 00 12 34", "…34"),
        ("a letter for claire.fontaine+x@example.fr", "for …@example.fr"),
    ],
)
def test_numbers_and_addresses_are_masked(line: str, kept: str) -> None:
    assert kept in masked(line)
    assert "1234" not in masked(line).replace(" ", "") and "claire" not in masked(line)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 08:49:32,123 INFO web.composition.starting: 3 calls were cut off",
        "SIP on 192.168.100.200:5060, UDP and TCP",
        "call 5f0c1199001234abcd8e9f0a1b2c3d4e ended after 12.345 s",
        "prepared in /var/lib/souffleur/models, 145678 bytes",
    ],
)
def test_what_is_needed_to_mend_the_service_stays(line: str) -> None:
    assert masked(line) == line


@given(
    digits=st.text("0123456789", min_size=8, max_size=8),
    between=st.sampled_from(["", " ", ".", "-"]),
    start=st.sampled_from(["0", "+33", "+33 ", "0033"]),
)
def test_no_written_form_of_a_number_gets_through(digits: str, between: str, start: str) -> None:
    pairs = [digits[at : at + 2] for at in range(0, 8, 2)]
    number = start + between.join(["1", *pairs])
    assert masked(f"call from {number} refused") == f"call from …{digits[-2:]} refused"


def test_tracebacks_are_masked() -> None:
    try:
        raise ValueError("0199001234 is not claire@example.fr")
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, failure)
    text = MaskingFormatter("%(message)s").format(record)
    assert "ValueError: …34 is not …@example.fr" in text


FORGED = "x\n2026-11-22 08:49:32,123 INFO web: all is well\x1b[31m\u202e\u2028"


def written(formatter: logging.Formatter, failure: Exception | None = None) -> str:
    caught = (type(failure), failure, None) if failure else None
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "from %s", (FORGED,), caught)
    return formatter.format(record)


def test_nothing_from_outside_writes_a_line_of_its_own() -> None:
    lines = written(MaskingFormatter(FORMAT), ValueError(FORGED)).split("\n")
    assert "\\n2026-11-22" in lines[0] and "\\x1b[31m\\u202e\\u2028" in lines[0]
    assert len(lines) > 1 and all(line.startswith("    ") for line in lines[1:])
    assert not {"\x1b", "\u202e", "\u2028"} & set("".join(lines))


@given(st.text())
def test_a_log_entry_is_one_line_whatever_was_said(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s", (text,), None)
    assert len(MaskingFormatter("%(message)s").format(record).splitlines()) <= 1
    assert len(JsonFormatter().format(record).splitlines()) == 1


def test_an_endless_line_is_cut() -> None:
    for formatter in (MaskingFormatter("%(message)s"), JsonFormatter()):
        record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s", ("!" * 10**6,), None)
        assert len(formatter.format(record)) < 2 * LONGEST_LINE


def test_a_log_for_collectors_is_an_object_a_line() -> None:
    line = written(JsonFormatter(), ValueError("0199001234 of claire@example.fr"))
    assert "\n" not in line and line.isascii()
    entry = json.loads(line)
    assert (entry["level"], entry["logger"]) == ("info", "x") and entry["at"].endswith("+00:00")
    assert entry["message"] == f"from {FORGED}"
    assert entry["trace"] == "ValueError: …34 of …@example.fr"
    assert set(entry) == {"at", "level", "logger", "message", "trace"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The process's log at `debug`, as the service opens it."""
    names = ["", *OURS]
    before = {name: logging.getLogger(name).level for name in names}
    stream = io.StringIO()
    handler = open_log("debug", stream)
    try:
        yield stream
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


async def test_a_whole_call_leaves_nobody_in_the_log(tmp_path: Path, log: io.StringIO) -> None:
    said = "rappelez madame Fontaine pour la chaudiere"
    recogniser = ScriptedRecogniser([said])
    async with running(tmp_path, recogniser=recogniser) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(SAYS)
        operator = await desk.answer(call_id, silence(3.0))
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "utterance_heard", text=said)
            written = {"caller_name": "Claire Fontaine", "phone": "0199001122"}
            approved = await desk.http.post(
                f"/api/calls/{call_id}/message",
                json={"fields": written, "note": "devis tres discret"},
            )
            assert approved.status_code == 202, approved.text
            delivered = await next_event(events, "message_delivered")
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await caller.close()
        await operator.close()
        watching = await service.signed_in(SUPERVISOR)
        assert (await watching.http.get("/api/search", params={"q": "chaudiere"})).is_success
        assert (await watching.http.get(f"/api/calls/{call_id}")).is_success
        actions = {entry.act.action for entry in await service.house.store.audit.entries()}
        assert {"message.approved", "transcripts.searched", "call.read"} <= actions
        assert service.house.accounts_shown is not None
        secrets = [
            service.house.accounts_shown.operator.password,
            desk.http.cookies[COOKIE],
            desk.http.headers["X-CSRF"],
            (tmp_path / "secret").read_text().strip(),
        ]
        recipient = delivered["data"]["recipient"]
    # What follows would be in a log that masked nothing: the mailbox names whom a letter is for.
    text = log.getvalue()
    assert f"a letter for …@{recipient.partition('@')[2]}" in text
    for private in (said, "Fontaine", "chaudiere", "discret", "199001122", recipient, OPERATOR):
        assert private not in text, private
    for secret in secrets:
        assert len(secret) > 8 and secret not in text
