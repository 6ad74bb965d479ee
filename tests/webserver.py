"""A real HTTP server on loopback; what it answers is the test's."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Writes nothing on the error output."""

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def served(handler: type[Handler], *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answer while inside; the port of 127.0.0.1, in clear unless there is `tls`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
