"""The tables of what is written to clients: where it comes in, what came, answers to messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import (
    SEALED,
    Json,
    Moment,
    client_id,
    metadata,
    of_call,
    of_client,
    own_id,
)

inlets = Table(
    "inlets",
    metadata,
    # An e-mail address in lower case, or a web form's key: one client's, for all.
    Column("value", String(254), primary_key=True),
    client_id(),
    Column("kind", String(8), nullable=False),
    Column("name", String(100), nullable=False),
    Column("origins", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    of_client(),
    Index(None, "client_id"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    client_id(),
    own_id(),
    Column("address", String(254), nullable=False),
    # Host, user, password: whoever has them reads the client's mail.
    Column("access", Text, nullable=False, info=SEALED),
    # How far it was read (RFC 3501, section 2.3.1.1).
    Column("validity", BigInteger),
    Column("last_uid", BigInteger, nullable=False),
    # Who wrote what was left there, and why it was.
    Column("aside", Text, nullable=False, info=SEALED),
    Column("fault", String(32)),
    Column("failures", Integer, nullable=False),
    Column("read_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("claim", String(64)),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("client_id", "address"),
    of_client(),
    Index(None, "next_at"),
)

inquiries = Table(
    "inquiries",
    metadata,
    client_id(),
    Column("call_id", String(64), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("inlet", String(254), nullable=False),
    # What tells the same letter sent twice: a digest of its Message-ID, or of a form's content.
    Column("origin", String(64), nullable=False),
    Column("sender", Text, nullable=False, info=SEALED),
    Column("sender_name", Text, nullable=False, info=SEALED),
    Column("subject", Text, nullable=False, info=SEALED),
    Column("reference", Text, nullable=False, info=SEALED),
    Column("received_at", Moment, nullable=False),
    Column("prepared_at", Moment),
    Column("claim_until", Moment),
    Column("taken_by", String(64)),
    Column("taken_by_name", String(200)),
    Column("taken_at", Moment),
    Column("closed_at", Moment),
    Column("reply", Text, info=SEALED),
    Column("reply_state", String(8)),
    Column("reply_attempts", Integer, nullable=False, server_default="0"),
    Column("reply_next_at", Moment),
    Column("reply_error", Text),
    Column("replied_at", Moment),
    Column("replied_by_name", String(200)),
    PrimaryKeyConstraint("client_id", "call_id"),
    UniqueConstraint("client_id", "origin"),
    of_call(),
    Index(None, "closed_at", "received_at"),
    Index(None, "reply_state", "reply_next_at"),
)

inquiry_files = Table(
    "inquiry_files",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("name", Text, nullable=False, info=SEALED),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    # Base64.
    Column("content", Text, nullable=False, info=SEALED),
    PrimaryKeyConstraint("client_id", "id"),
    of_call(),
    Index(None, "call_id"),
)

message_replies = Table(
    "message_replies",
    metadata,
    client_id(),
    own_id(),
    Column("message_id", String(64), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("origin", String(64), nullable=False),
    Column("sender", Text, nullable=False, info=SEALED),
    Column("text", Text, nullable=False, info=SEALED),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("client_id", "origin"),
    ForeignKeyConstraint(
        ["client_id", "message_id"], ["messages.client_id", "messages.id"], ondelete="CASCADE"
    ),
    of_call(),
    Index(None, "message_id"),
)
