"""The database: tables, migrations and client-scoped queries."""

from copilot.store.errors import (
    BadNumberError,
    ConflictError,
    NotFoundError,
    StoreError,
    UnavailableError,
)
from copilot.store.migration import NewerDatabaseError, migrate
from copilot.store.store import ClientScope, Store

__all__ = [
    "BadNumberError",
    "ClientScope",
    "ConflictError",
    "NewerDatabaseError",
    "NotFoundError",
    "Store",
    "StoreError",
    "UnavailableError",
    "migrate",
]
