"""Another software with Souffleur's panel in its pages: a working example (docs/panel.md).

    SOUFFLEUR_URL=http://127.0.0.1:8000 SOUFFLEUR_TOKEN=sfl_... OPERATOR=201 \
        python docs/examples/panel/host.py 9000

`/` has the element, `/frame` the framed page. The token stays on this side: pages ask `/session`,
which a real software answers to whom it has signed in itself.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
PAGES = {
    "/": ("element.html", "text/html; charset=utf-8"),
    "/frame": ("frame.html", "text/html; charset=utf-8"),
    "/element.js": ("element.js", "text/javascript"),
    "/frame.js": ("frame.js", "text/javascript"),
    "/host.css": ("host.css", "text/css"),
}


def serve(port: int, *, service: str, token: str, operator: str) -> ThreadingHTTPServer:
    """The software, not yet running: `serve_forever` runs it. Port 0 takes a free one."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = PAGES.get(self.path)
            if page is None:
                self.send_error(404)
                return
            name, kind = page
            self._answer((HERE / name).read_text().replace("SERVICE", service).encode(), kind)

        def do_POST(self) -> None:
            if self.path != "/session":
                self.send_error(404)
                return
            wanted = {"operator": operator, "origin": self.headers.get("Origin", "")}
            request = urllib.request.Request(  # noqa: S310 - the service's own address
                f"{service}/api/panel/sessions",
                data=json.dumps(wanted).encode(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                self._answer(answer.read(), "application/json")

        def _answer(self, body: bytes, kind: str) -> None:
            sockets = service.replace("http", "ws", 1)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            # As strict as a page can be with the panel in it.
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; script-src 'self' {service}; style-src 'self'; "
                f"connect-src 'self' {service} {sockets}; frame-src {service}; base-uri 'none'",
            )
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: sessions pass here."""

    return ThreadingHTTPServer(("127.0.0.1", port), Host)


if __name__ == "__main__":
    host = serve(
        int(sys.argv[1]) if len(sys.argv) > 1 else 9000,
        service=os.environ["SOUFFLEUR_URL"].rstrip("/"),
        token=os.environ["SOUFFLEUR_TOKEN"],
        operator=os.environ["OPERATOR"],
    )
    print(f"http://127.0.0.1:{host.server_address[1]}/ and /frame")
    host.serve_forever()
