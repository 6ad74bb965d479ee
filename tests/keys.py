"""Master keys for tests: the same in every process of a test."""

from __future__ import annotations

from copilot.keyfile import KEY_BYTES, Keyring

KEYS = Keyring(keys={"k00000001": b"\x01" * KEY_BYTES}, audit=b"\x02" * KEY_BYTES)
