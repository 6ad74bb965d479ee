"""What the database alone tells: nothing that was said or written."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Connection, String, Text, text, update

from copilot.keyfile import (
    KeyFileError,
    Keyring,
    master_of,
    new_keyring,
    open_keyring,
    write_keyring,
)
from copilot.store import Store
from copilot.store.audit import Actor
from copilot.store.database import Database
from copilot.store.datakeys import rotate_data_key
from copilot.store.masterkeys import forget_masters, key_uses, open_keys, rotate_master
from copilot.store.migration import configuration, migrate
from copilot.store.privacy import OF_A_CALL
from copilot.store.sealedfiles import SealedReader, SealedWriter
from copilot.store.sealing import SUITES, key_name, new_data_key, seal_row, sealed_columns
from copilot.store.tables import OF_A_CLIENT
from copilot.store.tables.calls import call_events, drafts
from copilot.store.tables.messages import messages
from tests.keys import KEYS
from tests.store.examples import MAIN, NOON, OTHER, client, draft, ringing, utterance

LEA = Actor(id="u1", name="Léa", role="administrator")
SECRET = "chaudière"


async def busy(store: Store, client_id: str = MAIN) -> str:
    """A call with something said, typed, approved and asked; its id."""
    call_id = f"call-{client_id}"
    scope = store.for_client(client_id)
    await scope.create_call(ringing(call_id))
    await scope.append_events(call_id, [utterance(call_id, 1, f"ma {SECRET}"), draft(call_id, 2)])
    await scope.save_draft_edits(call_id, {"reason": SECRET}, edited_by="o", at=NOON)
    await scope.approve_message(
        call_id, fields={"reason": SECRET, "caller_name": "Claire Fontaine"}, note=f"{SECRET} !",
        urgency="normal", approved_by="o", approved_by_name="Inès", at=NOON,
    )  # fmt: skip
    await scope.record_gap_question(
        gap_id=None, call_id=call_id, utterance_id="caller-1", text=SECRET, at=NOON
    )
    return call_id


def holding(folder: Path, *words: str) -> list[str]:
    """The files of a folder that have one of the words in clear."""
    return [
        path.name
        for path in folder.iterdir()
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
    ]


async def everything(store: Store) -> str:
    async with store.database.reading() as connection:
        rows = [str((await connection.execute(table.select())).all()) for table in OF_A_CLIENT]
    return "\n".join(rows).lower()


async def reads_back(store: Store, client_id: str = MAIN) -> None:
    scope, call_id = store.for_client(client_id), f"call-{client_id}"
    events = await scope.events_since(call_id)
    assert events[0].data["text"] == f"ma {SECRET}"
    assert await scope.draft_edits(call_id) == {"reason": SECRET}
    message = await scope.message_of_call(call_id)
    assert message is not None and message.fields["reason"] == SECRET
    assert message.note == f"{SECRET} !"
    assert [gap.questions[0].text for gap in await scope.gaps()] == [SECRET]
    assert [line.call_id for line in await scope.said(["chaud"])] == [call_id]


async def test_the_database_tells_nothing_that_was_said(store: Store) -> None:
    await busy(store)
    rows = await everything(store)
    for said in ("chaud", "claire", "fontaine", "bonjour"):
        assert said not in rows
    await reads_back(store)
    exported = str(await store.for_client(MAIN).export_client())
    assert SECRET in exported and "wrapped" not in exported and "tokens" not in exported


IN_CLEAR_ON_PURPOSE = {
    "calls": {"caller_name", "operator_name", "end_reason"},
    "call_events": {"tokens"},
    "call_names": {"name"},
    "messages": {"approved_by_name", "acknowledged_by_name", "failure", "edits"},
    "outbox": {"recipient", "last_error"},
    "escalations": {"rungs", "ended_by"},
    "recordings": {"silenced"},
    "appointments": {"practitioner_name", "created_by_name", "calendar", "place"},
    "appointment_notices": {"approved_by_name", "last_error"},
    "suggestion_feedback": {"entry_id"},
    "entry_wordings": {"entry_id", "writer", "decided_by_name"},
    "remarks": {"author_name", "resolved_by_name"},
    "alerts": {"acknowledged_by_name"},
    "evaluations": {"evaluator_name", "marks"},
    "inquiries": {"inlet", "replied_by_name", "reply_error", "taken_by_name"},
    "inquiry_files": {"media_type"},
}
"""Texts about calls that are no words of anybody's: identifiers, colleagues' names, addresses,
what the line and the channels said, how much was changed, where sound was silenced."""


def test_texts_about_calls_are_sealed_or_said_not_to_be() -> None:
    """A new column must be `info=SEALED`, or be listed above with its reason."""
    for table in OF_A_CALL:
        texts = {
            column.name
            for column in table.columns
            if isinstance(column.type, Text | JSON)
            or (isinstance(column.type, String) and (column.type.length or 9999) > 64)
        }
        sealed = set(sealed_columns(table))
        assert texts - sealed == IN_CLEAR_ON_PURPOSE.get(table.name, set()), table.name


async def test_nothing_that_was_said_is_in_the_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    await migrate(url, keyring=KEYS)
    async with Store(url, keyring=KEYS) as store:
        await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
        await busy(store)
        assert not holding(tmp_path, SECRET, "chaudi")


async def test_two_clients_words_look_different(store: Store) -> None:
    await busy(store, MAIN)
    await busy(store, OTHER)
    async with store.database.reading() as connection:
        found = await connection.execute(
            text("SELECT tokens FROM call_events WHERE tokens IS NOT NULL")
        )
        one, two = (set(tokens.split()) for tokens in found.scalars())
    assert len(one) == len(two) > 5 and not one & two
    assert {line.client_id for line in await store.provider.said(["chaudiere"])} == {MAIN, OTHER}


@pytest.mark.parametrize("column", ["fields", "note"])
async def test_a_value_moved_elsewhere_does_not_open(store: Store, column: str) -> None:
    """Whoever writes to the database cannot show one client's words as another's."""
    await busy(store, MAIN)
    await busy(store, OTHER)
    async with store.database.writing() as connection:
        rows = {row.client_id: row for row in await connection.execute(messages.select())}
        stolen = getattr(rows[MAIN], column)
        theirs = update(messages).where(messages.c.client_id == OTHER)
        await connection.execute(theirs.values({column: stolen}))
    with pytest.raises(KeyFileError):
        await store.for_client(OTHER).messages()
    await reads_back(store, MAIN)


async def test_a_row_in_clear_is_refused(store: Store) -> None:
    call_id = await busy(store)
    async with store.database.writing() as connection:
        await connection.execute(update(drafts).values(fields={"reason": "typed in by hand"}))
    with pytest.raises(KeyFileError, match="not sealed"):
        await store.for_client(MAIN).draft_edits(call_id)


async def test_a_wiped_clients_words_never_open_again(store: Store) -> None:
    await busy(store)
    async with store.database.reading() as connection:
        kept = (await connection.execute(messages.select())).mappings().one()
    scope = store.for_client(MAIN)
    await scope.mark_ended(f"call-{MAIN}", ended_by="caller", reason="r", at=NOON)
    wiped = await scope.wipe(actor=LEA, reason="fin de contrat", at=NOON)
    assert wiped.rows["client_keys"] == 1
    await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)  # another, of that name
    await scope.create_call(ringing(f"call-{MAIN}"))
    async with store.database.writing() as connection:
        await connection.execute(messages.insert().values(dict(kept)))
    with pytest.raises(KeyFileError):
        await scope.messages()


async def test_data_keys_are_changed_while_work_goes_on(store: Store) -> None:
    await busy(store)
    scope = store.for_client(MAIN)
    async with store.database.reading() as connection:
        (before,) = await store.database.vault.keys(connection, MAIN)
    file = io.BytesIO()
    SealedWriter(file, await scope.sealing_key(), name="a").close()
    assert await rotate_data_key(store.database, MAIN, at=NOON) == 5
    assert before not in (await everything(store)).replace(f"'{before}'", "")
    await reads_back(store)
    assert SealedReader(file, await scope.opening_keys(), name="a").complete
    await scope.append_events(f"call-{MAIN}", [utterance(f"call-{MAIN}", 3, "après")])
    assert [line.seq for line in await scope.said(["apres"])] == [3]
    assert await rotate_data_key(store.database, MAIN, at=NOON) == 6


@pytest.fixture
async def installed(url: str, tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """A database with its own key file and a client; PostgreSQL's tests share one database."""
    path = tmp_path / "keys" / "master.key"
    async with Store(url, keyring=KEYS) as store, store.database.writing() as connection:
        await connection.execute(text("DELETE FROM master_keys"))
    keyring = await open_keys(url, path)
    async with Store(url, keyring=keyring) as store:
        await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
        await busy(store)
    yield url, path
    async with Store(url, keyring=KEYS) as store, store.database.writing() as connection:
        await connection.execute(text("DELETE FROM master_keys"))


