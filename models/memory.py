"""Memory that models leave behind, given back to the machine (glibc).

Each thread that allocates may get a heap of its own, and what a model needed only while it loaded
stays in them: a service of many threads held 250 MB that way.
"""

from __future__ import annotations

import ctypes
import sys

HEAPS = 2
_M_ARENA_MAX = -8
"""`mallopt(3)`."""


def share_heaps() -> None:
    """Let all threads allocate from two heaps. Call before threads start."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Return what is free; some milliseconds, after something large was loaded."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
