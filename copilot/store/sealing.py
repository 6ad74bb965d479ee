"""What is written so that the database alone does not tell it: values of rows, and words to find.

Envelope encryption: each client has its own data keys, which only the master key opens
(`copilot.keyfile`). A sealed value looks like `d1f0c2ab.<base64url>`: the data key's name, whose
letter says the algorithm (`SUITES`), then nonce and ciphertext. The place it belongs to (client,
table, column, row) is authenticated with it: a value copied to another row, or to another
client's, does not open.

Words are found by keyed tokens (HMAC-SHA-256, cut to 40 bits) of each word's beginnings: whoever
has the database without the master key sees how many there are and which come back, not which
words they are. A client's tokens tell nothing about another's.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from sqlalchemy import Table

from copilot.keyfile import KEY_BYTES, KeyFileError, Keyring
from knowledge.wording import STOP_WORDS, plain

Aead = AESGCM | ChaCha20Poly1305
SUITES: Mapping[str, Callable[[bytes], Aead]] = {
    "d": AESGCM,
    "c": ChaCha20Poly1305,
    "k": AESGCM,  # of the master keys (`copilot.keyfile`), for backups
}
"""Algorithms by the letter that a data key's name begins with; keys of 32 bytes, nonces of 12 and
tags of 16 all of them. What is sealed moves to another by rotating the keys."""
SUITE = "d"
"""Of new keys."""
NONCE_BYTES = 12
TOKEN_BYTES = 5
SHORTEST = 3
"""Letters from which a word's beginning is found."""
LONGEST = 16
"""Letters of a word that tell it from others; the rest is not looked at."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class DataKey:
    """One client's key, as this process holds it."""

    name: str
    client_id: str
    secret: bytes = field(repr=False)

    def aead(self, secret: bytes) -> Aead:
        """This key's algorithm, with another secret. Raises KeyFileError for an unknown one."""
        suite = SUITES.get(self.name[:1])
        if suite is None:
            raise KeyFileError(f"the key {self.name!r} is of an algorithm that is not known here")
        return suite(secret)

    @cached_property
    def _aead(self) -> Aead:
        return self.aead(self.secret)

    @cached_property
    def _words(self) -> bytes:
        return self.derived("words")

    def derived(self, purpose: str) -> bytes:
        """Another key, 32 bytes, that tells nothing about this one."""
        return hmac.digest(self.secret, f"souffleur {purpose}".encode(), "sha256")

    def seal(self, plain_bytes: bytes, *, about: bytes) -> str:
        """Raises OverflowError above 2 GiB."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, plain_bytes, about)
        return f"{self.name}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, about: bytes) -> bytes:
        """Raises KeyFileError: another key's, changed, or from another place."""
        name, _, body = sealed.partition(".")
        if name != self.name:
            raise KeyFileError(f"sealed with {name[:16]!r}, not with {self.name!r}")
        try:
            raw = base64.urlsafe_b64decode(body)
            return self._aead.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise KeyFileError(
                f"a sealed value of client {self.client_id!r} was changed, or is another row's"
            ) from error

    def token(self, word: str) -> str:
        """What stands for a word's beginning in the database."""
        return hmac.digest(self._words, word.encode(), "sha256")[:TOKEN_BYTES].hex()

    def tokens(self, text: str) -> str:
        """What an utterance is found by: sorted, so that the order of its words is not told."""
        return " ".join(sorted({self.token(part) for part in beginnings(text)}))


def new_data_key(client_id: str, *, suite: str = SUITE) -> DataKey:
    """`suite`: one of `SUITES`."""
    return DataKey(
        name=f"{suite}{secrets.token_hex(4)}",
        client_id=client_id,
        secret=secrets.token_bytes(KEY_BYTES),
    )


def wrapped(key: DataKey, keyring: Keyring) -> str:
    """The key as the database keeps it."""
    return keyring.seal(key.secret, about=_of_key(key.client_id, key.name))


def unwrapped(sealed: str, keyring: Keyring, *, client_id: str, name: str) -> DataKey:
    """Raises KeyFileError."""
    secret = keyring.unseal(sealed, about=_of_key(client_id, name))
    return DataKey(name=name, client_id=client_id, secret=secret)


def _of_key(client_id: str, name: str) -> str:
    return f"data key {json.dumps([client_id, name])}"


def place(table: Table, column: str, row: Mapping[str, Any]) -> bytes:
    """Where a value belongs. The row must have `client_id` and the table's primary key."""
    key = [str(row[column.name]) for column in table.primary_key if column.name != "client_id"]
    return json.dumps([row["client_id"], table.name, column, *key]).encode()


def sealed_columns(table: Table) -> tuple[str, ...]:
    """The columns whose values are sealed: `Column(..., info=SEALED)`."""
    return tuple(column.name for column in table.columns if column.info.get("sealed"))


def seal_row(key: DataKey, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row to be written, with what must be sealed sealed. `row` has its `client_id`."""
    values = dict(row)
    for column in sealed_columns(table):
        if column in values:
            content = json.dumps(values[column], ensure_ascii=False, separators=(",", ":"))
            values[column] = key.seal(content.encode(), about=place(table, column, row))
    return values


def open_value(
    keys: Mapping[tuple[str, str], DataKey], table: Table, column: str, row: Mapping[str, Any]
) -> Any:
    """A sealed value of a row as it was. `keys`: by client and name. Raises KeyFileError."""
    key = keys.get((row["client_id"], key_name(row[column]) or ""))
    if key is None:
        raise KeyFileError(f"{table.name}.{column} is not sealed with a key of its client")
    return json.loads(key.open(row[column], about=place(table, column, row)))


def key_name(sealed: object) -> str | None:
    """The name of the data key of a sealed value; null for what is not one."""
    found = re.match(r"([a-z][0-9a-f]{8})\.", sealed) if isinstance(sealed, str) else None
    return found[1] if found else None


def sought(words: Iterable[str]) -> list[str]:
    """What to ask for so as to find utterances with all these words or beginnings of words.

    Empty when there is none: signs are not looked for.
    """
    return _words(" ".join(words))


def beginnings(text: str) -> set[str]:
    """Every form under which the words of a text can be asked for; small words only whole."""
    found = set(_words(text))
    for word in found - STOP_WORDS:
        found.update(word[:end] for end in range(SHORTEST, len(word)))
    return found


def _words(text: str) -> list[str]:
    return [word[:LONGEST] for word in _WORD.findall(plain(text))]
