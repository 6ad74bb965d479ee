"""Leaving the network, and not outliving one's parent, on Linux, before a document is opened.

Two ways, each enough where the system allows it: an empty network of one's own (namespaces(7)),
and a filter under which no socket can be made (seccomp(2), classic BPF).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EACCES

# AUDIT_ARCH and the numbers of socket, socketpair and connect there (asm/unistd.h).
_ARCHITECTURES = {
    "x86_64": (0xC000003E, (41, 53, 42)),
    "aarch64": (0xC00000B7, (198, 199, 203)),
}


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def leave_the_network() -> bool:
    """Do what the system allows; whether the network is out of reach now. Linux only."""
    if platform.system() != "Linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    alone: bool = libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return _forbid_sockets(libc) or alone


def end_with(parent: int) -> None:
    """Be killed when the process `parent`, which started this one, ends. Linux only; on others the
    limits of time end it."""
    if platform.system() != "Linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before it could be asked
        os._exit(1)


def _forbid_sockets(libc: ctypes.CDLL) -> bool:
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    architecture, calls = known
    code = _instructions(architecture, calls)
    program = _Program(length=len(code) // 8, filter=code)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _instructions(architecture: int, calls: tuple[int, ...]) -> bytes:
    """Refuse calls of another architecture, and those named; allow the rest."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    load, equals, give = 0x20, 0x15, 0x06
    steps = [
        step(load, 4),
        step(equals, architecture, 1, 0),
        step(give, _REFUSE),
        step(load, 0),
    ]
    steps += [step(equals, call, len(calls) - at, 0) for at, call in enumerate(calls)]
    steps += [step(give, _ALLOW), step(give, _REFUSE)]
    return b"".join(steps)
