"""PostgreSQL's row-level security: the second wall between clients.

Every transaction says whose rows it is about (`app.client`, for that transaction only): one
client's scope its client, the provider's own queries all of them. A statement that forgot its
filter sees the rows of that client and no other; a connection that says nothing sees none. The
policies are forced, so that they hold for the tables' owner too; only a superuser goes past them,
which the service warns about.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.tables import OF_A_CLIENT

EVERYBODY = "*"
"""The provider: across its clients."""

POLICY = "own_client"


async def say_whose(connection: AsyncConnection, client_id: str | None) -> None:
    """Say whose rows this transaction is about; null: the provider's."""
    await connection.execute(
        text("SELECT set_config('app.client', :client, true)"), {"client": client_id or EVERYBODY}
    )


def secure_rows(connection: Connection) -> None:
    """Put the policy on every table of a client that lacks it. For PostgreSQL; idempotent."""
    secured = set(
        connection.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
                "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = :policy"
            ),
            {"policy": POLICY},
        ).scalars()
    )
    for table in OF_A_CLIENT:
        if table.name in secured:
            continue
        # Names of our own tables, not of anybody's making.
        connection.execute(text(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY"))
        connection.execute(text(f"DROP POLICY IF EXISTS {POLICY} ON {table.name}"))
        connection.execute(
            text(
                f"CREATE POLICY {POLICY} ON {table.name} USING ("
                "current_setting('app.client', true) IN (client_id, '*'))"
            )
        )


async def goes_past(connection: AsyncConnection) -> bool:
    """Whether the service's own role ignores the policies."""
    query = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool((await connection.execute(query)).scalar())
