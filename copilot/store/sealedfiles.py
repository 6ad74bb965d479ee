"""Files that only their client's key opens: written as they grow, read from any place.

    header   magic "SFL1", length of the key's name (1 byte), its name, 16 bytes of salt
    chunks   64 KiB of content each (the last may be shorter, or empty), then 16 bytes of tag

"SFL2" has chunks of another size, whose power of two is one more byte behind the magic: a file
that grows slowly is to lose little when its process dies.

Each file has its own key, derived from the client's and the salt. A chunk's nonce is its number
and whether it is the last, and the header and the file's name are authenticated with it: chunks
cannot be exchanged, taken out or cut off, nor a file passed off as another (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizar, 2015).

A file that was not closed (the process died) has no last chunk: it reads as far as it was
written, and says so (`complete`).
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from copilot.keyfile import KeyFileError
from copilot.store.sealing import Aead, DataKey

MAGIC, MAGIC_SIZED = b"SFL1", b"SFL2"
CHUNK_BYTES = 64 * 1024
CHUNK_POWERS = range(10, 21)
"""Of two, that a chunk's size may be: 1 KiB to 1 MiB."""
TAG_BYTES = 16
SALT_BYTES = 16


def _file_key(key: DataKey, salt: bytes) -> Aead:
    return key.aead(hmac.digest(key.derived("files"), salt, "sha256"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _about(header: bytes, client_id: str, name: str) -> bytes:
    return header + client_id.encode() + b"\0" + name.encode()


def _magic(chunk_bytes: int) -> bytes:
    """With the size of the chunks where it is not the usual one. Raises ValueError."""
    if chunk_bytes == CHUNK_BYTES:
        return MAGIC
    power = chunk_bytes.bit_length() - 1
    if chunk_bytes != 1 << power or power not in CHUNK_POWERS:
        raise ValueError(f"a chunk of {chunk_bytes} bytes")
    return MAGIC_SIZED + bytes([power])


class SealedWriter:
    """Seals what is written into a binary file. Close it, or use it as a context."""

    def __init__(
        self, file: BinaryIO, key: DataKey, *, name: str, chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        """`name`: what the file is (its path in the house); it must be said again to read it.
        `chunk_bytes`: a power of two; what waits for its chunk is lost with the process."""
        salt = secrets.token_bytes(SALT_BYTES)
        header = _magic(chunk_bytes) + bytes([len(key.name)]) + key.name.encode() + salt
        self._file = file
        self._chunk_bytes = chunk_bytes
        self._aead = _file_key(key, salt)
        self._about = _about(header, key.client_id, name)
        self._waiting = bytearray()
        self._number = 0
        self._closed = False
        file.write(header)

    def write(self, content: bytes) -> None:
        """Whole chunks go to the file; the rest waits for more."""
        self._waiting += content
        while len(self._waiting) > self._chunk_bytes:  # one is kept: it may be the last
            self._put(bytes(self._waiting[: self._chunk_bytes]), last=False)
            del self._waiting[: self._chunk_bytes]

    def close(self) -> None:
        """Write what waits and mark the end; the file itself stays open. Idempotent."""
        if not self._closed:
            self._closed = True
            self._put(bytes(self._waiting), last=True)
            self._file.flush()

    def _put(self, content: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._file.write(self._aead.encrypt(nonce, content, self._about))
        self._number += 1

    def __enter__(self) -> SealedWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:  # what failed half-way is not passed off as whole
            self.close()


class SealedReader:
    """Opens a sealed file, from its beginning or from any place."""

    def __init__(self, file: BinaryIO, keys: Mapping[str, DataKey], *, name: str) -> None:
        """`keys`: the client's, by name. Raises KeyFileError when it is none of theirs."""
        file.seek(0)
        start = file.read(len(MAGIC) + 1)
        self._chunk_bytes = CHUNK_BYTES
        if start[: len(MAGIC)] == MAGIC_SIZED and start[-1] in CHUNK_POWERS:
            self._chunk_bytes = 1 << start[-1]
            start += file.read(1)
        elif start[: len(MAGIC)] != MAGIC:
            raise KeyFileError(f"{name} is not a sealed file")
        if len(start) < len(_magic(self._chunk_bytes)) + 1:
            raise KeyFileError(f"{name} is not a sealed file")
        key_name = file.read(start[-1])
        salt = file.read(SALT_BYTES)
        key = keys.get(key_name.decode(errors="replace"))
        if key is None or len(salt) < SALT_BYTES:
            raise KeyFileError(f"{name} is sealed with a key that its client does not have")
        header = start + key_name + salt
        self._file = file
        self._name = name
        self._aead = _file_key(key, salt)
        self._about = _about(header, key.client_id, name)
        self._begins = len(header)
        sealed = file.seek(0, os.SEEK_END) - self._begins
        whole, rest = divmod(sealed, self._chunk_bytes + TAG_BYTES)
        self._chunks = whole + (rest > 0)
        self.complete = self._chunks > 0 and self._is_last(self._chunks - 1)
        """Whether the file was closed by who wrote it."""
        if not self.complete:
            self._chunks = whole  # the rest was cut off in the middle of a chunk
            if whole:
                self._chunk(0)
        self.size = self._size(sealed)
        """Bytes of content that can be read."""

    def read(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Content from a place on, in pieces of at most a chunk. Raises KeyFileError."""
        end = self.size if length is None else min(start + length, self.size)
        while start < end:
            number, inside = divmod(start, self._chunk_bytes)
            piece = self._chunk(number)[inside : inside + end - start]
            if not piece:
                return
            yield piece
            start += len(piece)

    def _size(self, sealed: int) -> int:
        if self.complete:
            return sealed - self._chunks * TAG_BYTES
        return self._chunks * self._chunk_bytes

    def _chunk(self, number: int) -> bytes:
        last = self.complete and number == self._chunks - 1
        try:
            return self._aead.decrypt(_nonce(number, last=last), self._sealed(number), self._about)
        except InvalidTag as error:
            raise KeyFileError(f"{self._name} was changed, or is another file") from error

    def _is_last(self, number: int) -> bool:
        try:
            self._aead.decrypt(_nonce(number, last=True), self._sealed(number), self._about)
        except InvalidTag:
            return False
        return True

    def _sealed(self, number: int) -> bytes:
        self._file.seek(self._begins + number * (self._chunk_bytes + TAG_BYTES))
        return self._file.read(self._chunk_bytes + TAG_BYTES)
