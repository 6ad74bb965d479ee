"""What a connection may make us wait for and keep before a request is whole.

Uvicorn's parser (llhttp) takes addresses, headers and trailers of any length, at any pace: whoever
connects could fill the memory, or hold every connection, without having asked for anything.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 32 * 1024
"""Of a request's line and headers, of what stands between two chunks, and of trailers."""
HEAD_S = 15.0
"""In which they must be here, from the first byte or the connection on."""
BODY_S = 60.0
"""How long the next piece of a body is waited for."""

_REFUSAL = (
    "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    "content-length: 0\r\nconnection: close\r\n\r\n"
)


class Admission(HttpToolsProtocol):
    """One connection, within these bounds."""

    _unread = 0
    """Bytes since the last that became a request's head, a piece of its body, or its end."""
    _heading = False
    """A request's head is being read."""
    _timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._expect(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MOST_HEAD_BYTES:
            self._refuse("431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        self._heading = True
        self._expect(HEAD_S)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # A trailer (RFC 9110, section 6.5) is no header: no proxy looked at it.
        if self._heading:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._heading = False
        self._unread = 0
        self._expect(BODY_S)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        self._expect(BODY_S)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        self._expect(None)
        super().on_message_complete()

    def _expect(self, within_s: float | None) -> None:
        """Give up when nothing more of the request comes in time; null: nothing is waited for."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(within_s, self._late) if within_s else None

    def _late(self) -> None:
        # A body that the service itself does not read yet is not the sender's delay.
        if self.flow.read_paused:
            self._expect(BODY_S)
        else:
            self._refuse("408 Request Timeout")

    def _refuse(self, status: str) -> None:
        self._expect(None)
        if self.transport.is_closing():
            return
        answering = self.cycle is not None and self.cycle.response_started
        if not answering or self.cycle.response_complete:
            self.transport.write(_REFUSAL.format(status=status).encode())
        self.transport.close()
