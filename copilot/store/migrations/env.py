"""Where Alembic meets our tables. The connection is given by copilot/store/migration.py."""

from __future__ import annotations

from alembic import context

from copilot.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()  # in the transaction of the caller, around all of them
