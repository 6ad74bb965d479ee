"""coturn, the real TURN server, on loopback with a shared secret."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.servers import find_program, free_port, listens, wait_until

SECRET = "un secret partage"


@dataclass
class Coturn:
    """A running server."""

    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")


@contextmanager
def coturn(folder: Path, *, port: int | None = None) -> Iterator[Coturn]:
    """Relays between loopback addresses, for passwords made with SECRET."""
    port = port or free_port()
    log = folder / f"coturn-{port}.log"
    with log.open("wb") as written:
        process = _run(folder, port, written)
    try:
        wait_until(lambda: listens(port), "coturn")
        yield Coturn(port, log, process)
    finally:
        process.terminate()
        process.wait(10)


def _run(folder: Path, port: int, written: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            find_program("turnserver", "coturn"), "-n", "--verbose",
            "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}",
            "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=souffleur.invalid",
            "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls",
            "--min-port=47600", "--max-port=47699", "--log-file=stdout", "--simple-log",
            f"--userdb={folder / 'turn.db'}", f"--pidfile={folder / 'turn.pid'}",
        ],
        cwd=folder, stdout=written, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def taken_port() -> tuple[socket.socket, int]:
    """A UDP port where nothing ever answers."""
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf.bind(("127.0.0.1", 0))
    return deaf, int(deaf.getsockname()[1])
