"""A model hub on loopback that serves one repository, and fails as it is told to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.webserver import Handler, served

REPOSITORY = "example/whisper-essai"
COMMIT = "a" * 40


@dataclass
class Hub:
    """What the hub holds, and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)
    """Checksums it gives instead of the right ones."""
    cut: set[str] = field(default_factory=set)
    """Files of which it sends half."""
    refuses: int | None = None
    """Status of every answer."""
    url: str = ""
    fetched: list[str] = field(default_factory=list)

    def checksum(self, name: str) -> str:
        return self.announced.get(name) or hashlib.sha256(self.files[name]).hexdigest()


@contextmanager
def hub_running(hub: Hub) -> Iterator[Hub]:
    """Serve it on a free port."""

    class Files(Handler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            name = path.rpartition("/")[2]
            if hub.refuses is not None:
                self._send(hub.refuses, b"", {})
            elif path.startswith(f"/api/models/{REPOSITORY}"):
                found = self._tree() if "/tree/" in path else self._description()
                self._send(200, found, {"Content-Type": "application/json"})
            elif path.startswith("/api/") or name not in hub.files:
                self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
            else:
                if body:
                    hub.fetched.append(name)
                headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{hub.checksum(name)}"'}
                self._send(200, hub.files[name], headers, body=body, cut=name in hub.cut)

        def _tree(self) -> bytes:
            files = [
                {
                    "type": "file",
                    "path": name,
                    "size": len(content),
                    "oid": "b" * 40,
                    "lfs": {"oid": hub.checksum(name), "size": len(content), "pointerSize": 1},
                }
                for name, content in hub.files.items()
            ]
            return json.dumps(files).encode()

        def _description(self) -> bytes:
            siblings = [
                {
                    "rfilename": name,
                    "size": len(content),
                    "blobId": "b" * 40,
                    "lfs": {"sha256": hub.checksum(name), "size": len(content), "pointerSize": 1},
                }
                for name, content in hub.files.items()
            ]
            model = {"id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT, "siblings": siblings}
            return json.dumps({**model, "private": False, "tags": [], "downloads": 0}).encode()

        def _send(
            self,
            status: int,
            content: bytes,
            headers: dict[str, str],
            *,
            body: bool = True,
            cut: bool = False,
        ) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            if body and not cut:
                self.wfile.write(content)
            elif body:
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True

    with served(Files) as port:
        hub.url = f"http://127.0.0.1:{port}"
        yield hub
