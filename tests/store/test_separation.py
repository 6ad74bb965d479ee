"""No client's data without its client_id: in the tables, in every statement, in every answer."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError

from copilot.agenda.rules import AgendaRules
from copilot.quality.grid import Criterion, Grid
from copilot.recording.policy import RecordingPolicy
from copilot.reporting.period import Period
from copilot.store import ClientScope, Store, StoreError
from copilot.store.audit import SYSTEM
from copilot.store.difference import Incoming
from copilot.store.personsearch import Sought
from copilot.store.records.agenda import NoticeChannel, Person
from copilot.store.records.clients import ClientSettings, Contact, StoredSound
from copilot.store.records.consignes import Consigne
from copilot.store.records.inquiries import (
    Inlet,
    MessageReply,
    NewInquiry,
    ReceivedFile,
)
from copilot.store.records.knowledge import Document, ImportJob, StoredFile
from copilot.store.records.knowncallers import KnownCaller, KnownChange
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.records.mailboxes import Mailbox
from copilot.store.records.push import OnCallBrowser, PushSubscription
from copilot.store.records.training import Exercise, Line, Score, TrainingRun
from copilot.store.records.versions import Author
from copilot.store.tables import OF_A_CLIENT, metadata
from copilot.waiting.welcome import Welcome
from tests.agenda.examples import act, held
from tests.store.examples import MAIN, NOON, OTHER, entry, recording, ringing, utterance

NOT_A_CLIENTS = {
    "clients", "users", "web_sessions", "one_time_links", "recovery_codes", "audit_entries",
    "audit_base", "master_keys", "api_tokens", "panel_sessions", "passkeys",
    "passkey_challenges", "provider_identities", "ring_groups", "operator_skills",
    "presences", "quality_grids", "house_rules", "saved_searches",
}  # fmt: skip
"""The clients themselves, people and what is theirs, the floor, the trail, which outlives all."""


def test_every_table_of_a_client_carries_its_client_id() -> None:
    listed = {table.name for table in OF_A_CLIENT}
    assert listed == {table.name for table in metadata.sorted_tables} - NOT_A_CLIENTS
    for table in OF_A_CLIENT:
        assert not table.c.client_id.nullable, table.name
        targets = {
            tuple(sorted(key.target_fullname for key in constraint.elements))
            for constraint in table.foreign_key_constraints
            if "client_id" in constraint.column_keys
        }
        assert targets, f"{table.name}.client_id refers to nothing"


def test_a_row_refers_to_another_row_of_a_client_only_with_its_client_id() -> None:
    owned = {table.name for table in OF_A_CLIENT}
    for table in OF_A_CLIENT:
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name in owned:
                assert "client_id" in constraint.column_keys, constraint.name


async def test_the_database_refuses_a_message_about_another_clients_call(store: Store) -> None:
    await store.for_client(MAIN).create_call(ringing("c1"))
    row = {
        "id": "m1", "client_id": OTHER, "call_id": "c1", "state": "approved", "fields": {},
        "note": "", "urgency": "normal", "approved_at": NOON, "approved_by": "o",
        "approved_by_name": "n",
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        async with store.database.writing() as connection:
            await connection.execute(insert(metadata.tables["messages"]).values(row))


def import_job(job_id: str, name: str) -> ImportJob:
    return ImportJob(
        id=job_id, name=name, address=None, mode="replace", state="reading", stage="waiting",
        done=0, total=None, created_at=NOON, updated_at=NOON, created_by=None,
        created_by_name=None, base_version=None, incoming=None, summary=None, failure=None,
        file_id=None, version=None,
    )  # fmt: skip


def an_exercise(exercise_id: str, title: str) -> Exercise:
    return Exercise(
        id=exercise_id, title=title, origin="written",
        lines=(Line(speaker="caller", text=title),), expected={"reason": title},
        points=(), target_s=60, created_at=NOON, created_by_name="n",
    )  # fmt: skip


def a_run(run_id: str, client_id: str, exercise_id: str) -> TrainingRun:
    return TrainingRun(
        id=run_id, client_id=client_id, exercise_id=exercise_id, title=client_id,
        operator_id="o", operator_name="n", started_at=NOON,
    )  # fmt: skip


async def fill(store: Store, client_id: str, call_id: str) -> dict[str, Any]:
    """Give a client one of everything; arguments that fit the scope's methods."""
    scope = store.for_client(client_id)
    number = f"+3319900{'1111' if client_id == MAIN else '2222'}"
    await scope.add_number(number, "did")
    await scope.replace_consignes([Consigne(id="k", title=f"t-{client_id}", body="b")])
    await scope.replace_contacts([Contact(id="k", name=f"n-{client_id}")])
    sound = StoredSound(
        kind="greeting", file_name=client_id, duration_s=1.0, added_at=NOON, added_by=None
    )
    await scope.put_sound(sound, client_id.encode())
    file = await scope.add_file(
        client_id.encode(), file_name=client_id, media_type="t", added_by=None, at=NOON
    )
    document = Document(
        id="d", name=client_id, kind="pdf", address=None, file_id=file.id, size_bytes=1,
        imported_at=NOON, imported_by=None,
    )  # fmt: skip
    author = Author(user_id="o", name=client_id)
    await scope.apply_import(
        Incoming(entries=(entry("e", client_id),), document_id="d"),
        label=client_id, author=author, at=NOON, document=document,
    )  # fmt: skip
    job = await scope.create_import_job(import_job(f"job-{client_id}", client_id))
    await scope.consignes_seen_by("o", 1, at=NOON)
    consigne = Consigne(id="k2", title=f"t-{client_id}", body="b")
    await scope.create_consigne(consigne, author=author, at=NOON)
    person = KnownCaller(id=f"p-{client_id}", name=client_id, numbers=(number,))
    await scope.change_known_callers(
        lambda _: [KnownChange(before=None, after=person)],
        action="create", label=client_id, author=author, at=NOON,
    )  # fmt: skip
    await scope.create_call(ringing(call_id))
    await scope.open_recording(recording(client_id, call_id))
    await scope.append_events(call_id, [utterance(call_id, 1, f"text of {client_id}")])
    await scope.save_draft_edits(call_id, {"reason": client_id}, edited_by="o", at=NOON)
    used = SuggestionFeedback(
        call_id=call_id, suggestion_id="s", entry_id="e", action="used", user_id="o", at=NOON
    )
    await scope.record_feedback(used)
    gap_id = await scope.record_gap_question(
        gap_id=None, call_id=call_id, utterance_id="u", text=client_id, at=NOON
    )
    await scope.propose_wordings("e", [client_id], origin="call", call_id=call_id, at=NOON)
    (wording,) = await scope.wordings()
    approval = await scope.approve_message(
        call_id, fields={"reason": client_id}, note=client_id, urgency="normal",
        approved_by="o", approved_by_name="n", at=NOON,
    )  # fmt: skip
    over = f"{call_id}-over"
    await scope.create_call(ringing(over))
    await scope.mark_answered(over, operator_id="o", operator_name="n", at=NOON)
    await scope.mark_ended(over, ended_by="caller", reason="r", at=NOON)
    grid = Grid(id="g", version=1, name="g", criteria=(Criterion(id="c", text="t"),))
    await scope.evaluate(
        over, grid=grid, marks={"c": "yes"}, comment=client_id, calibrating=False, actor=SYSTEM,
        at=NOON,
    )  # fmt: skip
    remark = await scope.add_remark(call_id, "flag", client_id, actor=SYSTEM, at=NOON)
    await scope.raise_alert(call_id, "word", "u", client_id, at=NOON)
    await scope.close_month("2026-02", actor=SYSTEM, at=NOON)
    await scope.add_inlet(
        Inlet(value=f"i@{client_id}", client_id=client_id, kind="email", name=client_id), at=NOON
    )
    written = f"w-{client_id}"
    await scope.receive_inquiry(
        NewInquiry(
            call_id=written, channel="email", inlet="i", origin="o", received_at=NOON,
            sender="a@example.fr", subject=client_id,
            files=(ReceivedFile(name=client_id, media_type="t/t", content=b"x"),),
        ),
        [utterance(written, 1, client_id)],
    )  # fmt: skip
    answer = MessageReply(message_id=approval.message.id, sender="s", text=client_id, at=NOON)
    await scope.add_message_reply(answer, origin="o")
    exercise = an_exercise(f"x-{client_id}", client_id)
    run = a_run(f"r-{client_id}", client_id, exercise.id)
    await scope.save_exercise(exercise)
    await scope.begin_run(run)
    ladder = {
        "client_id": client_id, "id": f"e-{client_id}", "message_id": approval.message.id,
        "state": "running", "rungs": [], "step": 0, "started_at": NOON,
    }  # fmt: skip
    async with store.database.writing() as connection:
        await connection.execute(insert(metadata.tables["escalations"]).values(ladder))
    await scope.save_agenda(AgendaRules(), latest=0, at=NOON)
    access = {"address": client_id, "user": "u", "password": "p"}
    account_id = f"a-{client_id}"
    await scope.save_calendar_account(
        account_id, provider="caldav", name="n", access=access, at=NOON
    )
    appointment = await scope.hold_slot(held(client_id, call_id, NOON), at=NOON)
    tell: list[tuple[NoticeChannel, str]] = [("email", f"{client_id}@example.fr")]
    await scope.book_appointment(
        appointment.id, person=Person(name=client_id), tell=tell, at=NOON, act=act(client_id)
    )
    mailbox_id = await scope.add_mailbox(
        f"contact@{client_id}.example.fr", {"host": client_id}, at=NOON, act=act(client_id)
    )
    user = await store.people.create_user(
        email=f"{client_id}@example.fr", name="n", role="client", password_hash="x", at=NOON,
        client_id=client_id,
    )  # fmt: skip
    subscription = PushSubscription(
        id="b", user_id=user.id, browser="n", address=f"https://{client_id}.example.fr",
        keys="k.k", created_at=NOON,
    )  # fmt: skip
    await scope.keep_push_subscription(subscription, act=act(client_id))
    phone = OnCallBrowser(
        id="p", contact="n", entry="e", browser="n",
        address=f"https://{client_id}.example.fr/p", keys="k.k", created_at=NOON,
    )  # fmt: skip
    await scope.keep_on_call_browser(phone, act=act(client_id))
    return {
        "mailbox_id": mailbox_id,
        "mailbox": Mailbox(
            id=mailbox_id, client_id=client_id, address="stolen", access={}, last_uid=9
        ),
        "address": "stolen@example.fr",
        "afresh": True,
        "refresh_token": "stolen",
        "until": NOON,
        "next_at": NOON,
        "kept": replace(subscription, browser="stolen"),
        "subscription_id": subscription.id,
        "browser_id": phone.id,
        "phone": replace(phone, browser="stolen"),
        "reached": [subscription.id],
        "gone": [subscription.id],
        "rules": AgendaRules(notice_min=5),
        "account_id": account_id,
        "provider": "caldav",
        "name": "stolen",
        "access": {"address": "stolen"},
        "fault": "stolen",
        "appointment": held(client_id, call_id, NOON, person=None),
        "appointment_id": appointment.id,
        "person": Person(name="stolen"),
        "tell": tell,
        "act": act(client_id),
        "begins": NOON,
        "ends": NOON + timedelta(hours=1),
        "practitioner_id": "vasseur",
        "cells": range(10**7),
        "exercise": an_exercise("new", "stolen"),
        "exercise_id": exercise.id,
        "run": a_run("new", client_id, exercise.id),
        "run_id": run.id,
        "score": Score(percent=0),
        "before": NOON + timedelta(days=9),
        "given": used,
        "call_id": call_id,
        "call_ids": [call_id],
        "caller_id": person.id,
        "inlet": Inlet(value=f"i@{client_id}", client_id=client_id, kind="form", name="stolen"),
        "value": f"i@{client_id}",
        "new": NewInquiry(
            call_id=written, channel="email", inlet="i", origin="new", received_at=NOON
        ),
        "reply": answer,
        "origin": "stolen",
        "user_name": "n",
        "caller_ids": [person.id],
        "plan": lambda _: [KnownChange(before=person, after=None)],
        "sought": Sought(phone="+33639981234", words=("text",)),
        "actor": SYSTEM,
        "month": "2026-02",
        "remark_id": remark.id,
        "resolved": True,
        "limit": 5,
        "period": Period(first=NOON.date(), last=NOON.date(), zone=ZoneInfo("Europe/Paris")),
        "said": ["text"],
        "well_served": False,
        "about": "u2",
        "alert_id": f"a-{client_id}",
        "grid": grid,
        "marks": {"c": "no"},
        "comment": "stolen",
        "calibrating": False,
        "transcripts_before": NOON,
        "calls_before": NOON,
        "recordings_before": NOON,
        "recording": replace(recording(client_id, call_id), file="stolen", state="lost"),
        "policy": RecordingPolicy(mode="all", told="elsewhere"),
        "words": ["text"],
        "utterances": 5,
        "seq": 3,
        "message_id": approval.message.id,
        "at": NOON,
        "number": number,
        "kind": "did",
        "settings": ClientSettings(),
        "sound": replace(sound, file_name="stolen"),
        "welcome": Welcome(),
        "file": StoredFile(
            id=f"f-{client_id}",
            file_name="f",
            media_type="t",
            size_bytes=1,
            added_at=NOON,
            added_by=None,
        ),
        "file_name": "f",
        "imported_by": None,
        "incoming": Incoming(entries=(entry("x"),)),
        "label": "l",
        "author": Author(),
        "job": import_job("new", "stolen"),
        "job_id": job.id,
        "only_in": "reading",
        "values": {"state": "failed"},
        "entry": entry("e", "stolen"),
        "edits": {},
        "version": 1,
        "latest": 1,
        "document_id": "d",
        "content": b"x",
        "media_type": "t",
        "added_by": None,
        "file_id": file.id,
        "file_ids": (file.id,),
        "day": NOON.date(),
        "consigne": Consigne(id="k", title="stolen", body="b"),
        "consigne_id": "k",
        "operator_id": "o",
        "operator_name": "n",
        "ended_by": "caller",
        "reason": "r",
        "fields": {"reason": "stolen"},
        "edited_by": "o",
        "suggestion_id": "s",
        "entry_id": "e",
        "action": "used",
        "user_id": "o",
        "note": "",
        "urgency": "normal",
        "approved_by": "o",
        "approved_by_name": "n",
        "gap_id": gap_id,
        "ids": [wording.id, appointment.id],
        "by": "n",
        "texts": ["stolen"],
        "utterance_id": "u",
        "text": "stolen",
        "since": NOON,
        "state": "dismissed",
        "call": ringing(call_id),
        "events": [utterance(call_id, 2)],
        "build": lambda seq: utterance(call_id, seq),
    }


