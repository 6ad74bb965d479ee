"""Sealed files: any content, any pieces, any place; and nothing for anybody else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.keyfile import KeyFileError
from copilot.store.sealedfiles import CHUNK_BYTES, SealedReader, SealedWriter
from copilot.store.sealing import DataKey, new_data_key

KEY = new_data_key("delorme")
KEYS = {KEY.name: KEY}
NAME = "recordings/call-1.wav"


def sealed(content: bytes, *, pieces: int = 10_000, close: bool = True) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, KEY, name=NAME)
    for start in range(0, len(content), pieces):
        writer.write(content[start : start + pieces])
    if close:
        writer.close()
    return file.getvalue()


def opened(written: bytes, keys: dict[str, DataKey] = KEYS, name: str = NAME) -> bytes:
    return b"".join(SealedReader(io.BytesIO(written), keys, name=name).read())


SIZES = st.one_of(
    st.integers(0, 300),
    st.integers(1, 3).flatmap(
        lambda chunks: st.integers(CHUNK_BYTES * chunks - 2, CHUNK_BYTES * chunks + 2)
    ),
)


@given(size=SIZES, pieces=st.integers(1, 200_000), start=st.integers(0, 200_000), data=st.data())
def test_what_was_written_is_read_from_any_place(
    size: int, pieces: int, start: int, data: st.DataObject
) -> None:
    content = bytes(index * 7 % 251 for index in range(size))
    reader = SealedReader(io.BytesIO(sealed(content, pieces=max(pieces, 1))), KEYS, name=NAME)
    length = data.draw(st.none() | st.integers(0, 100_000))
    assert reader.complete and reader.size == size
    end = None if length is None else start + length
    assert b"".join(reader.read(start, length)) == content[start:end]


def test_content_does_not_show() -> None:
    assert b"bonjour" not in sealed(b"bonjour " * 1000)


def test_nobody_else_reads_it() -> None:
    written = sealed(b"bonjour")
    other = new_data_key("vasseur")
    with pytest.raises(KeyFileError, match="does not have"):
        opened(written, {other.name: other})
    renamed = DataKey(name=KEY.name, client_id="vasseur", secret=KEY.secret)
    assert opened(written, {KEY.name: renamed}) == opened(written, name="other") == b""
    with pytest.raises(KeyFileError, match="another file"):
        opened(sealed(bytes(CHUNK_BYTES + 1)), name="other")
    with pytest.raises(KeyFileError, match="not a sealed file"):
        opened(b"RIFF....WAVE")
    with pytest.raises(KeyFileError, match="not a sealed file"):
        opened(b"")


@pytest.mark.parametrize("at", [0, CHUNK_BYTES, 2 * CHUNK_BYTES + 200])
def test_a_changed_byte_is_noticed(at: int) -> None:
    content = bytes(3 * CHUNK_BYTES)
    written = bytearray(sealed(content))
    written[60 + at] ^= 1
    with pytest.raises(KeyFileError, match="changed"):
        opened(bytes(written))


def test_chunks_cannot_be_exchanged() -> None:
    content = bytes(CHUNK_BYTES) + b"\1" * CHUNK_BYTES + b"end"
    written = sealed(content)
    begins = len(written) - len(content) - 3 * 16
    size = CHUNK_BYTES + 16
    first, second = written[begins : begins + size], written[begins + size : begins + 2 * size]
    with pytest.raises(KeyFileError, match="changed"):
        opened(written[:begins] + second + first + written[begins + 2 * size :])


@pytest.mark.parametrize("cut", [1, 100, CHUNK_BYTES, CHUNK_BYTES + 40])
def test_a_file_cut_off_is_told_from_a_whole_one(cut: int) -> None:
    content = bytes(index % 251 for index in range(3 * CHUNK_BYTES))
    reader = SealedReader(io.BytesIO(sealed(content)[:-cut]), KEYS, name=NAME)
    assert not reader.complete
    read = b"".join(reader.read())
    assert content.startswith(read) and len(read) == reader.size < len(content)


def test_a_file_that_was_not_closed_keeps_what_was_written() -> None:
    content = bytes(index % 251 for index in range(2 * CHUNK_BYTES + 500))
    reader = SealedReader(io.BytesIO(sealed(content, close=False)), KEYS, name=NAME)
    assert not reader.complete
    assert b"".join(reader.read()) == content[: 2 * CHUNK_BYTES]