async def test_a_start_without_its_key_file_says_so_and_makes_none(
    installed: tuple[str, Path],
) -> None:
    url, path = installed
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.rename(path.with_name("kept"))
    with pytest.raises(KeyFileError, match=r"does not exist.*restore the file from its backup"):
        await open_keys(url, path)
    assert not path.exists()
    write_keyring(path, new_keyring())
    with pytest.raises(KeyFileError, match="another installation's"):
        await open_keys(url, path)
    (name,) = open_keyring(kept).keys
    write_keyring(path, Keyring(keys={name: b"x" * 32}, audit=b"y" * 32))
    with pytest.raises(KeyFileError, match="not the one that sealed"):
        await open_keys(url, path)
    kept.replace(path)
    assert (await open_keys(url, path)).current == name


async def test_the_master_key_is_changed_under_a_running_service(
    installed: tuple[str, Path],
) -> None:
    url, path = installed
    running = await open_keys(url, path)
    old = running.current
    async with Store(url, keyring=running) as store:
        about = "second-factor/u"
        await store.people.create_user(
            email="u@example.fr", name="U", role="operator", password_hash="h", at=NOON
        )
        (user,) = await store.people.users()
        about = f"second-factor/{user.id}"
        secret = running.seal(b"JBSWY3DP", about=about)
        await store.people.change_user(user.id, totp_secret=secret)
        fresh = await rotate_master(url, path, at=NOON)
        uses = {use.name: use for use in await key_uses(url, fresh)}
        assert not uses[old].used and uses[old].in_file and not uses[old].current
        assert uses[fresh.current].client_keys == uses[fresh.current].second_factors == 1
        await reads_back(store)  # with keys remembered, and then with none
        store.database.vault.forget(MAIN)
        await reads_back(store)
        await store.provider.save_client(client(OTHER, "Vasseur"), at=NOON)
        await busy(store, OTHER)  # sealed with the new key by a service started before
        assert await forget_masters(url, path, at=NOON) == (old,)
        state = await store.people.totp(user.id)
        assert state.secret is not None and master_of(state.secret) == fresh.current
        assert running.unseal(state.secret, about=about) == b"JBSWY3DP"
        actions = [entry.act.action for entry in await store.audit.entries(limit=3)]
        assert {"keys.rotated", "keys.forgotten"} <= set(actions)
    assert list((await open_keys(url, path)).keys) == [fresh.current]


