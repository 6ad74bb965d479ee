"""The tables of what calls teach: feedback, questions that found nothing, wordings proposed."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import (
    SEALED,
    Moment,
    client_id,
    metadata,
    of_call,
    of_client,
    own_id,
)

suggestion_feedback = Table(
    "suggestion_feedback",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("suggestion_id", String(64), nullable=False),
    Column("entry_id", String(200), nullable=False),
    Column("action", String(16), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    # Taken back: it is kept, and teaches nothing.
    Column("withdrawn_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    of_call(),
    Index(None, "call_id"),
)

gaps = Table(
    "gaps",
    metadata,
    client_id(),
    own_id(),
    Column("state", String(16), nullable=False),
    Column("entry_id", String(200)),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

gap_questions = Table(
    "gap_questions",
    metadata,
    client_id(),
    own_id(),
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
    of_call(),
    UniqueConstraint("call_id", "utterance_id"),
    Index(None, "client_id", "gap_id"),
)

entry_wordings = Table(
    "entry_wordings",
    metadata,
    client_id(),
    own_id(),
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
    of_client(),
    of_call(),
    Index(None, "client_id", "entry_id"),
)
