"""Appointments: rules, calendar accounts, appointments, the times they keep, notices to callers.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_client_id")
    return sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=name, ondelete="CASCADE")


def _of_appointment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id", "appointment_id"],
        ["appointments.client_id", "appointments.id"],
        name=op.f(f"fk_{table}_client_id_appointment_id"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "agendas",
        _column("client_id", sa.String(64)),
        _column("rules", JSON),
        _column("version", sa.Integer()),
        _column("changed_at", MOMENT),
        _of_client("agendas"),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_agendas")),
    )
    op.create_table(
        "calendar_accounts",
        _column("client_id", sa.String(64)),
        _column("id", sa.String(64)),
        _column("provider", sa.String(16)),
        _column("name", sa.String(100)),
        _column("access", sa.Text()),
        _column("fault", sa.String(32), null=True),
        _column("tried_at", MOMENT, null=True),
        _of_client("calendar_accounts"),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_calendar_accounts")),
    )
    _create_appointments()
    op.create_table(
        "appointment_cells",
        _column("client_id", sa.String(64)),
        _column("practitioner_id", sa.String(40)),
        _column("cell", sa.Integer()),
        _column("appointment_id", sa.String(64)),
        _of_appointment("appointment_cells"),
        sa.PrimaryKeyConstraint(
            "client_id", "practitioner_id", "cell", name=op.f("pk_appointment_cells")
        ),
    )
    _index("appointment_cells", "client_id", "appointment_id")
    _create_notices()


def _create_appointments() -> None:
    op.create_table(
        "appointments",
        _column("client_id", sa.String(64)),
        _column("id", sa.String(64)),
        _column("call_id", sa.String(64)),
        _column("practitioner_id", sa.String(40)),
        _column("practitioner_name", sa.String(100)),
        _column("visit_name", sa.Text()),
        _column("duration_min", sa.Integer()),
        _column("before_min", sa.Integer()),
        _column("after_min", sa.Integer()),
        _column("begins_at", MOMENT),
        _column("ends_at", MOMENT),
        _column("state", sa.String(16)),
        _column("held_until", MOMENT, null=True),
        _column("person", sa.Text(), null=True),
        _column("sequence", sa.Integer()),
        _column("created_at", MOMENT),
        _column("created_by", sa.String(64)),
        _column("created_by_name", sa.String(200)),
        _column("changed_at", MOMENT),
        _column("account_id", sa.String(64), null=True),
        _column("calendar", sa.Text()),
        _column("place", JSON, null=True),
        _column("written", sa.Integer()),
        _column("sync", sa.String(16)),
        _column("fault", sa.String(32), null=True),
        _column("forced", sa.Boolean()),
        _column("attempts", sa.Integer()),
        _column("next_attempt_at", MOMENT, null=True),
        _column("claim", sa.String(64), null=True),
        _column("claimed_until", MOMENT, null=True),
        sa.ForeignKeyConstraint(
            ["client_id", "call_id"],
            ["calls.client_id", "calls.id"],
            name=op.f("fk_appointments_client_id_call_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_appointments")),
    )
    _index("appointments", "client_id", "begins_at")
    _index("appointments", "sync", "next_attempt_at")
    _index("appointments", "client_id", "call_id")


def _create_notices() -> None:
    op.create_table(
        "appointment_notices",
        _column("client_id", sa.String(64)),
        _column("id", sa.String(64)),
        _column("appointment_id", sa.String(64)),
        _column("channel", sa.String(16)),
        _column("recipient", sa.Text()),
        _column("occasion", sa.String(16)),
        _column("sequence", sa.Integer()),
        _column("begins_at", MOMENT),
        _column("ends_at", MOMENT),
        _column("approved_by", sa.String(64)),
        _column("approved_by_name", sa.String(200)),
        _column("created_at", MOMENT),
        _column("state", sa.String(16)),
        _column("attempts", sa.Integer()),
        _column("next_attempt_at", MOMENT, null=True),
        _column("claim", sa.String(64), null=True),
        _column("last_error", sa.Text(), null=True),
        _column("delivered_at", MOMENT, null=True),
        _of_appointment("appointment_notices"),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_appointment_notices")),
    )
    _index("appointment_notices", "state", "next_attempt_at")
    _index("appointment_notices", "client_id", "appointment_id")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def downgrade() -> None:
    for table in (
        "appointment_notices",
        "appointment_cells",
        "appointments",
        "calendar_accounts",
        "agendas",
    ):
        op.drop_table(table)
