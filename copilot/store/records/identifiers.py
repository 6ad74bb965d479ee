"""Identifiers of rows."""

from __future__ import annotations

import secrets


def new_id() -> str:
    """A fresh opaque identifier, safe in addresses: 32 hexadecimal digits."""
    return secrets.token_hex(16)
