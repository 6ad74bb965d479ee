"""Calendar services on loopback: a real CalDAV server, and the published APIs of two others."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from copilot.agenda.reaching import Reach
from tests.servers import free_port, listens, wait_until

USER, PASSWORD = "cabinet", "vasseur:été"
LOOPBACK = Reach(allowed=(ipaddress.ip_network("127.0.0.0/8"),))

CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = error
"""

CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<resourcetype><collection/><C:calendar/></resourcetype>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
<displayname>{name}</displayname></prop></set></mkcol>"""


@dataclass(frozen=True, kw_only=True)
class Radicale:
    """A CalDAV server with a user and two calendars."""

    url: str
    config: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        command = [sys.executable, "-m", "radicale", "--config", str(self.config)]
        self.processes.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        wait_until(lambda: listens(int(self.url.rpartition(":")[2])), "radicale")

    def stop(self) -> None:
        """What it has is there when it starts again. Idempotent."""
        while self.processes:
            process = self.processes.pop()
            process.terminate()
            process.wait(10)

    @property
    def calendar(self) -> str:
        return f"{self.url}/{USER}/vasseur/"

    def request(self, method: str, path: str, content: str = "", **headers: str) -> httpx.Response:
        """As another program that the practice uses. `path`: below the server, or an address."""
        url = path if path.startswith("http") else self.url + path
        auth = (USER.encode(), PASSWORD.encode())
        return httpx.request(method, url, content=content.encode(), headers=headers, auth=auth)

    def put(self, name: str, *lines: str) -> None:
        """An event of the practice's own, by its lines."""
        body = "\r\n".join(
            ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//FR", "BEGIN:VEVENT",
             f"UID:{name}", "DTSTAMP:20260101T000000Z", "SUMMARY:Privé", *lines, "END:VEVENT",
             "END:VCALENDAR", "")
        )  # fmt: skip
        answer = self.request("PUT", f"{self.calendar}{name}.ics", body)
        assert answer.status_code == 201, answer.text


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """Start one; its data is below `folder`."""
    port = free_port()
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    server = Radicale(url=f"http://127.0.0.1:{port}", config=folder / "config")
    try:
        server.start()
        for name in ("vasseur", "leroy"):
            body = CALENDAR.format(name=f"Dr {name.title()}")
            made = server.request("MKCOL", f"/{USER}/{name}/", body)
            assert made.status_code == 201, made.text
        yield server
    finally:
        server.stop()
