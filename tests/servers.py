"""Real servers for tests, on free loopback ports, each stopped by the one who started it."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

START_S = 30.0


class ServerMissingError(RuntimeError):
    """A program that the tests need is not installed."""


class StartError(RuntimeError):
    """A server of the test's own process ended before it answered."""


BELOW_EPHEMERAL = range(15_000, 32_000)
"""Ports that no connection and no bind to port 0 is given between our look and the server's bind
(Linux: from 32768)."""


def free_port() -> int:
    """A port of the loopback interface that nobody has, over UDP nor over TCP."""
    for port in random.sample(BELOW_EPHEMERAL, 100):
        with (
            closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams,
            closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as streams,
            suppress(OSError),
        ):
            datagrams.bind(("127.0.0.1", port))
            streams.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


@asynccontextmanager
async def served(app: Any, *, port: int | None = None, **config: Any) -> AsyncIterator[int]:
    """An ASGI application, served by uvicorn within the test's own loop; its port.

    Raises `StartError` where it ends before it answers: uvicorn would leave the process by
    `SystemExit`, past every fixture that has something to put away.
    """
    port = port or free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, **{"log_level": "warning", **config})
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]

    async def serve() -> None:
        try:
            await server.serve()
        except SystemExit as ended:
            raise StartError(f"nothing was served on port {port}") from ended

    task = asyncio.create_task(serve())
    try:
        async with asyncio.timeout(START_S):
            while not server.started and not task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        if not task.done():
            yield port
    finally:
        server.should_exit = True
        await task


def find_program(name: str, package: str) -> str:
    """Where a program is: among PostgreSQL's own folders, newest first, or on the PATH."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: float(path.parent.parent.name),
        reverse=True,
    )
    found = str(installed[0]) if installed else shutil.which(name)
    if found is None:
        raise ServerMissingError(f"{name} is not installed: apt-get install {package}")
    return found


def wait_until(ready: Callable[[], bool], what: str, *, limit_s: float = START_S) -> None:
    """Poll until `ready`; raises `TimeoutError` naming `what`."""
    deadline = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} is not ready after {limit_s:.0f} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class RedisServer:
    """A redis-server that a test may stop, kill and start again on the same port."""

    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [find_program("redis-server", "redis-server"), "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: listens(self.port), "redis-server")

    def stop(self, *, kill: bool = False) -> None:
        """Idempotent."""
        if self._process is not None:
            _stop(self._process, signal.SIGKILL if kill else signal.SIGTERM)
            self._process = None

    def freeze(self) -> None:
        """Stop answering without closing anything, as an overloaded host does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        with suppress(ProcessLookupError, AssertionError):
            server.thaw()
        server.stop()


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL cluster of its own; its superuser needs no password from here."""

    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL in a temporary folder. It refuses to run as root: then as `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="souffleur-postgres-"))
    data = folder / "data"
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = [find_program("runuser", "util-linux"), "-u", "postgres", "--"]
        shutil.chown(folder, user="postgres")
    server = PostgresServer(port=free_port())
    options = ["-p", str(server.port), "-k", str(folder), "-h", "127.0.0.1"]
    for setting in ("fsync=off", "full_page_writes=off", "synchronous_commit=off"):
        options += ["-c", setting]
    try:
        subprocess.run(
            [*as_user, find_program("initdb", "postgresql"), "-D", str(data), "-U", "postgres",
             "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, timeout=60, cwd=folder,
        )  # fmt: skip
        process = subprocess.Popen(
            [*as_user, find_program("postgres", "postgresql"), "-D", str(data), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            wait_until(lambda: _answers(server), "postgres")
            yield server
        finally:
            _stop_postgres(process, data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(server: PostgresServer) -> bool:
    """Takes connections: it listens before it has started up."""
    asked = [find_program("pg_isready", "postgresql"), "-q", "-h", "127.0.0.1", "-p"]
    return subprocess.run([*asked, str(server.port)], check=False, timeout=10).returncode == 0


def _stop_postgres(process: subprocess.Popen[bytes], data: Path) -> None:
    # The server itself is a child of runuser when we are root: its own pid file names it.
    # At once (SIGQUIT): nothing in it is worth a checkpoint.
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    process.send_signal(number)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass
class SmtpSink:
    """A real SMTP server that keeps what it takes and answers what its test scripts."""

    port: int
    envelopes: list[Any] = field(default_factory=list)
    """aiosmtpd envelopes, in order: `mail_from`, `rcpt_tos`, `content` (bytes)."""
    answers: list[str] = field(default_factory=list)
    """Answers to the next messages' DATA, first to last; then "250 OK"."""
    recipient_answers: dict[str, str] = field(default_factory=dict)
    """Answers to RCPT by address; "250 OK" for others."""

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.recipient_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer


@contextmanager
def smtp_sink(
    *,
    port: int | None = None,
    credentials: tuple[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[SmtpSink]:
    """Run an SMTP server in a thread. With `credentials`, only that name and password may send.

    With `tls` the server offers STARTTLS and insists on it.
    """
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    sink = SmtpSink(port=port or free_port())

    def authenticate(*asked: Any) -> Any:
        login = asked[4]
        given = (login.login.decode(), login.password.decode())
        return AuthResult(success=given == credentials, handled=credentials is None)

    options: dict[str, Any] = {}
    if credentials is not None:
        options = {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": tls is not None,
        }
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, **options)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
