"""The keys that are not in the database: a small file, readable by its owner only.

It holds the master keys (the current one seals; older ones still open what they sealed, until
`souffleur keys rotate` has sealed it again) and the key of the audit chain. Whoever has the
database without this file has no message, transcript or second factor; losing it loses them too:
back it up apart from the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be read, or what was sealed was sealed with another."""

    code = "key_file"


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """Master keys by name, newest last, and the key of the audit chain."""

    keys: dict[str, bytes] = field(repr=False)
    audit: bytes = field(repr=False)
    source: Path | None = None
    """The file, read again when another process changed it: `souffleur keys rotate`."""

    @property
    def current(self) -> str:
        """The name of the key that seals."""
        return next(reversed(self.keys))

    def refresh(self) -> None:
        """Take the file's keys of now. Raises KeyFileError."""
        if self.source is None:
            return
        newer = open_keyring(self.source).keys
        self.keys.clear()
        self.keys.update(newer)

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose. Stays when the master keys are rotated."""
        return hmac.new(self.audit, f"derived/{purpose}".encode(), hashlib.sha256).digest()

    def seal(self, plain: bytes, *, about: str) -> str:
        """Encrypt with AES-256-GCM; `about` (whose, what) must be said again to open it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.refresh()  # rare: a client's key, a second factor
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, plain, about.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, *, about: str) -> bytes:
        """Raises KeyFileError."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name, _, body = sealed.partition(".")
        if name not in self.keys:
            self.refresh()
        if name not in self.keys:
            raise KeyFileError(f"sealed with the key {name!r}, which the key file does not have")
        try:
            raw = base64.urlsafe_b64decode(body)
            return AESGCM(self.keys[name]).decrypt(raw[:12], raw[12:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyFileError("what was sealed was changed, or is another's") from error


def new_keyring() -> Keyring:
    """Fresh keys."""
    return Keyring(
        keys={_new_name(): secrets.token_bytes(KEY_BYTES)}, audit=secrets.token_bytes(KEY_BYTES)
    )


def open_keyring(path: Path) -> Keyring:
    """Read the file, made on first use. Raises KeyFileError."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_keyring(path, new_keyring(), fresh=True)
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path} is open to others: chmod 600 {path}")
    try:
        content = json.loads(path.read_text())
        return Keyring(
            keys={name: _decoded(key) for name, key in content["keys"].items()},
            audit=_decoded(content["audit"]),
            source=path,
        )
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise KeyFileError(f"{path} is not a key file: restore it from its backup") from error


def write_keyring(path: Path, keyring: Keyring, *, fresh: bool = False) -> None:
    """Replace the file as a whole; `fresh` leaves one that another process just made."""
    content = {
        "keys": {name: base64.b64encode(key).decode() for name, key in keyring.keys.items()},
        "audit": base64.b64encode(keyring.audit).decode(),
    }
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(content, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not fresh:
        draft.replace(path)
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def with_new_key(keyring: Keyring) -> Keyring:
    """A new current key; the older ones still open."""
    return Keyring(
        keys={**keyring.keys, _new_name(): secrets.token_bytes(KEY_BYTES)},
        audit=keyring.audit,
        source=keyring.source,
    )


def with_current_key_only(keyring: Keyring) -> Keyring:
    """Forget the older keys, once nothing is sealed with them."""
    return Keyring(
        keys={keyring.current: keyring.keys[keyring.current]},
        audit=keyring.audit,
        source=keyring.source,
    )


def master_of(sealed: str) -> str:
    """The name of the master key that something was sealed with."""
    return sealed.partition(".")[0]


def about_second_factor(user_id: str) -> str:
    """What an authenticator's secret is sealed about."""
    return f"second-factor/{user_id}"


def _new_name() -> str:
    return f"k{secrets.token_hex(4)}"


def _decoded(value: str) -> bytes:
    key = base64.b64decode(value, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
