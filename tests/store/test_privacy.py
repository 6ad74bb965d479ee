"""Retention, erasure and the end of a contract, with their proofs, on either database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from copilot.oncall import Rung
from copilot.privacy.retention import RetentionJob, edges
from copilot.quality.grid import Criterion, Grid
from copilot.recording.policy import RecordingPolicy
from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.audit import Actor
from copilot.store.escalations import start_escalation
from copilot.store.personsearch import Sought
from copilot.store.privacy import OF_A_CALL, SAID_IN_A_CALL, digest_of
from copilot.store.records.clients import ClientSettings
from copilot.store.records.inquiries import MessageReply, NewInquiry, ReceivedFile
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.records.versions import Author
from copilot.store.tables import OF_A_CLIENT, metadata
from copilot.store.tables.calls import calls
from tests.agenda.examples import PERSON, act, held
from tests.store.examples import MAIN, NOON, OTHER, draft, entry, recording, ringing, utterance

LEA = Actor(id="u1", name="Léa", role="administrator")


async def call(store: Store, call_id: str, *, days_ago: float = 0, client_id: str = MAIN,
               said: str = "bonjour", ended: bool = True) -> None:  # fmt: skip
    scope = store.for_client(client_id)
    at = NOON - timedelta(days=days_ago)
    await scope.create_call(ringing(call_id, at))
    await scope.append_events(call_id, [utterance(call_id, 1, said), draft(call_id, 2)])
    await scope.approve_message(
        call_id, fields={"phone": "+33199001122", "caller_name": "Claire Fontaine"}, note="",
        urgency="normal", approved_by="o", approved_by_name="n", at=at,
    )  # fmt: skip
    if ended:
        await scope.mark_ended(call_id, ended_by="caller", reason="r", at=at)


async def rows_naming(store: Store, call_id: str) -> dict[str, int]:
    counts = {}
    async with store.database.reading() as connection:
        for table in OF_A_CLIENT:
            found = (await connection.execute(table.select())).all()
            counts[table.name] = sum(call_id in str(tuple(row)) for row in found)
    return {name: count for name, count in counts.items() if count}


NOT_ABOUT_A_CALL = {
    "known_callers", "known_numbers", "known_caller_versions", "known_caller_changes",
    "client_keys",
    "client_numbers", "consignes", "consigne_versions", "consignes_seen", "contacts", "entries",
    "knowledge_versions", "knowledge_changes", "files", "documents", "import_jobs", "gaps",
    "sounds", "statements", "agendas", "calendar_accounts", "inlets", "training_exercises",
    "training_runs", "push_subscriptions", "on_call_browsers", "mailboxes",
}  # fmt: skip
"""What a client wrote for its calls. A gap is only the place where questions of calls gather."""


def test_every_table_is_about_calls_or_said_not_to_be() -> None:
    """A new table must be put in `OF_A_CALL`, so that it is exported and erased, or above."""
    listed = {table.name for table in OF_A_CALL}
    assert listed | NOT_ABOUT_A_CALL == {table.name for table in OF_A_CLIENT}
    assert not listed & NOT_ABOUT_A_CALL
    about = {"calls"}
    for table in metadata.sorted_tables:  # each after those it refers to
        refers = {key.referred_table.name for key in table.foreign_key_constraints}
        if refers & about or {"call_id", "message_id"} & {*table.c.keys()}:
            about.add(table.name)
    assert about == listed
    assert set(SAID_IN_A_CALL) < set(OF_A_CALL)


async def test_a_call_with_a_row_in_every_table_is_exported_and_erased_whole(
    store: Store,
) -> None:
    await call(store, "call-1", ended=False)
    scope = store.for_client(MAIN)
    await scope.save_draft_edits("call-1", {"reason": "fuite"}, edited_by="o", at=NOON)
    await scope.record_feedback(
        SuggestionFeedback(
            call_id="call-1", suggestion_id="s", entry_id="e", action="used", user_id="o", at=NOON
        )
    )
    await scope.record_gap_question(
        gap_id=None, call_id="call-1", utterance_id="u", text="une question", at=NOON
    )
    message = await scope.message_of_call("call-1")
    assert message is not None
    rung = Rung(name="Léa", targets=(("email", "lea@example.fr"),), wait_s=60)
    async with store.database.writing() as connection:
        await start_escalation(connection, MAIN, message.id, (rung,), NOON)
    taken = await scope.hold_slot(held(MAIN, "call-1", NOON), at=NOON)
    await scope.book_appointment(
        taken.id, person=PERSON, tell=[("sms", "+33639981234")], at=NOON, act=act(MAIN)
    )
    await scope.create_entry(entry("e"), author=Author(user_id="u", name="n"), at=NOON)
    await scope.propose_wordings("e", ["une autre"], origin="call", call_id="call-1", at=NOON)
    await scope.mark_answered("call-1", operator_id="o", operator_name="n", at=NOON)
    await scope.mark_ended("call-1", ended_by="caller", reason="r", at=NOON)
    await scope.add_remark("call-1", "flag", "bien reçu", actor=LEA, at=NOON)
    await scope.raise_alert("call-1", "word", "caller-1", "fuite", at=NOON)
    grid = Grid(id="g", version=1, name="g", criteria=(Criterion(id="c", text="t"),))
    await scope.evaluate(
        "call-1", grid=grid, marks={"c": "yes"}, comment="", calibrating=False, actor=LEA, at=NOON
    )
    await scope.open_recording(recording(MAIN, "call-1"))
    written = NewInquiry(
        call_id="written", channel="email", inlet="i", origin="o", received_at=NOON,
        files=(ReceivedFile(name="f", media_type="t/t", content=b"x"),),
    )  # fmt: skip
    assert await scope.receive_inquiry(written, [utterance("written", 1, "bonjour")])
    answer = MessageReply(message_id=message.id, sender="a@example.fr", text="vu", at=NOON)
    assert await scope.add_message_reply(answer, origin="o")
    both = ["call-1", "written"]
    exported = await scope.export_calls(both)
    assert set(exported) == {table.name for table in OF_A_CALL}
    assert all(exported.values())
    erased = await scope.erase_calls(both, actor=LEA, reason="demande", at=NOON)
    assert erased.rows == {name: len(rows) for name, rows in exported.items()}
    assert not any((await scope.export_calls(both)).values())


async def test_questions_noted_in_a_call_go_with_its_transcript(store: Store) -> None:
    await call(store, "month", days_ago=31)
    scope = store.for_client(MAIN)
    gap_id = await scope.record_gap_question(
        gap_id=None, call_id="month", utterance_id="u", text="une question", at=NOON
    )
    job = RetentionJob(store, audit_days=365, now=lambda: NOON)
    assert await job.purge() == 1
    assert (await scope.gap(gap_id)).questions == ()
    assert await scope.message_of_call("month") is not None


async def test_a_recording_goes_before_its_call_and_its_file_is_seen_to(store: Store) -> None:
    for call_id, days in {"fresh": 5, "old": 31}.items():
        await call(store, call_id, days_ago=days)
        await store.for_client(MAIN).open_recording(recording(MAIN, call_id))
    seen = []

    async def purged() -> None:
        seen.append([one.call_id for one in await store.for_client(MAIN).recordings()])

    job = RetentionJob(store, audit_days=365, now=lambda: NOON, purged=purged)
    assert await job.purge() == 2, "one lost its transcript and its recording"
    assert seen == [["fresh"]]
    entries = await store.audit.entries(action="retention.purged")
    assert sum(entry.act.detail["rows"].get("recordings", 0) for entry in entries) == 1
    assert (await store.for_client(MAIN).call("old")).id == "old"


async def test_retention_takes_as_many_turns_as_it_needs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot.store.privacy.AT_ONCE", 2)
    for number in range(5):
        await call(store, f"year-{number}", days_ago=366 + number)
    await RetentionJob(store, audit_days=365, now=lambda: NOON).purge()
    assert await store.for_client(MAIN).calls() == ()
    purged = await store.audit.entries(action="retention.purged")
    assert sum(entry.act.detail["rows"]["calls"] for entry in purged) == 5


async def test_a_person_is_found_however_the_name_and_number_were_typed(store: Store) -> None:
    await call(store, "call-1")
    await call(store, "call-2")
    scope = store.for_client(MAIN)
    edits: dict[str, str | None] = {"caller_name": "Hélène Çelik", "phone": "06 39 98 00 11"}
    await scope.save_draft_edits("call-2", edits, edited_by="o", at=NOON)

    async def found(phone: str | None, *folded_name: str) -> list[str]:
        there = await scope.find_person(Sought(phone=phone, words=folded_name))
        return [one.call.id for one in there.calls]

    assert await found(None, "helene", "celik") == ["call-2"]
    assert await found("+33639980011") == ["call-2"]
    assert await found("+33639980011", "claire") == ["call-2", "call-1"]
    assert await found(None, "helene", "claire", "nobody") == []


def test_edges_are_the_clients_within_the_caps() -> None:
    usual = edges(ClientSettings(), at=NOON)
    assert NOON - usual.transcripts == timedelta(days=30)
    assert NOON - usual.calls == timedelta(days=365)
    longest = edges(ClientSettings(transcript_days=9999, call_days=9999), at=NOON)
    assert NOON - longest.transcripts == timedelta(days=365)
    assert NOON - longest.calls == timedelta(days=3 * 365)
    assert NOON - usual.recordings == timedelta(days=30)
    kept = ClientSettings(recording=RecordingPolicy(days=9999))
    assert NOON - edges(kept, at=NOON).recordings == timedelta(days=180)
    short = edges(ClientSettings(transcript_days=90, call_days=10), at=NOON)
    assert short.transcripts == short.calls == short.recordings


async def test_what_is_past_its_time_goes_with_a_proof(store: Store) -> None:
    await call(store, "today")
    await call(store, "month", days_ago=31)
    await call(store, "year", days_ago=366)
    await call(store, "open", days_ago=400, ended=False)
    await call(store, "theirs", days_ago=31, client_id=OTHER)
    job = RetentionJob(store, audit_days=365, now=lambda: NOON)
    assert await job.purge() == 3
    scope = store.for_client(MAIN)
    assert len(await scope.events_since("today")) == 2
    assert await scope.events_since("month") == ()
    assert (await scope.message_of_call("month")) is not None
    assert await rows_naming(store, "year") == {}
    assert len(await scope.events_since("open")) == 2
    entry = (await store.audit.entries(client_id=MAIN))[0].act
    assert entry.action == "retention.purged"
    assert entry.detail["digest"] == digest_of(["month", "year"])
    assert entry.detail["rows"]["call_events"] == 4 and entry.detail["rows"]["calls"] == 1
    assert await job.purge() == 0
    assert (await store.audit.verify()).broken_at is None


async def test_a_person_is_found_by_number_or_name_and_erased_everywhere(store: Store) -> None:
    await call(store, "call-1", said="ici madame Fontaine je rappelle")
    await call(store, "call-2")
    await call(store, "theirs", client_id=OTHER)
    scope = store.for_client(MAIN)

    async def found(*words: str, phone: str | None = None) -> set[str]:
        there = await scope.find_person(Sought(phone=phone, words=words))
        return {one.call.id for one in there.calls}

    assert await found(phone="+33199001122") == {"call-1", "call-2"}
    assert await found(phone="+33199009999") == set()
    assert await found("madame", "fontaine") == {"call-1"}
    assert await found("claire", "fontaine") == {"call-1", "call-2"}
    assert await found() == set()
    exported = await scope.export_calls(["call-1"])
    assert exported["messages"][0]["fields"]["caller_name"] == "Claire Fontaine"
    assert [row["call_id"] for row in exported["call_events"]] == ["call-1", "call-1"]
    erased = await scope.erase_calls(["call-1"], actor=LEA, reason="demande du 17 mars", at=NOON)
    assert erased.rows["messages"] == erased.rows["outbox"] == erased.rows["calls"] == 1
    assert await rows_naming(store, "call-1") == {}
    assert await rows_naming(store, "call-2")
    kept = (await store.audit.entries())[0]
    assert (kept.seq, kept.digest) == (erased.audit_seq, erased.audit_digest)
    assert (kept.act.reason, kept.act.detail["calls"]) == ("demande du 17 mars", ["call-1"])


async def test_erasing_is_all_or_nothing(store: Store) -> None:
    await call(store, "call-1")
    await call(store, "live", ended=False)
    await call(store, "theirs", client_id=OTHER)
    scope = store.for_client(MAIN)
    with pytest.raises(NotFoundError):
        await scope.erase_calls(["call-1", "theirs"], actor=LEA, reason="r", at=NOON)
    with pytest.raises(ConflictError):
        await scope.erase_calls(["call-1", "live"], actor=LEA, reason="r", at=NOON)
    assert len(await scope.calls()) == 2 and len(await store.for_client(OTHER).calls()) == 1


async def test_a_client_is_exported_and_wiped_with_a_certificate(store: Store) -> None:
    await call(store, "call-1")
    await call(store, "theirs", client_id=OTHER)
    scope = store.for_client(MAIN)
    await store.people.create_user(
        email="a@example.fr", name="A", role="reader", password_hash="h", at=NOON, client_id=MAIN
    )
    exported = await scope.export_client()
    assert exported["clients"][0]["id"] == MAIN and len(exported["calls"]) == 1
    assert "theirs" not in str(exported)
    wiped = await scope.wipe(actor=LEA, reason="fin de contrat", at=NOON)
    assert wiped.rows["calls"] == wiped.rows["users"] == 1
    assert [one.id for one in await store.provider.clients()] == [OTHER]
    async with store.database.reading() as connection:
        kept = (await connection.execute(calls.select())).all()
    assert [row.id for row in kept] == ["theirs"]
    assert await store.people.users() == ()
    entry = (await store.audit.entries(client_id=MAIN))[0].act
    assert (entry.action, entry.reason) == ("client.wiped", "fin de contrat")
    with pytest.raises(NotFoundError):
        await scope.wipe(actor=LEA, reason="encore", at=NOON)
