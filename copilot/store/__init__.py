"""The database: tables, migrations and client-scoped queries."""
