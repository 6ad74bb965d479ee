"""The tables. Whatever belongs to a client carries `client_id`.

Rows that point at another row of a client do so by (client_id, id): the database itself refuses
a message that names another client's call.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC on both databases. SQLite keeps it without its offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without its offset: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


SEALED = {"sealed": True}
"""`info` of a column whose values are encrypted with the client's key (copilot/store/sealing)."""

Json = JSON().with_variant(JSONB(), "postgresql")


def _id(length: int = 64) -> Column[Any]:
    return Column("id", String(length), nullable=False)


def _client_id() -> Column[Any]:
    return Column("client_id", String(64), nullable=False)


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["client_id"], ["clients.id"], ondelete="CASCADE")


def _of_call() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["client_id", "call_id"], ["calls.client_id", "calls.id"], ondelete="CASCADE"
    )


clients = Table(
    "clients",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sector", String(100), nullable=False),
    Column("colour", String(16), nullable=False),
    Column("greeting", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("client_id", String(64), ForeignKey("clients.id", ondelete="CASCADE")),
    Column("language", String(2), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("totp_secret", Text),
    Column("totp_since", Moment),
    Column("totp_last_step", Integer),
    CheckConstraint(
        "(role IN ('client', 'reader')) = (client_id IS NOT NULL)", name="client_role_has_client"
    ),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_seen_at", Moment),
    Column("address", String(64), nullable=False, server_default=""),
    Column("agent", String(300), nullable=False, server_default=""),
    Index(None, "user_id"),
)

client_keys = Table(
    "client_keys",
    metadata,
    _client_id(),
    _id(),
    Column("wrapped", Text, nullable=False),  # sealed with the master key, which is elsewhere
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

client_numbers = Table(
    "client_numbers",
    metadata,
    Column("number", String(20), primary_key=True),
    _client_id(),
    Column("kind", String(16), nullable=False),
    _of_client(),
    Index(None, "client_id"),
)

consignes = Table(
    "consignes",
    metadata,
    _client_id(),
    _id(),
    Column("title", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    Column("position", Integer, nullable=False),
    Column("topic", String(200), nullable=False, server_default=""),
    Column("weekdays", Json, nullable=False, server_default="[]"),
    Column("from_time", String(5)),
    Column("until_time", String(5)),
    Column("holidays", String(8), nullable=False, server_default="any"),
    Column("version", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

contacts = Table(
    "contacts",
    metadata,
    _client_id(),
    _id(),
    Column("name", String(200), nullable=False),
    Column("role", String(200), nullable=False),
    Column("email", String(254)),
    Column("phone", String(20)),
    Column("vip", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

sounds = Table(
    "sounds",
    metadata,
    _client_id(),
    Column("kind", String(16), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(64)),
    PrimaryKeyConstraint("client_id", "kind"),
    _of_client(),
)

consigne_versions = Table(
    "consigne_versions",
    metadata,
    _client_id(),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("made_by", String(64)),
    Column("made_by_name", String(200)),
    Column("action", String(16), nullable=False),
    Column("label", String(2000), nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    PrimaryKeyConstraint("client_id", "number"),
    _of_client(),
)

consignes_seen = Table(
    "consignes_seen",
    metadata,
    _client_id(),
    Column("user_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "user_id"),
    _of_client(),
)

entries = Table(
    "entries",
    metadata,
    _client_id(),
    _id(200),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("alternatives", Json, nullable=False),
    Column("source", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("document_id", String(64)),
    Column("place", Text, nullable=False, server_default=""),
    Column("anchor", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("links", Json, nullable=False, server_default="[]"),
    Column("attachments", Json, nullable=False, server_default="[]"),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("author", String(200)),
    Column("revised_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

knowledge_versions = Table(
    "knowledge_versions",
    metadata,
    _client_id(),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("made_by", String(64)),
    Column("made_by_name", String(200)),
    Column("action", String(16), nullable=False),
    Column("label", String(2000), nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("reversible", Boolean, nullable=False),
    Column("documents_before", Json, nullable=False),
    PrimaryKeyConstraint("client_id", "number"),
    _of_client(),
)

knowledge_changes = Table(
    "knowledge_changes",
    metadata,
    _client_id(),
    Column("number", Integer, nullable=False),
    Column("entry_id", String(200), nullable=False),
    Column("before", Json),
    Column("after", Json),
    PrimaryKeyConstraint("client_id", "number", "entry_id"),
    ForeignKeyConstraint(
        ["client_id", "number"],
        ["knowledge_versions.client_id", "knowledge_versions.number"],
        ondelete="CASCADE",
    ),
)

files = Table(
    "files",
    metadata,
    _client_id(),
    _id(),
    Column("file_name", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(64)),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

documents = Table(
    "documents",
    metadata,
    _client_id(),
    _id(),
    Column("name", String(2000), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("address", String(2000)),
    Column("file_id", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("imported_by", String(200)),
    PrimaryKeyConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "file_id"], ["files.client_id", "files.id"]),
    _of_client(),
)

import_jobs = Table(
    "import_jobs",
    metadata,
    _client_id(),
    _id(),
    Column("name", String(2000), nullable=False),
    Column("address", String(2000)),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", String(64)),
    Column("created_by_name", String(200)),
    Column("base_version", Integer),
    Column("incoming", Json),
    Column("summary", Json),
    Column("failure", Json),
    Column("file_id", String(64)),
    Column("version", Integer),
    PrimaryKeyConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "file_id"], ["files.client_id", "files.id"]),
    _of_client(),
    Index(None, "client_id", "created_at"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    _client_id(),
    Column("source", String(16), nullable=False),
    Column("dialled", String(64), nullable=False),
    Column("caller_number", String(64)),
    Column("caller_name", String(200)),
    Column("forwarded_from", String(64)),
    Column("ringing_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("duration_s", Float),
    Column("operator_id", String(64)),
    Column("operator_name", String(200)),
    Column("ended_by", String(16)),
    Column("end_reason", Text),
    Column("has_draft", Boolean, nullable=False),
    UniqueConstraint("client_id", "id"),
    _of_client(),
    Index(None, "client_id", "ringing_at"),
    Index(None, "ringing_at"),
)

call_events = Table(
    "call_events",
    metadata,
    _client_id(),
    Column("call_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", Json, nullable=False, info=SEALED),
    # What an utterance is found by: keyed tokens of its words. Null for what is no utterance.
    Column("tokens", Text),
    PrimaryKeyConstraint("call_id", "seq"),
    _of_call(),
)

drafts = Table(
    "drafts",
    metadata,
    _client_id(),
    Column("call_id", String(64), primary_key=True),
    Column("fields", Json, nullable=False, info=SEALED),
    Column("edited_at", Moment, nullable=False),
    Column("edited_by", String(64), nullable=False),
    _of_call(),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    _client_id(),
    Column("call_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("fields", Json, nullable=False, info=SEALED),
    Column("note", Text, nullable=False, info=SEALED),
    Column("urgency", String(16), nullable=False),
    Column("approved_at", Moment, nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("approved_by_name", String(200), nullable=False),
    Column("delivered_at", Moment),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_by_name", String(254)),
    Column("failure", Text),
    # How much of what was proposed was changed: lengths and distances by field, no text.
    Column("edits", Json, nullable=False, server_default="[]"),
    UniqueConstraint("client_id", "id"),
    UniqueConstraint("call_id"),
    _of_call(),
    Index(None, "client_id", "approved_at"),
    Index(None, "approved_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(64), primary_key=True),
    _client_id(),
    Column("message_id", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("idempotency_key", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment),
    Column("claim", String(64)),
    Column("last_error", Text),
    Column("delivered_at", Moment),
    # The rung of the escalation that it belongs to; 0: the client's recipients.
    Column("step", Integer, nullable=False, server_default="0"),
    Column("pace", String(8), nullable=False, server_default="now"),
    # The digest it left in, from the first try on.
    Column("bundle", String(64)),
    Column("read_at", Moment),
    Column("acknowledged_at", Moment),
    Column("revoked_at", Moment),
    # The last code that opened its link: each counts once.
    Column("code_slot", Integer),
    UniqueConstraint("message_id", "channel", "recipient", "step"),
    ForeignKeyConstraint(
        ["client_id", "message_id"], ["messages.client_id", "messages.id"], ondelete="CASCADE"
    ),
    Index(None, "state", "next_attempt_at"),
)

escalations = Table(
    "escalations",
    metadata,
    _client_id(),
    _id(),
    Column("message_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rungs", Json, nullable=False),
    Column("step", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("next_at", Moment),
    Column("ended_at", Moment),
    Column("ended_by", String(254)),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("message_id"),
    ForeignKeyConstraint(
        ["client_id", "message_id"], ["messages.client_id", "messages.id"], ondelete="CASCADE"
    ),
    Index(None, "state", "next_at"),
)

suggestion_feedback = Table(
    "suggestion_feedback",
    metadata,
    _client_id(),
    _id(),
    Column("call_id", String(64), nullable=False),
    Column("suggestion_id", String(64), nullable=False),
    Column("entry_id", String(200), nullable=False),
    Column("action", String(16), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    _of_call(),
    Index(None, "call_id"),
)

gaps = Table(
    "gaps",
    metadata,
    _client_id(),
    _id(),
    Column("state", String(16), nullable=False),
    Column("entry_id", String(200)),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
)

gap_questions = Table(
    "gap_questions",
    metadata,
    _client_id(),
    _id(),
    Column("gap_id", String(64), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("utterance_id", String(64), nullable=False),
    Column("text", Text, nullable=False, info=SEALED),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    ForeignKeyConstraint(
        ["client_id", "gap_id"], ["gaps.client_id", "gaps.id"], ondelete="CASCADE"
    ),
    # A call that is forgotten takes its words with it.
    _of_call(),
    UniqueConstraint("call_id", "utterance_id"),
    Index(None, "client_id", "gap_id"),
)

entry_wordings = Table(
    "entry_wordings",
    metadata,
    _client_id(),
    _id(),
    Column("entry_id", String(200), nullable=False),
    Column("text", Text, nullable=False, info=SEALED),
    Column("origin", String(16), nullable=False),
    Column("writer", String(200), nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    # Null once approved: the words are the client's own then, whatever becomes of the call.
    Column("call_id", String(64)),
    Column("at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by_name", String(200)),
    PrimaryKeyConstraint("client_id", "id"),
    _of_client(),
    _of_call(),
    Index(None, "client_id", "entry_id"),
)

OF_A_CLIENT = (
    client_keys,
    client_numbers,
    consignes,
    consigne_versions,
    consignes_seen,
    contacts,
    sounds,
    entries,
    knowledge_versions,
    knowledge_changes,
    files,
    documents,
    import_jobs,
    calls,
    call_events,
    drafts,
    messages,
    outbox,
    escalations,
    suggestion_feedback,
    gaps,
    gap_questions,
    entry_wordings,
)
"""Tables whose every row is one client's. `users` may belong to one; `web_sessions` never do."""
