"""One range of a file, as `Range` asks for it (RFC 9110, section 14)."""

from __future__ import annotations

import re

_ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
"""Within 64 bits: Python reads no number of thousands of digits, and no file has so many bytes."""


class UnsatisfiableError(ValueError):
    """It begins behind the end of the file."""


def asked(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and number of bytes; None for the whole file.

    A header that is not understood, or asks for several ranges, is ignored, as the RFC has it.
    Raises UnsatisfiableError.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = (int(part) if part else None for part in found.groups())
    if first is None:
        first, last = max(0, size - (last or 0)), size - 1
    elif last is not None and last < first:
        return None
    if first >= size:
        raise UnsatisfiableError(f"{header} of {size} bytes")
    end = size - 1 if last is None else min(last, size - 1)
    return first, end - first + 1