async def test_a_master_key_in_use_is_not_forgotten(installed: tuple[str, Path]) -> None:
    url, path = installed
    keyring = open_keyring(path)
    newer = Keyring(keys={**keyring.keys, "kffffffff": b"z" * 32}, audit=keyring.audit)
    write_keyring(path, newer)  # a rotation that was stopped half-way
    with pytest.raises(KeyFileError, match="rotate"):
        await forget_masters(url, path, at=NOON)


@asynccontextmanager
async def at_revision(url: str, revision: str) -> AsyncIterator[Database]:
    """A new database as an earlier version left it."""
    database = Database(url, keyring=KEYS)

    def upgrade(connection: Connection) -> None:
        config = configuration(connection)
        config.attributes["keyring"] = KEYS
        command.upgrade(config, revision)

    async with database.writing() as connection:
        await connection.run_sync(upgrade)
    try:
        yield database
    finally:
        await database.close()


IN_CLEAR: dict[str, list[dict[str, Any]]] = {
    "clients": [
        {"id": MAIN, "name": "Delorme", "sector": "s", "colour": "c", "greeting": "g",
         "settings": "{}"},
    ],
    "calls": [
        {"id": f"call-{MAIN}", "client_id": MAIN, "source": "sip", "dialled": "+33199001234",
         "has_draft": True},
    ],
}  # fmt: skip


