"""The service as a newcomer starts it: its own process, its own folder, free ports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers import free_port, wait_until

ROOT = Path(__file__).parent.parent.parent
START_S = 60.0
READY_S = 120.0


@dataclass
class Service:
    """A running `souffleur serve --demo`."""

    data: Path
    environment: dict[str, str]
    http_port: int = field(default_factory=free_port)
    sip_port: int = field(default_factory=free_port)
    output: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def password(self) -> str:
        """Of the demonstration accounts, as printed."""
        (found,) = re.findall(r"password (\S+)\)", "".join(self.output))[-1:]
        return str(found)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the service, for other commands too."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "SOUFFLEUR_DATA_DIR": str(self.data),
            "SOUFFLEUR_HTTP_PORT": str(self.http_port),
            "SOUFFLEUR_SIP_HOST": "127.0.0.1",
            "SOUFFLEUR_SIP_PORT": str(self.sip_port),
            "SOUFFLEUR_RTP_PORTS": "42000-42999",
            **self.environment,
        }

    def start(self) -> None:
        """Start, and wait for the first answer. Models are those that set-up prepared."""
        self.data.mkdir(parents=True, exist_ok=True)
        prepared = ROOT / "var" / "models"
        prepared.mkdir(parents=True, exist_ok=True)
        if not (self.data / "models").exists():
            (self.data / "models").symlink_to(prepared)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "copilot.cli", "serve", "--demo"],
            cwd=ROOT,
            env=self.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        wait_until(self._answers, "the service", limit_s=START_S)

    def wait_until_ready(self, *, limit_s: float = READY_S) -> None:
        """Wait until the models are loaded. Raises TimeoutError."""
        wait_until(
            lambda: set(self.health()["parts"].values()) == {"ready"},
            "every part of the service",
            limit_s=limit_s,
        )

    def health(self) -> dict[str, dict[str, str]]:
        body: dict[str, dict[str, str]] = httpx.get(f"{self.url}/healthz", timeout=20).json()
        return body

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it; the exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def command(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `souffleur` command against this service."""
        return subprocess.run(
            [sys.executable, "-m", "copilot.cli", *arguments],
            cwd=ROOT,
            env=self.settings,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError("the service stopped:\n" + "".join(self.output))
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.output.append(line)


@contextmanager
def running_service(data: Path, **environment: str) -> Iterator[Service]:
    """A service for a test; its output is shown when the test fails."""
    service = Service(data=data, environment=environment)
    try:
        service.start()
        yield service
    finally:
        if service._process is not None and service._process.poll() is None:
            service.stop()
        print("".join(service.output))