METHODS = sorted(
    name
    for name, method in inspect.getmembers(ClientScope, inspect.iscoroutinefunction)
    if not name.startswith("_")
)


async def dump(store: Store, client_id: str) -> dict[str, list[Any]]:
    async with store.database.reading() as connection:
        rows = {}
        for table in OF_A_CLIENT:
            found = await connection.execute(
                table.select().where(table.c.client_id == client_id).order_by(*table.primary_key)
            )
            rows[table.name] = [tuple(row) for row in found]
        return rows


def arguments_of(method: Any, known: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name == "wanted":
            given["wanted"] = []
        elif parameter.default is inspect.Parameter.empty:
            given[parameter.name] = known[parameter.name]
            if parameter.name == "number" and parameter.annotation == "int":
                given["number"] = 1  # of a version, not of a telephone
            if parameter.name == "said" and parameter.annotation == "UtteranceHeard":
                given["said"] = utterance(known["call_id"], 9)
    return given


async def test_no_method_of_a_scope_sees_or_changes_another_client(store: Store) -> None:
    """Each method, called by one client with every identifier of the other."""
    theirs = await fill(store, MAIN, "theirs")
    await fill(store, OTHER, "mine")
    before = await dump(store, MAIN)
    empty = [name for name, rows in before.items() if not rows]
    assert empty == [], "every table should have a row to protect"
    assert len(METHODS) > 30
    for name in METHODS:
        method = getattr(store.for_client(OTHER), name)
        try:
            answer = await method(**arguments_of(method, theirs))
        except StoreError:
            answer = None
        assert MAIN not in repr(answer), name
        assert await dump(store, MAIN) == before, name


async def test_every_statement_of_a_scope_names_its_client(store: Store) -> None:
    own = await fill(store, MAIN, "c1")
    statements: list[str] = []
    event.listen(
        store.database.engine.sync_engine,
        "before_cursor_execute",
        lambda *executed: statements.append(executed[2]),
    )
    owned = "|".join(table.name for table in OF_A_CLIENT)
    for name in METHODS:
        statements.clear()
        method = getattr(store.for_client(MAIN), name)
        with suppress(StoreError):
            await method(**arguments_of(method, own))
        touching = [
            statement
            for statement in statements
            if re.search(rf"\b(FROM|INTO|UPDATE|JOIN) ({owned})\b", statement)
        ]
        assert touching or name in ("client", "save_settings", "save_recording_policy"), name
        for statement in touching:
            where = statement.partition("WHERE")[2] or statement.partition("INSERT")[2]
            assert "client_id" in where, statement


async def test_deleting_a_client_takes_everything_of_it_and_nothing_else(store: Store) -> None:
    await fill(store, MAIN, "theirs")
    await fill(store, OTHER, "mine")
    kept = await dump(store, MAIN)
    async with store.database.writing() as connection:
        await connection.execute(text("DELETE FROM clients WHERE id = :id"), {"id": OTHER})
    assert not any((await dump(store, OTHER)).values())
    assert await dump(store, MAIN) == kept