async def in_clear(database: Database, table: str, row: dict[str, Any]) -> None:
    """A row as it was written before, with moments of the database's own clock."""
    moments = {
        "clients": ["created_at"], "calls": ["ringing_at"], "call_events": ["at"],
        "drafts": ["edited_at"], "messages": ["approved_at"], "gaps": ["created_at"],
        "gap_questions": ["at"],
    }[table]  # fmt: skip
    names = [*row, *moments]
    values = [f":{name}" for name in row] + ["CURRENT_TIMESTAMP" for _ in moments]
    if database.dialect == "postgresql":
        json = {"settings", "payload", "fields"}
        values = [
            f"CAST(:{name} AS JSONB)" if name in json else f":{name}" for name in row
        ] + values[len(row) :]
    async with database.writing() as connection:
        await connection.execute(
            text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})"),  # noqa: S608
            row,
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
async def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    from tests.servers import PostgresServer
    from tests.store.test_row_security import execute_alone

    server: PostgresServer = request.getfixturevalue("postgres")
    await execute_alone(server, "DROP DATABASE IF EXISTS old")
    await execute_alone(server, "CREATE DATABASE old")
    return server.url().rpartition("/")[0] + "/old"


async def test_rows_of_before_are_sealed_where_they_are(new_url: str, tmp_path: Path) -> None:
    import json

    call_id = f"call-{MAIN}"
    said = {"leg": "caller", "utterance_id": "caller-1", "text": f"ma {SECRET}", "start_s": 1.0}
    event = {"client_id": MAIN, "call_id": call_id}
    async with at_revision(new_url, "0005") as database:
        for table, rows in IN_CLEAR.items():
            for row in rows:
                await in_clear(database, table, row)
        for seq in range(1, 1203):
            row = {**event, "seq": seq, "kind": "utterance_heard", "payload": json.dumps(said)}
            if seq == 1 or seq > 1199:
                await in_clear(database, "call_events", {**row, "folded": f"ma {SECRET}"})
        fields = json.dumps({"reason": SECRET})
        await in_clear(database, "drafts", {**event, "fields": fields, "edited_by": "o"})
        message = {"id": "m", **event, "state": "approved", "fields": fields,
                   "note": f"{SECRET} !", "urgency": "normal", "approved_by": "o",
                   "approved_by_name": "Inès"}  # fmt: skip
        await in_clear(database, "messages", message)
        await in_clear(database, "gaps", {"client_id": MAIN, "id": "g", "state": "open"})
        question = {"client_id": MAIN, "id": "q", "gap_id": "g", "call_id": call_id,
                    "utterance_id": "caller-1", "text": SECRET}  # fmt: skip
        await in_clear(database, "gap_questions", question)
    path = tmp_path / "master.key"
    keyring = await open_keys(new_url, path)
    async with Store(new_url, keyring=keyring) as store:
        assert SECRET not in await everything(store)
        scope = store.for_client(MAIN)
        assert [e.data["text"] for e in await scope.events_since(call_id)] == [f"ma {SECRET}"] * 4
        assert len(await scope.said(["chaudiere"])) == 4
        assert await scope.draft_edits(call_id) == {"reason": SECRET}
        (sent,) = await scope.messages()
        assert (sent.fields, sent.note) == ({"reason": SECRET}, f"{SECRET} !")
        assert [gap.questions[0].text for gap in await scope.gaps()] == [SECRET]
    if new_url.startswith("sqlite"):
        assert not holding(tmp_path, SECRET)


def test_a_sealed_row_needs_its_place() -> None:
    key = new_data_key(MAIN)
    row = {"client_id": MAIN, "call_id": "c", "seq": 1, "payload": {"text": SECRET}}
    first, second = (seal_row(key, call_events, row)["payload"] for _ in range(2))
    assert first != second  # a nonce is never used twice
    with pytest.raises(KeyError):
        seal_row(key, call_events, {"client_id": MAIN, "payload": {}})


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_key_s_letter_says_its_algorithm(suite: str) -> None:
    key = new_data_key("delorme", suite=suite)
    sealed = key.seal(b"bonjour", about=b"here")
    assert key_name(sealed) == key.name and key.name.startswith(suite)
    assert key.open(sealed, about=b"here") == b"bonjour"
    file = io.BytesIO()
    with SealedWriter(file, key, name="f") as writer:
        writer.write(b"bonjour " * 20_000)
    reader = SealedReader(file, {key.name: key}, name="f")
    assert b"".join(reader.read()) == b"bonjour " * 20_000
    # The same secret under another algorithm's letter opens nothing.
    for other in set("".join(SUITES)) - {suite}:
        if SUITES[other] is not SUITES[suite]:
            taken = dataclasses.replace(key, name=f"{other}{key.name[1:]}")
            with pytest.raises(KeyFileError):
                taken.open(f"{taken.name}.{sealed.partition('.')[2]}", about=b"here")
    unknown = dataclasses.replace(key, name="z0000000a")
    with pytest.raises(KeyFileError, match="not known"):
        unknown.seal(b"x", about=b"here")
